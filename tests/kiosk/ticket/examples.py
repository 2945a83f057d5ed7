"""Values that the ticket's tests share."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from kiosk.domain.ticket_keys import key_set
from kiosk.domain.tickets import BookedTime, Claims, Payment, PaymentState, RequestedCard, new_code
from kiosk.ticket.signature import ticket_key

KIOSK = "vbs-01"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = ticket_key(KEY, KIOSK)
KEYS = key_set([PUBLIC])

CLAIMS = Claims(
    ticket_id=UUID("3c1f7f9e-58d5-4d0e-9d61-6d2f0f9a4b11"),
    code=new_code(random.Random(2026)),
    municipality="voorbeeldstad",
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
    appointment=st.none() | st.builds(BookedTime, _moments, st.integers(1, 240), _words),
    payment=_payments,
    requests=st.lists(_cards, min_size=1, max_size=8).map(tuple),
)
