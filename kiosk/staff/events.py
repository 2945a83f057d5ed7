"""What happens in service mode: touches of a member of staff, and what the machine's own probes found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from kiosk.domain.opening import OpenDay
from kiosk.domain.record.entries import CaseOutcome


@dataclass(frozen=True, slots=True)
class StaffWanted:
    """The gesture: a finger that rests on the town's shield for some seconds; or the service key."""


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """Enough: back to the parent's screens."""


@dataclass(frozen=True, slots=True)
class StaffBack:
    """One screen back."""


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """A code and six digits of an authenticator, both as typed."""

    code: str
    token: str


@dataclass(frozen=True, slots=True)
class BadgeRead:
    """A card was read and verified at the door.

    `proven` is what it is known by, once it has proven that it is no copy: the national number of an eID or residence
    card ("card"), the fingerprint of a staff badge ("badge"). None for any other card, and `why` in a word.
    """

    proven: str | None
    by: Literal["card", "badge"] = "card"
    why: str = ""


@dataclass(frozen=True, slots=True)
class BadgeUnread:
    """What was put in at the door could not be read: pulled too soon, upside down, no chip. It is no try."""


@dataclass(frozen=True, slots=True)
class BadgeDue:
    """The card that was put in as the n-th has waited long enough to be looked at."""

    card: int


class Task(StrEnum):
    """What can be done in service mode; one screen each."""

    PAPER = "paper"
    CLEANING = "cleaning"
    CHECKS = "checks"
    TERMINAL = "terminal"
    CASES = "cases"
    SETTINGS = "settings"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class TaskChosen:
    """Go to one of them."""

    task: Task


@dataclass(frozen=True, slots=True)
class RollLoaded:
    """A new roll is in, of so many millimetres."""

    millimetres: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A device was cleaned."""

    device: Literal["printer", "reader"]


class Device(StrEnum):
    """What can be tested."""

    READER = "reader"
    TERMINAL = "terminal"
    PRINTER = "printer"
    TOUCH = "touch"
    KEYPAD = "keypad"
    SOUND = "sound"
    NETWORK = "network"
    CLOCK = "clock"
    DISK = "disk"
    BACKEND = "backend"


@dataclass(frozen=True, slots=True)
class CheckChosen:
    """Go through one device, from its first step."""

    device: Device


@dataclass(frozen=True, slots=True)
class StepAnswered:
    """What the person saw or did: it works, or it does not."""

    works: bool


@dataclass(frozen=True, slots=True)
class NumberRead:
    """The number that the person read off the test page."""

    number: int


@dataclass(frozen=True, slots=True)
class TargetTouched:
    """One of the targets on the touch screen's grid, counted from the upper left."""

    index: int


class Verdict(StrEnum):
    """What a probe or a test came to. Unknown is never passed."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProbeEnded:
    """What the machine found out by itself; `detail` is of a device's own words, without anything personal."""

    probe_id: UUID
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """Print and upload what the tests came to."""


@dataclass(frozen=True, slots=True)
class TerminalAsked:
    """Ask the terminal: "status", "diagnosis", "registration" or "end-of-day"."""

    what: str


@dataclass(frozen=True, slots=True)
class Totals:
    """A day by the terminal's account (None: it does not tell) and by the kiosk's own record, in cents."""

    terminal_cents: int | None
    terminal_count: int | None
    kiosk_cents: int
    kiosk_count: int


@dataclass(frozen=True, slots=True)
class TerminalAnswered:
    """Its answer in a few lines of its own, and whether it did what was asked."""

    done: bool
    lines: tuple[str, ...]
    totals: Totals | None = None


@dataclass(frozen=True, slots=True)
class CaseChosen:
    """Look at one open case."""

    case_id: UUID


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """What a manager saw with their own eyes on the terminal's or the bank's own paper."""

    case_id: UUID
    outcome: CaseOutcome | None  # None: the parent has the ticket, whatever became of the paper here


@dataclass(frozen=True, slots=True)
class ServiceWanted:
    """Take the kiosk out of service, or back."""

    in_service: bool


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """Volume or brightness (0 to 100), the languages on offer, or the opening hours."""

    volume: int | None = None
    brightness: int | None = None
    languages: tuple[str, ...] | None = None
    hours: tuple[OpenDay, ...] | None = None


@dataclass(frozen=True, slots=True)
class RestartWanted:
    """Start the program anew."""


@dataclass(frozen=True, slots=True)
class LogPrintWanted:
    """The log for the help line, on paper."""


@dataclass(frozen=True, slots=True)
class DisplayChosen:
    """How service mode itself is shown, until it is left."""

    language: str
    large: bool
    contrast: bool


@dataclass(frozen=True, slots=True)
class OwnCardOut:
    """The card that staff put in is out of the reader."""


@dataclass(frozen=True, slots=True)
class NobodyThere:
    """Nobody has touched the screen since the touch of this number."""

    touches: int


class Order(StrEnum):
    """What the town hall may order from afar, by a signed command."""

    OUT_OF_SERVICE = "out-of-service"
    BACK_IN_SERVICE = "back-in-service"
    RESTART = "restart"
    TEST_PRINT = "test-print"
    READINESS_REPORT = "readiness-report"


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order from the town hall, by whom, and what hears its end: done or not, and a few words."""

    order: Order
    by: str
    answer: Callable[[bool, str], None]


@dataclass(frozen=True, slots=True)
class Inspected:
    """All that the machine can test by itself was tested for an order; each fitted device and its verdict."""

    order: Ordered
    verdicts: tuple[tuple[Device, Verdict], ...]


StaffEvent = (
    StaffWanted
    | StaffLeft
    | StaffBack
    | CodeGiven
    | BadgeRead
    | BadgeUnread
    | BadgeDue
    | TaskChosen
    | RollLoaded
    | Cleaned
    | CheckChosen
    | StepAnswered
    | NumberRead
    | TargetTouched
    | ProbeEnded
    | ReportWanted
    | TerminalAsked
    | TerminalAnswered
    | CaseChosen
    | CaseDecided
    | ServiceWanted
    | SettingChanged
    | RestartWanted
    | LogPrintWanted
    | DisplayChosen
    | OwnCardOut
    | NobodyThere
    | Ordered
    | Inspected
)
