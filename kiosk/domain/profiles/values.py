"""The small values that a profile is written in: words by language, clock times, opening hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

# By language code; the official languages are required where words are given at all.
Words = Mapping[Annotated[str, Field(pattern=r"^[a-z]{2}$")], str]

# Outside these years a date is a slip of the pen, and the calendar of holidays says nothing of use.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def _clock(value: Any) -> Any:
    """Accept "15:00" beside TOML's own local time, which insists on seconds."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError('a clock time such as "15:00"')
    hour, colon, minute = value.partition(":")
    if not (colon and len(minute) == 2 and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        raise ValueError('a clock time such as "15:00"')
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError('a clock time from "00:00" to "23:59"')
    return time(int(hour), int(minute))


def _hours(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError('hours such as "09:00-12:00"')
    return {"start": start.strip(), "end": end.strip()}


# Local time in Europe/Brussels.
ClockTime = Annotated[
    time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK}$", "examples": ["15:00"]})
]


def _day(value: Any) -> Any:
    """A day as TOML writes it, or the same in quotes; nothing that is only nearly one, such as a year."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError("a day that the calendar has") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a date such as 2027-01-01")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"a day from {FIRST_YEAR} to {LAST_YEAR}")
    return value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]

# As they are written, and nothing that could be taken for them: no "no" for false, no 3.0 or "3" for 3.
YesNo = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]


class Block(BaseModel):
    """Base of all parts of a profile: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Weekday(StrEnum):
    """Days of the week in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAYS = tuple(Weekday)


class Hours(Block):
    """A stretch of opening time on one day; `end` is the closing time."""

    start: ClockTime
    end: ClockTime

    def __str__(self) -> str:
        return f'"{self.start:%H:%M}-{self.end:%H:%M}"'


OpenHours = Annotated[
    Hours,
    BeforeValidator(_hours),
    WithJsonSchema({"type": "string", "pattern": f"^ *{_CLOCK} *- *{_CLOCK} *$", "examples": ["09:00-12:00"]}),
]
