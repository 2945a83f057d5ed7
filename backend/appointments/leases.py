"""Leases: slots that belong to one kiosk for a while, so that it can book without a line.

When does a leased slot go back? Not simply when its lease has expired: a kiosk that was cut off may have booked
it in time and not been able to say so yet. A slot that was given away then would be given twice. So an
unbooked slot returns when its kiosk gives it back, or when the lease has expired *and* the kiosk has said
after that moment that everything it recorded has arrived (`Kiosk.synced_at`). Slots of a kiosk that never comes
back stay closed: a time nobody uses is better than two families at one desk. Staff end that by revoking the
kiosk: from then on nothing that it recorded is taken, and its free slots return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from backend.appointments.booking import follow_each_other, locked
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a kiosk wants to hold: `wanted` free slots of at least `minutes` within `days` after `earliest`.

    Among them, `long_wanted` groups that follow each other directly and make `long_minutes`, for larger families.
    """

    wanted: int
    earliest: datetime
    days: int = 14
    minutes: int = 5
    long_wanted: int = 0
    long_minutes: int = 0


@transaction.atomic
def lease(kiosk: Kiosk, wish: Wish, *, now: datetime) -> Lease:
    """All free slots of this kiosk, topped up to as many as wanted, under a fresh lease.

    New ones are spread over the days and over each day, so that parents can choose.
    """
    begin = max(wish.earliest, now)
    end = begin + timedelta(days=wish.days)
    make_slots(kiosk.municipality, begin.astimezone(BRUSSELS).date(), end.astimezone(BRUSSELS).date())
    take_back_expired(now)
    window = Slot.objects.filter(
        desk__municipality=kiosk.municipality,
        appointment__isnull=True,
        closed=False,
        start__gte=begin,
        start__lt=end,
        minutes__gte=wish.minutes,
    ).select_related("desk")
    chosen = list(window.filter(leased_to=kiosk).order_by("start", "id")[: wish.wanted])
    free = list(window.filter(leased_to__isnull=True).order_by("start", "id")) if len(chosen) < wish.wanted else []
    while more := _choose(chosen, free, wish):
        chosen += _still_free(more)
        tried = {slot.pk for slot in more}
        free = [slot for slot in free if slot.pk not in tried]
    expires = now + LEASE
    Slot.objects.filter(pk__in=[slot.pk for slot in chosen]).update(leased_to=kiosk, lease_expires=expires)
    return Lease(tuple(sorted(chosen, key=lambda slot: (slot.start, str(slot.pk)))), expires)


def _still_free(slots: list[Slot]) -> list[Slot]:
    """Those of which nobody else has the row in hand, and which nobody took since they were read; locked.

    A time that another kiosk is leasing at this moment is passed over: nobody waits for anybody.
    """
    rows = Slot.objects.select_related("desk").filter(pk__in=[slot.pk for slot in slots])
    return list(locked(rows.filter(leased_to__isnull=True, appointment__isnull=True), passing_over=True))


@transaction.atomic
def give_back(kiosk: Kiosk, slot_ids: Sequence[str]) -> tuple[str, ...]:
    """The kiosk does not want these any more. Returns those that are free now; others are passed over."""
    ids = [parsed for parsed in map(_uuid, slot_ids) if parsed is not None]
    mine = list(locked(Slot.objects.filter(pk__in=ids, leased_to=kiosk, appointment__isnull=True)))
    _return(mine)
    return tuple(str(slot.pk) for slot in mine)


@transaction.atomic
def take_back_all(kiosk: Kiosk) -> int:
    """Return the unbooked slots of a kiosk that was revoked. Returns how many."""
    return _return(list(locked(Slot.objects.filter(leased_to=kiosk, appointment__isnull=True))))


@transaction.atomic
def take_back_expired(now: datetime) -> int:
    """Return unbooked slots whose lease is over for certain (see above). Returns how many."""
    over = Q(lease_expires__lt=now - _MARGIN, leased_to__synced_at__gt=F("lease_expires") + _MARGIN)
    revoked = Q(leased_to__revoked_at__isnull=False)
    unused = Slot.objects.filter(over | revoked, leased_to__isnull=False, appointment__isnull=True)
    if not unused.exists():
        return 0  # the usual case, without a lock
    return _return(list(locked(unused, passing_over=True)))


def _return(slots: list[Slot]) -> int:
    ids = [slot.pk for slot in slots]
    return Slot.objects.filter(pk__in=ids).update(leased_to=None, lease_expires=None)


def _choose(held: list[Slot], free: list[Slot], wish: Wish) -> list[Slot]:
    """What is to be added: long groups that lack, then single ones, up to as many as wanted in all."""
    room = wish.wanted - len(held)
    if room <= 0:
        return []
    chosen: list[Slot] = []
    lacking = wish.long_wanted - len(_groups(held, wish.long_minutes)) if wish.long_minutes else 0
    if lacking > 0:
        groups = _groups(free, wish.long_minutes)
        first = {group[0].pk: group for group in groups}
        for slot in _spread([group[0] for group in groups], lacking):
            if len(chosen) + len(first[slot.pk]) <= room:
                chosen += first[slot.pk]
    taken = {slot.pk for slot in chosen}
    return chosen + _spread([slot for slot in free if slot.pk not in taken], room - len(chosen))


def _groups(slots: list[Slot], minutes: int) -> list[list[Slot]]:
    """Slots that follow each other at one place of a desk and make so many minutes; none is in two groups."""
    groups: list[list[Slot]] = []
    for _, line in groupby(sorted(slots, key=_place), key=lambda slot: (slot.desk_id, slot.place)):
        group: list[Slot] = []
        for slot in line:
            if group and not follow_each_other([group[-1], slot]):
                group = []
            group.append(slot)
            if sum(one.minutes for one in group) >= minutes:
                groups.append(group)
                group = []
    return sorted(groups, key=lambda group: group[0].start)


def _place(slot: Slot) -> tuple[int, int, datetime]:
    return slot.desk_id, slot.place, slot.start


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
