"""What is on the paper: everything that people need, in the languages they need it in, and nothing personal more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime

import pytest

from kiosk.domain.quote import Collection, Grounds, Limit, Longest, Notice, Place, Ready, Service
from kiosk.domain.tickets.claims import BookedTime, PaymentState, RequestedCard
from kiosk.domain.tickets.signature import verify
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import find_profile
from kiosk.text import Texts, texts
from kiosk.ticket import Office, TicketKind, claims_of, compose_refill, compose_slip, compose_ticket, kind_of, sign
from kiosk.ticket.paper import Account, Banner, Box, Closing, Code, Paper, Passage, Phrase
from kiosk.visit.effects import PrintSlip, SlipAbout
from tests.kiosk.ticket.examples import (
    CLAIMS,
    ISSUED_AT,
    KEY,
    KEYS,
    KIOSK,
    LINA,
    OFFICE,
    PUBLIC,
    RECEIPT,
    REFILL,
    YUSUF,
    request,
    slip_paper,
    ticket,
    ticket_paper,
)
from tests.towns import TOWN

NL, FR, EN = texts("nl"), texts("fr"), texts("en")


def words(value: object) -> Iterator[str]:
    """Every string in a paper."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from words(member)
    elif is_dataclass(value):
        for field in fields(value):
            yield from words(getattr(value, field.name))


def sections(paper: Paper, kind: type) -> list:
    return [section for section in paper.sections if isinstance(section, kind)]


FREE = YUSUF.model_copy(update={"fee_cents": 0})


def passage(paper: Paper, title: str) -> Passage:
    return next(section for section in sections(paper, Passage) if section.title.text == title)


def everything(made: Paper) -> str:
    return "\n".join(words(made)).replace("\u00a0", " ")


def test_a_ticket_has_its_parts_in_the_order_people_use_them():
    paper = ticket_paper(ticket(), NL, NL)
    kinds = [type(section).__name__ for section in paper.sections]
    assert kinds == ["Masthead", "Code", "Box", "Account", "Passage", "Passage", "Passage", "Closing"]


def test_each_child_is_there_with_first_name_card_type_procedure_and_fee():
    (account,) = sections(ticket_paper(ticket(), NL, NL), Account)
    assert [(row.label, row.amount) for row in account.rows] == [("Yusuf", "€\u00a012,00"), ("Lina", "€\u00a0120,00")]
    assert account.rows[1].asked == Phrase("A-kaart · Dringend")
    assert account.total_label == Phrase("Betaald") and account.total == "€\u00a0132,00"


def test_how_it_was_paid_is_told_with_the_terminal_s_own_text_unchanged():
    (account,) = sections(ticket_paper(ticket(), NL, NL), Account)
    assert account.lines == (Phrase("Bancontact · ************1234 · zo 22/11/2026 14.36 · ontvangstbewijs\u00a00231"),)
    assert account.receipt == RECEIPT.text


def test_what_the_terminal_did_not_tell_leaves_no_hole():
    bare = RECEIPT.model_copy(update={"card_name": None, "masked_pan": None, "at": None, "receipt_number": None})
    (account,) = sections(ticket_paper(ticket(paid=bare), NL, NL), Account)
    assert account.lines == ()


def test_the_desk_s_language_stands_beside_the_parent_s_where_they_differ():
    paper = ticket_paper(ticket(), FR, NL)
    assert sections(paper, Box)[0].title == Phrase("Votre rendez-vous", "Uw afspraak")
    assert sections(paper, Box)[0].main == Phrase("mer. 25/11/2026 10h30", "wo 25/11/2026 10.30")
    (account,) = sections(paper, Account)
    assert account.rows[0].asked == Phrase("Carte A · Normale", "A-kaart · Gewoon")
    ticks = passage(paper, "À apporter").ticks
    assert all(tick.title.text and tick.title.desk for tick in ticks)


@pytest.mark.parametrize("language", [NL, FR, EN], ids=["nl", "fr", "en"])
def test_in_the_desk_s_own_language_everything_stands_once(language):
    def phrases(value: object) -> Iterator[Phrase]:
        if isinstance(value, Phrase):
            yield value
        elif isinstance(value, tuple):
            for member in value:
                yield from phrases(member)
        elif is_dataclass(value):
            for field in fields(value):
                yield from phrases(getattr(value, field.name))

    assert not any(phrase.desk for phrase in phrases(ticket_paper(ticket(), language, language)))


def test_no_national_number_no_birth_date_and_no_surname_get_on_paper():
    for paper in (ticket_paper(ticket(), FR, NL), slip_paper(FR, NL)):
        text = everything(paper)
        for secret in ("850730", "85.07.30", "El Amrani", "Fatima", "B123456789", "2018", "2022"):
            assert secret not in text
        for child in (YUSUF, LINA):
            assert child.birth_date.isoformat() not in text and f"{child.birth_date:%d/%m}" not in text


