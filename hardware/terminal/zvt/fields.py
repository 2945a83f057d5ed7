"""What is in an APDU: `decode` for people, and typed readings for the client.

Which bytes come first depends on the command (a password, a result code, a status); the BMPs follow. Everything that
leaves this module is masked: see `hardware.terminal.masking`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from hardware.terminal.masking import mask_text, masked_hex
from hardware.terminal.outcome import TransactionReceipt
from hardware.terminal.zvt import bitmaps, codes, tlv
from hardware.terminal.zvt.apdu import Apdu, Command

# Tracks 1 to 3, and what may quote them. Dropped wherever they stand.
_CARD_DATA_TAGS = frozenset({0x1F08, 0x1F09, 0x1F0A, 0x1F0D, 0x4C})
_TEXT_TAGS = frozenset({0x07, 0x15, 0x42, 0x44, 0x46, 0x47, 0x1F17})
_NUMBER_TAGS = frozenset({0x1F0E, 0x1F0F})

_LAST_LINE, _LINE_FEED = 0x81, 0xFF  # attributes of a print line
_MOST_FEEDS = 10  # more blank lines than any receipt has; the count is one byte of the terminal's

_PASSWORD_LENGTH = 3
_WITH_PASSWORD = frozenset(
    {0x0501, 0x0600, 0x0610, 0x0612, 0x061A, 0x0620, 0x0630, 0x0631, 0x0650, 0x0651, 0x0691, 0x0693, 0x0622, 0x0623}
)


class ReceiptType(IntEnum):
    """Tag 1F07: whose receipt a print block holds. UNSAID is our own, for print lines and blocks without it."""

    UNSAID = 0
    MERCHANT = 1
    CUSTOMER = 2
    ADMINISTRATION = 3


@dataclass(frozen=True, slots=True)
class PrintedText:
    """Lines the terminal wants printed, masked. `ends` is True where it marks the end of a receipt."""

    receipt_type: ReceiptType
    lines: tuple[str, ...]
    ends: bool


# --- Readings for the client -----------------------------------------------------------------------------


def receipt(apdu: Apdu, now: datetime, zone: ZoneInfo) -> TransactionReceipt:
    """The transaction in a status information (04 0F). `now` (aware) gives the year the terminal does not send."""
    found = bitmaps.parse(apdu.data)
    trace = found.integer(0x0B)
    long_trace = found.container.find(0x1F2B)
    if not trace and long_trace is not None:
        trace = _maybe_bcd(long_trace)
    return TransactionReceipt(
        amount_cents=found.integer(0x04),
        receipt_number=found.integer(0x87),
        trace_number=trace,
        terminal_id=found.string(0x29),
        masked_pan=found.string(0x22),
        card_name=found.string(0x8B) or None,
        time=_moment(found, now, zone),
        result_code=found.integer(0x27),
        reversal_of_trace=found.integer(0x37),
    )


def result_code(apdu: Apdu) -> int | None:
    """The result code (BMP 27) of a status information."""
    return bitmaps.parse(apdu.data).integer(0x27)


def terminal_id(apdu: Apdu) -> str | None:
    """The terminal id in a completion or status information."""
    return bitmaps.parse(apdu.data).string(0x29)


def abort_code(apdu: Apdu) -> int | None:
    """The result code of an abort (06 1E), or None when it has none."""
    return apdu.data[0] if apdu.data else None


def condition(apdu: Apdu) -> int | None:
    """The terminal's condition in the completion (06 0F) of a status enquiry: `[LLLVAR version] status [06 …]`."""
    data = apdu.data
    try:
        _version, at = bitmaps.read_counted(data, 0, 3)
    except ValueError:
        at = 0
    return data[at] if at < len(data) else None


@dataclass(frozen=True, slots=True)
class Intermediate:
    """An intermediate status: its code, the T4 it asks for in seconds, the terminal's own text."""

    code: int
    timeout_seconds: int | None
    text: tuple[str, ...]


def intermediate(apdu: Apdu) -> Intermediate:
    """What an intermediate status (04 FF) says: `code [T4 in BCD minutes] [06 {24}]`. Empty: "please wait"."""
    data = apdu.data
    if not data:
        return Intermediate(0x0E, None, ())
    minutes, at = None, 1
    if len(data) > 1 and not _is_whole_container(data[1:]):
        minutes, at = _maybe_bcd(data[1:2]), 2
    container = bitmaps.parse(data[at:]).container
    return Intermediate(data[0], minutes * 60 if minutes else None, texts(container))


