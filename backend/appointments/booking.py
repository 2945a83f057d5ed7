"""What kiosks did with their slots, as their journals tell it afterwards.

A booking is a fact: the parent has the ticket in hand. It is taken whenever its slots are still the kiosk's or
nobody's, even after the lease; that one is somebody else's must not happen (see `leases`), and is refused with
a reason if it does.

Who locks what, so that nobody waits in a circle: an appointment before its slots, slots in the order of their ids,
and a time that is hoped to be free only if nobody else has it in hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from backend.appointments.models import TAKEN, Appointment, AppointmentChange, AppointmentState, Slot
from backend.fleet.models import Kiosk
from backend.requests.problems import CannotApply
from backend.statements import table
from kiosk.domain.record.entries import SlotBooked, SlotReleased
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen
from kiosk.domain.wire import RejectReason


def book(kiosk: Kiosk, booked: SlotBooked, at: datetime) -> None:
    """The kiosk gave these slots to a parent. Raises CannotApply; IntegrityError where the ticket has other ones."""
    # That a ticket has no other time is a rule of the table, and not asked before.
    slots = _given(kiosk, booked, lambda: appointment_of_ticket(booked.ticket_id))
    if slots:
        _make(kiosk, booked.ticket_id, slots, at)


def choose(kiosk: Kiosk, chosen: AppointmentChosen, at: datetime) -> None:
    """A parent who came back took these slots, in place of what the ticket had. Raises CannotApply.

    The old time is free for everybody, also where it was out of a lease: the parent was told it, and might come.
    """
    had = _locked_appointment(chosen.ticket_id, chosen.collection)
    slots = _given(kiosk, chosen, lambda: had)
    if not slots:
        return
    if had is None:
        _make(kiosk, chosen.ticket_id, slots, at, collection=chosen.collection)
        return
    if had.state == AppointmentState.ARRIVED:
        raise CannotApply(RejectReason.CONTRADICTION)
    _note(had, AppointmentState.BOOKED, at)
    free(had, leased_to=None, lease_expires=None)
    had.desk, had.start, had.minutes = slots[0].desk, slots[0].start, sum(slot.minutes for slot in slots)
    had.state, had.kiosk, had.reference = AppointmentState.BOOKED, kiosk, slots[0].reference
    had.save(update_fields=["desk", "start", "minutes", "state", "kiosk", "reference"])
    _give(slots, had)


def cancel(cancelled: AppointmentCancelled, at: datetime) -> None:
    """A parent who came back does not come. One that is cancelled or over stays so. Raises nothing."""
    had = _locked_appointment(cancelled.ticket_id, cancelled.collection)
    if had is not None and had.state == AppointmentState.BOOKED:
        free(had, leased_to=None, lease_expires=None)
        end(had, AppointmentState.CANCELLED, at)


def _given(kiosk: Kiosk, booked: SlotBooked | AppointmentChosen, find: Callable[[], Appointment | None]) -> list[Slot]:
    """The slots that the kiosk gave away, locked; empty where they are the ticket's already. Raises CannotApply."""
    slots = _slots(kiosk, (booked.slot_id, *booked.more_slots))
    holders = {slot.appointment_id for slot in slots}
    if holders != {None}:
        had = find()
        if had is not None and holders == {had.pk}:
            return []
        raise CannotApply(RejectReason.SLOT_TAKEN)
    if any(slot.leased_to_id not in (None, kiosk.pk) for slot in slots):
        raise CannotApply(RejectReason.SLOT_TAKEN)
    if slots[0].start != booked.start or not follow_each_other(slots):
        raise CannotApply(RejectReason.CONTRADICTION)
    return slots


def _make(kiosk: Kiosk, ticket_id: UUID, slots: list[Slot], at: datetime, *, collection: bool = False) -> None:
    appointment = Appointment(
        desk_id=slots[0].desk_id,
        start=slots[0].start,
        minutes=sum(slot.minutes for slot in slots),
        ticket_id=ticket_id,
        collection=collection,
        kiosk=kiosk,
        made_at=at,
        reference=slots[0].reference,
    )
    table(Appointment).insert([appointment])
    _give(slots, appointment)


def _give(slots: list[Slot], appointment: Appointment) -> None:
    for slot in slots:
        slot.appointment = appointment
        table(Slot).update(slot, ("appointment",))


