"""The card's end of vsmartcard's vpcd: a TCP client that is the card in pcscd's virtual reader.

Each message is two bytes of length (big-endian) and the payload. A payload of one byte from the reader is a control:
00 power off, 01 power on, 02 reset, 04 "your ATR?"; only the last is answered. Anything longer is a command.

vpcd sends length and payload in two segments and waits. Unless the card acknowledges at once (TCP_QUICKACK, which the
kernel forgets again), Nagle's algorithm and the delayed acknowledgement make every command take 49 ms.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from hardware.simulators.card.contacts import Chip

_POWER_OFF, _POWER_ON, _RESET, _ATR = 0, 1, 2, 4

_CONNECT_TIMEOUT = 5.0

# vpcd takes a card without an ATR for an empty slot. One longer than any ATR may be (33 bytes) leaves the slot
# filled and the power-up failed, which is what a card that is upside down looks like.
_NOISE = b"\x3b" * 40


# vpcd waits on for an answer of no bytes. Half a status word is what is left of one that the line has lost.
_HALF = b"\x90"

# pcscd asks the virtual reader every 0.4 s whether a card is there, and cannot see a swap that is faster. Hands are
# slower than this; a program is not, so it waits.
SWAP_SECONDS = 0.6


class VpcdSlot:
    """A virtual reader's slot. `on_pulled` is called when a card vanishes by its own `pull_at`.

    `swap_seconds` is the least time between two cards; 0 for a caller that sees for itself that the reader is empty.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_pulled: Callable[[], None] = lambda: None,
        swap_seconds: float = SWAP_SECONDS,
    ):
        self._address = (host, port)
        self._on_pulled = on_pulled
        self._swap_seconds = swap_seconds
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.chip: Chip | None = None
        self._emptied_at = float("-inf")

    def insert(self, chip: Chip) -> None:
        """Put a card in, taking out the one before. Raises OSError when no vpcd listens."""
        self.remove()
        time.sleep(max(0.0, self._emptied_at + self._swap_seconds - time.monotonic()))
        line = socket.create_connection(self._address, timeout=_CONNECT_TIMEOUT)
        line.settimeout(None)
        self._socket, self.chip = line, chip
        self._thread = threading.Thread(target=self._serve, args=(line, chip), name="virtual card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card out. Nothing happens where none is in."""
        line, self._socket, self.chip = self._socket, None, None
        if line is not None:
            _hang_up(line)
            self._emptied_at = time.monotonic()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=_CONNECT_TIMEOUT)

    def _serve(self, line: socket.socket, chip: Chip) -> None:
        try:
            while (message := _receive(line)) is not None:
                if len(message) != 1:
                    answer = chip.answer(message)
                    if answer is None:
                        _hang_up(line)
                        self._on_pulled()
                        return
                    answer = answer or _HALF
                elif message[0] == _ATR:
                    answer = chip.atr or _NOISE
                else:
                    if message[0] in (_POWER_ON, _RESET):
                        chip.reset()
                    continue
                line.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            pass  # taken out, or the reader is gone: a card notices neither
        finally:
            line.close()


def _receive(line: socket.socket) -> bytes | None:
    header = _exactly(line, 2)
    return None if header is None else _exactly(line, int.from_bytes(header, "big"))


def _exactly(line: socket.socket, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = line.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other end was first
        line.shutdown(socket.SHUT_RDWR)
