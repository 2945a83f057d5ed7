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
    from hardware.smartcard.errors import CardError, Reason
    from hardware.smartcard.trust import Trust

from hardware.simulators.card import PEOPLE, Generation, TestPki, VirtualChip
from hardware.simulators.card.deck import card_files
from hardware.simulators.card.generations import MAKES
from tests.fuzz.running import fuzz

TODAY = date(2026, 11, 22)
LONGEST_INPUT = 400
CUT, OTHER_STATUS, THE_LAST_AGAIN, GONE = 240, 244, 248, 252  # and the next three each; below, the answer passes

# Patience with a reader is no matter here.
session.SELECT_WAITS, session.RESEND_WAIT = (0.0, 0.0, 0.0), 0.0

_pki = TestPki.generate(TODAY)
_person = PEOPLE["amina"]
_files = card_files(_person, _pki, TODAY, photo=b"\xff\xd8 short \xff\xd9")


class FaultyLine:
    """Byte n of the input is about the n-th command; a status word takes the two bytes behind it."""

    def __init__(self, data: bytes):
        self._data = data
        self._chip = VirtualChip(_files, card_data=MAKES[Generation.V1_7].card_data)
        self._last = b"\x90\x00"

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """A command's answer, or what is left of it."""
        fault, self._data = (self._data[0], self._data[1:]) if self._data else (0, b"")
        answer = self._chip.answer(command) or b""
        if fault >= GONE:
            raise CardError(Reason.PULLED)
        if fault >= THE_LAST_AGAIN:
            answer = self._last
        elif fault >= OTHER_STATUS:
            answer, self._data = answer[:-2] + self._data[:2].rjust(2, b"\x6a"), self._data[2:]
        elif fault >= CUT:
            answer = answer[: len(answer) // 2] + b"\x90\x00"
        self._last = answer
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def close(self) -> None:
        """Nothing to let go of."""


def one_input(data: bytes) -> None:
    """Read the card once."""
    with contextlib.suppress(CardError):
        reading = read_card(FaultyLine(data), Trust(_pki.pins), TODAY)
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
