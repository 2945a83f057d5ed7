"""What this kiosk itself remembers of a parent's requests: the answer while the line is cut.

Personal data stays here until some time after the backend has it (`Journal.erase_due`); that much can be found, by the
national number, without asking anybody. How far a request is, the kiosk cannot know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kiosk.domain.follow_up import FoundChild, FoundRequest, FoundTime
from kiosk.domain.record import entries
from kiosk.domain.record.entries import Entry, RequestMade
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen
from kiosk.domain.request_states import RequestState
from kiosk.journal.journal import Journal

_CHANGES = ("appointment_chosen", "appointment_cancelled")
_NOT_SENT_YET = 1_000  # entries to look through for a change that the backend has not heard of


def requests_here(journal: Journal, national_number: str, now: datetime) -> tuple[FoundRequest, ...]:
    """The requests of this parent that are remembered here, the newest first. Raises JournalError."""
    made = [
        entry
        for entry in journal.entries(kinds=["request_made"])
        if isinstance(entry.body, RequestMade)
        and entry.body.parent is not None
        and entry.body.parent.national_number == national_number
    ]
    if not made:
        return ()
    changes = journal.entries(kinds=_CHANGES)
    found = (_request(entry, [*journal.entries(visit_id=entry.visit_id), *changes], now) for entry in reversed(made))
    return tuple(request for request in found if request is not None)


def with_what_is_not_sent(
    told: Sequence[FoundRequest], here: Sequence[FoundRequest], journal: Journal, now: datetime
) -> tuple[FoundRequest, ...]:
    """What the backend told, with what only this kiosk knows yet: new requests and other times. Raises JournalError."""
    waiting = [entry.body for entry in journal.outbox(limit=_NOT_SENT_YET) if entry.body.kind in _CHANGES]
    known = {request.ticket_id for request in told}
    newer = tuple(request for request in here if request.ticket_id not in known)
    return newer + tuple(
        request.model_copy(update={"appointment": _time(request.ticket_id, request.appointment, waiting, now)})
        for request in told
    )


def _request(made: Entry, story: Iterable[Entry], now: datetime) -> FoundRequest | None:
    """One request with what followed; None where it came to nothing."""
    request = made.body
    assert isinstance(request, RequestMade)
    bodies = [entry.body for entry in story if getattr(entry.body, "ticket_id", request.ticket_id) == request.ticket_id]
    payments = {body.payment_id for body in bodies if isinstance(body, entries.PaymentIntent)}
    paid: entries.Receipt | None = None
    in_doubt = due = printed = reversed_ = False
    contents: dict[str, JsonValue] = {}
    for body in bodies:
        if getattr(body, "payment_id", None) not in (None, *payments):
            continue
        match body:
            case (
                entries.PaymentSent()
                | entries.PaymentApproved()
                | entries.PaymentUnknown()
                | entries.PaymentApprovedLate()
            ):
                in_doubt = True
            case entries.PaymentPaid():
                paid, in_doubt = body.receipt, False
            case entries.PaymentNotPaid():
                in_doubt = False
            case entries.PaymentReversing():
                in_doubt = True
            case entries.PaymentReversed():
                paid, in_doubt, reversed_ = None, False, True
            case entries.PaymentNotReversed():
                in_doubt = False
            case entries.PaymentDue():
                due = True
            case entries.PrintStarted(document="ticket"):
                printed = True
            case entries.TicketIssued():
                contents = dict(body.contents) or contents
    if request.total_cents and not (due or paid or in_doubt or reversed_):
        return None
    return FoundRequest(
        ticket_id=request.ticket_id,
        ticket_code=request.ticket_code,
        made_at=made.at,
        service=request.service,
        state=RequestState.REFUNDED if reversed_ and paid is None else RequestState.REQUESTED,
        children=tuple(
            FoundChild(**child.model_dump(include=set(FoundChild.model_fields))) for child in request.children
        ),
        total_cents=request.total_cents,
        paid=paid.model_copy(update={"merchant_text": ()}) if paid is not None else None,
        in_doubt=in_doubt,
        printed=printed,
        appointment=_time(request.ticket_id, None, bodies, now),
        contents=contents,
        here=True,
    )


def _time(ticket_id: UUID, first: FoundTime | None, bodies: Iterable[object], now: datetime) -> FoundTime | None:
    """The time that is left of what was booked, chosen and cancelled, in this order."""
    times: dict[bool, FoundTime | None] = {}
    if first is not None:
        times[first.collection] = first
    for body in bodies:
        if getattr(body, "ticket_id", None) != ticket_id:
            continue
        match body:
            case entries.SlotBooked():
                times[False] = _found_time(body.start, body.minutes, body.desk, False, now)
            case entries.SlotReleased():
                times[False] = None
            case AppointmentChosen():
                times[body.collection] = _found_time(body.start, body.minutes, body.desk, body.collection, now)
            case AppointmentCancelled():
                times[body.collection] = None
            case _:
                pass
    return times.get(True) or times.get(False)


def _found_time(start: datetime, minutes: int, desk: str, collection: bool, now: datetime) -> FoundTime:
    return FoundTime(start=start, minutes=minutes, desk=desk, collection=collection, open=start > now)
