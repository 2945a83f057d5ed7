"""Everything from a visit's wish to a document for the printer: compose, sign, lay out."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.printer import PAPER_80_MM, Document, PaperGeometry, TextRasteriser
from kiosk.domain.entries import RequestMade
from kiosk.domain.profile import Profile
from kiosk.text import texts
from kiosk.ticket.compose import Office, claims_of, compose_slip, compose_ticket
from kiosk.ticket.layout import lay_out
from kiosk.ticket.signature import sign, ticket_key
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
        return qr, lay_out(paper, self._geometry, self._measure)

    def slip(self, request: RequestMade, issued_at: datetime, reason: str) -> Document:
        """The paper for a payment whose outcome is unknown."""
        office = Office.of(self._profile, request.service)
        slip = PrintSlip(request, issued_at, reason)
        paper = compose_slip(slip, office, texts(request.language), self._desk_texts)
        return lay_out(paper, self._geometry, self._measure)
