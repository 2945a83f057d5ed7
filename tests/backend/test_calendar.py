"""The calendar: capacity, changed hours, closing days, larger families, and what staff change by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from backend import administration
from backend.accounts.models import Staff
from backend.appointments import calendar, changes
from backend.appointments.changes import ChangeProblem, ChangeRefused
from backend.appointments.models import Appointment, Desk, Slot
from backend.fleet.models import Municipality
from kiosk.domain.appointments import Slot as DomainSlot
from kiosk.domain.appointments import long_enough
from kiosk.domain.record import entries
from tests.backend.kiosks import BOTH, Story, TestKiosk, outcomes

ENGINES = BOTH

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def clerk(town: Municipality) -> Staff:
    return Staff.objects.create(username="clerk", municipality=town)


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BRUSSELS)


def _slot(day: date, clock: str) -> Slot:
    return Slot.objects.get(start=_at(day, clock))


def _free(town: Municipality, day: date = MONDAY, minutes: int = 30) -> list[str]:
    times = changes.free_times(town, _at(day, "00:00"), _at(day, "23:59"), minutes)
    return [free.start.astimezone(BRUSSELS).strftime("%H:%M") for free in times]


# --- Making slots ------------------------------------------------------------------------------------


def test_a_desk_serves_as_many_at_a_time_as_it_has_places(town: Municipality) -> None:
    town.desks.update(capacity=3)
    calendar.make_slots(town, MONDAY, MONDAY)
    assert set(Counter(Slot.objects.values_list("start", flat=True)).values()) == {3}


def test_several_desks_have_their_own_times(town: Municipality) -> None:
    other = Desk.objects.create(municipality=town, name="second desk")
    other.hours.create(weekday=0, opens=time(9), closes=time(10), slot_minutes=20)
    calendar.make_slots(town, MONDAY, MONDAY)
    assert Slot.objects.filter(desk=other).count() == 3


def test_changed_hours_make_free_times_anew_and_never_across_taken_ones(town: Municipality, kiosk: TestKiosk) -> None:
    calendar.make_slots(town, MONDAY, MONDAY)
    leased = _slot(MONDAY, "10:00")
    Slot.objects.filter(pk=leased.pk).update(leased_to=kiosk.id, lease_expires=NOW)
    desk = town.desks.get()
    desk.hours.filter(weekday=0).update(slot_minutes=45)
    calendar.template_changed(desk, MONDAY)
    calendar.make_slots(town, MONDAY, MONDAY)
    local = [slot.start.astimezone(BRUSSELS).strftime("%H:%M") for slot in Slot.objects.order_by("start")]
    assert local == ["09:00", "10:00", "10:30", "11:15", "13:30", "14:15", "15:00"]  # 09:45 would meet 10:00


def test_a_day_that_closes_later_loses_its_free_times_and_names_the_appointments(
    town: Municipality, kiosk: TestKiosk, clerk: Staff
) -> None:
    calendar.make_slots(town, MONDAY, MONDAY)
    booked = changes.book(town, [_slot(MONDAY, "09:00").pk], by=clerk, now=NOW)
    held = _slot(MONDAY, "10:00")
    Slot.objects.filter(pk=held.pk).update(leased_to=kiosk.id, lease_expires=NOW)
    assert calendar.close_day(town, MONDAY) == [booked]
    assert Slot.objects.count() == 2
    Slot.objects.filter(pk=held.pk).update(leased_to=None, lease_expires=None)
    assert calendar.remove_closed() == 1
    calendar.open_day(town, MONDAY)
    calendar.make_slots(town, MONDAY, MONDAY)
    assert Slot.objects.count() == 11


def test_a_closed_time_is_leased_no_more(kiosk: TestKiosk, town: Municipality) -> None:
    first = kiosk.lease(wanted=20).slots[0]
    calendar.close_day(town, first.start.astimezone(BRUSSELS).date())
    assert first.id not in {slot.id for slot in kiosk.lease(wanted=20).slots}


# --- Larger families ---------------------------------------------------------------------------------


def test_a_lease_holds_slots_that_follow_each_other_for_large_families(kiosk: TestKiosk) -> None:
    lease = kiosk.lease(wanted=30, long_wanted=4, long_minutes=70)
    slots = [DomainSlot(slot.start, slot.id, slot.minutes, slot.desk) for slot in lease.slots]
    assert len(slots) == 30
    chains = long_enough(slots, 70)
    assert len({chain.start.date() for chain in chains}) >= 4  # and not all on one day


def test_a_large_family_books_several_slots_as_one_appointment(kiosk: TestKiosk) -> None:
    lease = kiosk.lease(wanted=6, long_wanted=1, long_minutes=70)
    time = long_enough([DomainSlot(s.start, s.id, s.minutes, s.desk) for s in lease.slots], 70)[0]
    story = Story(kiosk)
    booked = entries.SlotBooked(
        slot_id=time.id,
        start=time.start,
        minutes=time.minutes,
        desk=time.desk,
        ticket_id=story.ticket,
        more_slots=time.more,
    )
    assert outcomes(kiosk.upload([*story.asks(), kiosk.entry(booked)])) == ["accepted"] * 3
    appointment = Appointment.objects.get()
    assert (appointment.start, appointment.minutes, appointment.slots.count()) == (time.start, 90, 3)
    assert not set(time.ids) & {slot.id for slot in kiosk.lease(wanted=200).slots}
    released = entries.SlotReleased(slot_id=time.id, ticket_id=story.ticket)
    assert outcomes(kiosk.upload([kiosk.entry(released)])) == ["accepted"]
    assert set(time.ids) <= {slot.id for slot in kiosk.lease(wanted=200).slots}


def test_slots_with_a_pause_between_them_are_no_appointment(kiosk: TestKiosk) -> None:
    one, other = kiosk.lease(wanted=2).slots
    booked = entries.SlotBooked(
        slot_id=one.id, start=one.start, minutes=60, desk=one.desk, ticket_id=uuid4(), more_slots=(other.id,)
    )
    assert outcomes(kiosk.upload([kiosk.entry(booked)])) == ["contradiction"]


def test_a_slot_twice_is_no_longer_time(kiosk: TestKiosk) -> None:
    slot = kiosk.lease(wanted=1).slots[0]
    booked = entries.SlotBooked(
        slot_id=slot.id, start=slot.start, minutes=60, desk=slot.desk, ticket_id=uuid4(), more_slots=(slot.id,)
    )
    assert outcomes(kiosk.upload([kiosk.entry(booked)])) == ["unknown-slot"]


# --- By staff ----------------------------------------------------------------------------------------


def test_staff_book_move_and_cancel(town: Municipality, clerk: Staff) -> None:
    calendar.make_slots(town, MONDAY, MONDAY)
    booked = changes.book(town, [_slot(MONDAY, "09:00").pk], by=clerk, now=NOW)
    assert "09:00" not in _free(town)
    changes.move(town, booked.pk, [_slot(MONDAY, "10:00").pk, _slot(MONDAY, "10:30").pk], by=clerk, now=NOW)
    assert "09:00" in _free(town) and not {"10:00", "10:30"} & set(_free(town))
    booked.refresh_from_db()
    assert (booked.start, booked.minutes) == (_at(MONDAY, "10:00"), 60)
    changes.cancel(town, booked.pk, by=clerk, now=NOW)
    assert {"09:00", "10:00", "10:30"} <= set(_free(town))
    history = [(change.state, change.start_before.astimezone(BRUSSELS).hour) for change in booked.changes.all()]
    assert history == [("booked", 9), ("booked", 9), ("cancelled", 10)]


def test_a_time_that_a_kiosk_holds_is_not_free_for_staff(town: Municipality, kiosk: TestKiosk, clerk: Staff) -> None:
    held = kiosk.lease(wanted=1).slots[0]
    with pytest.raises(ChangeRefused) as caught:
        changes.book(town, [UUID(held.id)], by=clerk, now=NOW)
    assert caught.value.problem is ChangeProblem.NOT_FREE


def test_staff_cannot_touch_another_municipality(town: Municipality, other_town: Municipality, clerk: Staff) -> None:
    calendar.make_slots(town, MONDAY, MONDAY)
    slot = _slot(MONDAY, "09:00")
    booked = changes.book(town, [slot.pk], by=clerk, now=NOW)
    free = Slot.objects.filter(appointment__isnull=True).first()
    for forbidden in (
        lambda: changes.book(other_town, [free.pk], by=clerk, now=NOW),
        lambda: changes.move(other_town, booked.pk, [free.pk], by=clerk, now=NOW),
        lambda: changes.cancel(other_town, booked.pk, by=clerk, now=NOW),
    ):
        with pytest.raises(ChangeRefused) as caught:
            forbidden()
        assert caught.value.problem is ChangeProblem.ELSEWHERE
    booked.refresh_from_db()
    assert booked.start == slot.start


def test_nobody_is_a_no_show_before_the_time_and_late_is_arrived(town: Municipality, clerk: Staff) -> None:
    calendar.make_slots(town, MONDAY, MONDAY)
    booked = changes.book(town, [_slot(MONDAY, "09:00").pk], by=clerk, now=NOW)
    with pytest.raises(ChangeRefused):
        changes.no_show(town, booked.pk, by=clerk, now=NOW)
    later = booked.start + timedelta(minutes=31)
    assert changes.no_show(town, booked.pk, by=clerk, now=later).state == "no-show"
    assert changes.arrived(town, booked.pk, by=clerk, now=later).state == "arrived"
    with pytest.raises(ChangeRefused):
        changes.cancel(town, booked.pk, by=clerk, now=later)


def test_a_moved_time_is_not_the_kiosks_to_give_again(kiosk: TestKiosk, town: Municipality, clerk: Staff) -> None:
    story = Story(kiosk)
    slot = kiosk.lease(wanted=1).slots[0]
    kiosk.upload([*story.asks(), *story.books(slot)])
    appointment = Appointment.objects.get()
    free = changes.free_times(town, slot.start, slot.start + timedelta(days=14), 30)[-1]
    changes.move(town, appointment.pk, [UUID(slot_id) for slot_id in free.ids], by=clerk, now=NOW)
    assert Slot.objects.get(pk=slot.id).leased_to is None
    assert outcomes(kiosk.upload(story.books(slot))) == ["contradiction"]  # the ticket has its time


def test_slots_of_a_revoked_kiosk_return(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    mine = {slot.id for slot in kiosk.lease(wanted=200, days=10).slots}
    assert not other_kiosk.lease(wanted=200, days=10).slots
    administration.revoke(str(kiosk.id))
    assert {slot.id for slot in other_kiosk.lease(wanted=200, days=10).slots} == mine
