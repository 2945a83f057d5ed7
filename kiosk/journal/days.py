"""What the record says was paid by card since the terminal last closed its day.

A payment belongs to the day in which it was sent, whatever became known of it later: that is the day in which the
terminal booked it. An end of day of which nobody knows whether it happened leaves two possible beginnings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kiosk.domain.record.entries import Entry
from kiosk.journal.journal import Journal

_DAYS = ("day_closing", "day_closed", "day_not_closed")
_MONEY = (
    "payment_intent",
    "payment_sent",
    "payment_paid",
    "payment_not_paid",
    "payment_approved_late",
    "payment_reversed",
    "case_opened",
    "case_closed",
)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Payments less reversals: their sum in cents and their number. `undecided` are payments nobody knows of."""

    cents: int = 0
    count: int = 0
    undecided: int = 0
    reversals: int = 0


@dataclass(frozen=True, slots=True)
class DayRecord:
    """The record of a terminal's days.

    `last_at` is when its end was last asked for and not surely refused, `tried_at` when it was last asked for.
    `running` is an end of day without an answer. `failures` counts the ends that surely did not happen since the last
    that did. `turnovers` are what the terminal may hold now, the likeliest first: more than one where an end of day is
    in doubt.
    """

    last_at: datetime | None
    running: UUID | None
    failures: int
    tried_at: datetime | None
    turnovers: tuple[Turnover, ...]


def read_days(journal: Journal) -> DayRecord:
    """As the record has it now. Raises JournalError."""
    begun: dict[UUID, Entry] = {}
    closed: set[UUID] = set()
    refused: set[UUID] = set()
    answered: set[UUID] = set()
    for entry in journal.entries(kinds=_DAYS):
        match entry.body.kind:
            case "day_closing":
                begun[entry.body.day_id] = entry
            case "day_closed":
                closed.add(entry.body.day_id)
                answered.add(entry.body.day_id)
            case "day_not_closed":
                answered.add(entry.body.day_id)
                if entry.body.certain:
                    refused.add(entry.body.day_id)
            case _:
                pass
    beginnings: list[int] = [0]
    last_at: datetime | None = None
    failures, tried_at = 0, None
    for day_id, entry in begun.items():
        tried_at = entry.at
        if day_id in refused:
            failures += 1
            continue
        last_at = entry.at
        failures = failures if day_id not in answered else 0
        if day_id in closed:
            beginnings = [entry.sequence]
        else:
            beginnings.append(entry.sequence)
    running = [day_id for day_id in begun if day_id not in answered]
    money = journal.entries(kinds=_MONEY, after=beginnings[0])
    return DayRecord(
        last_at=last_at,
        running=running[-1] if running else None,
        failures=failures,
        tried_at=tried_at,
        turnovers=tuple(_turnover(money, since) for since in reversed(beginnings)),
    )


def _turnover(entries: Iterable[Entry], since: int) -> Turnover:
    cents: dict[UUID, int] = {}
    state: dict[UUID, str] = {}
    cases: dict[UUID, UUID] = {}
    reversals = 0
    for entry in entries:
        body = entry.body
        match body.kind:
            case "payment_intent":
                cents[body.payment_id] = body.cents
            case "payment_sent" if entry.sequence > since:
                state[body.payment_id] = "undecided"
            case "payment_approved_late" if body.payment_id in state:
                state[body.payment_id] = "undecided"
            case "payment_paid" | "payment_not_paid" | "payment_reversed" if body.payment_id in state:
                state[body.payment_id] = body.kind.removeprefix("payment_")
                reversals += body.kind == "payment_reversed"
            case "case_opened" if body.about == "payment" and body.payment_id in state:
                cases[body.case_id] = body.payment_id
            case "case_closed" if body.outcome is not None and body.case_id in cases:
                state[cases[body.case_id]] = body.outcome
            case _:
                pass
    paid = [payment for payment, became in state.items() if became == "paid"]
    return Turnover(
        cents=sum(cents[payment] for payment in paid if payment in cents),
        count=len(paid),
        undecided=sum(became == "undecided" for became in state.values()),
        reversals=reversals,
    )
