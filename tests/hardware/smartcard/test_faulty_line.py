"""Whatever a line does to a reading, nothing is proven but what the card says, and it ends in a result or a reason."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulators.card import PEOPLE, Deck, TestPki, VirtualChip
from hardware.smartcard import CardError, Outcome, Trust, read_card
from hardware.smartcard.piv import PivError, read_piv
from tests.fuzz.faulty import CUT, GONE, OTHER_STATUS, THE_LAST_AGAIN, FaultyLine
from tests.hardware.smartcard.rig import TODAY

STATUS_WORDS = (0x9000, 0x6100, 0x6110, 0x6C00, 0x6C05, 0x6B00, 0x6986, 0x6A82, 0x6A87, 0x6985, 0x6283)


@st.composite
def faults(draw: st.DrawFn) -> bytes:
    """A few faults among commands that pass."""
    out = b""
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from((CUT, OTHER_STATUS, THE_LAST_AGAIN, GONE)))
        out += bytes(draw(st.integers(0, 14))) + bytes((kind,))
        if kind == OTHER_STATUS:
            out += draw(st.sampled_from(STATUS_WORDS)).to_bytes(2, "big")
    return out


@pytest.fixture(scope="module")
def chips() -> tuple[TestPki, dict[str, VirtualChip]]:
    pki = TestPki.generate(TODAY)
    return pki, {name: Deck(pki, TODAY).card(name) for name in ("fatou", "amina", "ioana", "leila")}


@settings(max_examples=60)
@given(st.data())
@pytest.mark.parametrize("name", ["fatou", "amina", "ioana", "leila"])
def test_nothing_is_proven_but_what_the_card_says(
    chips: tuple[TestPki, dict[str, VirtualChip]], name: str, data: st.DataObject
) -> None:
    pki, deck = chips
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(CardError):
        patch.setattr("hardware.smartcard.session.SELECT_WAITS", (0.0, 0.0, 0.0))
        patch.setattr("hardware.smartcard.session.RESEND_WAIT", 0.0)
        reading = read_card(FaultyLine(deck[name], data.draw(faults())), Trust(pki.pins), TODAY)
        person = PEOPLE[name]
        if reading.checks.identity_verdict is Outcome.PROVEN:
            assert reading.identity.surname == person.surname
            if reading.checks.address_signature.outcome is Outcome.PROVEN:
                assert reading.address is not None
                assert reading.address.street_and_number == person.street
        if reading.checks.chip.outcome is Outcome.PROVEN:
            assert name == "leila"


@settings(max_examples=60)
@given(st.data())
@pytest.mark.parametrize("name", ["badge", "badge-rsa", "badge-clone"])
def test_no_badge_is_proven_but_the_genuine_one(chips: tuple[TestPki, dict], name: str, data: st.DataObject) -> None:
    deck = Deck(chips[0], TODAY)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(CardError, PivError):
        patch.setattr("hardware.smartcard.session.RESEND_WAIT", 0.0)
        reading = read_piv(FaultyLine(deck.card(name), data.draw(faults())), TODAY)
        if reading is not None and reading.chip.outcome is Outcome.PROVEN:
            assert name != "badge-clone"
            assert reading.certificate == deck.badges.certificate(name)
