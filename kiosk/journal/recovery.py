"""What a crash left undone, read from the journal before the first screen.

A visit without a closing entry was interrupted. A payment that was sent and has no known end is in doubt:
the terminal is asked, and until it answers, no card is sold. Nothing here decides by guessing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from kiosk.domain.entries import (
    CaseClosed,
    CaseOpened,
    Entry,
    EntryBody,
    PaymentIntent,
    PaymentPaid,
    PrintStarted,
    RequestMade,
    SlotBooked,
    SlotReleased,
    VisitClosed,
)
from kiosk.journal.journal import Journal

_MONEY = ("payment_intent", "payment_sent", "payment_paid", "payment_not_paid", "case_opened")


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A payment that may have been captured; ask the terminal."""

    visit_id: UUID
    intent: PaymentIntent
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A visit that was never closed, with what is to be written to close it."""

    visit_id: UUID
    closing: tuple[EntryBody, ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """All that start-up has to deal with."""

    in_doubt: tuple[InDoubt, ...]
    interrupted: tuple[Interrupted, ...]


def unfinished(journal: Journal) -> Unfinished:
    """Read what is undone. Write the closings of `interrupted` at once, and ask the terminal for `in_doubt`."""
    doubts = _payments_in_doubt(journal.entries(kinds=_MONEY))
    doubtful = {doubt.visit_id for doubt in doubts}
    started = {entry.visit_id for entry in journal.entries(kinds=["visit_started"])}
    closed = {entry.visit_id for entry in journal.entries(kinds=["visit_closed"])}
    open_visits = [visit for visit in started - closed if visit is not None]
    return Unfinished(
        in_doubt=tuple(doubts),
        interrupted=tuple(
            Interrupted(visit, _closing(journal.entries(visit), visit in doubtful)) for visit in open_visits
        ),
    )


def _payments_in_doubt(entries: list[Entry]) -> list[InDoubt]:
    intents: dict[UUID, tuple[Entry, PaymentIntent]] = {}
    sent: dict[UUID, datetime] = {}
    settled: set[UUID] = set()
    for entry in entries:
        match entry.body.kind:
            case "payment_intent":
                intents[entry.body.payment_id] = (entry, entry.body)
            case "payment_sent":
                sent[entry.body.payment_id] = entry.at
            case "payment_paid" | "payment_not_paid":
                settled.add(entry.body.payment_id)
            case "case_opened" if entry.body.payment_id is not None:
                settled.add(entry.body.payment_id)  # people decide it now
            case _:
                pass
    return [
        InDoubt(intent[0].visit_id, intent[1], sent[payment])
        for payment, intent in intents.items()
        if payment in sent and payment not in settled and intent[0].visit_id is not None
    ]


def _closing(entries: list[Entry], in_doubt: bool) -> tuple[EntryBody, ...]:
    """How an interrupted visit ends: unpaid, its appointment goes back; paid without a ticket, people are told."""
    paid = next((entry.body for entry in entries if isinstance(entry.body, PaymentPaid)), None)
    # A request that was changed has a new ticket: the last one counts.
    requests = [entry.body for entry in entries if isinstance(entry.body, RequestMade)]
    delivered = any(entry.body.kind == "ticket_delivered" for entry in entries)
    printing = any(isinstance(entry.body, PrintStarted) and entry.body.document == "ticket" for entry in entries)
    closed = {entry.body.case_id for entry in entries if isinstance(entry.body, CaseClosed)}
    people_decide = any(entry.body.case_id not in closed for entry in entries if isinstance(entry.body, CaseOpened))
    closing: list[EntryBody] = []
    if delivered or in_doubt or people_decide:
        pass  # the appointment stays with what was, or may have been, paid
    elif requests and (paid or printing):
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
