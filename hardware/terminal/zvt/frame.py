"""Frames on the serial line: bytes ⇄ APDUs (PA00P016, chapter 2).

    10 02 | APDU, every 10 doubled | 10 03 | CRC low | CRC high

Two points are where implementations go wrong. The CRC that the specification calls "CRC-XModem" is the reflected one
(CRC-16/KERMIT: polynomial 0x1021 reflected, start 0), over the un-doubled APDU and the ETX byte. And the two CRC
bytes are never doubled: they may read `10 10`, `10 02` or `10 03`, so the end of a frame cannot be found by looking
back. The decoder is therefore a state machine that takes exactly two raw bytes after an unescaped `10 03`.

ACK (06) and NAK (15) are single bytes between frames. Anything else between frames is noise and is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

DLE, STX, ETX = 0x10, 0x02, 0x03
ACK_BYTE, NAK_BYTE = 0x06, 0x15

# CCRC, APRC, `FF lo hi` and 65,535 bytes of data: nothing longer is an APDU.
LONGEST_APDU = 5 + 0xFFFF


class Control(Enum):
    """The two answers of the link layer; they are not frames."""

    ACK = ACK_BYTE
    NAK = NAK_BYTE


class Damage(StrEnum):
    """Why a frame that had begun cannot be used."""

    CRC = "crc"
    ESCAPE = "escape"  # a lone 10 inside
    CUT_OFF = "cut-off"  # another frame began inside, or the line fell silent
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class Frame:
    """One intact frame: the un-doubled APDU. Its bytes stay out of `repr`, for they may hold a card number."""

    apdu: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame had begun, and cannot be used; the receiver answers NAK."""

    why: Damage


Received = Control | Frame | Damaged


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_CRC_TABLE = _table()


def crc(data: bytes, start: int = 0) -> int:
    """CRC-16/KERMIT of `data`; `crc(b"123456789") == 0x2189`. `start` continues an earlier one."""
    value = start
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value


def encode(apdu: bytes) -> bytes:
    """The frame of an APDU."""
    check = crc(apdu + bytes([ETX]))
    body = apdu.replace(bytes([DLE]), bytes([DLE, DLE]))
    return bytes([DLE, STX]) + body + bytes([DLE, ETX]) + check.to_bytes(2, "little")


class _State(Enum):
    BETWEEN = auto()
    DLE_BETWEEN = auto()
    INSIDE = auto()
    DLE_INSIDE = auto()
    CRC_LOW = auto()
    CRC_HIGH = auto()


class Decoder:
    """Takes bytes in pieces of any size, and yields what they complete."""

    def __init__(self) -> None:
        self._state = _State.BETWEEN
        self._apdu = bytearray()
        self._crc_low = 0

    @property
    def inside(self) -> bool:
        """True while a frame has begun and is not complete."""
        return self._state not in (_State.BETWEEN, _State.DLE_BETWEEN)

    def feed(self, data: bytes) -> Iterator[Received]:
        """What these bytes complete, in order. The iterator must be used up."""
        for byte in data:
            received = self._take(byte)
            if received is not None:
                yield received

    def give_up(self) -> Damaged | None:
        """The line fell silent (T1): forget a frame that had begun, and say so."""
        begun = self.inside
        self._state = _State.BETWEEN
        self._apdu.clear()
        return Damaged(Damage.CUT_OFF) if begun else None

    def _take(self, byte: int) -> Received | None:
        match self._state:
            case _State.BETWEEN:
                return self._between(byte)
            case _State.DLE_BETWEEN:
                if byte == STX:
                    self._begin()
                    return None
                self._state = _State.BETWEEN
                return self._between(byte)
            case _State.INSIDE:
                if byte == DLE:
                    self._state = _State.DLE_INSIDE
                    return None
                return self._append(byte)
            case _State.DLE_INSIDE:
                return self._after_dle(byte)
            case _State.CRC_LOW:
                self._crc_low = byte
                self._state = _State.CRC_HIGH
                return None
            case _State.CRC_HIGH:
                return self._complete(self._crc_low | byte << 8)

    def _between(self, byte: int) -> Control | None:
        if byte == DLE:
            self._state = _State.DLE_BETWEEN
            return None
        return Control(byte) if byte in (ACK_BYTE, NAK_BYTE) else None

    def _after_dle(self, byte: int) -> Damaged | None:
        if byte == DLE:
            self._state = _State.INSIDE
            return self._append(byte)
        if byte == ETX:
            self._state = _State.CRC_LOW
            return None
        if byte == STX:  # its end was lost and the next one has begun
            self._begin()
            return Damaged(Damage.CUT_OFF)
        self._state = _State.BETWEEN
        return Damaged(Damage.ESCAPE)

    def _begin(self) -> None:
        self._apdu.clear()
        self._state = _State.INSIDE

    def _append(self, byte: int) -> Damaged | None:
        if len(self._apdu) >= LONGEST_APDU:
            self._state = _State.BETWEEN
            return Damaged(Damage.TOO_LONG)
        self._apdu.append(byte)
        return None

    def _complete(self, check: int) -> Frame | Damaged:
        self._state = _State.BETWEEN
        apdu = bytes(self._apdu)
        return Frame(apdu) if check == crc(apdu + bytes([ETX])) else Damaged(Damage.CRC)
