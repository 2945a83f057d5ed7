"""Slots and leases: no time twice, whatever happens to the line."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from backend.appointments import leases
from backend.appointments.calendar import make_slots
from backend.appointments.models import Appointment, ClosingDay, Desk, Slot
from backend.fleet.models import Kiosk, Municipality
from kiosk.domain.record import entries
from tests.backend.kiosks import BOTH, Api, Story, TestKiosk, outcomes

ENGINES = BOTH

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = date(2026, 11, 30)


def _local(town: Municipality) -> list[str]:
    return [slot.start.astimezone(BRUSSELS).strftime("%d %H:%M") for slot in Slot.objects.order_by("start")]


def test_slots_follow_the_weekly_template(town: Municipality) -> None:
    make_slots(town, MONDAY, MONDAY)
    assert _local(town) == [
        f"30 {time}"
        for time in "09:00 09:30 10:00 10:30 11:00 11:30 13:30 14:00 14:30 15:00 15:30".split()  # noqa: SIM905
    ]


def test_slots_are_made_once(town: Municipality) -> None:
    make_slots(town, MONDAY, MONDAY)
    make_slots(town, MONDAY, MONDAY + timedelta(days=1))
    make_slots(town, MONDAY, MONDAY + timedelta(days=1))
    assert Counter(_local(town)).most_common(1)[0][1] == 1
    assert Slot.objects.count() == 22


def test_opening_hours_are_belgian_time_before_and_after_the_change_of_clocks(town: Municipality) -> None:
    make_slots(town, date(2027, 3, 26), date(2027, 3, 29))  # Friday; the clocks change on Sunday
    firsts = {slot.start.astimezone(BRUSSELS).date(): slot for slot in Slot.objects.order_by("-start")}
    assert [slot.start.astimezone(UTC).hour for slot in reversed(firsts.values())] == [8]  # 29 March is Easter Monday
    make_slots(town, date(2027, 3, 30), date(2027, 3, 30))
    assert Slot.objects.order_by("-start").filter(start__date=date(2027, 3, 30)).last().start.astimezone(UTC).hour == 7


def test_there_are_no_slots_on_public_holidays_and_closing_days(town: Municipality) -> None:
    ClosingDay.objects.create(municipality=town, day=date(2026, 12, 24))
    make_slots(town, date(2026, 12, 23), date(2026, 12, 27))
    assert {line.split()[0] for line in _local(town)} == {"23"}


def test_a_desk_without_appointments_gets_no_slots(town: Municipality) -> None:
    Desk.objects.create(municipality=town, name="quick desk")
    make_slots(town, MONDAY, MONDAY)
    assert set(Slot.objects.values_list("desk__name", flat=True)) == {"Burgerzaken"}


def test_a_lease_is_spread_over_the_days(kiosk: TestKiosk) -> None:
    lease = kiosk.lease(wanted=8, days=14)
    assert len(lease.slots) == 8
    days = Counter(slot.start.astimezone(BRUSSELS).date() for slot in lease.slots)
    assert max(days.values()) == 1
    assert lease.slots == tuple(sorted(lease.slots, key=lambda slot: slot.start))


def test_asking_again_after_a_lost_answer_leases_nothing_twice(kiosk: TestKiosk) -> None:
    first, second = kiosk.lease(wanted=10), kiosk.lease(wanted=10)
    assert [slot.id for slot in first.slots] == [slot.id for slot in second.slots]
    assert second.lease_expires > first.lease_expires
    assert Slot.objects.filter(leased_to__isnull=False).count() == 10


def test_two_kiosks_never_hold_the_same_slot(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    mine, theirs = kiosk.lease(wanted=30), other_kiosk.lease(wanted=30)
    assert not {slot.id for slot in mine.slots} & {slot.id for slot in theirs.slots}


def test_slots_too_short_are_not_leased(kiosk: TestKiosk) -> None:
    assert kiosk.lease(wanted=5, minutes=30).slots
    assert not kiosk.lease(wanted=5, minutes=31).slots


def test_slots_that_begin_too_soon_are_not_leased(kiosk: TestKiosk) -> None:
    earliest = datetime.now(UTC) + timedelta(days=3)
    assert all(slot.start >= earliest for slot in kiosk.lease(wanted=20, earliest=earliest.isoformat()).slots)


def test_returned_slots_are_free_for_everybody(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    mine = [slot.id for slot in kiosk.lease(wanted=200, days=10).slots]
    assert not other_kiosk.lease(wanted=5, days=10).slots
    answer = kiosk.post("/slots/return", {"slot_ids": [*mine[:5], "no id", str(uuid4())]})
    assert sorted(answer.json()["returned"]) == sorted(mine[:5])
    assert {slot.id for slot in other_kiosk.lease(wanted=5, days=10).slots} == set(mine[:5])


def test_nobody_returns_anothers_slots(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    mine = [slot.id for slot in kiosk.lease(wanted=3).slots]
    assert other_kiosk.post("/slots/return", {"slot_ids": mine}).json() == {"returned": []}


def _expire(kiosk: TestKiosk) -> datetime:
    over = datetime.now(UTC) - timedelta(minutes=10)
    Slot.objects.filter(leased_to=kiosk.id).update(lease_expires=over)
    return over


def _beat(kiosk: TestKiosk, queue_depth: int, sent_at: datetime | None = None) -> None:
    sent_at = sent_at or datetime.now(UTC)
    beat = {"sent_at": sent_at.isoformat(), "version": "1", "queue_depth": queue_depth}
    assert kiosk.post("/heartbeat", beat).status_code == 200


def test_unused_slots_return_when_the_lease_is_over_and_the_kiosk_has_told_all(kiosk: TestKiosk) -> None:
    kiosk.lease(wanted=4)
    _expire(kiosk)
    _beat(kiosk, queue_depth=0)
    leases.take_back_expired(datetime.now(UTC))  # as every ten seconds
    assert not Slot.objects.filter(leased_to__isnull=False).exists()


@pytest.mark.parametrize("told", ["nothing", "not all", "all, but before the lease was over"])
def test_slots_of_a_kiosk_that_may_have_booked_them_stay_closed(kiosk: TestKiosk, told: str) -> None:
    kiosk.lease(wanted=4)
    over = _expire(kiosk)
    if told == "not all":
        _beat(kiosk, queue_depth=3)
    elif told != "nothing":
        _beat(kiosk, queue_depth=0, sent_at=over - timedelta(seconds=1))
    leases.take_back_expired(datetime.now(UTC))
    assert Slot.objects.filter(leased_to=kiosk.id).count() == 4


def test_a_booking_made_without_a_line_counts_after_the_lease(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    slot = kiosk.lease(wanted=1).slots[0]
    offline = [*story.asks(), *story.books(slot)]
    _expire(kiosk)
    assert slot.id not in {one.id for one in other_kiosk.lease(wanted=200).slots}
    assert outcomes(kiosk.upload(offline)) == ["accepted"] * 3
    assert str(Slot.objects.get(appointment__ticket_id=story.ticket).pk) == slot.id


def test_a_booked_slot_is_leased_to_nobody_and_a_released_one_again(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    slot = kiosk.lease(wanted=1).slots[0]
    kiosk.upload([*story.asks(), *story.books(slot)])
    assert slot.id not in {one.id for one in kiosk.lease(wanted=200).slots}
    kiosk.upload(story.releases(slot))
    assert slot.id in {one.id for one in kiosk.lease(wanted=200).slots}


def test_booking_anothers_slot_is_refused(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    slot = other_kiosk.lease(wanted=1).slots[0]
    assert outcomes(kiosk.upload(Story(kiosk).books(slot))) == ["slot-taken"]


def test_booking_a_slot_twice_is_refused(kiosk: TestKiosk) -> None:
    slot = kiosk.lease(wanted=1).slots[0]
    assert outcomes(kiosk.upload([*Story(kiosk).books(slot), *Story(kiosk).books(slot)])) == ["accepted", "slot-taken"]


def test_a_ticket_has_one_appointment(kiosk: TestKiosk) -> None:
    one, other = kiosk.lease(wanted=2).slots
    story = Story(kiosk)
    assert outcomes(kiosk.upload([*story.books(one), *story.books(other)])) == ["accepted", "contradiction"]


def test_slots_that_do_not_exist_or_are_elsewhere_are_unknown(
    kiosk: TestKiosk, other_town: Municipality, api: Api
) -> None:
    elsewhere = TestKiosk.enrolled(other_town, api, "elsewhere-1").lease(wanted=1).slots
    slot = kiosk.lease(wanted=1).slots[0]
    bodies = [
        entries.SlotBooked(slot_id=slot_id, start=slot.start, minutes=30, desk="x", ticket_id=uuid4())
        for slot_id in ("no id", str(uuid4()), *(one.id for one in elsewhere))
    ]
    assert set(outcomes(kiosk.upload([kiosk.entry(body) for body in bodies]))) == {"unknown-slot"}


def test_the_database_itself_knows_no_time_twice(town: Municipality) -> None:
    make_slots(town, MONDAY, MONDAY)
    slot = Slot.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.create(desk=slot.desk, start=slot.start, minutes=10)
    ticket = uuid4()
    appointment = {"desk": slot.desk, "start": slot.start, "minutes": 30, "ticket_id": ticket, "made_at": slot.start}
    Appointment.objects.create(**appointment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(**appointment)


def test_kiosks_that_lease_at_once_get_different_slots(town: Municipality) -> None:
    """Eight kiosks, each in its own thread with its own connection, all wanting more than there is."""
    now = datetime.now(UTC)
    kiosks = [
        Kiosk.objects.create(municipality=town, name=f"k{i}", public_key=f"{i}", key_id=f"{i}", enrolled_at=now)
        for i in range(8)
    ]
    together = threading.Barrier(len(kiosks))

    def lease(kiosk: Kiosk) -> list[str]:
        together.wait(10)
        try:
            got: list[str] = []
            for wanted in (5, 10, 20):
                held = leases.lease(kiosk, leases.Wish(wanted, now), now=datetime.now(UTC))
                got = [str(slot.pk) for slot in held.slots]
            return got
        finally:
            connection.close()

    with ThreadPoolExecutor(len(kiosks)) as pool:
        all_held = [slot for held in pool.map(lease, kiosks) for slot in held]
    assert len(all_held) == len(set(all_held))
    assert len(all_held) == min(8 * 20, Slot.objects.filter(start__gte=now, start__lt=now + timedelta(days=14)).count())
