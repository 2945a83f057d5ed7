"""What Loket wants of another calendar. A plug-in translates a vendor's words into these; a client speaks its HTTP.

Reading degrades: a calendar that does not answer has no free times at this moment, and is logged once when it goes and
once when it is back. Booking and cancelling fail loudly: whoever asked must know that nothing was promised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, Protocol, TypeVar

log = logging.getLogger("backend.appointments")

T = TypeVar("T")


class CalendarUnavailable(Exception):
    """It did not answer, or not as its documentation says; the message holds no personal data."""


class BookingFailed(Exception):
    """Nothing was booked, or nothing was cancelled, as far as anybody can know; the message says why."""


class ConfigWrong(Exception):
    """The calendar cannot be used as it is set up; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Product:
    """What an appointment can be for. `minutes` is for one person."""

    id: str
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Place:
    """A town hall or an office."""

    id: str
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """A free time at a place; `start` is aware."""

    start: datetime
    minutes: int

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the calendar has it."""

    reference: str
    start: datetime
    end: datetime


class Calendar(Protocol):
    """One product at one place of a vendor's calendar, as `backend.appointments.outside.setup` names them."""

    def products(self) -> tuple[Product, ...]:
        """What can be booked here; empty while the calendar is away."""
        ...

    def places(self) -> tuple[Place, ...]:
        """Where it can be booked; empty while the calendar is away."""
        ...

    def days(self, first: date, last: date, people: int) -> tuple[date, ...]:
        """The days with a free time for so many people, both ends included; empty while the calendar is away."""
        ...

    def times(self, day: date, people: int) -> tuple[Time, ...]:
        """The free times of a day, in order; empty while the calendar is away."""
        ...

    def book(self, time: Time, people: int, title: str) -> str:
        """Take a time. `title` is shown to staff and names nobody. Returns its reference. Raises BookingFailed."""
        ...

    def cancel(self, reference: str) -> None:
        """Give a time back; one that is not there any more is no failure. Raises BookingFailed."""
        ...

    def booked(self, reference: str) -> Booked | None:
        """What the calendar has under a reference; None where it has nothing. Raises CalendarUnavailable."""
        ...

    def check_config(self) -> str:
        """One line that says with what it works. Raises ConfigWrong: settings, reachability, credentials, names."""
        ...


_away: set[str] = set()


def degrades(read: Callable[..., tuple[T, ...]]) -> Callable[..., tuple[T, ...]]:
    """Make a reading method answer nothing instead of failing."""

    @wraps(read)
    def wrapper(self: Any, *arguments: Any) -> tuple[T, ...]:
        name = str(self)
        try:
            found = read(self, *arguments)
        except CalendarUnavailable as problem:
            if name not in _away:
                _away.add(name)
                log.warning("calendar away: %s: %s", name, problem)
            return ()
        if name in _away:
            _away.discard(name)
            log.info("calendar back: %s", name)
        return found

    return wrapper
