"""Parents who come back: whose requests are whose, and what a kiosk is told of them.

A kiosk asks with a keyed digest of the national number on the card that it has verified (`kiosk.domain.follow_up`). It
is told first names, card types, days and amounts. A stolen kiosk could try numbers; so each may ask only so often, and
every question is kept, with how many requests were found but not about whom.
"""

from __future__ import annotations

import hmac
import os
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from backend.appointments.booking import next_appointment_of_ticket
from backend.appointments.models import Appointment, AppointmentState
from backend.fleet.models import Kiosk, Municipality
from backend.requests.models import LookUpKey, ParentLookUp, Payment, PaymentState, Request, RequestedChild
from kiosk.domain import follow_up
from kiosk.domain.follow_up import FoundChild, FoundRequest, FoundTime
from kiosk.domain.record.entries import Receipt
from kiosk.domain.request_states import RequestState
from kiosk.domain.wire import Refusal

# A visit takes a minute at least, so no honest kiosk asks more often; and a thief of one gets nowhere with so few.
MOST_AN_HOUR = 60
_AN_HOUR = timedelta(hours=1)
_KEPT = timedelta(days=90)  # of the questions
_SHOWN = timedelta(days=400)  # of the requests: the longest way from a request to a collected card, with its reminders
# Nobody can say yet whether money moved.
_IN_DOUBT = frozenset({PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN, PaymentState.REVERSING})

_KEY: Any = Municipality._meta.get_field("lookupkey")


class LookUpRefused(Exception):
    """The kiosk is told nothing; `refusal` says why."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


def key_of(municipality: Municipality) -> bytes:
    """The municipality's key, made when it is first needed. It may have been read along with the municipality."""
    if _KEY.is_cached(municipality) and (known := getattr(municipality, "lookupkey", None)) is not None:
        return bytes(known.key)
    row, _ = LookUpKey.objects.get_or_create(
        municipality=municipality, defaults={"key": os.urandom(follow_up.KEY_BYTES)}
    )
    return bytes(row.key)


def digest_of(municipality: Municipality, national_number: str) -> str:
    """What stands for a national number in this municipality."""
    return follow_up.parent_digest(key_of(municipality), national_number)


@transaction.atomic
def find(kiosk: Kiosk, question: follow_up.FindRequests, now: datetime) -> follow_up.FoundRequests:
    """The requests of one parent, the newest first. Raises LookUpRefused."""
    key_id = follow_up.look_up_key(key_of(kiosk.municipality)).key_id
    if not hmac.compare_digest(key_id.encode(), question.key_id.encode()):
        raise LookUpRefused(Refusal.OTHER_KEY)
    if ParentLookUp.objects.filter(kiosk=kiosk, at__gt=now - _AN_HOUR).count() >= MOST_AN_HOUR:
        raise LookUpRefused(Refusal.TOO_MANY)
    rows = Request.objects.filter(
        municipality=kiosk.municipality_id, parent_digest=question.parent, made_at__gt=now - _SHOWN
    ).prefetch_related(
        "payments", "desk_payments", "cases", Prefetch("children", RequestedChild.objects.order_by("position"))
    )
    found = tuple(_found(row, now) for row in rows.order_by("-made_at")[: 2 * follow_up.MAX_FOUND] if _stands(row))
    found = found[: follow_up.MAX_FOUND]
    ParentLookUp.objects.create(kiosk=kiosk, at=now, found=len(found))
    ParentLookUp.objects.filter(at__lt=now - _KEPT).delete()
    return follow_up.FoundRequests(requests=found)


def _stands(request: Request) -> bool:
    """Whether it came to a request: not where the parent left without paying, as if nothing had been asked."""
    if request.total_cents == 0 or request.due_at is not None:
        return True
    return any(
        payment.state not in (PaymentState.INTENDED, PaymentState.NOT_PAID) for payment in request.payments.all()
    )


def _found(request: Request, now: datetime) -> FoundRequest:
    payments = list(request.payments.all())
    appointment = next_appointment_of_ticket(request.ticket_id)
    return FoundRequest(
        ticket_id=request.ticket_id,
        ticket_code=request.ticket_code,
        made_at=request.made_at,
        service=request.service,
        state=state_of(request, payments, appointment),
        children=tuple(
            FoundChild(
                first_name=child.first_name,
                card_type=child.card_type or None,
                procedure=child.procedure or None,
                fee_cents=child.fee_cents,
                ready_at=child.ready_at,
                ready_exact=child.ready_exact,
            )
            for child in request.children.all()
        ),
        total_cents=request.total_cents,
        paid=_receipt(payments) or _paid_at_desk(request),
        in_doubt=any(payment.state in _IN_DOUBT for payment in payments)
        or any(case.closed_at is None and case.about == "payment" for case in request.cases.all()),
        printed=request.print_started_at is not None,
        appointment=_time(appointment, now),
        contents=request.contents,
    )


def state_of(request: Request, payments: list[Payment], appointment: Appointment | None) -> RequestState:
    """How far a request is: as staff noted it, or before that as kiosks, appointments and payments tell."""
    if request.state != RequestState.REQUESTED:
        return RequestState(request.state)
    if any(payment.state == PaymentState.REVERSED for payment in payments) and _receipt(payments) is None:
        return RequestState.REFUNDED
    if appointment is not None and appointment.state == AppointmentState.ARRIVED:
        return RequestState.ARRIVED
    return RequestState.REQUESTED


def _receipt(payments: list[Payment]) -> Receipt | None:
    """What the customer has of it. The merchant's copy is not told."""
    paid = next((payment for payment in payments if payment.state == PaymentState.PAID), None)
    return Receipt.model_validate(paid.receipt | {"merchant_text": ()}) if paid is not None else None


def _paid_at_desk(request: Request) -> Receipt | None:
    """What the desk took, so that no copy asks for it again; None where it is not all of it."""
    taken = [payment for payment in request.desk_payments.all() if payment.undone_at is None]
    cents = sum(payment.cents for payment in taken)
    return Receipt(cents=cents, at=taken[-1].at) if taken and 0 < request.total_cents <= cents else None


def _time(appointment: Appointment | None, now: datetime) -> FoundTime | None:
    if appointment is None:
        return None
    return FoundTime(
        start=appointment.start,
        minutes=appointment.minutes,
        desk=appointment.desk.name,
        collection=appointment.collection,
        open=appointment.state == AppointmentState.BOOKED and appointment.start > now,
    )
