"""Slips: for the parent whose case people must decide, and for the staff who put in a new roll.

A slip proves nothing and carries no QR code: the desk finds what it is about by the code, or by the kiosk's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from kiosk.text import Texts, terms
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Account, Banner, Box, Closing, Code, Paper, Passage, Phrase, Row, Tick
from kiosk.ticket.staff_papers import PRINT_CHECKS
from kiosk.ticket.words import Words, moment
from kiosk.visit.effects import PrintSlip, SlipAbout


@dataclass(frozen=True, slots=True)
class _Case:
    """What a slip says of its case: title, the one thing to do or not to do, and what happens next."""

    title: str
    advice: str
    sentences: tuple[str, ...]


_CASES = {
    SlipAbout.PAYMENT_UNKNOWN: _Case(
        "Payment not certain",
        "Do not pay again.",
        (
            "We do not know yet whether your payment went through.",
            "Our staff will find out. You never pay twice.",
        ),
    ),
    SlipAbout.PAYMENT_REVERSED: _Case(
        "Payment taken back",
        "You have paid nothing.",
        (
            "Your ticket could not be made, so the payment was cancelled at once.",
            "Your bank may show the amount for a few days as reserved. Then it goes away.",
        ),
    ),
    SlipAbout.NOT_PAID: _Case(
        "Payment did not succeed",
        "You have paid nothing.",
        ("The terminal wants you to have its receipt.", "You can try again, or ask at the desk."),
    ),
    SlipAbout.TICKET_MISSING: _Case(
        "Paid, without a ticket",
        "Your request is safe.",
        (
            "You have paid, but your ticket could not be printed.",
            "The desk gives you a new one. You never pay twice.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Refill:
    """A new roll, as the slip for staff tells it. Lengths are millimetres; None where nobody counted.

    `by` is the name or number under which the member of staff is known; `tickets` came off the old roll.
    """

    kiosk: str
    at: datetime
    by: str
    roll_mm: int
    tickets_ahead: int
    last_at: datetime | None = None
    used_mm: int | None = None
    tickets: int | None = None
    number: int | None = None  # which the screen asks for: it proves that somebody looked at the print


def compose_slip(slip: PrintSlip, office: Office, texts: Texts, desk_texts: Texts) -> Paper:
    """The slip for a case that people must decide, or that ended without a ticket."""
    words = Words(office, texts, desk_texts)
    say, tell = words.say, words.tell
    case = _CASES[slip.about]
    asking = words.with_phone("Go to the desk with this slip, or call {phone}.", "Go to the desk with this slip.")
    return words.paper(
        words.masthead(),
        Banner(say(case.title), (say(case.advice),)),
        Code(say("Your code"), slip.request.ticket_code),
        Account(
            title=words.in_both(lambda texts: terms.service_name(texts, slip.request.service)),
            rows=(),
            total_label=say("Amount"),
            total=texts.money(slip.request.total_cents),
            lines=(words.in_both(partial(moment, slip.issued_at)),),
            receipt=slip.receipt,
        ),
        Passage(tell("What you can do"), (*map(tell, case.sentences), asking)),
        Closing((Phrase("", desk_texts("For the desk: look it up by the code.")),)),
    )


def compose_refill(refill: Refill, office: Office, texts: Texts, desk_texts: Texts) -> Paper:
    """The slip that staff sign after a refill. `texts` is the language that the member of staff works in."""
    words = Words(office, texts, desk_texts)
    say = words.say
    rows = [
        Row(texts("Time"), moment(refill.at, texts)),
        Row(texts("By"), refill.by),
        Row(texts("New roll"), _metres(refill.roll_mm, texts)),
        Row(texts("Enough for about"), texts.count("{n} ticket", "{n} tickets", refill.tickets_ahead)),
    ]
    if refill.last_at is not None:
        rows.append(Row(texts("Last refill"), moment(refill.last_at, texts)))
    if refill.used_mm is not None:
        rows.append(Row(texts("Printed since then"), _metres(refill.used_mm, texts)))
    if refill.tickets is not None:
        rows.append(Row(texts("Tickets since then"), str(refill.tickets)))
    number = () if refill.number is None else (Code(say("Touch this number on the screen"), str(refill.number)),)
    checks = ("The cover is closed.", *PRINT_CHECKS)
    return words.paper(
        words.masthead(),
        Box(say("New roll of paper"), Phrase(refill.kiosk)),
        *number,
        Account(title=Phrase(""), rows=tuple(rows)),
        Passage(say("Check"), ticks=tuple(Tick(say(check), Phrase("")) for check in checks)),
        Closing((say("Name and signature"), Phrase(""), Phrase("." * 30))),
    )


def _metres(length: int, texts: Texts) -> str:
    return f"{texts.number(length / 1000)} m"
