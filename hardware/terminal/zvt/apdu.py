"""APDUs: `CCRC APRC LEN data` (PA00P015, chapter 5).

LEN is one byte up to FE, or `FF low high`. On a serial line an APDU comes in a frame whose CRC was right, so the end of
the frame is trusted over a LEN that disagrees: the specification's own examples count the same body as two and as three
bytes. Over TCP there is nothing but LEN, and `Splitter` cuts the stream by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Command(IntEnum):
    """The commands this kiosk sends or answers. Others are carried by number; `codes.COMMANDS` names them all."""

    STATUS_INFORMATION = 0x040F
    INTERMEDIATE_STATUS = 0x04FF
    STATUS_ENQUIRY = 0x0501
    REGISTRATION = 0x0600
    AUTHORISATION = 0x0601
    LOG_OFF = 0x0602
    COMPLETION = 0x060F
    ABORT_BY_TERMINAL = 0x061E
    REPEAT_RECEIPT = 0x0620
    REVERSAL = 0x0630
    REFUND = 0x0631
    END_OF_DAY = 0x0650
    DIAGNOSIS = 0x0670
    SET_CLOCK = 0x0691
    INITIALISATION = 0x0693
    ABORT = 0x06B0
    PRINT_LINE = 0x06D1
    PRINT_BLOCK = 0x06D3
    ACCEPTED = 0x8000
    REFUSED_WITH_CODE = 0x841E


class ApduFault(StrEnum):
    """Why bytes are no APDU."""

    TOO_SHORT = "too-short"
    LENGTH_CUT_OFF = "length-cut-off"


class BadApdu(ValueError):
    """Bytes that are no APDU. The bytes themselves are left out: they may hold a card number."""

    def __init__(self, fault: ApduFault, length: int) -> None:
        super().__init__(f"not an APDU ({fault}): {length} bytes")
        self.fault = fault
        self.length = length


@dataclass(frozen=True, slots=True)
class Apdu:
    """One command or answer. `command` is `CCRC << 8 | APRC`; `data` stays out of `repr`."""

    command: int
    data: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        return f"Apdu({self.command:04x}, {len(self.data)} bytes)"

    @property
    def answer_code(self) -> int | None:
        """The code of an answer (0 for accepted), or None for a command.

        80 00 and 84 00 accept; 84 9C and 84 9D belong to the goods-issue handshake; other 84 xx refuse. 84 1E carries
        the code as its first byte of data (a wrong currency at the registration; IM30, Portalum #49).
        """
        if self.command == Command.ACCEPTED:
            return 0
        if self.command == Command.REFUSED_WITH_CODE and self.data:
            return self.data[0]
        return self.command & 0xFF if self.command >> 8 == 0x84 else None

    def encode(self) -> bytes:
        """Its bytes. Raises ValueError for more than 65,535 bytes of data."""
        length = len(self.data)
        if length > 0xFFFF:
            raise ValueError("an APDU holds at most 65,535 bytes")
        counted = bytes([length]) if length < 0xFF else b"\xff" + length.to_bytes(2, "little")
        return self.command.to_bytes(2, "big") + counted + self.data


def parse(raw: bytes) -> Apdu:
    """The APDU in these bytes, all of them. Raises BadApdu when there is no whole head."""
    if len(raw) < 3:
        raise BadApdu(ApduFault.TOO_SHORT, len(raw))
    head = 3
    if raw[2] == 0xFF:
        if len(raw) < 5:
            raise BadApdu(ApduFault.LENGTH_CUT_OFF, len(raw))
        head = 5
    return Apdu(int.from_bytes(raw[:2], "big"), raw[head:])


def declared_length(raw: bytes) -> int:
    """What LEN says, for those who want to compare. Raises BadApdu like `parse`."""
    parse(raw)
    return int.from_bytes(raw[3:5], "little") if raw[2] == 0xFF else raw[2]


class Splitter:
    """Cuts a TCP stream into APDUs, in pieces of any size: several in one read, or parts of one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def inside(self) -> bool:
        """True while an APDU has begun and is not whole."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[Apdu]:
        """What these bytes complete, in order. The iterator must be used up."""
        self._buffer += data
        while (size := self._whole()) is not None:
            raw = bytes(self._buffer[:size])
            del self._buffer[:size]
            yield parse(raw)

    def give_up(self) -> Apdu | None:
        """The line fell silent: what is there is forgotten.

        An answer (80 00, 84 xx) whose LEN counts more than was sent is returned as it is, for terminals miscount those.
        """
        raw = bytes(self._buffer)
        self._buffer.clear()
        if len(raw) < 3 or raw[0] not in (0x80, 0x84) or raw[2] == 0xFF:
            return None
        return parse(raw)

    def _whole(self) -> int | None:
        buffer = self._buffer
        if len(buffer) < 3 or (buffer[2] == 0xFF and len(buffer) < 5):
            return None
        size = 3 + buffer[2] if buffer[2] != 0xFF else 5 + int.from_bytes(buffer[3:5], "little")
        return size if len(buffer) >= size else None


ACCEPTED = Apdu(Command.ACCEPTED)
GOODS_NOT_ISSUED = Apdu(0x8466)  # to an approving status: take it back
GOODS_NOT_YET = Apdu(0x849C)  # to an approving status: ask again; terminals do so every two seconds
NOT_POSSIBLE = Apdu(0x8483)  # to a command of the terminal that we do not do
