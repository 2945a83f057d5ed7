"""Working days in Belgium: not a weekend, not a public holiday, not a closing day of the town hall.

Public holidays come from the `holidays` package (law of 4 January 1974 on public holidays). Days on which only banks
or civil servants are free, such as 26 December, are not among them: a town hall that closes then says so in its
profile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

BRUSSELS = ZoneInfo("Europe/Brussels")


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of one year."""
    return frozenset(holidays.country_holidays("BE", years=year))


def local_day(moment: datetime) -> date:
    """The day on the calendar in Belgium at an aware moment; ValueError where the moment has no zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(BRUSSELS).date()


def is_working_day(day: date, closed: Callable[[date], bool] | None = None) -> bool:
    """Whether people work on this day; `closed` tells the town hall's own closing days."""
    return day.weekday() < 5 and day not in public_holidays(day.year) and not (closed is not None and closed(day))


def working_day_on_or_after(day: date, closed: Callable[[date], bool] | None = None) -> date:
    """The day itself where it is a working day, or else the next one."""
    while not is_working_day(day, closed):
        day += timedelta(days=1)
    return day


def nth_working_day_after(moment: datetime, number: int, closed: Callable[[date], bool] | None = None) -> date:
    """The `number`-th working day after the local day of an aware moment; 0: that day, or the next one that works."""
    day = local_day(moment)
    if number == 0:
        return working_day_on_or_after(day, closed)
    for _ in range(number):
        day = working_day_on_or_after(day + timedelta(days=1), closed)
    return day
