"""What any chip in a reader does, whatever it is: it powers up, takes the time of its line, and has its faults.

What a test or a hand may change at any time:

- `shows_6c` False is a reader that hides `6C xx` and passes a short block on;
- `announces` True makes the chip announce with `61 xx` what it might give at once;
- `pull_at` n makes the card vanish in the n-th command from the next reset on, before it answers;
- `losses` [n, …]: the answer to the n-th command since the reset, or a later one, is lost and the card stays;
  each number counts once, in order;
- `glitches` maps a command's number (from 1, since reset) to the status word that wrongly answers it;
- `bits_per_second` is the line's speed; 0 takes no time. At 4 MHz real cards have 62 500 (1.0), 43 000
  (1.1, 1.7) or 250 000 (1.8), as their ATR says;
- `authentications_left` is how often the chip will still prove itself.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

ETU_PER_BYTE = 12  # start bit, eight data bits, parity, two stop bits (ISO 7816-3, T=0)
_AUTHENTICATIONS = 5000  # of an eID of applet 1.8, whose key is then blocked ("… v1.8 Reference Manual" §5.2)


class Chip(ABC):
    """One card as a reader meets it. A kind of card says how it starts (`_power_up`) and answers (`_respond`)."""

    def __init__(
        self,
        atr: bytes | None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.atr = atr
        self.shows_6c = True
        self.announces = False
        self.pull_at: int | None = None
        self.losses: list[int] = []
        self.glitches: dict[int, int] = {}
        self.bits_per_second = 0
        self.authentications_left = _AUTHENTICATIONS
        self.commands: list[bytes] = []  # since the last reset
        self._clock, self._sleep = clock, sleep

    def reset(self) -> bytes | None:
        """Power up. The ATR, or None where the chip is mute."""
        self.commands.clear()
        self._power_up()
        return self.atr

    def answer(self, command: bytes) -> bytes | None:
        """Data and status word, after the time that the line takes; none of both where that was lost.

        None when the card was pulled.
        """
        began = self._clock()
        self.commands.append(command)
        if self.pull_at is not None and len(self.commands) >= self.pull_at:
            self.pull_at = None
            return None
        if self.losses and len(self.commands) >= self.losses[0]:
            del self.losses[0]
            return b""
        answer = self._answer(command)
        if self.bits_per_second:
            on_the_line = wire_bytes(command, answer) * ETU_PER_BYTE / self.bits_per_second
            self._sleep(max(0.0, began + on_the_line - self._clock()))
        return answer

    def _answer(self, command: bytes) -> bytes:
        if (glitch := self.glitches.get(len(self.commands))) is not None:
            return glitch.to_bytes(2, "big")
        if len(command) < 4:
            return b"\x67\x00"
        return self._respond(command)

    @abstractmethod
    def _power_up(self) -> None:
        """Forget what was selected and what waits to be fetched."""

    @abstractmethod
    def _respond(self, command: bytes) -> bytes:
        """Data and status word of a command of at least four bytes."""


def wire_bytes(command: bytes, answer: bytes) -> int:
    """Bytes that T=0 carries for one exchange: header, procedure byte where data follow, data, status word."""
    sent, received = max(0, len(command) - 5), len(answer) - 2
    return 5 + (1 if sent or received else 0) + sent + received + 2
