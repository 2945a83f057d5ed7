"""How often each device is looked at and how long its answer is waited for, with the reason for each. Seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceTiming:
    """All waits around the devices in one place; tests hand in their own. Those of a person are in `kiosk.visit`."""

    # Terminals fall asleep over night (Portalum, OCA/pos #701): a status enquiry every so often keeps the line alive.
    terminal_look: float = 30.0
    # What a terminal asks for (diagnosis, initialisation) may fail for want of a line: not again at every look.
    upkeep_again: float = 300.0
    # The journal writes in milliseconds; this must stay below the driver's own goods-issue time-out.
    approval_answer: float = 20.0
    # A terminal that lost its answer needs up to T4 (180 s) before it speaks again.
    look_up_for: float = 200.0
    look_up_every: float = 5.0
    # After a crash: a terminal restarts in one to two minutes, and each try waits for it as long as a look-up lasts.
    recovery_ask_again: float = 30.0
    # How often it is asked whether the terminal's day is due; and how long after a failed try it is tried again.
    day_look: float = 60.0
    day_again: float = 900.0
    # Four status bytes take some 10 ms at 9600 baud; a parent who waits for a refill should not wait for a poll too.
    printer_look: float = 2.0
    # A write check is one small fsync; a full disk shows itself within this time, and at once in a failed record.
    monitor_look: float = 15.0
    # What is left in the outbox at an orderly end is uploaded for so long; the rest goes up after the next start.
    last_upload: float = 3.0


STANDARD = DeviceTiming()
