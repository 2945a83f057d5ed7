"""The door of service mode: how often one may try, and what happens to those who try too often.

A code can be guessed, so five wrong ones shut the door to codes for a while. A card that proves its chip cannot be
guessed: it opens whatever others have tried before, or anybody could keep all staff out with five touches of a screen.
After five cards that open nothing each further one has to wait a little, which bounds what goes on the record, and
keeps no member of staff out for longer than that.

The tries are counted from the record, not in memory: a restart forgives nothing. They count for the kiosk and not for a
person, for at the door nobody is anyone yet. Who comes in by one way forgives the wrong tries of that way alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.record.care import StaffEntered, StaffRefused
from kiosk.domain.record.entries import Entry

TRIES = 5
WINDOW = timedelta(minutes=15)
REST = timedelta(seconds=10)  # somebody who waits for it stays; a hundred cards take a quarter of an hour


@dataclass(frozen=True, slots=True)
class Door:
    """The door to codes: `tries_left` before it shuts; `shut_until` (aware) while it is shut."""

    tries_left: int
    shut_until: datetime | None

    @property
    def open(self) -> bool:
        """Whether a try is possible now."""
        return self.shut_until is None


def door(refusals: Sequence[datetime], now: datetime) -> Door:
    """The door after these wrong codes (aware, in any order). A right one forgives those before it: leave them out.

    After five within a quarter of an hour it is shut until the oldest of the last five is a quarter of an hour old.
    A moment ahead of the clock counts as now: setting the clock back opens nothing.
    """
    recent = _recent(refusals, now)
    if len(recent) < TRIES:
        return Door(TRIES - len(recent), None)
    return Door(0, recent[-TRIES] + WINDOW)


def rest(refusals: Sequence[datetime], now: datetime) -> timedelta:
    """How long a card that is put in now waits until it is looked at, after these cards that opened nothing.

    Never longer than `REST`, also where the clock was set back.
    """
    recent = _recent(refusals, now)
    return max(timedelta(), recent[-1] + REST - now) if len(recent) >= TRIES else timedelta()


def wrong_codes(entries: Iterable[Entry]) -> list[datetime]:
    """When a code was refused, since one let somebody in; of entries in order."""
    return _wrong(entries, frozenset({"code"}))


def wrong_cards(entries: Iterable[Entry]) -> list[datetime]:
    """When a card or a badge was refused, since one let somebody in; of entries in order."""
    return _wrong(entries, frozenset({"card", "badge"}))


def _wrong(entries: Iterable[Entry], ways: frozenset[str]) -> list[datetime]:
    refused: list[datetime] = []
    for entry in entries:
        body = entry.body
        if isinstance(body, StaffRefused) and body.by in ways:
            refused.append(entry.at)
        elif isinstance(body, StaffEntered) and body.by in ways:
            refused.clear()
    return refused


def _recent(refusals: Sequence[datetime], now: datetime) -> list[datetime]:
    return sorted(min(moment, now) for moment in refusals if moment > now - WINDOW)
