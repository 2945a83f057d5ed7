"""What service mode wants done, beside records, which are `kiosk.visit.effects.Record`."""

from __future__ import annotations

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
class ChangeSetting:
    """Volume, brightness (0 to 100) or languages, kept over a restart."""

    volume: int | None = None
    brightness: int | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SetService:
    """Out of service by order of staff, or back; kept over a restart."""

    in_service: bool


@dataclass(frozen=True, slots=True)
class Restart:
    """End the program; what watches it starts it anew."""


StaffEffect = Record | StartProbe | AskTerminal | PrintReport | ChangeSetting | SetService | Restart
