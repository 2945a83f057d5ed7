"""What a crash left undone, read from the journal before the first screen.

A visit without a closing entry was interrupted. A payment that was sent and has no known end is in doubt, and so is a
reversal: the terminal is asked, and until it answers, no card is sold. Nothing here decides by guessing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from kiosk.domain.record.entries import (
    CaseClosed,
    CaseOpened,
    Entry,
    EntryBody,
    PaymentIntent,
    PaymentPaid,
    PaymentReversed,
    PrintStarted,
    Receipt,
    RequestMade,
    SlotBooked,
    SlotReleased,
    VisitClosed,
)
from kiosk.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A payment that may have been captured; ask the terminal.

    `own_trace` is its trace number, where the terminal had told it. `reversing` is the receipt of a payment that was
    paid and may have been taken back.
    """

    visit_id: UUID
    intent: PaymentIntent
    sent_at: datetime
    own_trace: int | None = None
    reversing: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A visit that was never closed, with what is to be written to close it.

    `ticket_owed`: it is paid, and not a byte of its ticket had left for the printer.
    """

    visit_id: UUID
    closing: tuple[EntryBody, ...]
    ticket_owed: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """All that start-up has to deal with."""

    in_doubt: tuple[InDoubt, ...]
    interrupted: tuple[Interrupted, ...]


def unfinished(journal: Journal) -> Unfinished:
    """Read what is undone. Write the closings of `interrupted` at once, and ask the terminal for `in_doubt`."""
    doubts: list[InDoubt] = []
    interrupted: list[Interrupted] = []
    for visit_id in journal.unsettled_visits():
        entries = journal.entries(visit_id)
        of_this_visit = _in_doubt(visit_id, entries)
        doubts += of_this_visit
        if not any(isinstance(entry.body, VisitClosed) for entry in entries):
            closing = _closing(entries, bool(of_this_visit))
            paid = any(isinstance(body, CaseOpened) and body.payment_id is not None for body in closing)
            started = any(isinstance(entry.body, PrintStarted) for entry in entries)
            interrupted.append(Interrupted(visit_id, closing, paid and not started))
    return Unfinished(tuple(doubts), tuple(interrupted))


@dataclass(slots=True)
class _Known:
    """What the record says of one payment."""

    intent: PaymentIntent
    sent_at: datetime | None = None
    receipt: Receipt | None = None
    settled: bool = False
    reversing: bool = False


def _in_doubt(visit_id: UUID, entries: list[Entry]) -> list[InDoubt]:
    payments: dict[UUID, _Known] = {}
    for entry in entries:
        body = entry.body
        if body.kind == "payment_intent":
            payments[body.payment_id] = _Known(body)
            continue
        known = payments.get(getattr(body, "payment_id", None) or visit_id)
        if known is None:
            continue
        match body.kind:
            case "payment_sent":
                known.sent_at = entry.at
            case "payment_approved":
                known.receipt = body.receipt
            case "payment_paid":
                known.receipt, known.settled = body.receipt, True
            case "payment_not_paid":
                known.settled = True
            case "payment_reversing":
                known.reversing, known.settled = True, False
            case "payment_reversed" | "payment_not_reversed":
                known.reversing, known.settled = False, True
            case "case_opened" if body.about == "payment":
                known.settled = True  # people decide it now
            case _:
                pass
    return [
        InDoubt(
            visit_id,
            known.intent,
            known.sent_at,
            known.receipt.trace_number if known.receipt else None,
            known.receipt if known.reversing else None,
        )
        for known in payments.values()
        if known.sent_at is not None and not known.settled
    ]


def _closing(entries: list[Entry], in_doubt: bool) -> tuple[EntryBody, ...]:
    """How an interrupted visit ends: unpaid, its appointment goes back; paid without a ticket, people are told."""
    back = {entry.body.payment_id for entry in entries if isinstance(entry.body, PaymentReversed)}
    paid = next(
        (e.body for e in entries if isinstance(e.body, PaymentPaid) and e.body.payment_id not in back),
        None,
    )
    # A request that was changed has a new ticket: the last one counts.
    requests = [entry.body for entry in entries if isinstance(entry.body, RequestMade)]
    delivered = any(entry.body.kind == "ticket_delivered" for entry in entries)
    printing = any(isinstance(entry.body, PrintStarted) and entry.body.document == "ticket" for entry in entries)
    closed = {entry.body.case_id for entry in entries if isinstance(entry.body, CaseClosed)}
    cases = [e.body for e in entries if isinstance(e.body, CaseOpened) and e.body.case_id not in closed]
    if paid is not None:  # a case about an earlier try to pay says nothing of this one's ticket
        cases = [case for case in cases if case.about == "ticket" or case.payment_id == paid.payment_id]
    people_decide = bool(cases)
    closing: list[EntryBody] = []
    if delivered or in_doubt or people_decide:
        pass  # the appointment stays with what was, or may have been, paid
    elif requests and not back and (paid or printing):
        closing.append(ticket_case(requests[-1].ticket_id, paid.payment_id if paid else None))
    else:
        closing += releases(entries)
    closing.append(VisitClosed(reason="interrupted", situation="unknown"))
    return tuple(closing)


def ticket_case(ticket_id: UUID, payment_id: UUID | None) -> CaseOpened:
    """A request that is safe, but whose ticket (surely or perhaps) never came out."""
    return CaseOpened(
        case_id=uuid4(),
        about="ticket",
        ticket_id=ticket_id,
        payment_id=payment_id,
        reason="the visit was interrupted before the ticket was out",
    )


def releases(entries: list[Entry]) -> list[EntryBody]:
    """What gives back the appointments that a visit booked and did not give back itself."""
    booked: dict[str, SlotBooked] = {}
    for entry in entries:
        if isinstance(entry.body, SlotBooked):
            booked[entry.body.slot_id] = entry.body
        elif isinstance(entry.body, SlotReleased):
            booked.pop(entry.body.slot_id, None)
    return [SlotReleased(slot_id=slot.slot_id, ticket_id=slot.ticket_id) for slot in booked.values()]
