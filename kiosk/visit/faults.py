"""What can be wrong with a kiosk as a whole."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """A condition of the kiosk. Some stop all visits, some only payment; see `kiosk.visit.health`."""

    READER = "reader"
    PRINTER = "printer"
    PAPER_OUT = "paper-out"
    PAPER_SHORT = "paper-short"  # what is left of the roll may not be enough for a whole ticket
    TERMINAL = "terminal"
    DISK = "disk"
    CLOCK = "clock"
    OPEN_CASE = "open-case"
    MONEY_UNRECORDED = "money-unrecorded"  # the terminal told of money, and the disk did not take it
    PROFILE = "profile"
    PAPER_UNPROVEN = "paper-unproven"  # a new roll is in, and nobody has read a test page off it yet
    STAFF = "staff"  # taken out of service by people
    CLOSED = "closed"  # outside the opening hours
