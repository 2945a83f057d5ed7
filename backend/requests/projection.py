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
from backend.requests import parents, progress, searching
from backend.requests.models import OpenCase, Payment, PaymentState, Request, RequestedChild, TerminalDay, Visit
from backend.requests.problems import CannotApply
from backend.requests.rows import Rows
from backend.watch import orders
from kiosk.domain.fleet.orders import OrderAnswered, OrderTaken
from kiosk.domain.record import entries
from kiosk.domain.wire import RejectReason

# From which states a payment may go to which. REVERSED is the end, PAID is but for a reversal, and NOT_PAID but for an
# approval that came late (`_payment_approved_late`): an entry that denies them is a contradiction, and people look at
# it.
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


def apply(rows: Rows, entry: entries.Entry) -> None:
    """Carry one entry into the projections; written at `rows.flush()`. Raises CannotApply."""
    visit = rows.visit(entry.visit_id) if entry.visit_id is not None else None
    step = _STEPS.get(type(entry.body))
    if step is not None:
        step(rows, entry.body, entry.at, visit)


def _visit_started(rows: Rows, body: entries.VisitStarted, at: datetime, visit: Visit | None) -> None:
    if visit is None:
        raise CannotApply(RejectReason.CONTRADICTION)
    rows.change(visit, language=body.language, started_at=at)


def _visit_closed(rows: Rows, body: entries.VisitClosed, at: datetime, visit: Visit | None) -> None:
    if visit is None:
        raise CannotApply(RejectReason.CONTRADICTION)
    rows.change(visit, closed_at=at, closed_reason=body.reason, situation=body.situation)


def _request_made(rows: Rows, body: entries.RequestMade, at: datetime, visit: Visit | None) -> None:
    kiosk = rows.kiosk
    if body.municipality != kiosk.municipality_id:
        raise CannotApply(RejectReason.FOREIGN)
    named = body.parent
    request = Request(
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
        parent_digest=parents.digest_of(kiosk.municipality, named.national_number) if named is not None else "",
        search_name=searching.fold(f"{named.surname} {named.first_names}") if named is not None else "",
        search_number=searching.digits(named.national_number)[:20] if named is not None else "",
        **(named.model_dump() if named is not None else {}),
    )
    children = (
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
            birth_known=child.birth_known,
            circumstances=child.circumstances,
        )
        for position, child in enumerate(body.children)
    )
    rows.add(request)
    rows.add(*children)


def _slot_booked(rows: Rows, body: entries.SlotBooked, at: datetime, _: Visit | None) -> None:
    booking.book(rows.kiosk, body, at)


def _slot_released(rows: Rows, body: entries.SlotReleased, at: datetime, _: Visit | None) -> None:
    booking.release(rows.kiosk, body, at)


def _appointment_chosen(rows: Rows, body: entries.AppointmentChosen, at: datetime, _: Visit | None) -> None:
    rows.request_here(body.ticket_id)
    booking.choose(rows.kiosk, body, at)


def _appointment_cancelled(rows: Rows, body: entries.AppointmentCancelled, at: datetime, _: Visit | None) -> None:
    rows.request_here(body.ticket_id)
    booking.cancel(body, at)


def _payment_intent(rows: Rows, body: entries.PaymentIntent, at: datetime, _: Visit | None) -> None:
    request = rows.request(body.ticket_id)
    rows.add(Payment(id=body.payment_id, request=request, cents=body.cents, state=PaymentState.INTENDED, changed_at=at))


def _payment_sent(rows: Rows, body: entries.PaymentSent, at: datetime, _: Visit | None) -> None:
    _advance(rows, body.payment_id, PaymentState.SENT, at)


def _payment_approved(rows: Rows, body: entries.PaymentApproved, at: datetime, _: Visit | None) -> None:
    _advance(rows, body.payment_id, PaymentState.APPROVED, at, receipt=body.receipt.model_dump(mode="json"))


def _payment_paid(rows: Rows, body: entries.PaymentPaid, at: datetime, _: Visit | None) -> None:
    _advance(
        rows,
        body.payment_id,
        PaymentState.PAID,
        at,
        receipt=body.receipt.model_dump(mode="json"),
        found_afterwards=body.found_afterwards,
    )


def _payment_not_paid(rows: Rows, body: entries.PaymentNotPaid, at: datetime, _: Visit | None) -> None:
    _advance(
        rows,
        body.payment_id,
        PaymentState.NOT_PAID,
        at,
        reason=body.reason,
        result_code=body.result_code,
        found_afterwards=body.found_afterwards,
        receipt=body.receipt.model_dump(mode="json") if body.receipt else {},
    )


def _payment_unknown(rows: Rows, body: entries.PaymentUnknown, at: datetime, _: Visit | None) -> None:
    _advance(rows, body.payment_id, PaymentState.UNKNOWN, at, reason=body.reason)


def _payment_approved_late(rows: Rows, body: entries.PaymentApprovedLate, at: datetime, _: Visit | None) -> None:
    """Nobody can say any more, whatever was said before: the case that came with it decides."""
    payment = rows.payment(body.payment_id)
    if payment.state != PaymentState.NOT_PAID:
        raise CannotApply(RejectReason.CONTRADICTION)
    receipt = body.receipt.model_dump(mode="json")
    rows.change(payment, state=PaymentState.UNKNOWN, changed_at=at, reason=body.reason, receipt=receipt)


def _payment_reversing(rows: Rows, body: entries.PaymentReversing, at: datetime, _: Visit | None) -> None:
    _advance(rows, body.payment_id, PaymentState.REVERSING, at, reason=body.reason)