def test_the_claims_hold_no_name_no_national_number_and_no_birth_date():
    claims = claims_of(ticket(), KIOSK)
    assert claims == replace(
        CLAIMS,
        issued_at=ISSUED_AT.replace(microsecond=0),
        appointment=BookedTime(datetime(2026, 11, 25, 9, 30, tzinfo=UTC), 30, "burgerzaken"),
        payment=claims.payment,
    )
    assert claims.requests == (RequestedCard("A", "normal"), RequestedCard("A", "urgent"))
    assert (claims.payment.state, claims.payment.cents) == (PaymentState.PAID, 13200)
    assert verify(sign(claims, KEY, PUBLIC.key_id), KEYS) == claims


def test_a_ticket_without_payment_says_whether_something_is_due():
    free = YUSUF.model_copy(update={"fee_cents": 0})
    nothing, due = ticket(free, paid=None), ticket(paid=None)
    assert sections(ticket_paper(nothing, EN, EN), Account)[0].total_label.text == "Nothing to pay"
    assert sections(ticket_paper(due, EN, EN), Account)[0].total_label.text == "To pay at the desk"
    assert claims_of(nothing, KIOSK).payment.state is PaymentState.NOTHING
    assert claims_of(due, KIOSK).payment.state is PaymentState.DUE


def test_without_an_appointment_the_number_to_call_takes_its_place():
    paper = ticket_paper(ticket(appointment_start=None, appointment_by_phone=True), EN, EN)
    (box,) = sections(paper, Box)
    assert box.main.text.replace("\u00a0", " ") == "078 00 00 00"
    assert claims_of(ticket(appointment_start=None), KIOSK).appointment is None


def test_the_appointment_names_time_desk_and_address():
    (box,) = sections(ticket_paper(ticket(), NL, NL), Box)
    assert box.main == Phrase("wo 25/11/2026 10.30")
    assert box.lines == (Phrase("Burgerzaken, loket 3 · 30\u00a0min"), Phrase("Marktplein 1, 9999 Voorbeeldstad"))


def test_a_desk_that_the_profile_does_not_know_is_where_the_service_is():
    office = Office.of(find_profile(TOWN), "application")
    assert office.address("Loket 7") == office.address("burgerzaken") != ""
    assert Office("Stad", "Loket", "1").address("Loket 7") == ""


@pytest.mark.parametrize("desk", [None, "", "\n", "Dienst " * 30, "Łódź\t3", "\u200fالدائرة"])
def test_any_name_of_a_desk_can_be_signed(desk):
    claims = claims_of(ticket(appointment_desk=desk), KIOSK)
    assert verify(sign(claims, KEY, PUBLIC.key_id), KEYS) == claims


def test_where_no_appointment_is_needed_the_ticket_says_so():
    made = ticket(appointment_start=None)
    (box,) = sections(ticket_paper(made, FR, NL), Box)
    assert box.title == Phrase("Sans rendez-vous", "Geen afspraak nodig")
    assert box.main == Phrase(OFFICE.desk)
    office = Office.of(find_profile(TOWN), "application")
    (box,) = sections(compose_ticket(made, "LK1:", office, NL, NL), Box)
    assert [line.text for line in box.lines] == [
        "Marktplein 1, 9999 Voorbeeldstad",
        "ma, di, do 9.00-12.00, 13.30-16.00",
        "wo 9.00-12.00, 13.30-19.00",
        "vr 9.00-12.00",
    ]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, TicketKind.APPLICATION),
        ({"appointment_start": None, "appointment_by_phone": True}, TicketKind.APPLICATION),
        ({"appointment_start": None}, TicketKind.WALK_IN),
        ({"paid": None}, TicketKind.PAY_AT_DESK),
        ({"paid": None, "appointment_start": None}, TicketKind.PAY_AT_DESK),
        ({"request": request(FREE, FREE, service="collection"), "paid": None}, TicketKind.COLLECTION),
    ],
)
def test_the_kind_of_a_ticket_stands_above_its_code(changes, kind):
    made = ticket(**changes)
    assert kind_of(made) is kind
    (code,) = sections(ticket_paper(made, EN, EN), Code)
    assert (
        code.label.text
        == {
            TicketKind.APPLICATION: "Your ticket",
            TicketKind.COLLECTION: "Ticket to collect a card",
            TicketKind.WALK_IN: "Ticket without an appointment",
            TicketKind.PAY_AT_DESK: "Ticket to pay at the desk",
        }[kind]
    )


