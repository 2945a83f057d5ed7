"""Times of another calendar for kiosks without a line: held there by bookings of our own, and given back unused.

A vendor's calendar has no leases. So a time that a kiosk is to have is booked there under a title that names the kiosk
and nobody else; the slot remembers the booking's reference. When a parent takes the time, the booking is theirs; when
the lease ends unused, or the appointment is cancelled, the booking is cancelled too. What was booked there cannot be
booked by anybody else, so no time is given twice, whichever calendar it comes from.

Talking to another house takes time: nothing here holds a lock of the database while it does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from backend.appointments.booking import locked
from backend.appointments.calendar import BRUSSELS
from backend.appointments.leases import Wish
from backend.appointments.models import Desk, Slot
from backend.appointments.outside.contract import BookingFailed, Calendar, Time
from backend.appointments.outside.setup import JccSetup, QmaticSetup, read
from backend.fleet.models import Kiosk, Municipality

log = logging.getLogger("backend.appointments")

AT_ONCE = 6  # bookings made for one call of a kiosk, which waits meanwhile; it asks again while it has too few
_MOST_PEOPLE = 8

Calendars = Callable[[str], "tuple[Calendar, str] | None"]


@lru_cache(maxsize=1)
def _setups() -> dict[str, JccSetup | QmaticSetup]:
    return read(settings.ENVIRONMENT.calendars_file)


@lru_cache(maxsize=1024)
def calendar_of(municipality_id: str) -> tuple[Calendar, str] | None:
    """The calendar of a municipality and the name of its desk; None where it uses the one that is built in."""
    setup = _setups().get(municipality_id)
    return (setup.calendar(), setup.desk) if setup is not None else None


def hold_for(kiosk: Kiosk, wish: Wish, *, now: datetime, calendars: Calendars = calendar_of) -> int:
    """Hold some of the times that a kiosk lacks. Returns how many; none where the calendar is the built-in one.

    A calendar that is away, or refuses a booking, leaves the kiosk with those that it has.
    """
    found = calendars(kiosk.municipality_id)
    if found is None:
        return 0
    calendar, name = found
    begin = max(wish.earliest, now)
    end = begin + timedelta(days=wish.days)
    desk, _ = Desk.objects.get_or_create(municipality_id=kiosk.municipality_id, name=name)
    here = Slot.objects.filter(desk=desk, appointment__isnull=True, closed=False, start__gte=begin, start__lt=end)
    held = here.filter(leased_to=kiosk) | here.filter(leased_to__isnull=True)
    lengths = list(held.filter(minutes__gte=wish.minutes).values_list("minutes", flat=True))
    lacking = min(wish.wanted - len(lengths), AT_ONCE)
    long = bool(wish.long_minutes) and sum(minutes >= wish.long_minutes for minutes in lengths) < wish.long_wanted
    made = 0
    for time, people in _spread(calendar, begin, end, lacking, wish.long_minutes if long else wish.minutes):
        try:
            reference = calendar.book(time, people, f"Loket: {kiosk.name}")
        except BookingFailed as problem:
            log.error("time not held: %s", problem)
            break
        _keep(desk, time, reference)
        made += 1
    return made


def _spread(calendar: Calendar, begin: datetime, end: datetime, lacking: int, minutes: int) -> list[tuple[Time, int]]:
    """The first free time of each of some days that lie apart, and for how many people it is to be booked."""
    if lacking <= 0:
        return []
    first, last = begin.astimezone(BRUSSELS).date(), end.astimezone(BRUSSELS).date()
    for people in range(1, _MOST_PEOPLE + 1):
        days = calendar.days(first, last, people)
        if not days:
            return []
        step = max(len(days) // lacking, 1)
        chosen = [
            next((time for time in calendar.times(day, people) if begin <= time.start < end), None)
            for day in days[::step][:lacking]
        ]
        times = [time for time in chosen if time is not None]
        if not times or times[0].minutes >= minutes:
            return [(time, people) for time in times]
    return []


@transaction.atomic
def _keep(desk: Desk, time: Time, reference: str) -> None:
    """A free slot, at the first place that is not taken then; the lease that follows gives it to the kiosk."""
    taken = set(Slot.objects.filter(desk=desk, start=time.start).values_list("place", flat=True))
    place = next(number for number in range(len(taken) + 1) if number not in taken)
    Slot.objects.create(desk=desk, place=place, start=time.start, minutes=time.minutes, reference=reference)


def give_back_unused(now: datetime, calendars: Calendars = calendar_of) -> int:
    """Cancel there what nobody holds here any more. Returns how many; what fails is tried again later.

    A slot is taken out of everybody's reach first: a crash in between leaves a booking that is cancelled later.
    """
    returned = 0
    for slot in _unused(now):
        found = calendars(slot.desk.municipality_id)
        if found is None:
            continue
        try:
            found[0].cancel(slot.reference)
        except BookingFailed as problem:
            log.error("time not given back: %s", problem)
            continue
        Slot.objects.filter(pk=slot.pk, appointment__isnull=True, leased_to__isnull=True).delete()
        returned += 1
    return returned


@transaction.atomic
def _unused(now: datetime) -> list[Slot]:
    free = Slot.objects.exclude(reference="").filter(appointment__isnull=True, leased_to__isnull=True, start__gt=now)
    slots = list(locked(free.select_related("desk"), passing_over=True)[:50])
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(closed=True)
    return slots


def uses_another(municipality: Municipality) -> bool:
    """Whether its appointments lie in another calendar."""
    return calendar_of(municipality.pk) is not None
