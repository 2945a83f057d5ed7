"""The ticket: its claims and signature, what is on it, and how it is laid out for a strip of paper.

    office = Office.of(profile, ticket.request.service)
    qr = sign(claims_of(ticket, kiosk_id), private_key, key_id)  # recorded as TicketIssued before it is printed
    paper = compose_ticket(ticket, qr, office, texts(ticket.request.language), texts(profile.languages[0]))
    document = lay_out(paper, PAPER_80_MM, rasteriser.measure)

Composition and layout are apart: a `Paper` says what is on it in both languages, without lines or widths.
Checking a scanned text is `kiosk.domain.tickets.signature.verify`, which the pickup desk shares.
"""

from kiosk.ticket.claims import TicketKind, claims_of, kind_of
from kiosk.ticket.layout import lay_out
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Paper
from kiosk.ticket.signature import ClaimsTooLarge, sign, ticket_key
from kiosk.ticket.slips import Refill, compose_refill, compose_slip
from kiosk.ticket.tickets import compose_ticket

__all__ = [
    "ClaimsTooLarge",
    "Office",
    "Paper",
    "Refill",
    "TicketKind",
    "claims_of",
    "compose_refill",
    "compose_slip",
    "compose_ticket",
    "kind_of",
    "lay_out",
    "sign",
    "ticket_key",
]
