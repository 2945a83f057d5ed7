"""BMPs: the numbered fields of an APDU, in packed BCD, binary or text (PA00P015, chapter 9).

A BMP has no length of its own on the wire; only the table below knows it. So an unknown BMP ends the parse, and what
follows is carried as masked hexadecimal text. Values are made harmless while they are decoded: card numbers are
masked, tracks, chip data and check values are left out. No raw bytes of a field leave this module, apart from the TLV
container, which `fields` cleans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.terminal.masking import mask_pan, mask_text, masked_hex
from hardware.terminal.zvt import tlv


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """One group of cards in BMP 60: how many payments (of 255 at most), and their sum."""

    cards: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Totals:
    """BMP 60, the totals of an end of day: the receipt numbers they lie between, and a sum for each group of cards."""

    first_receipt: int
    last_receipt: int
    groups: tuple[GroupTotal, ...]


Value = int | str | tlv.Container | Totals

LL, LLL, BER = -2, -3, -1  # how the length is written, where it is not fixed


class BadField(ValueError):
    """A field's bytes do not fit its description. Holds the field's number, never its bytes."""

    def __init__(self, number: int) -> None:
        super().__init__(f"field {number:02x} cannot be read")
        self.number = number


@dataclass(frozen=True, slots=True)
class Field:
    """One decoded field: its number, its name and its harmless value."""

    number: int
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an APDU in their order. `rest` is what could not be read, as masked hexadecimal text."""

    fields: tuple[Field, ...] = ()
    rest: str = ""
    container: tlv.Container = field(default_factory=tlv.Container)

    def integer(self, number: int) -> int | None:
        """The first field of this number as an integer, if it is there and is one."""
        return next((f.value for f in self.fields if f.number == number and isinstance(f.value, int)), None)

    def string(self, number: int) -> str | None:
        """The first field of this number as text, if it is there and is text."""
        return next((f.value for f in self.fields if f.number == number and isinstance(f.value, str)), None)

    def totals(self) -> Totals | None:
        """BMP 60, if it is there and can be read."""
        return next((f.value for f in self.fields if isinstance(f.value, Totals)), None)


# --- Decoders of values ----------------------------------------------------------------------------------


def bcd_digits(data: bytes) -> str:
    """Packed BCD as digits. Raises ValueError when a nibble is none."""
    text = data.hex()
    if not text.isdecimal():
        raise ValueError("not BCD")
    return text


def bcd(number: int, size: int) -> bytes:
    """A number as `size` bytes of packed BCD. Raises ValueError when it does not fit."""
    digits = f"{number:0{size * 2}d}"
    if number < 0 or len(digits) > size * 2:
        raise ValueError(f"{number} does not fit {size} BCD bytes")
    return bytes.fromhex(digits)


def _number(data: bytes) -> int:
    return int(bcd_digits(data))


