"""What an entry means: one function per kind, from the journal's words to rows.

Functions are called inside a savepoint, in the order of a kiosk's sequence. They raise `CannotApply` and
then leave nothing behind. An entry may come before the one that it speaks of (a batch was lost on the way);
it is then out of order, and is tried again when more has arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.appointments import booking
from backend.fleet.models import Kiosk
from backend.requests import parents
from backend.requests.models import OpenCase, Payment, PaymentState, Request, RequestedChild, TerminalDay, Visit
from backend.requests.problems import CannotApply
from backend.watch import orders
from kiosk.domain import entries
from kiosk.domain.orders import OrderAnswered, OrderTaken
from kiosk.domain.wire import RejectReason

# From which states a payment may go to which. NOT_PAID and REVERSED are the end, and PAID is but for a reversal:
# an entry that denies them is a contradiction, and people look at it.
_MAY_BECOME: dict[PaymentState, frozenset[str]] = {
    PaymentState.SENT: frozenset({PaymentState.INTENDED}),
    PaymentState.APPROVED: frozenset({PaymentState.SENT, PaymentState.UNKNOWN}),
    PaymentState.PAID: frozenset(
        {
            PaymentState.INTENDED,
            PaymentState.SENT,
            PaymentState.APPROVED,
            PaymentState.UNKNOWN,
            PaymentState.REVERSING,  # the terminal did not take it back
        }
    ),
    PaymentState.NOT_PAID: frozenset(
        {PaymentState.INTENDED, PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN}
    ),
    PaymentState.UNKNOWN: frozenset({PaymentState.INTENDED, PaymentState.SENT, PaymentState.APPROVED}),
    PaymentState.REVERSING: frozenset({PaymentState.PAID}),
    PaymentState.REVERSED: frozenset({PaymentState.REVERSING}),
}

# What people found out about a payment, and the states in which that was still to be found out.
_DECIDED = {"paid": PaymentState.PAID, "not-paid": PaymentState.NOT_PAID, "reversed": PaymentState.REVERSED}
_UNDECIDED = frozenset({PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN, PaymentState.REVERSING})


def apply(kiosk: Kiosk, entry: entries.Entry, visits: dict[UUID, Visit] | None = None) -> None:
    """Carry one entry into the projections. `visits` remembers theirs over a batch. Raises CannotApply."""
    visit = _visit(kiosk, entry, {} if visits is None else visits)
    step = _STEPS.get(type(entry.body))
    if step is not None:
        step(kiosk, entry.body, entry.at, visit)


def _visit(kiosk: Kiosk, entry: entries.Entry, visits: dict[UUID, Visit]) -> Visit | None:
    if entry.visit_id is None:
        return None
    visit = visits.get(entry.visit_id)
    if visit is None:
        visit, _ = Visit.objects.get_or_create(id=entry.visit_id, defaults={"kiosk": kiosk})
        visits[entry.visit_id] = visit
    if visit.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    return visit


def _visit_started(_: Kiosk, body: entries.VisitStarted, at: datetime, visit: Visit | None) -> None:
    if visit is None:
        raise CannotApply(RejectReason.CONTRADICTION)
    visit.language, visit.started_at = body.language, at
    visit.save(update_fields=["language", "started_at"])


def _visit_closed(_: Kiosk, body: entries.VisitClosed, at: datetime, visit: Visit | None) -> None:
    if visit is None:
        raise CannotApply(RejectReason.CONTRADICTION)
    visit.closed_at, visit.closed_reason, visit.situation = at, body.reason, body.situation
    visit.save(update_fields=["closed_at", "closed_reason", "situation"])


def _request_made(kiosk: Kiosk, body: entries.RequestMade, at: datetime, visit: Visit | None) -> None:
    if body.municipality != kiosk.municipality_id:
        raise CannotApply(RejectReason.FOREIGN)
    if Request.objects.filter(pk=body.ticket_id).exists():
        raise CannotApply(RejectReason.CONTRADICTION)
    request = Request.objects.create(
        ticket_id=body.ticket_id,
        kiosk=kiosk,
        municipality_id=kiosk.municipality_id,
        visit=visit,
        ticket_code=body.ticket_code,
        made_at=at,
        language=body.language,
        service=body.service,
        total_cents=body.total_cents,
        profile_version=body.profile_version,
        parent_digest=parents.digest_of(kiosk.municipality, body.parent.national_number) if body.parent else "",
        **(body.parent.model_dump() if body.parent is not None else {}),
    )
    RequestedChild.objects.bulk_create(
        RequestedChild(
            request=request,
            position=position,
            first_name=child.first_name,
            birth_date=child.birth_date,
            card_type=child.card_type or "",
            procedure=child.procedure or "",
            fee_cents=child.fee_cents,
            ready_at=child.ready_at,
            ready_exact=child.ready_exact,
        )
        for position, child in enumerate(body.children)
    )


def _slot_booked(kiosk: Kiosk, body: entries.SlotBooked, at: datetime, _: Visit | None) -> None:
    booking.book(kiosk, body, at)


def _slot_released(kiosk: Kiosk, body: entries.SlotReleased, at: datetime, _: Visit | None) -> None:
    booking.release(kiosk, body, at)


def _appointment_chosen(kiosk: Kiosk, body: entries.AppointmentChosen, at: datetime, _: Visit | None) -> None:
    _request_here(kiosk, body.ticket_id)
    booking.choose(kiosk, body, at)


def _appointment_cancelled(kiosk: Kiosk, body: entries.AppointmentCancelled, at: datetime, _: Visit | None) -> None:
    _request_here(kiosk, body.ticket_id)
    booking.cancel(body, at)


def _payment_intent(kiosk: Kiosk, body: entries.PaymentIntent, at: datetime, _: Visit | None) -> None:
    Payment.objects.create(
        id=body.payment_id,
        request=_request(kiosk, body.ticket_id),
        cents=body.cents,
        state=PaymentState.INTENDED,
        changed_at=at,
    )


def _payment_sent(kiosk: Kiosk, body: entries.PaymentSent, at: datetime, _: Visit | None) -> None:
    _advance(kiosk, body.payment_id, PaymentState.SENT, at)


def _payment_approved(kiosk: Kiosk, body: entries.PaymentApproved, at: datetime, _: Visit | None) -> None:
    _advance(kiosk, body.payment_id, PaymentState.APPROVED, at, receipt=body.receipt.model_dump(mode="json"))


def _payment_paid(kiosk: Kiosk, body: entries.PaymentPaid, at: datetime, _: Visit | None) -> None:
    _advance(
        kiosk,
        body.payment_id,
        PaymentState.PAID,
        at,
        receipt=body.receipt.model_dump(mode="json"),
        found_afterwards=body.found_afterwards,
    )


def _payment_not_paid(kiosk: Kiosk, body: entries.PaymentNotPaid, at: datetime, _: Visit | None) -> None:
    _advance(
        kiosk,
        body.payment_id,
        PaymentState.NOT_PAID,
        at,
        reason=body.reason,
        result_code=body.result_code,
        found_afterwards=body.found_afterwards,
        receipt=body.receipt.model_dump(mode="json") if body.receipt else {},
    )


def _payment_unknown(kiosk: Kiosk, body: entries.PaymentUnknown, at: datetime, _: Visit | None) -> None:
    _advance(kiosk, body.payment_id, PaymentState.UNKNOWN, at, reason=body.reason)


def _payment_reversing(kiosk: Kiosk, body: entries.PaymentReversing, at: datetime, _: Visit | None) -> None:
    _advance(kiosk, body.payment_id, PaymentState.REVERSING, at, reason=body.reason)


def _payment_reversed(kiosk: Kiosk, body: entries.PaymentReversed, at: datetime, _: Visit | None) -> None:
    receipt = body.receipt.model_dump(mode="json") if body.receipt else {}
    _advance(kiosk, body.payment_id, PaymentState.REVERSED, at, reversal_receipt=receipt)


def _payment_not_reversed(kiosk: Kiosk, body: entries.PaymentNotReversed, at: datetime, _: Visit | None) -> None:
    _advance(kiosk, body.payment_id, PaymentState.PAID, at, reason=body.reason, result_code=body.result_code)


def _payment_due(kiosk: Kiosk, body: entries.PaymentDue, at: datetime, _: Visit | None) -> None:
    request = _request(kiosk, body.ticket_id)
    if body.cents != request.total_cents:
        raise CannotApply(RejectReason.CONTRADICTION)
    request.due_at = at
    request.save(update_fields=["due_at"])


def _day_closing(kiosk: Kiosk, body: entries.DayClosing, at: datetime, _: Visit | None) -> None:
    TerminalDay.objects.create(
        id=body.day_id, kiosk=kiosk, began_at=at, journal_cents=body.cents, journal_count=body.count
    )


def _day_closed(kiosk: Kiosk, body: entries.DayClosed, at: datetime, _: Visit | None) -> None:
    day = _day(kiosk, body.day_id)
    day.ended_at, day.terminal_cents, day.terminal_count = at, body.cents, body.count
    day.text = "\n".join(body.text)
    day.save(update_fields=["ended_at", "terminal_cents", "terminal_count", "text"])


def _day_not_closed(kiosk: Kiosk, body: entries.DayNotClosed, at: datetime, _: Visit | None) -> None:
    day = _day(kiosk, body.day_id)
    day.ended_at, day.problem = at, body.reason
    day.save(update_fields=["ended_at", "problem"])


def _ticket_issued(kiosk: Kiosk, body: entries.TicketIssued, at: datetime, _: Visit | None) -> None:
    request = _request_here(kiosk, body.ticket_id)
    if request.ticket_code != body.ticket_code:
        raise CannotApply(RejectReason.CONTRADICTION)
    request.qr, request.issued_at = body.qr, at
    request.contents = body.contents or request.contents
    request.save(update_fields=["qr", "issued_at", "contents"])


def _print_started(kiosk: Kiosk, body: entries.PrintStarted, at: datetime, _: Visit | None) -> None:
    request = _request_here(kiosk, body.ticket_id)
    request.print_started_at = at
    request.save(update_fields=["print_started_at"])


def _print_failed(kiosk: Kiosk, body: entries.PrintFailed, _at: datetime, _: Visit | None) -> None:
    request = _request_here(kiosk, body.ticket_id)
    request.print_problem = body.reason
    request.save(update_fields=["print_problem"])


def _ticket_delivered(kiosk: Kiosk, body: entries.TicketDelivered, at: datetime, _: Visit | None) -> None:
    request = _request_here(kiosk, body.ticket_id)
    request.delivered_at, request.print_problem = at, ""
    request.save(update_fields=["delivered_at", "print_problem"])


def _case_opened(kiosk: Kiosk, body: entries.CaseOpened, at: datetime, _: Visit | None) -> None:
    OpenCase.objects.create(
        id=body.case_id,
        kiosk=kiosk,
        request=_request(kiosk, body.ticket_id) if body.ticket_id is not None else None,
        payment=_payment(kiosk, body.payment_id) if body.payment_id is not None else None,
        about=body.about,
        reason=body.reason,
        opened_at=at,
    )


def _case_closed(kiosk: Kiosk, body: entries.CaseClosed, at: datetime, _: Visit | None) -> None:
    case = OpenCase.objects.select_related("payment").filter(pk=body.case_id).first()
    if case is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if case.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    case.kiosk_closed_at = at
    case.closed_at = case.closed_at or at
    case.decision, case.outcome, case.decided_by = body.decision, body.outcome or "", body.by
    case.save()
    payment = case.payment
    if payment is not None and body.outcome is not None and payment.state in _UNDECIDED:
        payment.state, payment.changed_at = _DECIDED[body.outcome], at
        payment.save(update_fields=["state", "changed_at"])


def _order_taken(kiosk: Kiosk, body: OrderTaken, at: datetime, _: Visit | None) -> None:
    if not orders.taken(kiosk, body, at):
        raise CannotApply(RejectReason.FOREIGN)


def _order_answered(kiosk: Kiosk, body: OrderAnswered, at: datetime, _: Visit | None) -> None:
    if not orders.answered(kiosk, body, at):
        raise CannotApply(RejectReason.FOREIGN)


def _day(kiosk: Kiosk, day_id: UUID) -> TerminalDay:
    day = TerminalDay.objects.filter(pk=day_id).first()
    if day is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if day.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    return day


def _advance(kiosk: Kiosk, payment_id: UUID, state: PaymentState, at: datetime, **details: Any) -> None:
    payment = _payment(kiosk, payment_id)
    if payment.state not in _MAY_BECOME[state]:
        raise CannotApply(RejectReason.CONTRADICTION)
    payment.state, payment.changed_at = state, at
    for name, value in details.items():
        setattr(payment, name, value)
    payment.save()


def _request(kiosk: Kiosk, ticket_id: UUID) -> Request:
    request = _request_here(kiosk, ticket_id)
    if request.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    return request


def _request_here(kiosk: Kiosk, ticket_id: UUID) -> Request:
    """A request of this municipality: a parent may come back to any of its kiosks."""
    request = Request.objects.filter(pk=ticket_id).first()
    if request is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if request.municipality_id != kiosk.municipality_id:
        raise CannotApply(RejectReason.FOREIGN)
    return request


def _payment(kiosk: Kiosk, payment_id: UUID) -> Payment:
    payment = Payment.objects.select_related("request").filter(pk=payment_id).first()
    if payment is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if payment.request.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    return payment


# Kinds kept as entries that mean nothing more here: CardRefused, ServiceChanged, what staff did (kiosk.domain.care).
_STEPS: dict[type[entries.Body], Callable[[Kiosk, Any, datetime, Visit | None], None]] = {
    entries.VisitStarted: _visit_started,
    entries.VisitClosed: _visit_closed,
    entries.RequestMade: _request_made,
    entries.SlotBooked: _slot_booked,
    entries.SlotReleased: _slot_released,
    entries.AppointmentChosen: _appointment_chosen,
    entries.AppointmentCancelled: _appointment_cancelled,
    entries.PaymentIntent: _payment_intent,
    entries.PaymentSent: _payment_sent,
    entries.PaymentApproved: _payment_approved,
    entries.PaymentPaid: _payment_paid,
    entries.PaymentNotPaid: _payment_not_paid,
    entries.PaymentUnknown: _payment_unknown,
    entries.PaymentReversing: _payment_reversing,
    entries.PaymentReversed: _payment_reversed,
    entries.PaymentNotReversed: _payment_not_reversed,
    entries.PaymentDue: _payment_due,
    entries.DayClosing: _day_closing,
    entries.DayClosed: _day_closed,
    entries.DayNotClosed: _day_not_closed,
    entries.TicketIssued: _ticket_issued,
    entries.PrintStarted: _print_started,
    entries.PrintFailed: _print_failed,
    entries.TicketDelivered: _ticket_delivered,
    entries.CaseOpened: _case_opened,
    entries.CaseClosed: _case_closed,
    OrderTaken: _order_taken,
    OrderAnswered: _order_answered,
}
