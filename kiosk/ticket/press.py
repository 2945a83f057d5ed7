"""Everything from a visit's wish to a document for the printer: compose, sign, lay out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.printer import PAPER_80_MM, Document, PaperGeometry, TextRasteriser
from kiosk.domain.profiles.profile import Profile
from kiosk.staff.events import Device, Verdict
from kiosk.text import texts
from kiosk.ticket.claims import claims_of
from kiosk.ticket.layout import lay_out
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Paper
from kiosk.ticket.signature import sign, ticket_key
from kiosk.ticket.slips import Refill, compose_refill, compose_slip
from kiosk.ticket.staff_papers import compose_log, compose_report, compose_test_page
from kiosk.ticket.tickets import compose_ticket
from kiosk.visit.effects import PrintSlip, Ticket


class TicketPress:
    """One kiosk's: its municipality, its signing key, its paper."""

    def __init__(
        self,
        profile: Profile,
        key: Ed25519PrivateKey,
        kiosk_id: str,
        geometry: PaperGeometry = PAPER_80_MM,
    ):
        self._profile = profile
        self._key = key
        self._kiosk_id = kiosk_id
        self._key_id = ticket_key(key, kiosk_id).key_id
        self._geometry = geometry
        self._measure = TextRasteriser(geometry).measure
        self._desk_texts = texts(profile.languages[0])

    def ticket(self, ticket: Ticket) -> tuple[str, Document]:
        """The text of the QR code, and the paper."""
        qr = sign(claims_of(ticket, self._kiosk_id), self._key, self._key_id)
        office = Office.of(self._profile, ticket.request.service)
        paper = compose_ticket(ticket, qr, office, texts(ticket.request.language), self._desk_texts)
        return qr, self._laid_out(paper)

    def slip(self, slip: PrintSlip) -> Document:
        """The paper in place of a ticket."""
        office = Office.of(self._profile, slip.request.service)
        return self._laid_out(compose_slip(slip, office, texts(slip.request.language), self._desk_texts))

    def refill(self, refill: Refill, language: str) -> Document:
        """The slip that staff sign after they put in a new roll, in the language they work in."""
        office = Office.of(self._profile)
        return self._laid_out(compose_refill(refill, office, texts(language), self._desk_texts))

    def test_page(self, number: int, kiosk: str, at: datetime, language: str) -> Document:
        """A page whose number only who looks at it knows; `at` is aware."""
        return self._laid_out(compose_test_page(number, kiosk, at, Office.of(self._profile), texts(language)))

    def report(
        self, results: Sequence[tuple[Device, Verdict]], member: str, kiosk: str, at: datetime, language: str
    ) -> Document:
        """The readiness report."""
        return self._laid_out(compose_report(results, member, kiosk, at, Office.of(self._profile), texts(language)))

    def log(self, lines: Sequence[str], kiosk: str, at: datetime, language: str) -> Document:
        """The last events for the help line."""
        return self._laid_out(compose_log(lines, kiosk, at, Office.of(self._profile), texts(language)))

    def _laid_out(self, paper: Paper) -> Document:
        return lay_out(paper, self._geometry, self._measure)
