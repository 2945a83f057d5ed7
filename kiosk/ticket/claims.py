"""What the QR code of a ticket carries, and what kind of ticket it is."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from hardware.printer.encode import printable
from kiosk.domain.quote import Service
from kiosk.domain.tickets.claims import BookedTime, Claims, Payment, PaymentState, RequestedCard
from kiosk.visit.effects import Ticket

LONGEST_DESK = 40  # characters of a desk's name in the QR code, which has little room; the paper has all of it


class TicketKind(StrEnum):
    """What the desk does with a ticket, at a glance. The first that fits is its kind."""

    PAY_AT_DESK = "pay-at-desk"  # something is still to be paid
    COLLECTION = "collection"  # for a card that is ready
    WALK_IN = "walk-in"  # without an appointment
    APPLICATION = "application"


def kind_of(ticket: Ticket) -> TicketKind:
    """The kind of a ticket, from what is on it."""
    if payment_state(ticket) is PaymentState.DUE:
        return TicketKind.PAY_AT_DESK
    if ticket.request.service == Service.COLLECTION:
        return TicketKind.COLLECTION
    if ticket.appointment_start is None and not ticket.appointment_by_phone:
        return TicketKind.WALK_IN
    return TicketKind.APPLICATION


def payment_state(ticket: Ticket) -> PaymentState:
    """Where the money is: what costs something and was not paid here is due at the desk."""
    if ticket.request.total_cents == 0:
        return PaymentState.NOTHING
    return PaymentState.PAID if ticket.paid is not None else PaymentState.DUE


def claims_of(ticket: Ticket, kiosk: str) -> Claims:
    """The claims that the QR code of a ticket carries. `kiosk` is the id that its key is known by."""
    request = ticket.request
    booked = None
    if ticket.appointment_start is not None:
        desk = "".join(filter(str.isprintable, printable(ticket.appointment_desk or "")))[:LONGEST_DESK].strip()
        booked = BookedTime(_to_the_second(ticket.appointment_start), ticket.appointment_minutes, desk or None)
    return Claims(
        ticket_id=request.ticket_id,
        code=request.ticket_code,
        municipality=request.municipality,
        kiosk=kiosk,
        issued_at=_to_the_second(ticket.issued_at),
        service=request.service,
        appointment=booked,
        payment=Payment(payment_state(ticket), request.total_cents),
        requests=tuple(RequestedCard(child.card_type, child.procedure) for child in request.children),
    )


def _to_the_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
