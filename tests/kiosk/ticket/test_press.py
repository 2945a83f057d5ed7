"""A kiosk's press: whatever a municipality's profile answers comes out on paper, and verifies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk.domain import rules
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Child, Request, Service
from kiosk.domain.tickets.signature import verify
from kiosk.profiles import available, find_profile
from kiosk.text import LANGUAGES
from kiosk.ticket import claims_of
from kiosk.ticket.press import TicketPress
from kiosk.visit.effects import PrintSlip, Ticket
from tests.kiosk.ticket.examples import CLAIMS, KEY, KEYS, KIOSK, RECEIPT, YUSUF, request
from tests.kiosk.ticket.printing import print_document
from tests.towns import TOWN

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def ticket_of(profile: Profile, service: Service, language: str) -> Ticket:
    """What a visit would print for a child of eight, by this profile's rules."""
    years = rules.birth_years(profile, service, NOW)
    child = Child("Yusuf", date(years[-1] + 1, 3, 4))
    offers = rules.card_type_offers(profile, service, child.birth_date, NOW)
    card_type = next((offer.card_type for offer in offers if offer.fee_cents is not None), None)
    procedures = rules.procedure_offers(profile, service, card_type, child.birth_date, NOW)
    procedure = procedures[0].procedure if procedures else None
    quote = rules.quote(profile, [Request(child, service, card_type, procedure)], NOW)
    assert quote.eligible, quote.reason
    ready = quote.ready[0]
    asked = YUSUF.model_copy(
        update={
            "card_type": card_type.value if card_type else None,
            "procedure": procedure,
            "fee_cents": quote.total_cents,
            "ready_at": ready.at if ready else None,
            "ready_exact": bool(ready and ready.exact),
        }
    )
    return Ticket(
        request=request(asked, language=language, service=service.value, municipality=profile.id),
        issued_at=NOW,
        appointment_start=NOW if quote.appointment_needed else None,
        appointment_minutes=20,
        appointment_desk=profile.desks[0].id,
        appointment_by_phone=False,
        checklist=quote.checklist,
        notices=quote.notices,
        collection=quote.collection,
        paid=RECEIPT if quote.total_cents else None,
        copy_mark=False,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", available())
def test_each_service_of_each_profile_prints_and_verifies(tmp_path: Path, name: str, language: str):
    profile = find_profile(name)
    press = TicketPress(profile, KEY, KIOSK)
    for service in rules.services(profile):
        made = ticket_of(profile, service, language)
        qr, document = press.ticket(made)
        printed = print_document(document, tmp_path)
        assert verify(printed.scanned(), KEYS) == verify(qr, KEYS) == claims_of(made, KIOSK)
        assert profile.desks[0].id not in printed.lines, "desks are named, not numbered"


def test_a_slip_comes_out_of_the_same_press(tmp_path: Path):
    profile = find_profile(TOWN)
    document = TicketPress(profile, KEY, KIOSK).slip(PrintSlip(request(), NOW, "no-answer"))
    assert CLAIMS.code in print_document(document, tmp_path).lines
