"""Tickets: for an application, a collection, a visit without an appointment, and one that is paid at the desk.

They are one paper with the parts that a visit gave rise to; `kiosk.ticket.claims.kind_of` names the kind, which
stands above the code. Of a child only the first name gets here. No national number, no birth date and no surname
is read.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TypeVar

from kiosk.domain.card_types import CardType
from kiosk.domain.quote import ChecklistItem, Collection, Notice, Place, Ready
from kiosk.domain.record.entries import Receipt
from kiosk.domain.things import CHILD
from kiosk.domain.tickets.claims import PaymentState
from kiosk.text import Texts, terms
from kiosk.ticket.claims import TicketKind, kind_of, payment_state
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Account, Banner, Box, Code, Paper, Passage, Phrase, Row, Section, Tick
from kiosk.ticket.words import NO_BREAK, SEPARATOR, Words, moment, opening_hours
from kiosk.visit.effects import AskedChild, Reprint, Ticket

_KIND_LABELS = {
    TicketKind.APPLICATION: "Your ticket",
    TicketKind.COLLECTION: "Ticket to collect a card",
    TicketKind.WALK_IN: "Ticket without an appointment",
    TicketKind.PAY_AT_DESK: "Ticket to pay at the desk",
}

_COPIES = {
    Reprint.MAY_BE_OUT: ("Copy", "The first ticket may have come out too. Both are the same request."),
    Reprint.ASKED: ("Copy", "Printed once more. It is the same request as on the first ticket."),
    Reprint.NEW_TIME: ("New time", "This replaces the earlier ticket, which you can throw away."),
}

_TOTAL_LABELS = {
    PaymentState.NOTHING: "Nothing to pay",
    PaymentState.PAID: "Paid",
    PaymentState.DUE: "To pay at the desk",
}


def compose_ticket(ticket: Ticket, qr: str, office: Office, texts: Texts, desk_texts: Texts) -> Paper:
    """The ticket. `qr` is the signed text of its QR code; `texts` the parent's language, `desk_texts` the desk's."""
    return _Composer(ticket, Words(office, texts, desk_texts)).paper(qr)


_Value = TypeVar("_Value")


class _Composer:
    """One ticket in the making: what all its sections need."""

    def __init__(self, ticket: Ticket, words: Words):
        self._ticket = ticket
        self._request = ticket.request
        self._words = words
        self._office = words.office
        self._names = tuple(child.first_name for child in ticket.request.children)

    def paper(self, qr: str) -> Paper:
        ticket, words = self._ticket, self._words
        sections: list[Section] = [words.masthead()]
        if ticket.copy_mark:
            sections.append(self._copy())
        label = words.say(_KIND_LABELS[kind_of(ticket)])
        sections += [Code(label, self._request.ticket_code, qr), self._appointment(), self._account()]
        if ticket.checklist:
            sections.append(Passage(words.say("Bring with you"), ticks=self._ticks(ticket.checklist)))
        if ticket.collection is not None:
            sections.append(self._collection(ticket.collection))
        if known := (*self._validity(), *map(self._notice, (*ticket.printed, *ticket.notices))):
            sections.append(Passage(words.tell("Good to know"), known, small=True))
        sections.append(words.closing("Keep this ticket. The desk needs it."))
        return words.paper(*sections)

    # --- Sections ------------------------------------------------------------------------------------

    def _copy(self) -> Banner:
        say = self._words.say
        title, line = _COPIES[self._ticket.reprint]
        return Banner(say(title), (say(line),))

    def _appointment(self) -> Section:
        ticket, words = self._ticket, self._words
        title = words.say("Your appointment")
        if ticket.appointment_start is not None:
            desk = ticket.appointment_desk or self._office.desk
            minutes = f"{ticket.appointment_minutes}{NO_BREAK}min"
            lines = [Phrase(f"{self._office.desk_name(desk)}{SEPARATOR}{minutes}")]
            if address := self._office.address(desk):
                lines.append(Phrase(address))
            return Box(title, words.in_both(partial(moment, ticket.appointment_start)), tuple(lines))
        if ticket.appointment_by_phone and not words.phone:
            return Passage(title, (words.say("You have no appointment yet. Ask the desk for one."),))
        if ticket.appointment_by_phone:
            calling = words.say("You have no appointment yet. Call this number to make one.")
            return Box(title, Phrase(words.phone), (calling,))
        return self._walk_in()

    def _walk_in(self) -> Box:
        """Where to go without an appointment, and when the desk is open, where that is known."""
        words, desk = self._words, self._office.desk
        lines = [Phrase(address)] if (address := self._office.address(desk)) else []
        if known := self._office.opening_hours_of(desk):
            lines += map(Phrase, opening_hours(known, words.texts))
        return Box(words.say("No appointment needed"), Phrase(desk), tuple(lines))

    def _account(self) -> Account:
        ticket, words = self._ticket, self._words
        state = payment_state(ticket)
        return Account(
            title=words.in_both(lambda texts: terms.service_name(texts, self._request.service)),
            rows=tuple(self._row(child, state) for child in self._request.children),
            total_label=words.say(_TOTAL_LABELS[state]),
            total="" if state is PaymentState.NOTHING else words.texts.money(self._request.total_cents),
            lines=() if ticket.paid is None else self._payment_lines(ticket.paid),
            receipt=() if ticket.paid is None else ticket.paid.text,
            boxed=state is PaymentState.DUE,
        )

    def _row(self, child: AskedChild, state: PaymentState) -> Row:
        def what(texts: Texts) -> str:
            parts = []
            if child.card_type is not None:
                parts.append(terms.card_type_name(texts, CardType(child.card_type)))
            if child.procedure is not None:
                parts.append(terms.procedure_name(texts, child.procedure, self._office.procedure_name(child.procedure)))
            return SEPARATOR.join(parts)

        fee = "" if state is PaymentState.NOTHING else self._words.texts.money(child.fee_cents)
        asked = self._words.in_both(what) if child.card_type or child.procedure else Phrase("")
        return Row(child.first_name, fee, asked)

    def _payment_lines(self, paid: Receipt) -> tuple[Phrase, ...]:
        """With which card, and when; what the terminal did not tell is left out."""
        texts = self._words.texts
        proof = [part for part in (paid.card_name, paid.masked_pan) if part]
        if paid.at is not None:
            proof.append(moment(paid.at, texts))
        if paid.receipt_number is not None:
            receipt = texts("receipt {number}", number=f"{paid.receipt_number:04}")
            proof.append(receipt.replace(" ", NO_BREAK))
        return (Phrase(SEPARATOR.join(proof)),) if proof else ()

    def _collection(self, collection: Collection) -> Passage:
        words = self._words
        place = self._office.place(collection.desk) if collection.place is None else self._at(collection.place)
        where = words.tell("Where: {desk}", desk=place)
        how = [
            words.with_phone("Make an appointment first. Call {phone}.", "Make an appointment first.")
            if collection.appointment
            else words.tell("You do not need an appointment."),
            words.tell("Your child must come with you.")
            if collection.child_present
            else words.tell("Your child does not have to come with you."),
        ]
        lines = (where, *self._elsewhere(collection), Phrase(" ".join(sentence.text for sentence in how)))
        ticks = self._ticks(collection.checklist)
        return Passage(words.say("Collecting the card"), lines, ticks, key=tuple(self._ready_lines()))

    def _elsewhere(self, collection: Collection) -> list[Phrase]:
        """Whose card is collected at another desk than the others'."""
        return [Phrase(f"{self._names[index]}{SEPARATOR}{self._at(place)}") for index, place in collection.elsewhere]

    def _at(self, place: Place) -> str:
        """A desk by its name in the parent's language, where the municipality gave it one, and its address."""
        return f"{terms.own_words(self._words.texts, place.name)}, {place.address}"

    def _ready_lines(self) -> list[Phrase]:
        """When the cards are ready: once for children of the same moment."""
        told = self._ticket.ready or tuple(
            Ready(child.ready_at, child.ready_exact) if child.ready_at is not None else None
            for child in self._request.children
        )
        moments = [(ready, name) for ready, name in zip(told, self._names, strict=False) if ready is not None]
        return [self._words.in_both(partial(_ready, ready, whose)) for ready, whose in self._alike(moments)]

    def _validity(self) -> list[Phrase]:
        """How long the cards can be valid, where the municipality says it: once for children of the same day."""
        ends = [
            (longest.until, name)
            for longest, name in zip(self._ticket.validity, self._names, strict=False)
            if longest is not None
        ]
        return [Phrase(_valid(day, whose, self._words.texts)) for day, whose in self._alike(ends)]

    def _alike(self, each: list[tuple[_Value, str]]) -> list[tuple[_Value, list[str]]]:
        """Each value once, with the children's names; without any where it is that of all children."""
        alike: dict[_Value, list[str]] = {}
        for value, name in each:
            alike.setdefault(value, []).append(name)
        return [(value, [] if len(names) == len(self._names) else names) for value, names in alike.items()]

    # --- Phrases -------------------------------------------------------------------------------------

    def _ticks(self, items: tuple[ChecklistItem, ...]) -> tuple[Tick, ...]:
        in_both = self._words.in_both
        return tuple(Tick(in_both(partial(self._title, item)), in_both(partial(self._hint, item))) for item in items)

    def _title(self, item: ChecklistItem, texts: Texts) -> str:
        return terms.checklist_title(texts, item, self._names, self._words.desk_texts.language)

    def _hint(self, item: ChecklistItem, texts: Texts) -> str:
        """More about a thing to bring, and whose it is where it is not for all; a child in person needs no more."""
        return "" if item.code == CHILD else terms.checklist_hint(texts, item, self._names)

    def _notice(self, notice: Notice) -> Phrase:
        names = self._names if len(self._names) > 1 else ()
        return Phrase(terms.notice_text(self._words.texts, notice, names, self._words.desk_texts.language))


def _ready(ready: Ready, names: list[str], texts: Texts) -> str:
    """When a card is ready, and whose where `names` are given."""
    day = texts.day_short(ready.at)
    if ready.exact:
        when = texts("Ready: {day}, from {time}", day=day, time=texts.time(ready.at))
    elif ready.not_before is not None:
        when = texts("Ready: between {first} and {day}", first=texts.day_short(ready.not_before), day=day)
    elif ready.at_most:
        when = texts("Ready: {day} at the latest", day=day)
    else:
        when = texts("Ready: around {day}", day=day)
    return f"{texts.join(names)}{SEPARATOR}{when}" if names else when


def _valid(until: date, names: list[str], texts: Texts) -> str:
    """How long a card can be valid, and whose where `names` are given."""
    said = texts("Card valid until {day} at most.", day=texts.day_with_year(until))
    return f"{texts.join(names)}{SEPARATOR}{said}" if names else said
