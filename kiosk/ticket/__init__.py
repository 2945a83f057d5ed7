"""The ticket: its claims and signature, what is on it, and how it is laid out for a strip of paper.

    office = Office.of(profile, ticket.request.service)
    qr = sign(claims_of(ticket, kiosk_id), private_key, key_id)  # recorded as TicketIssued before it is printed
    paper = compose_ticket(ticket, qr, office, texts(ticket.request.language), texts(profile.languages[0]))
    document = lay_out(paper, PAPER_80_MM, rasteriser.measure)

Composition and layout are apart: a `Paper` says what is on it in both languages, without lines or widths.
Checking a scanned text is `kiosk.domain.ticket_signature.verify`, which the pickup desk shares.
"""

from kiosk.ticket.compose import Office, claims_of, compose_slip, compose_ticket
from kiosk.ticket.layout import lay_out
from kiosk.ticket.paper import Paper
from kiosk.ticket.signature import ClaimsTooLarge, sign, ticket_key

__all__ = [
    "ClaimsTooLarge",
    "Office",
    "Paper",
    "claims_of",
    "compose_slip",
    "compose_ticket",
    "lay_out",
    "sign",
    "ticket_key",
]
