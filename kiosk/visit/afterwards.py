"""What the terminal tells of money when its payment was over: events as those of `kiosk.visit.events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kiosk.domain.record.entries import Receipt, RequestMade


class ReversalOutcome(StrEnum):
    """Whether the money of a payment went back."""

    REVERSED = "reversed"
    NOT_REVERSED = "not-reversed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReversalEnded:
    """The terminal's answer to a reversal. `asked` is False where the terminal was never asked for it."""

    payment_id: UUID
    outcome: ReversalOutcome
    reason: str = ""
    result_code: int | None = None
    receipt: Receipt | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class ApprovedLate:
    """A payment that was on record as not paid was approved after all: its case is open, and on disk.

    `request` is what the payment was for; None where the record has forgotten it.
    """

    visit_id: UUID
    payment_id: UUID
    case_id: UUID
    cents: int
    reason: str
    request: RequestMade | None
