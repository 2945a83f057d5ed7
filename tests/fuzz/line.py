"""Coverage-guided fuzzing of a whole reading: a genuine card behind a line that spoils what the input says.

Whatever the line does, a reading ends in a result or in the driver's own error, and nothing is proven but what the card
says.
"""

from __future__ import annotations

import contextlib
import sys
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hardware.smartcard"]):
    from hardware.smartcard import session
    from hardware.smartcard.card import read_card
    from hardware.smartcard.checks import Outcome
    from hardware.smartcard.errors import CardError
    from hardware.smartcard.trust import Trust

from hardware.simulators.card import PEOPLE, Generation, TestPki, VirtualChip
from hardware.simulators.card.deck import card_files
from hardware.simulators.card.generations import MAKES
from tests.fuzz.faulty import CUT, GONE, OTHER_STATUS, THE_LAST_AGAIN, FaultyLine
from tests.fuzz.running import fuzz

TODAY = date(2026, 11, 22)
LONGEST_INPUT = 400

# Patience with a reader is no matter here.
session.SELECT_WAITS, session.RESEND_WAIT = (0.0, 0.0, 0.0), 0.0

_pki = TestPki.generate(TODAY)
_person = PEOPLE["amina"]
_files = card_files(_person, _pki, TODAY, photo=b"\xff\xd8 short \xff\xd9")
_chip = VirtualChip(_files, card_data=MAKES[Generation.V1_7].card_data)


def one_input(data: bytes) -> None:
    """Read the card once."""
    with contextlib.suppress(CardError):
        reading = read_card(FaultyLine(_chip, data), Trust(_pki.pins), TODAY)
        reading.as_json()
        if reading.checks.identity_verdict is Outcome.PROVEN:
            assert reading.identity.surname == _person.surname
            if reading.checks.address_signature.outcome is Outcome.PROVEN:
                assert reading.address is not None
                assert reading.address.street_and_number == _person.street


def write_seeds(folder: Path) -> None:
    """One fault at any of the first commands."""
    for at in range(32):
        for fault in (CUT, OTHER_STATUS, THE_LAST_AGAIN, GONE):
            (folder / f"{at}-{fault}").write_bytes(bytes((*([0] * at), fault, 0x6B, 0x00)))


def main() -> int:
    """Fuzz; see `tests.fuzz.running`."""
    return fuzz("a reading behind a faulty line", 100_000, one_input, write_seeds, LONGEST_INPUT)


if __name__ == "__main__":
    sys.exit(main())