def test_what_is_to_be_paid_at_the_desk_is_boxed_with_its_amount():
    (account,) = sections(ticket_paper(ticket(paid=None), FR, NL), Account)
    assert account.boxed and account.total_label == Phrase("À payer au guichet", "Te betalen aan het loket")
    assert account.total == "132,00\u00a0€" and account.receipt == ()
    assert not sections(ticket_paper(ticket(), FR, NL), Account)[0].boxed


def test_what_costs_nothing_has_no_amounts():
    (account,) = sections(ticket_paper(ticket(FREE, paid=None), NL, NL), Account)
    assert (account.rows[0].amount, account.total, account.total_label) == ("", "", Phrase("Niets te betalen"))


def test_a_thing_for_one_child_of_several_names_the_child():
    ticks = passage(ticket_paper(ticket(), EN, EN), "Bring with you").ticks
    assert ticks[0].title.text == "Yusuf and Lina in person"
    assert ticks[3].hint.text == "for Yusuf · if there is one"
    assert "Yusuf: fingerprints will be taken." in everything(ticket_paper(ticket(), EN, EN))


def test_collecting_says_when_for_whom_where_and_how():
    made = passage(ticket_paper(ticket(), EN, EN), "Collecting the card")
    lines = [line.text for line in (*made.key, *made.lines)]
    assert [line.replace("\u00a0", " ") for line in lines] == [
        "Yusuf · Ready: around Wed 16/12/2026",
        "Lina · Ready: Fri 27/11/2026, from 14:00",
        "Where: Burgerzaken",
        "Make an appointment first. Call 078 00 00 00. Your child must come with you.",
    ]
    alone = ticket(YUSUF, collection=Collection(False, False, "Snelbalie", ()))
    made = passage(ticket_paper(alone, EN, EN), "Collecting the card")
    lines = [line.text for line in (*made.key, *made.lines)]
    assert lines == [
        "Ready: around Wed 16/12/2026",
        "Where: Snelbalie",
        "You do not need an appointment. Your child does not have to come with you.",
    ]


def test_a_copy_is_marked_in_both_languages_and_carries_the_same_code():
    first, copy = ticket_paper(ticket(), FR, NL), ticket_paper(ticket(copy_mark=True), FR, NL)
    assert not sections(first, Banner)
    assert sections(copy, Banner)[0].title == Phrase("Copie", "Kopie")
    assert sections(first, Code) == sections(copy, Code)


def test_a_slip_has_code_amount_and_time_says_not_to_pay_again_and_whom_to_ask():
    paper = slip_paper(FR, NL)
    text = everything(paper)
    assert CLAIMS.code in text and "132,00 €" in text and "dim. 22/11/2026 14h36" in text
    assert sections(paper, Banner)[0].lines == (Phrase("Ne payez pas une deuxième fois.", "Betaal niet opnieuw."),)
    assert "078 00 00 00" in text
    assert sections(paper, Code)[0].qr is None, "it proves no payment, so there is nothing to sign"
    assert sections(paper, Closing)[0].lines[0].text == "", "the desk's line is the desk's alone"


@pytest.mark.parametrize(
    ("about", "title", "advice"),
    [
        (SlipAbout.PAYMENT_UNKNOWN, "Payment not certain", "Do not pay again."),
        (SlipAbout.PAYMENT_REVERSED, "Payment taken back", "You have paid nothing."),
        (SlipAbout.TICKET_MISSING, "Paid, without a ticket", "Your request is safe."),
    ],
)
def test_each_slip_says_first_what_happened_and_what_that_means(about, title, advice):
    paper = compose_slip(PrintSlip(request(), ISSUED_AT, "", about=about), OFFICE, EN, EN)
    assert sections(paper, Banner) == [Banner(Phrase(title), (Phrase(advice),))]
    assert CLAIMS.code in everything(paper)


def test_a_refill_slip_says_which_kiosk_when_by_whom_and_how_long_the_roll_lasts():
    paper = compose_refill(REFILL, OFFICE, NL, NL)
    (account,) = sections(paper, Account)
    assert {row.label: row.amount.replace("\u00a0", " ") for row in account.rows} == {
        "Tijdstip": "zo 22/11/2026 14.36",
        "Door": "Balie 2",
        "Nieuwe rol": "80 m",
        "Genoeg voor ongeveer": "380 tickets",
        "Vorige rol": "ma 16/11/2026 9.05",
        "Gedrukt sindsdien": "78,4 m",
        "Tickets sindsdien": "371",
    }
    assert sections(paper, Box)[0].main == Phrase("Kiosk hal 1")
    assert len(passage(paper, "Nakijken").ticks) == 3
    bare = compose_refill(replace(REFILL, last_at=None, used_mm=None, tickets=None), OFFICE, NL, NL)
    assert len(sections(bare, Account)[0].rows) == 4, "what nobody counted leaves no hole"