def _payment_reversed(rows: Rows, body: entries.PaymentReversed, at: datetime, _: Visit | None) -> None:
    receipt = body.receipt.model_dump(mode="json") if body.receipt else {}
    _advance(rows, body.payment_id, PaymentState.REVERSED, at, reversal_receipt=receipt)
    rows.flush()
    progress.refunded_at_kiosk(rows.payment(body.payment_id), at)


def _payment_not_reversed(rows: Rows, body: entries.PaymentNotReversed, at: datetime, _: Visit | None) -> None:
    _advance(rows, body.payment_id, PaymentState.PAID, at, reason=body.reason, result_code=body.result_code)


def _payment_due(rows: Rows, body: entries.PaymentDue, at: datetime, _: Visit | None) -> None:
    request = rows.request(body.ticket_id)
    if body.cents != request.total_cents:
        raise CannotApply(RejectReason.CONTRADICTION)
    rows.change(request, due_at=at)


def _day_closing(rows: Rows, body: entries.DayClosing, at: datetime, _: Visit | None) -> None:
    TerminalDay.objects.create(
        id=body.day_id, kiosk=rows.kiosk, began_at=at, journal_cents=body.cents, journal_count=body.count
    )


def _day_closed(rows: Rows, body: entries.DayClosed, at: datetime, _: Visit | None) -> None:
    day = _day(rows.kiosk, body.day_id)
    day.ended_at, day.terminal_cents, day.terminal_count = at, body.cents, body.count
    day.text = "\n".join(body.text)
    day.save(update_fields=["ended_at", "terminal_cents", "terminal_count", "text"])


def _day_not_closed(rows: Rows, body: entries.DayNotClosed, at: datetime, _: Visit | None) -> None:
    day = _day(rows.kiosk, body.day_id)
    day.ended_at, day.problem = at, body.reason
    day.save(update_fields=["ended_at", "problem"])


def _ticket_issued(rows: Rows, body: entries.TicketIssued, at: datetime, _: Visit | None) -> None:
    request = rows.request_here(body.ticket_id)
    if request.ticket_code != body.ticket_code:
        raise CannotApply(RejectReason.CONTRADICTION)
    rows.change(request, qr=body.qr, issued_at=at, contents=body.contents or request.contents)


def _print_started(rows: Rows, body: entries.PrintStarted, at: datetime, _: Visit | None) -> None:
    request = rows.request_here(body.ticket_id)
    rows.change(request, print_started_at=at)


def _print_failed(rows: Rows, body: entries.PrintFailed, _at: datetime, _: Visit | None) -> None:
    request = rows.request_here(body.ticket_id)
    rows.change(request, print_problem=body.reason)


def _ticket_delivered(rows: Rows, body: entries.TicketDelivered, at: datetime, _: Visit | None) -> None:
    request = rows.request_here(body.ticket_id)
    rows.change(request, delivered_at=at, print_problem="")


def _case_opened(rows: Rows, body: entries.CaseOpened, at: datetime, _: Visit | None) -> None:
    request = rows.request(body.ticket_id) if body.ticket_id is not None else None
    payment = rows.payment(body.payment_id) if body.payment_id is not None else None
    rows.flush()
    OpenCase.objects.create(
        id=body.case_id,
        kiosk=rows.kiosk,
        request=request,
        payment=payment,
        about=body.about,
        reason=body.reason,
        opened_at=at,
    )


def _case_closed(rows: Rows, body: entries.CaseClosed, at: datetime, _: Visit | None) -> None:
    case = OpenCase.objects.filter(pk=body.case_id).first()
    if case is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if case.kiosk_id != rows.kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    case.kiosk_closed_at = at
    case.closed_at = case.closed_at or at
    case.decision, case.outcome, case.decided_by = body.decision, body.outcome or "", body.by
    case.save()
    if case.payment_id is None or body.outcome is None:
        return
    payment = rows.payment(case.payment_id)
    if payment.state in _UNDECIDED:
        rows.change(payment, state=_DECIDED[body.outcome], changed_at=at)
        if payment.state == PaymentState.REVERSED:
            rows.flush()
            progress.refunded_at_kiosk(payment, at)


def _order_taken(rows: Rows, body: OrderTaken, at: datetime, _: Visit | None) -> None:
    if not orders.taken(rows.kiosk, body, at):
        raise CannotApply(RejectReason.FOREIGN)


def _order_answered(rows: Rows, body: OrderAnswered, at: datetime, _: Visit | None) -> None:
    if not orders.answered(rows.kiosk, body, at):
        raise CannotApply(RejectReason.FOREIGN)


def _day(kiosk: Kiosk, day_id: UUID) -> TerminalDay:
    day = TerminalDay.objects.filter(pk=day_id).first()
    if day is None:
        raise CannotApply(RejectReason.OUT_OF_ORDER)
    if day.kiosk_id != kiosk.pk:
        raise CannotApply(RejectReason.FOREIGN)
    return day


def _advance(rows: Rows, payment_id: UUID, state: PaymentState, at: datetime, **details: Any) -> None:
    payment = rows.payment(payment_id)
    if payment.state not in _MAY_BECOME[state]:
        raise CannotApply(RejectReason.CONTRADICTION)
    rows.change(payment, state=state, changed_at=at, **details)


# Kinds kept as entries that mean nothing more here: CardRefused, ServiceChanged, and what staff did
# (kiosk.domain.record.care).
_STEPS: dict[type[entries.Body], Callable[[Rows, Any, datetime, Visit | None], None]] = {
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
    entries.PaymentApprovedLate: _payment_approved_late,
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
