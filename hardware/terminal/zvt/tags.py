"""TLV tags of BMP 06: their names, and what their values say (PA00P015 rev. 13.08, chapter 9).

Every value is made harmless here: tracks, chip data and whatever quotes them are left out, texts are masked, and what
has no decoder is told as masked hexadecimal text. A tag without a name is carried with its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from hardware.terminal.masking import mask_text, masked_hex
from hardware.terminal.zvt import codes, tlv

CHARSET = 0x14
CP437 = 0xFF

# Tag 14. What is not here is read as CP437, which every terminal falls back to.
CHARSETS: dict[int, str] = {
    0x00: "ascii",
    **{number: f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15, 16)},
    0xFE: "utf-8",
    CP437: "cp437",
}


class ReceiptType(IntEnum):
    """Tag 1F07: whose receipt a print block holds. UNSAID is our own, for print lines and blocks without it."""

    UNSAID = 0
    MERCHANT = 1
    CUSTOMER = 2
    ADMINISTRATION = 3


MUST_PRINT, SIGNATURE_WANTED = 0x80, 0x02  # bits of tag 1F37

_RECEIPT_INFORMATION = {0x01: "positive", SIGNATURE_WANTED: "signature", 0x04: "negative", MUST_PRINT: "must print"}
_RECEIPT_SELECTORS = {0x01: "last", 0x02: "merchant", 0x03: "customer", 0x04: "end of day", 0x06: "reconciliation"}
_VERIFICATIONS = {
    0x00: "none",
    0x01: "signature",
    0x02: "online PIN",
    0x03: "offline enciphered PIN",
    0x04: "offline plain PIN",
    0x05: "offline enciphered PIN and signature",
    0x06: "offline plain PIN and signature",
    0x07: "online PIN and signature",
    0xFF: "unknown",
}
_TECHNOLOGIES = {0x00: "magnetic stripe", 0x01: "chip", 0x02: "contactless"}
_LONGEST_PLAIN_AID = 9


def decode_text(data: bytes, charset: int = CP437) -> str:
    """Text in a charset of tag 14, masked. Never raises; what the charset does not know becomes U+FFFD."""
    name = CHARSETS.get(charset, CHARSETS[CP437])
    return mask_text(data.decode(name, errors="replace").replace("\r", "")).rstrip("\0")


def charset_of(container: tlv.Container, otherwise: int = CP437) -> int:
    """The charset that the container names for its texts."""
    named = container.find(CHARSET)
    return named[0] if named else otherwise


def flags(value: int, names: dict[int, str]) -> list[str]:
    """The names of the bits that are set; a bit without a name is told by its number."""
    return [names.get(1 << bit, f"{1 << bit:02x}") for bit in range(8) if value >> bit & 1]


def digits(data: bytes) -> int | None:
    """Packed BCD as a number; None when it is none."""
    text = data.hex()
    return int(text) if text.isdecimal() else None


# --- Decoders --------------------------------------------------------------------------------------------

Decode = Callable[[bytes, int], object]
"""The value's bytes and the charset that holds for texts, to what is told."""


def _hex(data: bytes, _charset: int) -> object:
    return masked_hex(data)


def _left_out(_data: bytes, _charset: int) -> object:
    return "left out"


def _integer(data: bytes, _charset: int) -> object:
    return int.from_bytes(data, "big") if len(data) <= 4 else masked_hex(data)


def _number(data: bytes, _charset: int) -> object:
    number = digits(data) if 0 < len(data) <= 4 else None
    return masked_hex(data) if number is None else number


def _date(data: bytes, _charset: int) -> object:
    text = data.hex()
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(data) == 4 and text.isdecimal() else masked_hex(data)


def _time(data: bytes, _charset: int) -> object:
    text = data.hex()
    return f"{text[:2]}:{text[2:4]}:{text[4:]}" if len(data) == 3 and text.isdecimal() else masked_hex(data)


def _command(data: bytes, _charset: int) -> object:
    if len(data) != 2:
        return masked_hex(data)
    return f"{data[0]:02X} {data[1]:02X} {codes.command_name(int.from_bytes(data, 'big'))}"


def _charset_name(data: bytes, _charset: int) -> object:
    return [CHARSETS.get(number, f"unknown {number:02x}") for number in data] if len(data) <= 8 else masked_hex(data)


def _card_type(data: bytes, _charset: int) -> object:
    number = card_type(data)
    return masked_hex(data) if number is None else {"id": number, "name": codes.CARD_TYPES.get(number, "unknown")}


def _application_id(data: bytes, _charset: int) -> object:
    return application_id(data) or masked_hex(data)


def _one_of(names: dict[int, str]) -> Decode:
    def decode(data: bytes, _charset: int) -> object:
        return names.get(data[0], f"unknown {data[0]:02x}") if len(data) == 1 else masked_hex(data)

    return decode


def _bits(names: dict[int, str]) -> Decode:
    def decode(data: bytes, _charset: int) -> object:
        return flags(data[0], names) if len(data) == 1 else masked_hex(data)

    return decode


