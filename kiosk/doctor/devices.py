"""Looks at the devices, each through its own driver. None of them moves money, prints or touches a card."""

from __future__ import annotations

from dataclasses import replace

from hardware.printer import status as printer_status
from hardware.printer.link import LinkReason, link_to
from hardware.printer.printer import read_status
from hardware.simulators.pcscd import PcscdUnavailable, PrivatePcscd
from hardware.smartcard.reader import CardPresent, Empty, NoReader, NoService, Reader
from hardware.terminal import outcome as terminal_status
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.port import PortFault
from hardware.terminal.zvt.timing import STANDARD, Timing
from kiosk.config import ANY_READER, Terminal
from kiosk.doctor.finding import Finding, fault, ok, warning

# A silent terminal costs 15 s (three sends); a status that lets it begin work of its own may take longer than
# a person at a shell wants to wait.
TERMINAL_TIMING = replace(STANDARD, completion=20.0, whole_command=30.0)

_STOP_FIRST = "to look at it from here: systemctl stop loket-kiosk"

_NO_PRINTER_LINE = {
    LinkReason.REFUSED: "is its network interface on, and no other program connected?",
    LinkReason.UNREACHABLE: "is it on, and does its address still hold?",
    LinkReason.NO_DEVICE: "plug it in and switch it on; if it is on, its rule in udev/70-loket.rules does not match it",
    LinkReason.NO_PERMISSION: "usermod --append --groups dialout,lp loket",
    LinkReason.CLOSED: "unplug it and plug it in again",
    LinkReason.STALLED: "switch it off and on",
}


def smart_cards(wanted: str) -> Finding:
    """Whether pcscd answers and has the wanted reader ("any", or a part of its name)."""
    prefer = "" if wanted == ANY_READER else wanted
    match Reader(prefer).status:
        case NoService(detail):
            remedy = "systemctl restart pcscd.socket pcscd; if it runs: journalctl -u pcscd (does it refuse this user?)"
            return fault("cards", f"the smart card service does not answer: {detail}", remedy)
        case NoReader():
            return fault("cards", "there is no card reader", "plug it in; lsusb shows whether the machine sees it")
        case CardPresent(name, mute=True):
            remedy = "take it out and turn it over; if every card is mute, clean the reader's contacts"
            return warning("cards", f"the card in {name} does not answer", remedy)
        case Empty(name) | CardPresent(name) if prefer in name:
            return ok("cards", f"pcscd answers, reader {name}")
        case Empty(name) | CardPresent(name):
            remedy = "plug the right one in, or correct reader.name"
            return warning("cards", f"no reader's name has {prefer!r} in it; {name} is used instead", remedy)


def demo_cards() -> Finding:
    """Which way the demo's virtual card goes on this machine: tried, for whether pcscd can run is hard to foresee."""
    try:
        with PrivatePcscd() as pcscd:
            return ok("cards", f"the demo reads its virtual card through a pcscd of its own ({pcscd.isolation})")
    except PcscdUnavailable as problem:
        return warning("cards", "the demo reads its virtual card in its own process, without pcscd", str(problem))


def terminal(settings: Terminal, timing: Timing = TERMINAL_TIMING) -> Finding:
    """Ask the payment terminal how it is."""
    try:
        password = settings.read_password()
    except OSError as problem:
        what = f"its password cannot be read from {settings.password_file}: {problem.strerror}"
        return fault("terminal", what, "write its six digits into that file, readable by the kiosk's user")
    except ValueError as problem:
        return fault("terminal", str(problem), "the six digits are in the terminal's own papers")
    path = str(settings.port)
    if not settings.port.exists():
        remedy = "plug it in and switch it on; if it is on, its rule in udev/70-loket.rules does not match it"
        return fault("terminal", f"{path} does not exist", remedy)
    client = ZvtTerminal.at(path, baud=settings.baud, password=password, timing=timing)
    try:
        status = client.status()
    finally:
        client.close()
    match status:
        case terminal_status.Ready():
            return ok("terminal", f"ready on {path}")
        case terminal_status.Busy():
            return warning("terminal", "busy", "wait until it is done, then look again")
        case terminal_status.Restarting() | terminal_status.Maintenance():
            return warning("terminal", "restarts or is being updated", "wait some minutes, then look again")
        case terminal_status.NeedsUpkeep(code, meaning, upkeep):
            remedy = f"kiosk terminal {upkeep} --port {path}"
            return fault("terminal", f"says {code:02X}, {meaning}", remedy)
        case terminal_status.NeedsEndOfDay():
            return fault("terminal", "wants its end of day first", "kiosk terminal end-of-day --port " + path)
        case terminal_status.NotRegistered():
            return fault("terminal", "refuses this kiosk", "compare terminal.password with the terminal's own setting")
        case terminal_status.NeedsService(code, meaning):
            return fault("terminal", f"says {code:02X}, {meaning}", "call the terminal's provider with this code")
        case terminal_status.Disconnected(reason) if reason.endswith(PortFault.IN_USE):
            return warning("terminal", f"{path} is in use, most likely by the running kiosk", _STOP_FIRST)
        case terminal_status.Disconnected(reason) if reason.endswith(PortFault.NO_PERMISSION):
            return fault("terminal", f"{path} may not be opened", "usermod --append --groups dialout loket")
        case terminal_status.Disconnected(reason):
            return fault("terminal", f"cannot be opened: {reason}", "unplug it and plug it in again")
        case terminal_status.Unknown(reason):
            remedy = f"is it on? is its serial interface set to ZVT at {settings.baud} baud?"
            return fault("terminal", f"nothing sensible comes from it: {reason}", remedy)


def printer(port: str) -> Finding:
    """Ask the printer how it is."""
    match read_status(link_to(port)):
        case printer_status.Ready(paper_low=True):
            return warning("printer", "ready, and the roll is nearly empty", "put in a new roll soon")
        case printer_status.Ready():
            return ok("printer", f"ready on {port}")
        case printer_status.PaperOut():
            return fault("printer", "out of paper", "put in a new roll")
        case printer_status.CoverOpen():
            return fault("printer", "its cover is open", "close it")
        case printer_status.CutterError():
            return fault("printer", "its knife is stuck", "switch it off, free the knife, switch it on")
        case printer_status.DeviceError(unrecoverable):
            remedy = "call its service" if unrecoverable else "switch it off and on"
            return fault("printer", "reports an error of its own", remedy)
        case printer_status.Overheated():
            return warning("printer", "too hot, or its voltage is wrong", "wait; if it stays, look at its power supply")
        case printer_status.Disconnected(why):
            return fault("printer", f"{port} cannot be opened: {why}", _NO_PRINTER_LINE[LinkReason(why)])
        case printer_status.Unknown(trouble):
            return fault("printer", f"cannot say how it is: {trouble}", "is this a printer's port, at its own speed?")
