"""A conversation with one card: follows `61 xx` and `6C xx`, reads whole files, counts what it costs.

How a file ends differs by reader (facts from the eID middleware, commons-eid, OpenSC and field reports):

- a reader that shows `6C xx` says how much is left; the command is sent again with that length;
- one that swallows it answers a short block and 9000;
- a file that ends with a full block answers `6B 00` to the next read;
- some readers (Alcor AU9560 among them) answer `6B 00`, `69 86` or an empty 9000 in mid-file, once. After a *full*
  block these are taken for a glitch the first time: the file is selected again and the same offset read once more.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.smartcard import apdu, der
from hardware.smartcard.apdu import Command, Response
from hardware.smartcard.errors import CardError, DecodeError, Reason
from hardware.smartcard.transport import CardChannel

_LONGEST_FILE = 0x8000  # the offset of READ BINARY has 15 bits


class FileAbsent(Exception):
    """The card has no such file; whether that matters is for the caller to say."""


class CardSession:
    """Talks to the card behind a channel. `apdus` counts commands sent, `bytes_read` the data that came back."""

    def __init__(self, channel: CardChannel, on_exchange: Callable[[int], None] | None = None):
        self._channel = channel
        self._on_exchange = on_exchange
        self.apdus = 0
        self.bytes_read = 0

    def send(self, command: Command) -> Response:
        """Send a command and fetch all of its answer. Raises CardError when the card is gone or silent."""
        response = self._exchange(command)
        if (length := apdu.correct_length(response.sw)) is not None:
            response = self._exchange(command.expecting(length))
        data = response.data
        while (more := apdu.more_available(response.sw)) is not None:
            response = self._exchange(apdu.get_response(more))
            data += response.data
            if not response.data:
                break
        return Response(data, response.sw)

    def select_applet(self) -> None:
        """Make sure this is an eID. Raises CardError(NOT_EID) for any other card."""
        response = self.send(apdu.select_applet())
        if not response.ok:
            raise CardError(Reason.NOT_EID, f"SELECT answered {response.sw:04X}")

    def card_data(self) -> bytes:
        """The 28 bytes of GET CARD DATA; empty where the card refuses."""
        response = self.send(apdu.get_card_data())
        return response.data if response.ok else b""

    def read_file(self, path: bytes, *, at_most: int | None = None, is_der: bool = False) -> bytes:
        """A whole elementary file.

        `at_most` saves the read that finds the end of a file that cannot be longer. `is_der` stops where the object
        at its start ends (or at once, where there is none). Raises FileAbsent, and CardError(UNREADABLE).
        """
        self._select(path)
        data = bytearray()
        limit = at_most or _LONGEST_FILE
        retried_at = -1
        while len(data) < limit:
            wanted = min(apdu.MAX_READ, limit - len(data))
            response = self._exchange(apdu.read_binary(len(data), wanted))
            left = apdu.correct_length(response.sw)
            if left is not None:
                wanted = min(left, wanted)
                response = self._exchange(apdu.read_binary(len(data), wanted))
            if not response.ok or not response.data:
                if not data:
                    raise CardError(Reason.UNREADABLE, f"{path.hex()} offset 0 answered {response.sw:04X}")
                if response.sw not in (apdu.SUCCESS, apdu.OUTSIDE_FILE, apdu.NO_CURRENT_FILE):
                    raise CardError(Reason.UNREADABLE, f"{path.hex()} offset {len(data)} answered {response.sw:04X}")
                if retried_at == len(data):
                    if response.sw == apdu.NO_CURRENT_FILE:
                        raise CardError(Reason.UNREADABLE, f"{path.hex()} offset {len(data)} answered 6986 twice")
                    break  # twice the same: this is the end
                retried_at = len(data)
                self._select(path)
                continue
            data += response.data
            if is_der:
                limit = min(limit, _der_limit(data))
            if left is not None or len(response.data) < wanted:
                break
        return bytes(data[:limit])

    def _select(self, path: bytes) -> None:
        response = self.send(apdu.select_path(path))
        if response.sw == apdu.WRONG_LC:  # VASCO DP905 and some Alcor readers, at random
            response = self.send(apdu.select_path(path))
        if response.sw == apdu.FILE_NOT_FOUND:
            raise FileAbsent(path.hex())
        if not response.ok:
            raise CardError(Reason.UNREADABLE, f"SELECT {path.hex()} answered {response.sw:04X}")

    def _exchange(self, command: Command) -> Response:
        data, sw = self._channel.transmit(command.encode())
        self.apdus += 1
        self.bytes_read += len(data)
        if self._on_exchange:
            self._on_exchange(self.apdus)
        return Response(data, sw)


def _der_limit(data: bytes | bytearray) -> int:
    try:
        return der.total_length(bytes(data[:8])) or _LONGEST_FILE
    except DecodeError:  # a file of zeros: no certificate here
        return 0
