"""From a weekly template to single slots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from django.db import transaction

from backend.appointments.models import Desk, OpeningHours, Slot
from backend.fleet.models import Municipality

BRUSSELS = ZoneInfo("Europe/Brussels")


@transaction.atomic
def make_slots(municipality: Municipality, first: date, last: date) -> None:
    """Make the slots of all desks from `first` to `last`, both included; days that have theirs are left alone."""
    public = holidays.country_holidays("BE", years=range(first.year, last.year + 1))
    closed = set(municipality.closing_days.filter(day__range=(first, last)).values_list("day", flat=True))
    for desk in Desk.objects.select_for_update().filter(municipality=municipality).order_by("id"):
        begin = max(first, desk.slots_until + timedelta(days=1)) if desk.slots_until else first
        if begin > last:
            continue
        hours = list(desk.hours.all())
        days = (begin + timedelta(days=offset) for offset in range((last - begin).days + 1))
        slots = [
            Slot(desk=desk, start=start, minutes=minutes)
            for day in days
            if day not in public and day not in closed
            for start, minutes in _starts(hours, day)
        ]
        Slot.objects.bulk_create(slots, ignore_conflicts=True)
        desk.slots_until = last
        desk.save(update_fields=["slots_until"])


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