def test_services_without_card_type_or_procedure_leave_out_what_they_lack():
    child = YUSUF.model_copy(update={"card_type": None, "procedure": None, "fee_cents": 0, "ready_at": None})
    made = ticket(child, paid=None, collection=None, checklist=(), notices=())
    made = replace(made, request=made.request.model_copy(update={"service": "certificates"}))
    paper = ticket_paper(made, EN, EN)
    (account,) = sections(paper, Account)
    assert account.title.text == "Activate a card" and account.rows[0].asked == Phrase("")
    assert len(sections(paper, Passage)) == 0


def test_a_municipality_without_a_phone_number_sends_people_to_the_desk():
    office = replace(OFFICE, phone="")
    papers = [
        compose_ticket(ticket(appointment_start=None, appointment_by_phone=True), "LK1:", office, EN, EN),
        compose_slip(PrintSlip(request(), ISSUED_AT, "no-answer"), office, EN, EN),
    ]
    for paper in papers:
        assert "call" not in everything(paper).lower()
        assert "desk" in everything(paper)
    assert "You have no appointment yet. Ask the desk for one." in everything(papers[0])


class Listening(Texts):
    """Texts that remember what they were asked for and did not know."""

    def __init__(self, language: str):
        own = texts(language)
        super().__init__(language, own._messages, own._plurals, own._plural_rule)
        self.unknown: set[str] = set()

    def __call__(self, message: str, /, **values: object) -> str:
        if not self.knows(message):
            self.unknown.add(message)
        return super().__call__(message, **values)


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_every_word_on_every_paper_is_translated(language):
    listening = Listening(language)
    free = YUSUF.model_copy(update={"fee_cents": 0})
    by_foot = Collection(False, False, "Snelbalie", ())
    for service in Service:
        made = ticket(request=request(service=service.value), copy_mark=True)
        ticket_paper(made, listening, EN)
    for made in (
        ticket(paid=None, appointment_start=None, appointment_by_phone=True, collection=by_foot),
        ticket(free, paid=None, appointment_start=None),
    ):
        ticket_paper(made, listening, EN)
    slip_paper(listening, listening)
    silent = replace(OFFICE, phone="")
    compose_ticket(ticket(appointment_start=None, appointment_by_phone=True), "LK1:", silent, listening, EN)
    for about in SlipAbout:
        for office in (OFFICE, silent):
            compose_slip(PrintSlip(request(), ISSUED_AT, "no-answer", about=about), office, listening, EN)
    compose_refill(REFILL, OFFICE, listening, EN)
    assert listening.unknown == set()


def test_a_ticket_says_between_which_days_and_until_when_at_the_latest_a_card_is_ready():
    first, last = (datetime(2026, 12, day, tzinfo=BRUSSELS) for day in (7, 14))
    between, at_most = Ready(last, False, first), Ready(last, False, at_most=True)
    text = everything(ticket_paper(ticket(YUSUF, LINA, ready=(between, at_most)), EN, NL))
    assert "Yusuf · Ready: between Mon 07/12/2026 and Mon 14/12/2026" in text
    assert "Lina · Ready: Mon 14/12/2026 at the latest" in text


def test_a_ticket_says_how_long_a_card_is_valid_and_what_stands_on_it():
    grounds = Grounds("validity.max_years", "page")
    three, one = (Longest(date(year, 11, 24), Limit.MAX_YEARS, (), grounds) for year in (2029, 2027))
    printed = (Notice("printed-exempt", (0, 1)),)
    both = everything(ticket_paper(ticket(YUSUF, LINA, validity=(three, three), printed=printed), EN, NL))
    assert "\nCard valid until 24 November 2029 at most." in both
    assert "the word “exempt” stands on the card" in both
    each = everything(ticket_paper(ticket(YUSUF, LINA, validity=(three, one)), EN, NL))
    assert "Yusuf · Card valid until 24 November 2029" in each
    assert "Lina · Card valid until 24 November 2027" in each
    assert "Card valid" not in everything(ticket_paper(ticket(YUSUF, LINA, validity=(None, None)), EN, NL))


def test_a_card_that_is_collected_elsewhere_has_its_own_line():
    central = Place({"nl": "Centrale aflevering", "fr": "Délivrance centrale"}, "Kruidtuinlaan 1")
    collection = Collection(False, False, "Snelbalie", (), elsewhere=((1, central),))
    assert "Lina · Délivrance centrale, Kruidtuinlaan 1" in everything(
        ticket_paper(ticket(YUSUF, LINA, collection=collection), FR, NL)
    )
