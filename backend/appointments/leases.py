"""Leases: slots that belong to one kiosk for a while, so that it can book without a line.

When does a leased slot go back? Not simply when its lease has expired: a kiosk that was cut off may have booked
it in time and not been able to say so yet. A slot that was given away then would be given twice. So an
unbooked slot returns when its kiosk gives it back, or when the lease has expired *and* the kiosk has said
after that moment that everything it recorded has arrived (`Kiosk.synced_at`). Slots of a kiosk that never comes
back stay closed: a time nobody uses is better than two families at one desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from backend.appointments.calendar import BRUSSELS, make_slots
from backend.appointments.models import Slot
from backend.fleet.models import Kiosk
from kiosk.domain.wire import CLOCK_TOLERANCE_SECONDS

# As long as a kiosk may go on booking without a line: a long weekend with a public holiday.
LEASE = timedelta(days=5)
# A kiosk's clock may be this wrong, so "after the lease" counts from a little later.
_MARGIN = timedelta(seconds=2 * CLOCK_TOLERANCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Lease:
    """A kiosk's free slots in order of time; nothing may be booked at or after `expires`."""

    slots: tuple[Slot, ...]
    expires: datetime


@transaction.atomic
def lease(kiosk: Kiosk, *, wanted: int, earliest: datetime, days: int, minutes: int, now: datetime) -> Lease:
    """Give the kiosk up to `wanted` free slots in all, those it has included and renewed.

    New ones are spread over the days and over each day, so that parents can choose.
    """
    begin = max(earliest, now)
    end = begin + timedelta(days=days)
    make_slots(kiosk.municipality, begin.astimezone(BRUSSELS).date(), end.astimezone(BRUSSELS).date())
    take_back_expired(now)
    window = Slot.objects.filter(
        desk__municipality=kiosk.municipality,
        booked_ticket__isnull=True,
        start__gte=begin,
        start__lt=end,
        minutes__gte=minutes,
    ).select_related("desk")
    held = list(window.filter(leased_to=kiosk).order_by("start", "id")[:wanted])
    chosen = held
    if len(held) < wanted:
        free = window.filter(leased_to__isnull=True).order_by("start", "id").select_for_update(of=("self",))
        chosen = held + _spread(list(free), wanted - len(held))
    expires = now + LEASE
    Slot.objects.filter(pk__in=[slot.pk for slot in chosen]).update(leased_to=kiosk, lease_expires=expires)
    return Lease(tuple(sorted(chosen, key=lambda slot: (slot.start, str(slot.pk)))), expires)


@transaction.atomic
def give_back(kiosk: Kiosk, slot_ids: Sequence[str]) -> tuple[str, ...]:
    """The kiosk does not want these any more. Returns those that are free now; others are passed over."""
    ids = [parsed for parsed in map(_uuid, slot_ids) if parsed is not None]
    mine = Slot.objects.select_for_update().filter(pk__in=ids, leased_to=kiosk, booked_ticket__isnull=True)
    returned = tuple(str(slot.pk) for slot in mine)
    mine.update(leased_to=None, lease_expires=None)
    return returned


def take_back_expired(now: datetime) -> int:
    """Return unbooked slots whose lease is over for certain (see above). Returns how many."""
    return _surely_unused(now).update(leased_to=None, lease_expires=None)


def _surely_unused(now: datetime) -> QuerySet[Slot]:
    over = Q(lease_expires__lt=now - _MARGIN, leased_to__synced_at__gt=F("lease_expires") + _MARGIN)
    ids = Slot.objects.filter(over, booked_ticket__isnull=True).values("pk")
    return Slot.objects.filter(pk__in=ids)


def _spread(free: list[Slot], wanted: int) -> list[Slot]:
    """Pick `wanted` slots: one of each day in turn, within a day those far from each other first."""
    days = [_far_apart(list(group)) for _, group in groupby(free, key=lambda s: s.start.astimezone(BRUSSELS).date())]
    picked: list[Slot] = []
    turn = 0
    while len(picked) < wanted and any(turn < len(day) for day in days):
        picked += [day[turn] for day in days if turn < len(day)]
        turn += 1
    return picked[:wanted]


def _far_apart(slots: list[Slot]) -> list[Slot]:
    """First, middle, then the middles between: in the order of the indexes with their bits reversed."""
    width = max(len(slots) - 1, 1).bit_length()
    order = sorted(range(len(slots)), key=lambda index: f"{index:0{width}b}"[::-1])
    return [slots[index] for index in order]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
