"""What a screen of service mode may show: a frozen picture, without words, and without a parent's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from kiosk.domain.opening import OpenDay
from kiosk.domain.record.entries import CaseOutcome
from kiosk.staff.checks import Step
from kiosk.staff.events import Device, Task, Totals, Verdict
from kiosk.visit.events import Fault


class StaffSituation(StrEnum):
    """One screen each."""

    DOOR = "door"
    MENU = "menu"
    PAPER = "paper"
    CLEANING = "cleaning"
    CHECKS = "checks"
    STEP = "step"
    TERMINAL = "terminal"
    CASES = "cases"
    CASE = "case"
    SETTINGS = "settings"
    LOG = "log"
    CARD_OUT = "card_out"


@dataclass(frozen=True, slots=True)
class DoorView:
    """Card or code. `shut_until` (aware) while no code is taken; `refused` is which of them just opened nothing.

    `unread`: what was put in could not be read, which is no try. `resting`: a card is in, and waits to be looked at,
    because others were put in that opened nothing.
    """

    tries_left: int  # of codes
    shut_until: datetime | None
    refused: Literal["", "code", "card"]
    reading: bool  # a card is being looked at
    unread: bool = False
    resting: bool = False


@dataclass(frozen=True, slots=True)
class MenuView:
    """What there is to do. `attention` are the tasks in which something waits."""

    tasks: tuple[Task, ...]
    attention: frozenset[Task]
    faults: frozenset[Fault]
    in_service: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """The roll. Lengths in millimetres; None: not known. `rolls` are the lengths to choose from.

    `unproven`: a new roll is in, and nobody has read a test page off it; until then no ticket is printed.
    """

    left: int | None
    last_refill: datetime | None
    rolls: tuple[int, ...]
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class CleaningView:
    """When each was last cleaned (None: not known), and which are due."""

    last: tuple[tuple[str, datetime | None], ...]
    due: frozenset[str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a device's test, and when; a device without one was not tested."""

    device: Device
    verdict: Verdict
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChecksView:
    """The devices fitted here, each with the last result there is."""

    devices: tuple[Device, ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a test. `number` and `numbers` belong to reading the page, `touched` to the grid."""

    device: Device
    step: Step
    position: int  # from 1
    count: int
    running: bool  # the machine is looking
    numbers: tuple[int, ...] = ()
    touched: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TerminalView:
    """What can be asked of the terminal, what is being asked, and its last answer."""

    possible: tuple[str, ...]
    asking: str | None
    done: bool | None
    lines: tuple[str, ...]
    totals: Totals | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry about a case: when (aware), its kind, and what the device said, in its own words."""

    at: datetime
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that waits for people: what about, since when, how much, and what is known of it, in order."""

    case_id: UUID
    about: str
    since: datetime
    reason: str
    ticket_code: str | None
    cents: int | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class CasesView:
    """All of them, oldest first."""

    cases: tuple[OpenCase, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One of them. `outcomes` are what this person may decide here; None: the parent has the ticket.

    `too_early`: "not paid" was refused, because the terminal may still be in this payment.
    """

    case: OpenCase
    outcomes: tuple[CaseOutcome | None, ...]
    too_early: bool = False


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What can be set here; None where this kiosk cannot."""

    in_service: bool
    may_change: bool
    volume: int | None
    brightness: int | None
    languages: tuple[str, ...]
    all_languages: tuple[str, ...]
    hours: tuple[OpenDay, ...] = ()
    may_restart: bool = True


@dataclass(frozen=True, slots=True)
class LogView:
    """The last events, without anybody in them, as the help line wants to hear them; `qr` is the same to scan."""

    lines: tuple[str, ...]
    qr: str


@dataclass(frozen=True, slots=True)
class CardOutView:
    """Service mode is over; the card that staff put in is still in the reader."""


StaffContent = (
    DoorView
    | MenuView
    | PaperView
    | CleaningView
    | ChecksView
    | StepView
    | TerminalView
    | CasesView
    | CaseView
    | SettingsView
    | LogView
    | CardOutView
)


@dataclass(frozen=True, slots=True)
class StaffView:
    """The whole picture. `member` is who is in; `waiting_visit`: a parent's visit goes on after this."""

    situation: StaffSituation
    content: StaffContent
    language: str
    member: str | None
    waiting_visit: bool
    now: datetime
    can_leave: bool = True  # False while the terminal's answer is waited for
    large: bool = False
    contrast: bool = False
    unsaved: bool = False  # the disk refused the record of what was last done, so it was not done
    municipality: str = ""
