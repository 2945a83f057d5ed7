"""Values that the ticket's tests share."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from kiosk.domain.quote import ChecklistItem, Collection, Notice
from kiosk.domain.record.entries import Parent, Receipt, RequestedChild, RequestMade
from kiosk.domain.tickets.claims import BookedTime, Claims, Payment, PaymentState, RequestedCard, new_code
from kiosk.domain.tickets.keys import key_set
from kiosk.text import Texts
from kiosk.ticket import Office, Refill, claims_of, compose_slip, compose_ticket, sign, ticket_key
from kiosk.ticket.paper import Paper
from kiosk.visit.effects import PrintSlip, Ticket
from tests.towns import TOWN

KIOSK = "vbs-01"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = ticket_key(KEY, KIOSK)
KEYS = key_set([PUBLIC])

CLAIMS = Claims(
    ticket_id=UUID("3c1f7f9e-58d5-4d0e-9d61-6d2f0f9a4b11"),
    code=new_code(random.Random(2026)),
    municipality=TOWN,
    kiosk=KIOSK,
    issued_at=datetime(2026, 11, 22, 13, 36, 5, tzinfo=UTC),
    service="application",
    appointment=BookedTime(datetime(2026, 11, 25, 9, 30, tzinfo=UTC), 30, "Burgerzaken, loket 3"),
    payment=Payment(PaymentState.PAID, 2400),
    requests=(RequestedCard("A", "normal"), RequestedCard("A", "urgent")),
)

_words = st.text("abcdefghijklmnopqrstuvwxyzéë-0123456789 ", min_size=1, max_size=16).filter(str.strip)
_moments = st.datetimes(datetime(2024, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
_payments = st.one_of(
    st.just(Payment(PaymentState.NOTHING, 0)),
    st.builds(
        Payment, st.sampled_from([PaymentState.PAID, PaymentState.DUE]), st.integers(min_value=1, max_value=10**7)
    ),
)
_cards = st.builds(
    RequestedCard,
    st.none() | st.sampled_from(["A", "B", "EU+", "F+"]),
    st.none() | st.sampled_from(["normal", "urgent", "super-urgent"]),
)

claims = st.builds(
    Claims,
    ticket_id=st.uuids(),
    code=st.randoms(use_true_random=False).map(new_code),
    municipality=_words,
    kiosk=st.just(KIOSK),
    issued_at=_moments,
    service=st.sampled_from(["application", "duplicate", "collection", "certificates", "card-from-12"]),
    appointment=st.none() | st.builds(BookedTime, _moments, st.integers(0, 240), st.none() | _words),
    payment=_payments,
    requests=st.lists(_cards, min_size=1, max_size=8).map(tuple),
)


# --- A visit, and what it prints -----------------------------------------------------------------------

OFFICE = Office(
    "Voorbeeldstad",
    "Burgerzaken · Loket 3",
    "078 00 00 00",
    desks={"burgerzaken": "Burgerzaken, loket 3"},
    addresses={"Burgerzaken, loket 3": "Marktplein 1, 9999 Voorbeeldstad"},
)
ISSUED_AT = datetime(2026, 11, 22, 13, 36, 5, 123456, tzinfo=UTC)

YUSUF = RequestedChild(
    first_name="Yusuf",
    birth_date=date(2018, 3, 4),
    card_type="A",
    procedure="normal",
    fee_cents=1200,
    ready_at=datetime(2026, 12, 16, tzinfo=UTC),
)
LINA = RequestedChild(
    first_name="Lina",
    birth_date=date(2022, 5, 9),
    card_type="A",
    procedure="urgent",
    fee_cents=12000,
    ready_at=datetime(2026, 11, 27, 13, 0, tzinfo=UTC),
    ready_exact=True,
)
PARENT = Parent(
    national_number="85073012345",
    surname="El Amrani",
    first_names="Fatima Zohra",
    card_number="B123456789",
    card_type="A",
)
RECEIPT = Receipt(
    cents=13200,
    receipt_number=231,
    trace_number=77,
    terminal_id="52500041",
    masked_pan="************1234",
    card_name="Bancontact",
    at=datetime(2026, 11, 22, 13, 36, tzinfo=UTC),
    text=(
        "     TICKET CLIENT / KLANTENTICKET",
        "Terminal 52500041   Trace 000077",
        "Bancontact   ************1234",
        "EUR                       132,00",
        "AUTORISATION 482911",
    ),
)


def request(*children: RequestedChild, **changes: Any) -> RequestMade:
    """A request for these children; for two if none are given."""
    children = children or (YUSUF, LINA)
    values: dict[str, Any] = {
        "ticket_id": CLAIMS.ticket_id,
        "ticket_code": CLAIMS.code,
        "language": "nl",
        "service": "application",
        "parent": PARENT,
        "children": children,
        "total_cents": sum(child.fee_cents for child in children),
        "municipality": TOWN,
        "profile_version": "2026-01",
    }
    return RequestMade(**{**values, **changes})


def ticket(*children: RequestedChild, **changes: Any) -> Ticket:
    """A ticket for these children; for two if none are given."""
    all_of_them = tuple(range(len(children) or 2))
    values: dict[str, Any] = {
        "request": request(*children),
        "issued_at": ISSUED_AT,
        "appointment_start": datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
        "appointment_minutes": 30,
        "appointment_desk": "burgerzaken",
        "appointment_by_phone": False,
        "checklist": (
            ChecklistItem("child", all_of_them),
            ChecklistItem("passport-or-id", all_of_them),
            ChecklistItem("photo-white", all_of_them),
            ChecklistItem("old-card", (0,), optional=True),
        ),
        "notices": (Notice("fingerprints", (0,)), Notice("codes-by-post"), Notice("not-for-travel-alone")),
        "collection": Collection(True, True, "Burgerzaken", (ChecklistItem("codes-letter", all_of_them),)),
        "paid": RECEIPT,
        "copy_mark": False,
    }
    return Ticket(**{**values, **changes})


REFILL = Refill(
    kiosk="Kiosk hal 1",
    at=ISSUED_AT,
    by="Balie 2",
    roll_mm=80_000,
    tickets_ahead=380,
    last_at=datetime(2026, 11, 16, 8, 5, tzinfo=UTC),
    used_mm=78_420,
    tickets=371,
)


def ticket_paper(made: Ticket, texts: Texts, desk_texts: Texts) -> Paper:
    """The paper of a ticket, signed by the kiosk of these tests."""
    return compose_ticket(made, sign(claims_of(made, KIOSK), KEY, PUBLIC.key_id), OFFICE, texts, desk_texts)


def slip_paper(texts: Texts, desk_texts: Texts) -> Paper:
    """The paper of a slip for the same visit."""
    return compose_slip(PrintSlip(request(), ISSUED_AT, "no-answer"), OFFICE, texts, desk_texts)
