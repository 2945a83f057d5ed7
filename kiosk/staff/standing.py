"""Where service mode stands: who is in, on which screen, in the middle of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from kiosk.domain.record.entries import CaseOutcome
from kiosk.staff import events as e
from kiosk.staff import roster as r
from kiosk.staff.checks import Step
from kiosk.staff.door import Door, door, rest
from kiosk.staff.events import Device, Task
from kiosk.staff.surroundings import House
from kiosk.staff.view import OpenCase, StaffSituation

TERMINAL_QUESTIONS = ("status", "registration", "diagnosis", "end-of-day")
# What moves the terminal's own totals is a manager's to ask for.
_MANAGERS_QUESTIONS = frozenset({"end-of-day"})

# What people at the kiosk can know: a payment from the terminal's or the bank's own paper, a ticket from their own
# hands. That money went back, and a day that does not add up, are for the console.
_OUTCOMES: dict[str, tuple[CaseOutcome | None, ...]] = {"payment": ("paid", "not-paid"), "ticket": (None,)}


@dataclass(frozen=True, slots=True)
class Checking:
    """A test in progress."""

    device: Device
    steps: tuple[Step, ...]
    index: int
    task: Task  # where it was asked for, and where it ends
    probe_id: UUID | None = None
    number: int = 0
    numbers: tuple[int, ...] = ()
    touched: frozenset[int] = frozenset()

    @property
    def step(self) -> Step:
        """The present one."""
        return self.steps[self.index]


class Standing:
    """The state of service mode, and what follows from it."""

    def __init__(self, house: House, language: str):
        self.house = house
        self._usual = language
        self.active = False
        self.reset()

    def reset(self) -> None:
        """As somebody finds it who has just made the gesture."""
        self.language, self.large, self.contrast = self._usual, False, False
        self.situation = StaffSituation.DOOR
        self.member: r.Member | None = None
        self.reading = self.resting = self.unread = self.unsaved = False
        self.refused: Literal["", "code", "card"] = ""
        self.checking: Checking | None = None
        self.case: UUID | None = None
        self.too_early = False  # to close the case that is looked at as not paid
        self.asking: str | None = None
        self.answer: e.TerminalAnswered | None = None

    @property
    def at_the_door(self) -> bool:
        """Whether a card that is put in now is a badge."""
        return self.active and self.situation is StaffSituation.DOOR

    @property
    def is_manager(self) -> bool:
        """Whether who is in may decide and set what costs or counts."""
        return self.member is not None and self.member.role is r.Role.MANAGER

    def door(self) -> Door:
        """How often a code may still be tried."""
        return door(self.house.wrong_codes(), self.house.now())

    def rest(self) -> timedelta:
        """How long a card that is put in now has to wait."""
        return rest(self.house.wrong_cards(), self.house.now())

    def questions(self) -> tuple[str, ...]:
        """What this person may ask of the terminal."""
        return tuple(q for q in TERMINAL_QUESTIONS if self.is_manager or q not in _MANAGERS_QUESTIONS)

    def chosen_case(self) -> OpenCase | None:
        """The case that is looked at; None where it has been decided elsewhere meanwhile."""
        return next((case for case in self.house.cases() if case.case_id == self.case), None)

    def outcomes(self, case: OpenCase) -> tuple[CaseOutcome | None, ...]:
        """What this person may decide of a case."""
        return _OUTCOMES.get(case.about, ()) if self.is_manager else ()
