"""What kiosks did with their slots, as their journals tell it afterwards.

A booking is a fact: the parent has the ticket in hand. It is taken whenever the slot is still the kiosk's or
nobody's, even after the lease; that it is somebody else's must not happen (see `leases`), and is
refused with a reason if it does.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.appointments.models import Slot
from backend.fleet.models import Kiosk
from backend.requests.problems import CannotApply
from kiosk.domain.entries import SlotBooked, SlotReleased
from kiosk.domain.wire import RejectReason


def book(kiosk: Kiosk, booked: SlotBooked, at: datetime) -> None:
    """The kiosk gave this slot to a parent. Raises CannotApply."""
    slot = _slot(kiosk, booked.slot_id)
    if slot.booked_ticket is not None:
        if slot.booked_ticket == booked.ticket_id:
            return
        raise CannotApply(RejectReason.SLOT_TAKEN)
    if slot.leased_to_id not in (None, kiosk.pk):
        raise CannotApply(RejectReason.SLOT_TAKEN)
    if slot.start != booked.start:
        raise CannotApply(RejectReason.CONTRADICTION)
    slot.booked_ticket, slot.booked_by, slot.booked_at = booked.ticket_id, kiosk, at
    slot.save(update_fields=["booked_ticket", "booked_by", "booked_at"])


def release(kiosk: Kiosk, released: SlotReleased) -> None:
    """The visit ended without payment: the slot is free again, within the kiosk's lease if that still runs."""
    slot = _slot(kiosk, released.slot_id)
    if slot.booked_ticket is None:
        return
    if slot.booked_ticket != released.ticket_id or slot.booked_by_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    slot.booked_ticket = slot.booked_by = slot.booked_at = None
    slot.save(update_fields=["booked_ticket", "booked_by", "booked_at"])


def slot_of_ticket(ticket_id: UUID) -> Slot | None:
    """The appointment that belongs to a ticket."""
    return Slot.objects.select_related("desk").filter(booked_ticket=ticket_id).first()


def _slot(kiosk: Kiosk, slot_id: str) -> Slot:
    try:
        key = UUID(slot_id)
    except ValueError:
        raise CannotApply(RejectReason.UNKNOWN_SLOT) from None
    slot = Slot.objects.select_for_update().filter(pk=key, desk__municipality=kiosk.municipality_id).first()
    if slot is None:
        raise CannotApply(RejectReason.UNKNOWN_SLOT)
    return slot
