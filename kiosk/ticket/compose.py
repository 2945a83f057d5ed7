"""From a visit's ticket or slip to what the paper says: every phrase in the parent's language, and in the desk's.

Of a child only the first name gets here. No national number, no birth date and no surname is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from hardware.printer.encode import printable
from kiosk.domain.card_types import CardType
from kiosk.domain.entries import Receipt, RequestedChild, RequestMade
from kiosk.domain.profile import Profile
from kiosk.domain.quote import ChecklistItem, Collection, Notice
from kiosk.domain.things import CHILD
from kiosk.domain.tickets import BookedTime, Claims, Payment, PaymentState, RequestedCard
from kiosk.text import Texts, terms
from kiosk.ticket.paper import (
    Account,
    Banner,
    Box,
    Closing,
    Code,
    Masthead,
    Paper,
    Passage,
    Phrase,
    Row,
    Section,
    Tick,
)
from kiosk.visit.effects import PrintSlip, Ticket

SEPARATOR = " · "
NO_BREAK = "\u00a0"
LONGEST_DESK = 40  # characters of a desk's name in the QR code, which has little room; the paper has all of it


@dataclass(frozen=True, slots=True)
class Office:
    """The municipality as the paper names it, in its own language.

    `desk` is the desk that speaks on top; `desks` has the names of desks that a ticket knows by their id, and
    `addresses` the address of each desk by its name. The `profile` gives a municipality's own names of procedures,
    where it has any. An empty `phone` is one that is not known: people are sent to the desk instead.
    """

    municipality: str
    desk: str
    phone: str
    desks: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    profile: Profile | None = None

    @classmethod
    def of(cls, profile: Profile, service: str) -> Office:
        """The office of a profile, with the desk that handles a service (or its first, for an unknown one)."""
        language = profile.languages[0]
        desks = {desk.id: desk.name_in(language) for desk in profile.desks}
        rules = next((rules for offered, rules in profile.services.items() if offered == service), None)
        desk = desks[rules.desk] if rules is not None else profile.desks[0].name_in(language)
        addresses = {desks[desk.id]: desk.address for desk in profile.desks}
        return cls(profile.name, desk, profile.phone, desks, addresses, profile)

    def desk_name(self, desk: str) -> str:
        """The name of a desk by its id; what is no id here is a name already."""
        return self.desks.get(desk, desk)

    def address(self, desk: str) -> str:
        """Where a desk is: its own address, or that of the desk on top, or nothing where neither is known."""
        return self.addresses.get(self.desk_name(desk)) or self.addresses.get(self.desk, "")


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
        payment=Payment(_payment_state(ticket), request.total_cents),
        requests=tuple(RequestedCard(child.card_type, child.procedure) for child in request.children),
    )


def compose_ticket(ticket: Ticket, qr: str, office: Office, texts: Texts, desk_texts: Texts) -> Paper:
    """The ticket. `qr` is the signed text of its QR code; `texts` the parent's language, `desk_texts` the desk's."""
    return _Composer(ticket.request, office, texts, desk_texts).ticket(ticket, qr)


def compose_slip(slip: PrintSlip, office: Office, texts: Texts, desk_texts: Texts) -> Paper:
    """The slip for a payment whose outcome nobody knows yet."""
    return _Composer(slip.request, office, texts, desk_texts).slip(slip)


def _to_the_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _payment_state(ticket: Ticket) -> PaymentState:
    if ticket.request.total_cents == 0:
        return PaymentState.NOTHING
    return PaymentState.PAID if ticket.paid is not None else PaymentState.DUE


class _Composer:
    """One paper in the making: what all its sections need."""

    def __init__(self, request: RequestMade, office: Office, texts: Texts, desk_texts: Texts):
        self._request = request
        self._office = office
        self._texts = texts
        self._desk_texts = desk_texts
        self._phone = office.phone.replace(" ", NO_BREAK)
        self._names = tuple(child.first_name for child in request.children)

    def ticket(self, ticket: Ticket, qr: str) -> Paper:
        sections: list[Section] = [self._masthead()]
        if ticket.copy_mark:
            sections.append(self._copy())
        sections += [
            Code(self._say("Your ticket"), self._request.ticket_code, qr),
            self._appointment(ticket),
            self._account(ticket),
        ]
        if ticket.checklist:
            sections.append(Passage(self._say("Bring with you"), ticks=self._ticks(ticket.checklist)))
        if ticket.notices:
            sections.append(Passage(self._tell("Good to know"), tuple(map(self._notice, ticket.notices))))
        if ticket.collection is not None:
            sections.append(self._collection(ticket.collection))
        sections.append(self._closing("Keep this ticket. The desk needs it."))
        return self._paper(sections)

    def slip(self, slip: PrintSlip) -> Paper:
        say, tell = self._say, self._tell
        return self._paper(
            [
                self._masthead(),
                Banner(say("Payment not certain"), (say("Do not pay again."),)),
                Code(say("Your code"), self._request.ticket_code),
                Account(
                    title=self._service(),
                    rows=(),
                    total_label=say("Amount"),
                    total=self._texts.money(self._request.total_cents),
                    lines=(self._in_both(partial(_moment, slip.issued_at)),),
                ),
                Passage(
                    tell("What you can do"),
                    (
                        tell("We do not know yet whether your payment went through."),
                        tell("Our staff will find out. You never pay twice."),
                        self._with_phone(
                            "Go to the desk with this slip, or call {phone}.", "Go to the desk with this slip."
                        ),
                    ),
                ),
                Closing((Phrase("", self._desk_texts("For the desk: open case, look it up by the code.")),)),
            ]
        )

    # --- Sections ------------------------------------------------------------------------------------

    def _masthead(self) -> Masthead:
        return Masthead(self._office.municipality, self._office.desk)

    def _copy(self) -> Banner:
        return Banner(
            self._say("Copy"),
            (self._say("The first ticket may have come out too. Both are the same request."),),
        )

    def _appointment(self, ticket: Ticket) -> Section:
        title = self._say("Your appointment")
        if ticket.appointment_start is not None:
            start = ticket.appointment_start
            desk = ticket.appointment_desk or self._office.desk
            lines = [Phrase(f"{self._office.desk_name(desk)}{SEPARATOR}{ticket.appointment_minutes} min")]
            if address := self._office.address(desk):
                lines.append(Phrase(address))
            when = self._in_both(partial(_moment, start))
            return Box(title, when, tuple(lines))
        if ticket.appointment_by_phone and not self._phone:
            return Passage(title, (self._say("You have no appointment yet. Ask the desk for one."),))
        if ticket.appointment_by_phone:
            return Box(
                title,
                Phrase(self._phone),
                (self._say("You have no appointment yet. Call this number to make one."),),
            )
        return Passage(title, (self._say("You do not need an appointment."),))

    def _account(self, ticket: Ticket) -> Account:
        return Account(
            title=self._service(),
            rows=tuple(self._row(child) for child in self._request.children),
            total_label=self._say(_TOTAL_LABELS[_payment_state(ticket)]),
            total=self._texts.money(self._request.total_cents),
            lines=() if ticket.paid is None else tuple(self._payment_lines(ticket.paid)),
            receipt=() if ticket.paid is None else ticket.paid.text,
        )

    def _service(self) -> Phrase:
        return self._in_both(lambda texts: terms.service_name(texts, self._request.service))

    def _row(self, child: RequestedChild) -> Row:
        def what(texts: Texts) -> str:
            parts = []
            if child.card_type is not None:
                parts.append(terms.card_type_name(texts, CardType(child.card_type)))
            if child.procedure is not None:
                parts.append(terms.procedure_name(texts, child.procedure, self._office.profile))
            return SEPARATOR.join(parts)

        lines = (self._in_both(what),) if child.card_type or child.procedure else ()
        return Row(child.first_name, self._texts.money(child.fee_cents), lines)

    def _payment_lines(self, paid: Receipt) -> list[Phrase]:
        """With which card, and when; what the terminal did not tell is left out."""
        card = SEPARATOR.join(part for part in (paid.card_name, paid.masked_pan) if part)
        proof = []
        if paid.at is not None:
            proof.append(_moment(paid.at, self._texts))
        if paid.receipt_number is not None:
            proof.append(self._texts("receipt {number}", number=f"{paid.receipt_number:04}"))
        return [Phrase(line) for line in (card, SEPARATOR.join(proof)) if line]

    def _collection(self, collection: Collection) -> Passage:
        say, tell = self._say, self._tell
        lines = [*self._ready_lines(), tell("Where: {desk}", desk=self._place(collection.desk))]
        if collection.appointment:
            lines.append(self._with_phone("Make an appointment first. Call {phone}.", "Make an appointment first."))
        else:
            lines.append(tell("You do not need an appointment."))
        lines.append(
            tell("Your child must come with you.")
            if collection.child_present
            else tell("Your child does not have to come with you.")
        )
        return Passage(say("Collecting the card"), tuple(lines), self._ticks(collection.checklist))

    def _place(self, desk: str) -> str:
        return ", ".join(filter(None, (self._office.desk_name(desk), self._office.address(desk))))

    def _ready_lines(self) -> list[Phrase]:
        """When the cards are ready: once for children of the same moment."""
        moments: dict[tuple[datetime, bool], list[str]] = {}
        for child in self._request.children:
            if child.ready_at is not None:
                moments.setdefault((child.ready_at, child.ready_exact), []).append(child.first_name)
        lines = []
        for moment, names in moments.items():
            whose = [] if len(names) == len(self._names) else names
            lines.append(self._in_both(partial(_ready, *moment, whose)))
        return lines

    def _closing(self, message: str) -> Closing:
        asking = self._with_phone("Questions? Call {phone}.", "Questions? Ask at the desk.")
        return Closing((self._tell(message), asking))

    # --- Phrases -------------------------------------------------------------------------------------

    def _ticks(self, items: tuple[ChecklistItem, ...]) -> tuple[Tick, ...]:
        return tuple(
            Tick(self._in_both(partial(self._title, item)), self._in_both(partial(self._hint, item))) for item in items
        )

    def _title(self, item: ChecklistItem, texts: Texts) -> str:
        return terms.checklist_title(texts, item, self._names, self._desk_texts.language)

    def _hint(self, item: ChecklistItem, texts: Texts) -> str:
        """More about a thing to bring, and whose it is where it is not for all; a child in person needs no more."""
        return "" if item.code == CHILD else terms.checklist_hint(texts, item, self._names)

    def _notice(self, notice: Notice) -> Phrase:
        names = self._names if len(self._names) > 1 else ()
        return Phrase(terms.notice_text(self._texts, notice, names, self._desk_texts.language))

    def _with_phone(self, message: str, without: str) -> Phrase:
        """Words for the parent alone, with the number to call where the municipality gives one."""
        return self._tell(message, phone=self._phone) if self._phone else self._tell(without)

    def _tell(self, message: str, /, **values: object) -> Phrase:
        """Words for the parent alone."""
        return Phrase(self._texts(message, **values))

    def _say(self, message: str, /, **values: object) -> Phrase:
        return self._in_both(lambda texts: texts(message, **values))

    def _in_both(self, words: Callable[[Texts], str]) -> Phrase:
        text, desk = words(self._texts), words(self._desk_texts)
        return Phrase(text) if text == desk else Phrase(text, desk)

    def _paper(self, sections: list[Section]) -> Paper:
        return Paper(self._texts.language, self._texts.right_to_left, self._desk_texts.language, tuple(sections))


_TOTAL_LABELS = {
    PaymentState.NOTHING: "Nothing to pay",
    PaymentState.PAID: "Paid",
    PaymentState.DUE: "To pay at the desk",
}


def _moment(moment: datetime, texts: Texts) -> str:
    return f"{texts.day_short(moment)} {texts.time(moment)}"


def _ready(at: datetime, exact: bool, names: list[str], texts: Texts) -> str:
    """When a card is ready, and whose where `names` are given."""
    day = texts.day_short(at)
    when = (
        texts("Ready: {day}, from {time}", day=day, time=texts.time(at))
        if exact
        else texts("Ready: around {day}", day=day)
    )
    return f"{texts.join(names)}{SEPARATOR}{when}" if names else when
