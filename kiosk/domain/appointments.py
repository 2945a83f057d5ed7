"""Appointment times, and the leases that give a kiosk slots of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One appointment time at a desk. `id` is the backend's; `start` is aware.

    `more` are the ids of the slots that follow directly and belong to it, where one is too short for all children.
    """

    start: datetime
    id: str
    minutes: int
    desk: str
    more: tuple[str, ...] = ()

    @property
    def end(self) -> datetime:
        """When the desk is free again."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all slots that it is made of, in order."""
        return (self.id, *self.more)


def long_enough(slots: Iterable[Slot], minutes: int) -> tuple[Slot, ...]:
    """The times of at least so many minutes, in order, one for each start: single slots, or as many as are needed
    that follow each other at the same desk without a pause."""
    slots = sorted(slots)
    starting: dict[tuple[str, datetime], list[Slot]] = defaultdict(list)
    for slot in slots:
        starting[slot.desk, slot.start].append(slot)
    found: dict[datetime, Slot] = {}
    for slot in slots:
        chain = slot
        while chain.minutes < minutes and (following := starting.get((slot.desk, chain.end))):
            added = following[0]
            chain = Slot(slot.start, slot.id, chain.minutes + added.minutes, slot.desk, (*chain.more, *added.ids))
        if chain.minutes >= minutes:
            best = found.get(slot.start)
            if best is None or chain.minutes < best.minutes:
                found[slot.start] = chain
    return tuple(sorted(found.values()))
