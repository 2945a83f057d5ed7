"""Opening hours: when a visit may begin, and when it may again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.domain.opening import OpenDay, is_open, opens_next

BRUSSELS = ZoneInfo("Europe/Brussels")
WEEK = tuple(OpenDay(weekday=day, opens=time(9), closes=time(17)) for day in range(5))
half_hours = st.integers(0, 47).map(lambda number: time(number // 2, number % 2 * 30))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=BRUSSELS))


@st.composite
def weeks(draw: st.DrawFn) -> tuple[OpenDay, ...]:
    days = []
    for weekday in sorted(draw(st.sets(st.integers(0, 6), min_size=1))):
        opens, closes = sorted(draw(st.sets(half_hours, min_size=2, max_size=2)))
        days.append(OpenDay(weekday=weekday, opens=opens, closes=closes))
    return tuple(days)


@pytest.mark.parametrize(
    ("at", "is_it"),
    [
        (datetime(2026, 11, 23, 8, 59), False),
        (datetime(2026, 11, 23, 9, 0), True),
        (datetime(2026, 11, 23, 16, 59, 59), True),
        (datetime(2026, 11, 23, 17, 0), False),
        (datetime(2026, 11, 22, 12, 0), False),  # a Sunday
    ],
)
def test_it_is_open_from_its_opening_up_to_its_closing(at: datetime, is_it: bool):
    assert is_open(WEEK, at.replace(tzinfo=BRUSSELS)) is is_it


def test_without_hours_it_is_always_open_and_opens_at_no_hour():
    now = datetime(2026, 11, 22, 3, 0, tzinfo=BRUSSELS)
    assert is_open((), now) and opens_next((), now) is None


def test_after_friday_comes_monday():
    friday_evening = datetime(2026, 11, 27, 17, 0, tzinfo=BRUSSELS)
    assert opens_next(WEEK, friday_evening) == datetime(2026, 11, 30, 9, 0, tzinfo=BRUSSELS)


@given(weeks(), moments)
def test_when_it_opens_next_it_is_open_and_was_not_just_before(week: tuple[OpenDay, ...], now: datetime):
    opens = opens_next(week, now)
    assert opens is not None and now < opens <= now + timedelta(days=8)
    assert is_open(week, opens)
    if not is_open(week, now):
        hours = int((opens - now) / timedelta(hours=1))
        assert not any(is_open(week, now + timedelta(hours=hour)) for hour in range(hours))


def test_a_day_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValidationError):
        OpenDay(weekday=0, opens=time(17), closes=time(9))