def card_type(data: bytes) -> int | None:
    """The card type of tag 41. Terminals write it binary or in BCD; the table of types is the judge."""
    if not 0 < len(data) <= 2:
        return None
    as_digits, as_binary = digits(data), int.from_bytes(data, "big")
    return as_digits if as_digits in codes.CARD_TYPES else as_binary


def application_id(data: bytes) -> str | None:
    """The AID of tag 43, which receipts must show; None for bytes that could hold a card number.

    Those of the card schemes begin with A00000 (ISO/IEC 7816-5) and leave too little room for one.
    """
    plain = data[:3] == b"\xa0\0\0" and len(data) <= _LONGEST_PLAIN_AID
    return data.hex().upper() if plain else None


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's name, and how its value is told."""

    name: str
    decode: Decode = _hex


def _named(names: Iterable[tuple[int, str]], decode: Decode = _hex) -> dict[int, Tag]:
    return {number: Tag(name, decode) for number, name in names}


TAGS: dict[int, Tag] = {
    **_named([(0x07, "text_line"), (0x15, "language"), (0x1F17, "extended_error_text")], decode_text),
    **_named([(0x42, "application_label"), (0x44, "preferred_name")], decode_text),
    **_named([(0x46, "emv_print_data_customer"), (0x47, "emv_print_data_merchant")], decode_text),
    **_named([(0x1F40, "device_name"), (0x1F41, "software_version"), (0x1F44, "terminal_id")], decode_text),
    0x1F42: Tag("serial_number"),
    0x1F43: Tag("device_status"),
    **_named([(0x09, "print_attribute"), (0x12, "printer_width"), (0x1A, "max_apdu")], _integer),
    **_named([(0x1F5B, "card_poll_timeout"), (0x1F11, "online"), (0x1F13, "terminal_asks_for")], _integer),
    **_named([(0x1F02, "receipts_from"), (0x1F03, "receipts_to"), (0x1F2B, "long_trace_number")], _number),
    0x0A: Tag("command", _command),
    CHARSET: Tag("charset", _charset_name),
    0x27: Tag("charsets", _charset_name),
    0x41: Tag("card_type_id", _card_type),
    0x43: Tag("application_id", _application_id),
    0x1F01: Tag("receipt_selector", _one_of(_RECEIPT_SELECTORS)),
    0x1F07: Tag("receipt_type", _one_of({kind: kind.name.lower() for kind in ReceiptType if kind})),
    0x1F0E: Tag("date", _date),
    0x1F0F: Tag("time", _time),
    0x1F10: Tag("cardholder_verification", _one_of(_VERIFICATIONS)),
    0x1F12: Tag("card_technology", _one_of(_TECHNOLOGIES)),
    0x1F37: Tag("receipt_information", _bits(_RECEIPT_INFORMATION)),
    # Tracks 1 to 3, what may quote them, and the card's own serial number.
    **_named([(0x1F08, "track_1"), (0x1F09, "track_2"), (0x1F0A, "track_3")], _left_out),
    **_named([(0x1F0D, "transparent_data"), (0x4C, "card_uid")], _left_out),
    # Containers, told by what is in them; as plain bytes only where a terminal put such there.
    **_named([(0x24, "display_texts"), (0x25, "print_texts"), (0x26, "permitted_commands"), (0x28, "languages")]),
    **_named([(0x2E, "timestamp"), (0x2F, "payment_type_details"), (0x30, "card_list"), (0x34, "terminal_time")]),
    **_named([(0x35, "daily_reboot_time"), (0x60, "application")]),
    **_named([(0x60 + part, f"receipt_part_{part - 3}") for part in range(4, 9)]),
    # Bits and numbers whose meaning only the terminal's maker tells.
    **_named([(0x1F04, "receipt_parameters"), (0x1F05, "transaction_parameters"), (0x1F15, "reading_control")]),
    **_named([(0x1F16, "extended_error_code"), (0x1F19, "card_list_entry"), (0x1F1A, "card_list_rule")]),
    **_named([(0x1F1F, "unique_transaction_id"), (0x1F25, "transaction_control"), (0x1F36, "cardholder_options")]),
    **_named([(0x1F55, "locks"), (0x1F71, "supported_tags"), (0x1F73, "message_sequence_id")]),
    **_named([(0x1F78, "reboot_information"), (0x1F79, "reboot_time"), (0x10, "printer_lines")]),
    **_named([(0x11, "printer_characters"), (0x29, "receipt_options"), (0x2A, "merchant_options")]),
    **_named([(0x40, "emv_configuration")]),
}


def describe(element: tlv.Tlv, charset: int = CP437) -> dict[str, object]:
    """One element as plain values: `tag`, `name`, `value` (a list of elements for a container)."""
    known = TAGS.get(element.tag, Tag("unknown"))
    value: object
    if known.decode is _left_out:
        value = "left out"
    elif element.children:
        value = [describe(child, charset) for child in element.children]
    else:
        value = known.decode(element.value, charset)
    return {
        "tag": f"{element.tag:02X}" if element.tag <= 0xFF else f"{element.tag:04X}",
        "name": known.name,
        "value": value,
    }
