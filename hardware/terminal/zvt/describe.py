"""An APDU told to people: everything in it by name, as plain values, masked.

Which bytes come first depends on the command (a password, a result code, a status); the BMPs follow.
"""

from __future__ import annotations

import re

from hardware.terminal.masking import mask_text
from hardware.terminal.zvt import bitmaps, codes, fields, tags, tlv
from hardware.terminal.zvt.apdu import Apdu, Command

_PASSWORD_LENGTH = 3
_WITH_PASSWORD = frozenset(
    {
        0x0501,
        0x0600,
        0x0610,
        0x0612,
        0x061A,
        0x061B,
        0x0620,
        0x0622,
        0x0623,
        0x0625,
        0x0630,
        0x0631,
        0x0650,
        0x0651,
        0x0691,
        0x0693,
    }
)

_CONFIGURATION = {
    0x02: "the till prints payment receipts",
    0x04: "the till prints administrative receipts",
    0x08: "intermediate statuses",
    0x10: "no amount entry at the terminal",
    0x20: "no administration at the terminal",
    0x40: "reserved",
    0x80: "receipts as text",
}
_REGISTRATION_STATUS = {
    0x01: "initialisation needed",
    0x02: "diagnosis needed",
    0x04: "OPT action needed",
    0x08: "filling station",
    0x10: "vending",
}
_PAYMENT_TYPES = {0x40: "offline", 0x50: "card checked in the terminal", 0x60: "online", 0x70: "PIN"}


def decode(apdu: Apdu) -> dict[str, object]:
    """All that can be said of an APDU as plain values, masked: `command`, `name` and `fields`. Never raises.

    Amounts are integer cents, codes are integers with their meaning beside them (`result`, `status`), `text` is a
    list of lines. What is unknown is in `rest` (masked hexadecimal text) and in tags without a name.
    """
    told: dict[str, object] = {}
    data = _head(apdu, told)
    if apdu.command in (Command.PRINT_LINE, Command.PRINT_BLOCK):
        text = fields.printed(apdu)
        told["text"] = list(text.lines)
        told["receipt_type"] = text.receipt_type.name.lower()
        told["end_of_receipt"] = text.ends
        if apdu.command == Command.PRINT_BLOCK:
            told["must_print"] = text.must_print
    if apdu.command != Command.PRINT_LINE:
        _describe(apdu.command, bitmaps.parse(data), told)
    return {
        "command": f"{apdu.command >> 8:02X} {apdu.command & 0xFF:02X}",
        "name": codes.command_name(apdu.command),
        "fields": told,
    }


def _head(apdu: Apdu, told: dict[str, object]) -> bytes:
    """Describe what comes before the BMPs, and return the BMPs."""
    data = apdu.data
    answer = apdu.answer_code
    if answer is not None:
        told["result_code"], told["result"] = answer, codes.result_name(answer)
        return data[1:] if apdu.command == Command.REFUSED_WITH_CODE else data
    if apdu.command == Command.ABORT_BY_TERMINAL and data:
        return _abort(data, told)
    if apdu.command == Command.INTERMEDIATE_STATUS:
        status = fields.intermediate(apdu)
        told["status_code"], told["status"] = status.code, codes.intermediate_name(status.code)
        told["for_customer"] = codes.is_for_customer(status.code)
        if status.timeout_seconds is not None:
            told["timeout_seconds"] = status.timeout_seconds
        return data[1:] if status.timeout_seconds is None else data[2:]
    if apdu.command == Command.COMPLETION and _is_condition(data):
        return _condition(apdu, told)
    if apdu.command in _WITH_PASSWORD and len(data) >= _PASSWORD_LENGTH:
        data = data[_PASSWORD_LENGTH:]
        return _registration(data, told) if apdu.command == Command.REGISTRATION and data else data
    return data


def _abort(data: bytes, told: dict[str, object]) -> bytes:
    told["result_code"], told["result"] = data[0], codes.result_name(data[0])
    if data[0] == codes.WRONG_CURRENCY and len(data) in (3, 5):  # with BMP 49 before it, or bare
        told["currency"] = data[-2:].hex().lstrip("0")
        return b""
    return data[1:]


def _registration(data: bytes, told: dict[str, object]) -> bytes:
    told["configuration_byte"] = data[0]
    told["configuration"] = tags.flags(data[0], _CONFIGURATION)
    data = data[1:]
    if len(data) >= 2 and data[:2] != b"\x06\x06" and data[0] not in (0x03, 0x06):
        told["currency"], data = data[:2].hex().lstrip("0"), data[2:]
    return data


def _is_condition(data: bytes) -> bool:
    """True for the completion of a status enquiry, as far as that can be told without the enquiry."""
    return len(data) == 1 or (len(data) > 2 and all(byte >> 4 == 0xF for byte in data[:3])) or data[:1] == b"\0"


def _condition(apdu: Apdu, told: dict[str, object]) -> bytes:
    data, at = apdu.data, 0
    try:
        version, at = bitmaps.read_counted(data, 0, 3)
        told["software_version"] = mask_text(version.decode("cp437")).strip("\0 ")
    except ValueError:
        pass  # no version was sent: the status comes first
    code = fields.condition(apdu)
    if code is not None:
        told["status_code"] = code
        told["status"] = codes.TERMINAL_CONDITIONS.get(code, f"unknown status {code:02x}")
    return data[at + 1 :]


def _describe(command: int, found: bitmaps.Fields, told: dict[str, object]) -> None:
    charset = tags.charset_of(found.container)
    for field in found.fields:
        value = field.value
        if isinstance(value, tlv.Container):
            told["tlv"] = [tags.describe(element, charset) for element in value.elements]
            if value.unread:
                told["tlv_unread_bytes"] = value.unread
            lines = fields.texts(value)
            if lines and "text" not in told:
                told["text"] = list(lines)
        elif isinstance(value, bitmaps.Totals):
            told["receipts"] = [value.first_receipt, value.last_receipt]
            told["totals"] = [
                {"cards": group.cards, "count": group.count, "amount_cents": group.cents} for group in value.groups
            ]
        else:
            told[field.name] = _readable(field.number, value)
    if "result_code" in told and "result" not in told and isinstance(told["result_code"], int):
        told["result"] = codes.result_name(told["result_code"])
    if isinstance(card_type := told.get("card_type"), int):
        told["card_type_name"] = codes.CARD_TYPES.get(card_type, "unknown")
    if isinstance(payment_type := told.pop("payment_type", None), int):
        _payment_type(command, payment_type, told)
    if not told.get("trace_number") and (long_trace := found.container.find(0x1F2B)) is not None:
        told["trace_number"] = tags.digits(long_trace)
    if found.rest:
        told["rest"] = found.rest


def _payment_type(command: int, value: int, told: dict[str, object]) -> None:
    """BMP 19 is another thing in each of the three places where it stands."""
    if command == Command.COMPLETION:
        told["status_byte"] = value
        told["needs"] = tags.flags(value, _REGISTRATION_STATUS)
        return
    told["payment_type"] = value
    if command == Command.STATUS_INFORMATION and value in _PAYMENT_TYPES:
        told["payment_type_name"] = _PAYMENT_TYPES[value]


def _readable(number: int, value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value):
        match number:
            case 0x0C:
                return f"{value[:2]}:{value[2:4]}:{value[4:]}"
            case 0x0D:
                return f"{value[:2]}-{value[2:]}"
            case 0xAA:
                return f"20{value[:2]}-{value[2:4]}-{value[4:]}"
            case 0x49:
                return value.lstrip("0")
    return value
