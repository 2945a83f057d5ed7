"""From a weekly template to single slots, and what a change of the template or a closing day does to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from django.db import transaction
from django.db.models import QuerySet

from backend.appointments.models import TAKEN, Appointment, ClosingDay, Desk, OpeningHours, Slot
from backend.fleet.models import Municipality

BRUSSELS = ZoneInfo("Europe/Brussels")


@transaction.atomic
def make_slots(municipality: Municipality, first: date, last: date) -> None:
    """Make the slots of all desks from `first` to `last`, both included; days that have theirs are left alone."""
    if not municipality.desks.filter(hours__isnull=False).exclude(slots_until__gte=last).exists():
        return  # the usual case, without a lock
    public = holidays.country_holidays("BE", years=range(first.year, last.year + 1))
    closed = set(municipality.closing_days.filter(day__range=(first, last)).values_list("day", flat=True))
    for desk in Desk.objects.select_for_update().filter(municipality=municipality).order_by("id"):
        begin = max(first, desk.slots_until + timedelta(days=1)) if desk.slots_until else first
        if begin > last:
            continue
        hours = list(desk.hours.all())
        days = (begin + timedelta(days=offset) for offset in range((last - begin).days + 1))
        wanted = [
            Slot(desk=desk, place=place, start=start, minutes=minutes)
            for day in days
            if day not in public and day not in closed
            for start, minutes in _starts(hours, day)
            for place in range(desk.capacity)
        ]
        Slot.objects.bulk_create(_without_overlap(wanted, _of_days(desk, begin, last)), ignore_conflicts=True)
        desk.slots_until = last
        desk.save(update_fields=["slots_until"])


@transaction.atomic
def template_changed(desk: Desk, first: date) -> None:
    """Hours or capacity of a desk are others from `first` on: its free slots are made anew when they are needed.

    Times that are leased or booked stay as they are, and nothing new is made across them.
    """
    desk = Desk.objects.select_for_update().get(pk=desk.pk)
    if desk.slots_until is None or desk.slots_until < first:
        return
    until = desk.slots_until
    _of_days(desk, first, until).filter(appointment__isnull=True, leased_to__isnull=True).delete()
    desk.slots_until = first - timedelta(days=1)
    desk.save(update_fields=["slots_until"])


@transaction.atomic
def close_day(municipality: Municipality, day: date) -> list[Appointment]:
    """Close a day. Free times go; leased ones go when they come back. Returns the appointments to be moved."""
    ClosingDay.objects.get_or_create(municipality=municipality, day=day)
    for desk in municipality.desks.select_for_update().order_by("id"):
        slots = _of_days(desk, day, day)
        slots.filter(appointment__isnull=True, leased_to__isnull=True).delete()
        slots.update(closed=True)
    begin, end = _bounds(day, day)
    return list(
        Appointment.objects.select_related("desk")
        .filter(desk__municipality=municipality, start__gte=begin, start__lt=end, state__in=TAKEN)
        .order_by("start", "id")
    )


@transaction.atomic
def open_day(municipality: Municipality, day: date) -> None:
    """The day is no closing day after all."""
    ClosingDay.objects.filter(municipality=municipality, day=day).delete()
    for desk in municipality.desks.select_for_update().order_by("id"):
        _of_days(desk, day, day).update(closed=False)
        if desk.slots_until is not None and desk.slots_until >= day:
            desk.slots_until = day - timedelta(days=1)  # made anew; what is there stays
            desk.save(update_fields=["slots_until"])


def remove_closed() -> int:
    """Slots of closed days that have come back meanwhile. Returns how many."""
    return Slot.objects.filter(closed=True, appointment__isnull=True, leased_to__isnull=True).delete()[0]


def _of_days(desk: Desk, first: date, last: date) -> QuerySet[Slot]:
    begin, end = _bounds(first, last)
    return Slot.objects.filter(desk=desk, start__gte=begin, start__lt=end)


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(), BRUSSELS), datetime.combine(last + timedelta(days=1), time(), BRUSSELS)


def _without_overlap(wanted: list[Slot], present: QuerySet[Slot]) -> list[Slot]:
    """Those that meet no slot of the same place that is there already."""
    there: dict[int, list[tuple[datetime, datetime]]] = {}
    for slot in present:
        there.setdefault(slot.place, []).append((slot.start, slot.start + timedelta(minutes=slot.minutes)))
    return [
        slot
        for slot in wanted
        if not any(
            slot.start < end and begin < slot.start + timedelta(minutes=slot.minutes)
            for begin, end in there.get(slot.place, ())
        )
    ]


def _starts(hours: list[OpeningHours], day: date) -> Iterator[tuple[datetime, int]]:
    for line in hours:
        if line.weekday != day.weekday():
            continue
        step = timedelta(minutes=line.slot_minutes)
        start = datetime.combine(day, line.opens, BRUSSELS)
        closes = datetime.combine(day, line.closes, BRUSSELS)
        while start + step <= closes:
            yield start, line.slot_minutes
            start += step
