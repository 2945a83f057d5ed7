"""What service mode asks of the kiosk around it; `kiosk.staff.house` answers on a running one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kiosk.domain.opening import OpenDay
from kiosk.staff.events import Device
from kiosk.staff.roster import Roster, Step
from kiosk.staff.view import LogView, OpenCase, Result
from kiosk.visit.events import Fault


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set now. None: this kiosk cannot."""

    volume: int | None
    brightness: int | None
    languages: tuple[str, ...]
    all_languages: tuple[str, ...]
    hours: tuple[OpenDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The roll in the printer; None where it is not known."""

    left_mm: int | None
    last_refill: datetime | None
    rolls_mm: tuple[int, ...]
    unproven: bool = False  # a new roll, without a test page that a person has read


class House(Protocol):
    """What service mode looks up in the record and the configuration; each answer is quick and of this moment."""

    def now(self) -> datetime:
        """The clock: aware."""

    def new_id(self) -> UUID:
        """A fresh id."""

    def number(self) -> int:
        """A number of three digits for a test page."""

    def roster(self) -> Roster:
        """Who may come in."""

    def wrong_codes(self) -> Sequence[datetime]:
        """When a code was refused, since one let somebody in."""

    def wrong_cards(self) -> Sequence[datetime]:
        """When a card was refused, since one let somebody in."""

    def codes_used(self) -> frozenset[Step]:
        """The codes of authenticators that let somebody in before this program was started."""

    def visit_waits(self) -> bool:
        """Whether a parent's visit lies underneath and goes on afterwards."""

    def own_card_in(self) -> bool:
        """Whether a card is in the reader that was put in for service mode: a badge, a test card."""

    def municipality(self) -> str:
        """Whose kiosk it is, for the head of the screen."""

    def faults(self) -> frozenset[Fault]:
        """What is wrong with the kiosk."""

    def in_service(self) -> bool:
        """Whether staff have not taken it out of service."""

    def paper(self) -> Paper:
        """The roll."""

    def cleaned(self) -> tuple[tuple[str, datetime | None], ...]:
        """Each device that is cleaned, and when it was last."""

    def cleaning_due(self) -> frozenset[str]:
        """Which of them are due."""

    def fitted(self) -> tuple[Device, ...]:
        """The devices of this kiosk."""

    def results(self) -> tuple[Result, ...]:
        """The last result of each device's test."""

    def cases(self) -> tuple[OpenCase, ...]:
        """What waits for a decision, oldest first."""

    def too_early(self, case_id: UUID) -> bool:
        """Whether the terminal may still be in the payment of this case: nobody can say yet that it is not paid."""

    def settings(self) -> Settings:
        """What is set now."""

    def log(self) -> LogView:
        """The last events."""
