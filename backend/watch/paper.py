"""How long a roll of paper lasts: what a kiosk prints in a day, from weeks of heartbeats, and when the roll ends.

The model is small on purpose: a mean for each weekday, drawn towards the kiosk's own overall day where a weekday has
been seen seldom; days spread around it as they did; and the level itself is not known better than so many days allow.
The interval is of 80 %: in one of ten rolls the end comes before it. How well that holds is measured on simulated
weeks (`tests/bench/forecast.py`, docs/fleet.md).

Pure: samples and closing days in, moments out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from math import sqrt
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
CONFIDENCE = 80  # percent
_Z = 1.2816  # the normal distribution's 90 %: a tenth on either side
FEWEST_DAYS = 5  # of fewer days nothing is said
_WEEKDAY_PRIOR = 2.0  # a weekday's mean counts as much as the overall one after two of them
_LEAST_SPREAD = 0.35  # of a day's mean: one day is never as like another as a handful of days may look
# Staff and printers count the same roll a little differently: what is left may be out by as much.
_ROLL_SPREAD = 0.02
_LONGEST = 120  # days; a roll that lasts longer is nobody's work
_OFFICE_HOURS = range(9, 17)  # when nothing is known of a kiosk's day
_TICKET_MM = 210  # with less than that no ticket comes out whole: there the roll ends

_HALF_A_SAMPLE = timedelta(minutes=5)

Sampled = tuple[datetime, int | None]


@dataclass(frozen=True)
class Usage:
    """What one kiosk printed, by day and by hour of the day. A day without any sample is not in it: not known is not
    nothing."""

    by_day: Mapping[date, int]
    by_hour: Mapping[int, int]

    @cached_property
    def day_so_far(self) -> tuple[float, ...]:
        """Which part of a day's paper is out at the beginning of each hour, 0 to 24."""
        hours = [self.by_hour.get(hour, 0) for hour in range(24)]
        if not any(hours):
            hours = [int(hour in _OFFICE_HOURS) for hour in range(24)]
        return (0.0, *(so_far / sum(hours) for so_far in accumulate(hours)))

    @property
    def weekday_means(self) -> dict[int, float]:
        """Millimetres on a Monday (0) to a Sunday (6); a weekday that was never seen counts as nothing but its kind."""
        overall = self._overall
        means = {}
        for weekday in range(7):
            days = [used for day, used in self.by_day.items() if day.weekday() == weekday]
            # Closed on this weekday, every time: no prior of the others' makes it an open one.
            if days and not any(days):
                means[weekday] = 0.0
                continue
            prior = overall if days or weekday < 5 else 0.0
            means[weekday] = (sum(days) + _WEEKDAY_PRIOR * prior) / (len(days) + _WEEKDAY_PRIOR)
        return means

    @property
    def spread(self) -> float:
        """The standard deviation of a day, as a share of its mean."""
        means = self.weekday_means
        shares = [used / means[day.weekday()] - 1 for day, used in self.by_day.items() if means[day.weekday()] > 0]
        if len(shares) < 2:
            return 1.0
        return max(_LEAST_SPREAD, sqrt(sum(share * share for share in shares) / (len(shares) - 1)))

    @property
    def open_days(self) -> int:
        """On how many days something was printed."""
        return sum(used > 0 for used in self.by_day.values())

    @property
    def _overall(self) -> float:
        used = [amount for amount in self.by_day.values() if amount > 0]
        return sum(used) / len(used) if used else 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a roll ends: at the earliest and at the latest (80 % between them), and most likely. None: later than that
    anybody would ask. `day_need_mm`: what a busy day takes (nine of ten days take less).
    """

    day_need_mm: int
    earliest: datetime | None
    likely: datetime | None
    latest: datetime | None
    days_seen: int


def usage_of(samples: Iterable[Sampled], seen: Iterable[date] = ()) -> Usage:
    """What was printed each day (Europe/Brussels), from what was left; an increase is a new roll and not paper.

    `samples` in order of time; None is not known, and passed over. Of samples that say the same as the one before, any
    may be left out, if their day is among those `seen`.
    """
    by_day: dict[date, int] = dict.fromkeys(seen, 0)
    by_hour: dict[int, int] = {}
    before: int | None = None
    for at, left in samples:
        if left is None:
            continue
        here = at.astimezone(BRUSSELS)
        by_day.setdefault(here.date(), 0)
        if before is not None and left < before:
            by_day[here.date()] += before - left
            hour = (here - _HALF_A_SAMPLE).hour  # it came out before it was told of
            by_hour[hour] = by_hour.get(hour, 0) + before - left
        before = left
    return Usage(by_day, by_hour)


def forecast(left_mm: int | None, usage: Usage, now: datetime, closed: Collection[date] = ()) -> Forecast | None:
    """None where nothing can be said: what is left is not known, or the kiosk has not been seen for long enough."""
    if left_mm is None or usage.open_days < FEWEST_DAYS:
        return None
    means, spread = usage.weekday_means, usage.spread
    busiest = max(_mean_of(means, day, closed) for day in _days(now, 7)) or max(means.values())
    need = round(busiest * (1 + _Z * spread))
    level = spread / sqrt(usage.open_days)
    slack = _ROLL_SPREAD * left_mm
    left_mm = max(0, left_mm - _TICKET_MM)
    ends: list[datetime | None] = [None, None, None]
    mean, variance = 0.0, 0.0
    for index, day in enumerate(_days(now, _LONGEST)):
        begin = _so_far(usage, now) if index == 0 else 0.0
        share = 1.0 - begin
        used = _mean_of(means, day, closed) * share
        bounds_before = _bounds(mean, variance, level, slack)
        mean += used
        variance += (used * spread) ** 2
        for which, (before, after) in enumerate(zip(bounds_before, _bounds(mean, variance, level, slack), strict=True)):
            if ends[which] is None and used > 0 and after >= left_mm:
                part = (left_mm - before) / (after - before) if after > before else 1.0
                ends[which] = _moment(usage, day, begin + share * min(1.0, max(0.0, part)))
    return Forecast(need, ends[0], ends[1], ends[2], usage.open_days)


def _bounds(mean: float, variance: float, level: float, slack: float) -> tuple[float, float, float]:
    """What may have been printed by then: at most, likely, at least."""
    spread = _Z * sqrt(variance + (mean * level) ** 2 + slack**2)
    return mean + spread, mean, mean - spread


def _days(now: datetime, count: int) -> Sequence[date]:
    first = now.astimezone(BRUSSELS).date()
    return [first + timedelta(days=offset) for offset in range(count)]


def _mean_of(means: Mapping[int, float], day: date, closed: Collection[date]) -> float:
    return 0.0 if day in closed else means[day.weekday()]


def _so_far(usage: Usage, now: datetime) -> float:
    """Which part of the day's paper is out by now, on a usual day."""
    here = now.astimezone(BRUSSELS)
    parts = usage.day_so_far
    return parts[here.hour] + (parts[here.hour + 1] - parts[here.hour]) * here.minute / 60


def _moment(usage: Usage, day: date, part: float) -> datetime:
    """When so much of a usual day's paper is out."""
    parts = usage.day_so_far
    hour = max(hour for hour in range(24) if parts[hour] < part or hour == 0)
    within = (part - parts[hour]) / (parts[hour + 1] - parts[hour]) if parts[hour + 1] > parts[hour] else 0.0
    return datetime.combine(day, time(hour), BRUSSELS) + timedelta(hours=min(1.0, max(0.0, within)))
