"""APDUs: `CCRC APRC LEN data` (PA00P015, chapter 5).

LEN is one byte up to FE, or `FF low high`. A received APDU comes in a frame whose CRC was right, so the frame's own
end is trusted over a LEN that disagrees: the specification's own examples count the same body as two and as three
bytes.
"""

from __future__ import annotations

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
    END_OF_DAY = 0x0650
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


ACCEPTED = Apdu(Command.ACCEPTED)
GOODS_NOT_ISSUED = Apdu(0x8466)  # to an approving status: take it back
NOT_POSSIBLE = Apdu(0x8483)  # to a command of the terminal that we do not do
