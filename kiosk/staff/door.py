"""The door of service mode: how often one may try, and for how long it stays shut after that.

The tries are counted from the record, not in memory: a restart forgives nothing. They count for the kiosk and not for a
person, for at the door nobody is anyone yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.entries import Entry

TRIES = 5
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Door:
    """`tries_left` before it shuts; `shut_until` (aware) while it is shut."""

    tries_left: int
    shut_until: datetime | None

    @property
    def open(self) -> bool:
        """Whether a try is possible now."""
        return self.shut_until is None


def door(refusals: Sequence[datetime], now: datetime) -> Door:
    """The door after these wrong tries (aware, in any order). A right one forgives those before it: leave them out.

    After five within a quarter of an hour it is shut until the oldest of the last five is a quarter of an hour old.
    A moment ahead of the clock counts as now: setting the clock back opens nothing.
    """
    recent = sorted(min(moment, now) for moment in refusals if moment > now - WINDOW)
    if len(recent) < TRIES:
        return Door(TRIES - len(recent), None)
    return Door(0, recent[-TRIES] + WINDOW)


def wrong_tries(entries: Iterable[Entry]) -> list[datetime]:
    """When somebody was refused, since the last time that somebody was let in; of entries in order."""
    refused: list[datetime] = []
    for entry in entries:
        if entry.body.kind == "staff_refused":
            refused.append(entry.at)
        elif entry.body.kind == "staff_entered":
            refused.clear()
    return refused