def _binary(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _text(data: bytes) -> str:
    # Names and free text; CP437 and Latin-1 agree on ASCII, which is what card names are made of.
    return mask_text(data.split(b"\0", 1)[0].decode("cp437")).strip()


def _card_number(data: bytes) -> str:
    # E is a digit that the terminal hides, F pads, D ends the number as on a track.
    number = data.hex().split("d", 1)[0].replace("f", "").replace("e", "*")
    if not number.replace("*", "").isdecimal() and number.strip("*"):
        raise ValueError("not a card number")
    return mask_pan(number)


_GROUPS = ("girocard", "JCB", "Mastercard", "American Express", "Visa", "Diners", "other cards")
_GROUP_LENGTH = 7  # a count (binary) and a sum (six BCD bytes)


def _totals(data: bytes) -> Value:
    """Two receipt numbers, then the groups in their order; a terminal may leave out the last ones.

    What is cut otherwise is carried as masked hexadecimal text.
    """
    count, odd = divmod(len(data) - 4, _GROUP_LENGTH)
    if odd or not 1 <= count <= len(_GROUPS):
        return masked_hex(data)
    groups = []
    for place, cards in enumerate(_GROUPS[:count]):
        group = data[4 + place * _GROUP_LENGTH :][:_GROUP_LENGTH]
        groups.append(GroupTotal(cards, group[0], _number(group[1:])))
    return Totals(_number(data[:2]), _number(data[2:4]), tuple(groups))


def _left_out(_data: bytes) -> str:
    return "left out"


@dataclass(frozen=True, slots=True)
class _Shape:
    name: str
    length: int
    decode: Callable[[bytes], Value]


_SHAPES: dict[int, _Shape] = {
    0x01: _Shape("timeout", 1, _binary),
    0x02: _Shape("max_status_informations", 1, _binary),
    0x03: _Shape("service_byte", 1, _binary),
    0x04: _Shape("amount_cents", 6, _number),
    0x05: _Shape("pump", 1, _binary),
    0x06: _Shape("tlv", BER, tlv.parse),
    0x0B: _Shape("trace_number", 3, _number),
    0x0C: _Shape("time", 3, bcd_digits),
    0x0D: _Shape("date", 2, bcd_digits),
    0x0E: _Shape("expiry", 2, _left_out),
    0x17: _Shape("card_sequence", 2, bcd_digits),
    0x19: _Shape("payment_type", 1, _binary),
    0x22: _Shape("masked_pan", LL, _card_number),
    0x23: _Shape("track_2", LL, _left_out),
    0x24: _Shape("track_3", LLL, _left_out),
    0x27: _Shape("result_code", 1, _binary),
    0x29: _Shape("terminal_id", 4, bcd_digits),
    0x2A: _Shape("merchant_number", 15, _text),
    0x2D: _Shape("track_1", LL, _left_out),
    0x2E: _Shape("synchronous_chip_data", LLL, _left_out),
    0x37: _Shape("reversed_trace_number", 3, _number),
    0x3A: _Shape("card_check_value", 2, _left_out),
    0x3B: _Shape("authorisation_id", 8, _text),
    0x3C: _Shape("additional_text", LLL, _text),
    0x3D: _Shape("password", 3, _left_out),
    0x49: _Shape("currency", 2, bcd_digits),
    0x4C: _Shape("blocked_goods_groups", LL, masked_hex),
    0x60: _Shape("totals", LLL, _totals),
    0x70: _Shape("image_x", 4, masked_hex),
    0x71: _Shape("image_y", 4, masked_hex),
    0x72: _Shape("image_width", 1, _binary),
    0x73: _Shape("image_height", 1, _binary),
    0x74: _Shape("image_duration", 1, _binary),
    0x75: _Shape("image_number", 1, _binary),
    0x87: _Shape("receipt_number", 2, _number),
    0x88: _Shape("turnover_number", 3, _number),
    0x8A: _Shape("card_type", 1, _binary),
    0x8B: _Shape("card_name", LL, _text),
    0x8C: _Shape("network_card_type", 1, _binary),
    0x92: _Shape("geldkarte_certificate", LLL, _left_out),
    0x9A: _Shape("geldkarte_payments", LLL, _left_out),
    0xA0: _Shape("result_code_as", 1, _binary),
    0xA7: _Shape("chip_data", LL, _left_out),
    0xAA: _Shape("date_with_year", 3, bcd_digits),
    0xAF: _Shape("chip_identification", LLL, _left_out),
    0xBA: _Shape("aid_parameter", 5, masked_hex),
    0xD0: _Shape("dial_control", 1, _binary),
    0xD1: _Shape("dial_data", LL, _left_out),
    0xD2: _Shape("abort_control", 1, _binary),
    0xD3: _Shape("repetitions", 1, _binary),
    0xE0: _Shape("min_input_length", 1, _binary),
    0xE9: _Shape("max_input_length", 1, _binary),
    0xEA: _Shape("echo_input", 1, _binary),
    0xEB: _Shape("mac", 8, _left_out),
    **{0xE0 + line: _Shape(f"input_text_{line}", LL, _text) for line in range(1, 9)},
    **{0xF0 + line: _Shape(f"display_text_{line}", LL, _text) for line in range(1, 9)},
    0xF0: _Shape("display_duration", 1, _binary),
    0xF9: _Shape("beeps", 1, _binary),
    0xFA: _Shape("status_of_card_reader", 1, _binary),
    0xFB: _Shape("confirmation_key", 1, _binary),
    0xFC: _Shape("dialog_control", 1, _binary),
    0xFD: _Shape("display_device", 1, _binary),
}


def parse(data: bytes) -> Fields:
    """The fields in this data, up to the first that is unknown or broken. Never raises."""
    found: list[Field] = []
    container = tlv.Container()
    at = 0
    while at < len(data):
        try:
            read, behind = _read(data, at)
        except BadField:
            break
        if isinstance(read.value, tlv.Container):
            container = tlv.Container(container.elements + read.value.elements, read.value.unread)
        found.append(read)
        at = behind
    return Fields(tuple(found), masked_hex(data[at:]), container)


def read_counted(data: bytes, at: int, digits: int) -> tuple[bytes, int]:
    """An LLVAR (two digits) or LLLVAR (three): the value and the place behind it. Raises ValueError."""
    head = data[at : at + digits]
    if len(head) < digits or any(byte >> 4 != 0xF or byte & 0xF > 9 for byte in head):
        raise ValueError("no LLVAR length")
    size = int("".join(str(byte & 0xF) for byte in head))
    value = data[at + digits : at + digits + size]
    if len(value) < size:
        raise ValueError("cut off")
    return value, at + digits + size


def write_counted(value: bytes, digits: int) -> bytes:
    """An LLVAR (two digits) or LLLVAR (three)."""
    return bytes(0xF0 | int(digit) for digit in f"{len(value):0{digits}d}") + value


def _read(data: bytes, at: int) -> tuple[Field, int]:
    number = data[at]
    shape = _SHAPES.get(number)
    if shape is None:
        raise BadField(number)
    try:
        value, behind = _take(data, at + 1, shape.length)
        return Field(number, shape.name, shape.decode(value)), behind
    except ValueError:
        # "from None": the ValueError of a decoder may quote the bytes it was given.
        raise BadField(number) from None


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if length in (LL, LLL):
        return read_counted(data, at, -length)
    size = length
    if length == BER:
        read = tlv.read_length(data, at)
        if read is None:
            raise ValueError("no length")
        size, at = read
    if at + size > len(data):
        raise ValueError("cut off")
    return data[at : at + size], at + size