def printed(apdu: Apdu) -> PrintedText:
    """The lines of a print line (06 D1) or print block (06 D3)."""
    if apdu.command == Command.PRINT_LINE:
        return _printed_line(apdu.data)
    container = bitmaps.parse(apdu.data).container
    kind = container.find(0x1F07)
    known = kind is not None and len(kind) == 1 and kind[0] in ReceiptType.__members__.values()
    return PrintedText(ReceiptType(kind[0]) if kind and known else ReceiptType.UNSAID, texts(container), ends=True)


def _printed_line(data: bytes) -> PrintedText:
    """`attribute text`: 81 to FE end the receipt, FF feeds as many lines as the next byte says.

    An empty text is a blank line, unless it only ends the receipt.
    """
    attribute = data[0] if data else _LAST_LINE
    if attribute == _LINE_FEED:
        feeds = data[1] if len(data) > 1 else 1
        return PrintedText(ReceiptType.UNSAID, ("",) * min(feeds, _MOST_FEEDS), ends=False)
    ends = attribute >= _LAST_LINE
    lines = () if ends and len(data) < 2 else (_decode_text(data[1:], None),)
    return PrintedText(ReceiptType.UNSAID, lines, ends)


def texts(container: tlv.Container) -> tuple[str, ...]:
    """The text lines (tag 07) of a container in their order, masked. A line may hold `\\n`, which begins another."""
    charset = container.find(0x14)
    lines: list[str] = []
    for element in container.walk():
        if element.tag == 0x07:
            lines += _decode_text(element.value, charset).split("\n")
    return tuple(lines)


def _decode_text(data: bytes, charset: bytes | None) -> str:
    name = codes.CHARSETS.get(charset[0], "cp437") if charset else "cp437"
    return mask_text(data.decode(name, errors="replace").replace("\r", "")).rstrip("\0")


def _is_whole_container(data: bytes) -> bool:
    """06 may be a BMP, or six BCD minutes: it is a container when its length fits what follows."""
    if data[0] != 0x06:
        return False
    length = tlv.read_length(data, 1)
    return length is not None and length[1] + length[0] == len(data)


def _maybe_bcd(data: bytes) -> int | None:
    digits = data.hex()
    return int(digits) if digits.isdecimal() else None


