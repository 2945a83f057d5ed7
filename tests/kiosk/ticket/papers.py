"""Every kind of paper that a kiosk prints, in one place: for the pictures and for what holds of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hardware.printer.document import Document, PaperGeometry
from hardware.printer.raster import TextRasteriser
from hardware.printer.sample import sample_page
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import ChecklistItem, Notice, Service
from kiosk.profiles import find_profile
from kiosk.text import texts
from kiosk.ticket import Office, Paper, claims_of, compose_refill, compose_slip, compose_ticket, lay_out, sign
from kiosk.visit.effects import PrintSlip, Reprint, SlipAbout, Ticket
from tests.kiosk.ticket.examples import ISSUED_AT, KEY, KIOSK, LINA, PUBLIC, RECEIPT, REFILL, YUSUF, request, ticket
from tests.towns import TOWN

LANGUAGES = ("nl", "fr", "de", "en", "ar", "uk")
PROFILE: Profile = find_profile(TOWN)
DESK_LANGUAGE = "nl"
COLLECTED = tuple(child.model_copy(update={"fee_cents": 0, "procedure": None}) for child in (YUSUF, LINA))
LETTER = (ChecklistItem("codes-letter", (0, 1)), ChecklistItem("old-card", (0,), optional=True))


def _collection() -> Ticket:
    asked = request(*COLLECTED, service=Service.COLLECTION.value)
    notices = (Notice("puk-and-pin"), Notice("old-card-handed-in"))
    return ticket(*COLLECTED, request=asked, paid=None, checklist=LETTER, notices=notices, collection=None)


TICKETS: dict[str, Callable[[], Ticket]] = {
    "ticket": ticket,
    "copy": lambda: ticket(copy_mark=True, reprint=Reprint.ASKED),
    "new-time": lambda: ticket(
        copy_mark=True, reprint=Reprint.NEW_TIME, appointment_start=datetime(2026, 12, 2, 13, 0, tzinfo=UTC)
    ),
    "pay-at-desk": lambda: ticket(paid=None),
    "by-phone": lambda: ticket(appointment_start=None, appointment_by_phone=True),
    "walk-in": lambda: ticket(YUSUF, appointment_start=None, paid=RECEIPT),
    "collection": _collection,
}
SLIPS = tuple(SlipAbout)
KINDS = (*TICKETS, *(f"slip-{about.value}" for about in SLIPS), "refill")


def paper_of(kind: str, language: str) -> Paper:
    """One paper, in the parent's language and the desk's."""
    mine, desk = texts(language), texts(DESK_LANGUAGE)
    if kind in TICKETS:
        made = TICKETS[kind]()
        qr = sign(claims_of(made, KIOSK), KEY, PUBLIC.key_id)
        return compose_ticket(made, qr, office(made.request.service), mine, desk)
    if kind == "refill":
        return compose_refill(REFILL, office(""), mine, desk)
    about = SlipAbout(kind.removeprefix("slip-"))
    slip = PrintSlip(request(), ISSUED_AT, "no-answer", about=about)
    if about is SlipAbout.NOT_PAID:
        slip = replace(slip, receipt=RECEIPT.text)
    return compose_slip(slip, office("application"), mine, desk)


def office(service: str) -> Office:
    return Office.of(PROFILE, service)


def document_of(kind: str, language: str, geometry: PaperGeometry, rasteriser: TextRasteriser) -> Document:
    """One paper on a strip of this width; the test page has no language."""
    if kind == "test-page":
        return sample_page(geometry, "kiosk hall 1")
    return lay_out(paper_of(kind, language), geometry, rasteriser.measure)
