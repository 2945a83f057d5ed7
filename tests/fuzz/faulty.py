"""A line between a genuine card and its reader that spoils what it is told to."""

from __future__ import annotations

from hardware.simulators.card import VirtualChip
from hardware.smartcard import CardError, Reason

CUT, OTHER_STATUS, THE_LAST_AGAIN, GONE = 240, 244, 248, 252  # and the next three each; below, the answer passes


class FaultyLine:
    """Byte n of `faults` is about the n-th command; a status word takes the two bytes behind it."""

    t1 = False

    def __init__(self, chip: VirtualChip, faults: bytes):
        self._chip = chip
        self._faults = faults
        self._last = b"\x90\x00"
        chip.reset()

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """A command's answer, or what is left of it."""
        fault, self._faults = (self._faults[0], self._faults[1:]) if self._faults else (0, b"")
        answer = self._chip.answer(command) or b""
        if fault >= GONE:
            raise CardError(Reason.PULLED)
        if fault >= THE_LAST_AGAIN:
            answer = self._last
        elif fault >= OTHER_STATUS:
            answer, self._faults = answer[:-2] + self._faults[:2].rjust(2, b"\x6a"), self._faults[2:]
        elif fault >= CUT:
            answer = answer[: len(answer) // 2] + b"\x90\x00"
        self._last = answer
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def recover(self) -> None:
        """It cannot."""
        raise CardError(Reason.PULLED)

    def close(self) -> None:
        """Nothing to let go of."""
