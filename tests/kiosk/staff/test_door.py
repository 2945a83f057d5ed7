"""Five wrong codes in a quarter of an hour shut the door to codes; cards that open nothing wait, and shut it to nobody.

A restart or a clock set back opens nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.record.care import StaffEntered, StaffRefused
from kiosk.domain.record.entries import Entry
from kiosk.staff.door import REST, TRIES, WINDOW, door, rest, wrong_cards, wrong_codes

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
minutes = st.floats(min_value=-60, max_value=60).map(lambda number: NOON + timedelta(minutes=number))


def ago(*numbers: float) -> list[datetime]:
    return [NOON - timedelta(minutes=number) for number in numbers]


def test_it_counts_the_tries_that_are_left():
    assert door([], NOON).tries_left == TRIES
    assert door(ago(1, 2), NOON).tries_left == TRIES - 2
    assert door(ago(16, 17, 18, 19, 20), NOON).tries_left == TRIES


def test_it_shuts_until_the_oldest_of_five_is_a_quarter_of_an_hour_old():
    shut = door(ago(1, 2, 3, 4, 5), NOON)
    assert not shut.open and shut.shut_until == NOON + timedelta(minutes=10)
    assert door(ago(1, 2, 3, 4, 5), NOON + timedelta(minutes=10)).open


def test_a_clock_set_back_opens_nothing():
    assert not door([NOON + timedelta(days=1)] * TRIES, NOON).open


@given(st.lists(minutes, max_size=12), minutes)
def test_it_is_shut_for_at_most_the_window_and_never_with_tries_left(refusals: list[datetime], now: datetime):
    found = door(refusals, now)
    assert found.open is (found.tries_left > 0)
    if found.shut_until is not None:
        assert now < found.shut_until <= now + WINDOW


def test_coming_in_forgives_the_wrong_tries_of_the_same_way_and_no_others():
    bodies = [
        StaffRefused(by="code"),
        StaffRefused(by="badge", why="unknown"),
        StaffEntered(member="el", by="card"),
        StaffRefused(by="card", why="copy"),
        StaffRefused(by="badge", why="unknown"),
        StaffRefused(by="code"),
        StaffEntered(member="el", by="code"),
        StaffRefused(by="code"),
    ]
    entries = [
        Entry(id=uuid4(), sequence=number, visit_id=None, at=NOON + timedelta(seconds=number), body=body)
        for number, body in enumerate(bodies, 1)
    ]

    def seconds(*numbers: int) -> list[datetime]:
        return [NOON + timedelta(seconds=number) for number in numbers]

    assert wrong_codes(entries) == seconds(8)
    assert wrong_codes(entries[:6]) == seconds(1, 6)
    assert wrong_cards(entries) == seconds(4, 5)


def test_a_card_waits_only_after_five_that_opened_nothing():
    assert rest(ago(0, 0, 0, 0), NOON) == timedelta()
    assert rest(ago(0, 1, 2, 3, 4), NOON) == REST
    assert rest(ago(0, 1, 2, 3, 4), NOON + REST) == timedelta()
    assert rest(ago(0, 16, 17, 18, 19), NOON) == timedelta()


@given(st.lists(minutes, max_size=12), minutes)
def test_a_card_never_waits_longer_than_its_rest(refusals: list[datetime], now: datetime):
    assert timedelta() <= rest(refusals, now) <= REST