def release(kiosk: Kiosk, released: SlotReleased, at: datetime) -> None:
    """The visit ended without payment: the slots are free again, within the kiosk's lease if that still runs."""
    slot = _of_municipality(kiosk, (released.slot_id,)).first()
    if slot is None:
        raise CannotApply(RejectReason.UNKNOWN_SLOT)
    if slot.appointment_id is None:
        return
    appointment = Appointment.objects.select_for_update(of=("self",)).select_related("desk").get(pk=slot.appointment_id)
    if appointment.ticket_id != released.ticket_id or appointment.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    end(appointment, AppointmentState.CANCELLED, at)


def end(appointment: Appointment, state: AppointmentState, at: datetime, by: object = None) -> None:
    """Give an appointment another state, with who did it and when. A cancelled one gives its slots back."""
    _note(appointment, state, at, by)
    appointment.state = state
    appointment.save(update_fields=["state"])
    if state not in TAKEN:
        free(appointment)


def _note(appointment: Appointment, state: AppointmentState, at: datetime, by: object = None) -> None:
    AppointmentChange.objects.create(
        appointment=appointment,
        at=at,
        by=by,
        state=state,
        start_before=appointment.start,
        desk_before=appointment.desk.name,
    )


def free(appointment: Appointment, **changes: object) -> None:
    """Take the slots from an appointment whose row is locked; `changes` are written along."""
    ids = list(locked(appointment.slots.all()).values_list("pk", flat=True))
    Slot.objects.filter(pk__in=ids).update(appointment=None, **changes)


def locked(rows: QuerySet[Slot], *, passing_over: bool = False) -> QuerySet[Slot]:
    """Slots for update, in the order of their ids; `passing_over` those that somebody else has in hand."""
    skip = passing_over and connection.features.has_select_for_update_skip_locked
    return rows.order_by("pk").select_for_update(of=("self",), skip_locked=skip)


def appointment_of_ticket(ticket_id: UUID, *, collection: bool = False) -> Appointment | None:
    """The appointment that belongs to a ticket, or that to collect the card; None also where it was cancelled."""
    return _of_ticket(ticket_id, collection).first()


def next_appointment_of_ticket(ticket_id: UUID) -> Appointment | None:
    """What the desk expects the ticket for: to collect the card where that was booked, else the request itself."""
    return appointment_of_ticket(ticket_id, collection=True) or appointment_of_ticket(ticket_id)


def _locked_appointment(ticket_id: UUID, collection: bool) -> Appointment | None:
    return _of_ticket(ticket_id, collection).select_for_update(of=("self",)).first()


def _of_ticket(ticket_id: UUID, collection: bool) -> QuerySet[Appointment]:
    rows = Appointment.objects.select_related("desk")
    return rows.filter(ticket_id=ticket_id, collection=collection, state__in=TAKEN)


def follow_each_other(slots: list[Slot]) -> bool:
    """Whether these are times of one desk without a pause between them."""
    return all(
        one.desk_id == other.desk_id and one.start + timedelta(minutes=one.minutes) == other.start
        for one, other in pairwise(slots)
    )


def _slots(kiosk: Kiosk, ids: tuple[str, ...]) -> list[Slot]:
    """The rows, locked, in the order of the ids. Raises CannotApply when one is not of this municipality."""
    keys = list(map(_uuid, ids))
    found = {slot.pk: slot for slot in table(Slot).locked(set(keys)) if _is_of_municipality(slot, kiosk)}
    if len(found) < len(ids):  # an id that stands twice is not found twice either
        raise CannotApply(RejectReason.UNKNOWN_SLOT)
    return [found[key] for key in keys]


def _is_of_municipality(slot: Slot, kiosk: Kiosk) -> bool:
    # It was given only times of its own municipality.
    return slot.leased_to_id == kiosk.pk or slot.desk.municipality_id == kiosk.municipality_id


def _of_municipality(kiosk: Kiosk, ids: tuple[str, ...]) -> QuerySet[Slot]:
    return Slot.objects.filter(pk__in=[_uuid(slot_id) for slot_id in ids], desk__municipality=kiosk.municipality_id)


def _uuid(slot_id: str) -> UUID:
    try:
        return UUID(slot_id)
    except ValueError:
        raise CannotApply(RejectReason.UNKNOWN_SLOT) from None
