"""Words for those who look after a kiosk: devices, verdicts, what is wrong. Screens and papers share them."""

from __future__ import annotations

from datetime import datetime

from kiosk.staff.events import Device, Verdict
from kiosk.text.catalogue import Texts
from kiosk.visit.events import Fault


def mark(message: str) -> str:
    """Mark a message for the catalogue where it stands in a table and is translated later."""
    return message


_DEVICES: dict[Device, str] = {
    Device.READER: mark("Card reader"),
    Device.TERMINAL: mark("Payment terminal"),
    Device.PRINTER: mark("Printer"),
    Device.TOUCH: mark("Touch screen"),
    Device.KEYPAD: mark("Keypad"),
    Device.SOUND: mark("Sound"),
    Device.NETWORK: mark("Network"),
    Device.CLOCK: mark("Clock"),
    Device.DISK: mark("Disk"),
    Device.BACKEND: mark("Town hall system"),
}
_VERDICTS: dict[Verdict, str] = {
    Verdict.PASSED: mark("works"),
    Verdict.FAILED: mark("does not work"),
    Verdict.UNKNOWN: mark("not tested"),
}
_FAULTS: dict[Fault, str] = {
    Fault.READER: mark("The card reader does not answer"),
    Fault.PRINTER: mark("The printer is not ready"),
    Fault.PAPER_OUT: mark("The paper is out"),
    Fault.PAPER_SHORT: mark("The roll is too short for another ticket: put in a new one"),
    Fault.PAPER_UNPROVEN: mark("Nobody has read a test page off the new roll yet"),
    Fault.TERMINAL: mark("The payment terminal is not ready"),
    Fault.DISK: mark("The disk is full, or refuses"),
    Fault.CLOCK: mark("The clock is wrong"),
    Fault.OPEN_CASE: mark("A payment is in doubt: no card is sold"),
    Fault.MONEY_UNRECORDED: mark("The terminal told of a payment, and it could not be written down"),
    Fault.PROFILE: mark("The rules of the municipality cannot be used"),
    Fault.STAFF: mark("Taken out of service by people"),
    Fault.CLOSED: mark("Outside the opening hours"),
}


def device_name(t: Texts, device: Device) -> str:
    """Card reader"""
    return t(_DEVICES[device])


def verdict_name(t: Texts, verdict: Verdict) -> str:
    """does not work"""
    return t(_VERDICTS[verdict])


def fault_name(t: Texts, fault: Fault) -> str:
    """The paper is out"""
    return t(_FAULTS[fault])


def moment(t: Texts, at: datetime) -> str:
    """wednesday 25 november, 10:30"""
    return t("{day}, {time}", day=t.day(at), time=t.time(at))


def metres(t: Texts, millimetres: int) -> str:
    """79.5 m"""
    return f"{t.number(millimetres / 1000)} m"
