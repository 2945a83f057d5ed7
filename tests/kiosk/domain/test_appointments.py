"""Times that are long enough: single slots, or some that follow each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.appointments import Slot, long_enough

NINE = datetime(2026, 11, 30, 8, tzinfo=UTC)


def slot(minute: int, minutes: int = 30, desk: str = "1") -> Slot:
    return Slot(NINE + timedelta(minutes=minute), f"{desk}-{minute}", minutes, desk)


def test_a_slot_that_is_long_enough_stays_single() -> None:
    assert long_enough([slot(0), slot(30)], 30) == (slot(0), slot(30))


def test_slots_that_follow_each_other_make_one_longer_time() -> None:
    assert long_enough([slot(0), slot(30), slot(60)], 40) == (
        Slot(NINE, "1-0", 60, "1", ("1-30",)),
        Slot(NINE + timedelta(minutes=30), "1-30", 60, "1", ("1-60",)),
    )


def test_a_pause_or_another_desk_makes_no_longer_time() -> None:
    assert long_enough([slot(0), slot(31)], 40) == ()
    assert long_enough([slot(0), slot(30, desk="2")], 40) == ()


def test_of_two_desks_at_the_same_time_one_is_shown_and_the_shorter_one() -> None:
    assert long_enough([slot(0, 60), slot(0, 40, "2")], 40) == (slot(0, 40, "2"),)


SLOTS = st.builds(slot, st.integers(0, 40).map(lambda n: 10 * n), st.sampled_from([10, 20, 30]), st.sampled_from("12"))


@given(st.lists(SLOTS, unique_by=lambda one: (one.desk, one.start)), st.integers(5, 120))
def test_every_time_is_whole_long_enough_and_of_one_desk(slots: list[Slot], minutes: int) -> None:
    by_id = {one.id: one for one in slots}
    times = long_enough(slots, minutes)
    assert len({time.start for time in times}) == len(times)
    for time in times:
        parts = [by_id[slot_id] for slot_id in time.ids]
        assert {part.desk for part in parts} == {time.desk}
        assert sum(part.minutes for part in parts) == time.minutes >= minutes
        assert all(one.end == other.start for one, other in pairwise(parts))
        assert time.minutes - parts[-1].minutes < minutes  # no more than needed