def _moment(found: bitmaps.Fields, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The terminal's local date and time as aware UTC: the one closest to `now`, for it sends no year and no offset."""
    clock = found.string(0x0C)
    full, short = found.string(0xAA), found.string(0x0D)
    day = full[2:] if full else short
    if clock is None or day is None:
        return None
    around = now.astimezone(zone).year
    years = (2000 + int(full[:2]),) if full else (around - 1, around, around + 1)
    candidates = []
    for year in years:
        for fold in (0, 1):
            try:
                local = datetime.strptime(f"{year:04d}{day}{clock}", "%Y%m%d%H%M%S").replace(tzinfo=zone, fold=fold)
            except ValueError:  # 29 February of another year, or 99 seconds
                continue
            candidates.append(local.astimezone(UTC))
    return min(candidates, key=lambda moment: abs(moment - now), default=None)


# --- For people ------------------------------------------------------------------------------------------


def decode(apdu: Apdu) -> dict[str, object]:
    """All that can be said of an APDU as plain values, masked: `command`, `name` and `fields`.

    Amounts are integer cents, codes are integers with their meaning beside them (`result`, `status`), `text` is a
    list of lines. What is unknown is in `rest` (masked hexadecimal text) and in tags without a name.
    """
    fields: dict[str, object] = {}
    data = _head(apdu, fields)
    if apdu.command in (Command.PRINT_LINE, Command.PRINT_BLOCK):
        text = printed(apdu)
        fields["text"] = list(text.lines)
        fields["receipt_type"] = text.receipt_type.name.lower()
        fields["end_of_receipt"] = text.ends
    if apdu.command != Command.PRINT_LINE:
        _describe(bitmaps.parse(data), fields)
    return {
        "command": f"{apdu.command >> 8:02X} {apdu.command & 0xFF:02X}",
        "name": codes.command_name(apdu.command),
        "fields": fields,
    }


def _head(apdu: Apdu, fields: dict[str, object]) -> bytes:
    """Describe what comes before the BMPs, and return the BMPs."""
    data = apdu.data
    answer = apdu.answer_code
    if answer is not None:
        fields["result_code"], fields["result"] = answer, codes.result_name(answer)
    elif apdu.command == Command.ABORT_BY_TERMINAL and data:
        fields["result_code"], fields["result"] = data[0], codes.result_name(data[0])
        currency_follows = data[0] == 0x6F and len(data) in (3, 5)
        if currency_follows:
            fields["currency"] = data[-2:].hex().lstrip("0")
        return b"" if currency_follows else data[1:]
    elif apdu.command == Command.INTERMEDIATE_STATUS:
        status = intermediate(apdu)
        fields["status_code"], fields["status"] = status.code, codes.intermediate_name(status.code)
        if status.timeout_seconds is not None:
            fields["timeout_seconds"] = status.timeout_seconds
        return data[1:] if status.timeout_seconds is None else data[2:]
    elif apdu.command == Command.COMPLETION and _is_condition(data):
        return _describe_condition(apdu, fields)
    elif apdu.command in _WITH_PASSWORD and len(data) >= _PASSWORD_LENGTH:
        data = data[_PASSWORD_LENGTH:]
        if apdu.command == Command.REGISTRATION and data:
            fields["configuration_byte"] = data[0]
            data = data[1:]
            if len(data) >= 2 and data[:2] != b"\x06\x06" and data[0] not in (0x03, 0x06):
                fields["currency"], data = data[:2].hex().lstrip("0"), data[2:]
    return data


def _is_condition(data: bytes) -> bool:
    """True for the completion of a status enquiry, as far as that can be told without the enquiry."""
    return len(data) == 1 or (len(data) > 2 and all(byte >> 4 == 0xF for byte in data[:3])) or data[:1] == b"\0"


def _describe_condition(apdu: Apdu, fields: dict[str, object]) -> bytes:
    data, at = apdu.data, 0
    try:
        version, at = bitmaps.read_counted(data, 0, 3)
        fields["software_version"] = mask_text(version.decode("cp437")).strip("\0 ")
    except ValueError:
        pass  # no version was sent: the status comes first
    code = condition(apdu)
    if code is not None:
        fields["status_code"] = code
        fields["status"] = codes.TERMINAL_CONDITIONS.get(code, f"unknown status {code:02x}")
    return data[at + 1 :]


def _describe(found: bitmaps.Fields, fields: dict[str, object]) -> None:
    for field in found.fields:
        if isinstance(field.value, tlv.Container):
            fields["tlv"] = [_describe_tag(element) for element in field.value.elements]
            if field.value.unread:
                fields["tlv_unread_bytes"] = field.value.unread
            lines = texts(field.value)
            if lines and "text" not in fields:
                fields["text"] = list(lines)
        else:
            fields[field.name] = _readable(field)
    if "result_code" in fields and "result" not in fields and isinstance(fields["result_code"], int):
        fields["result"] = codes.result_name(fields["result_code"])
    if isinstance(card_type := fields.get("card_type"), int):
        fields["card_type_name"] = codes.CARD_TYPES.get(card_type, "unknown")
    if not fields.get("trace_number") and (long_trace := found.container.find(0x1F2B)) is not None:
        fields["trace_number"] = _maybe_bcd(long_trace)
    if found.rest:
        fields["rest"] = found.rest


def _readable(field: bitmaps.Field) -> object:
    value = field.value
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        if field.number == 0x0C:
            return f"{value[:2]}:{value[2:4]}:{value[4:]}"
        if field.number == 0x0D:
            return f"{value[:2]}-{value[2:]}"
        if field.number == 0xAA:
            return f"20{value[:2]}-{value[2:4]}-{value[4:]}"
        if field.number == 0x49:
            return value.lstrip("0")
    return value


def _describe_tag(element: tlv.Tlv) -> dict[str, object]:
    described: dict[str, object] = {
        "tag": f"{element.tag:02X}" if element.tag <= 0xFF else f"{element.tag:04X}",
        "name": codes.TAGS.get(element.tag, "unknown"),
    }
    if element.tag in _CARD_DATA_TAGS:
        described["value"] = "left out"
    elif element.children:
        described["value"] = [_describe_tag(child) for child in element.children]
    elif element.tag in _TEXT_TAGS:
        described["value"] = _decode_text(element.value, None)
    elif element.tag in _NUMBER_TAGS and len(element.value) <= 4:
        described["value"] = element.value.hex()
    else:
        described["value"] = masked_hex(element.value)
    return described
