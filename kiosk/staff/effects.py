"""What service mode wants done, beside records, which are `kiosk.visit.effects.Record`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from kiosk.staff.checks import Probe
from kiosk.staff.events import Device, Verdict
from kiosk.visit.effects import Record


@dataclass(frozen=True, slots=True)
class StartProbe:
    """Look, and say `ProbeEnded` with this id. `number` goes on the test page."""

    probe: Probe
    probe_id: UUID
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AskTerminal:
    """Ask the terminal, and say `TerminalAnswered`."""

    what: str  # "status", "diagnosis", "registration", "end-of-day"


@dataclass(frozen=True, slots=True)
class PrintReport:
    """The readiness report on paper."""

    results: tuple[tuple[Device, Verdict], ...]
    member: str


@dataclass(frozen=True, slots=True)
class PrintLog:
    """The log for the help line on paper."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplySettings:
    """Something was set: make the kiosk be as the record now says."""


@dataclass(frozen=True, slots=True)
class Restart:
    """End the program; what watches it starts it anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell the town hall what became of its order."""

    answer: Callable[[bool, str], None]
    done: bool
    words: str


StaffEffect = Record | StartProbe | AskTerminal | PrintReport | PrintLog | ApplySettings | Restart | Answer
