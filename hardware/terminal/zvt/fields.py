"""What an APDU says, as typed readings for the client; `describe` tells the same to people.

Everything that leaves this module is masked: see `hardware.terminal.masking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hardware.terminal.outcome import CardTotal, TransactionReceipt
from hardware.terminal.zvt import bitmaps, codes, tags, tlv
from hardware.terminal.zvt.apdu import Apdu, Command
from hardware.terminal.zvt.tags import CP437, ReceiptType

_LAST_LINE, _LINE_FEED = 0x81, 0xFF  # attributes of a print line
_MOST_FEEDS = 10  # more blank lines than any receipt has; the count is one byte of the terminal's


@dataclass(frozen=True, slots=True)
class PrintedText:
    """Lines the terminal wants printed, masked. `ends` is True where it marks the end of a receipt."""

    receipt_type: ReceiptType
    lines: tuple[str, ...]
    ends: bool
    must_print: bool = False
    signature_wanted: bool = False


def receipt(apdu: Apdu, now: datetime, zone: ZoneInfo) -> TransactionReceipt:
    """The transaction in a status information (04 0F). `now` (aware) gives the year the terminal does not send."""
    found = bitmaps.parse(apdu.data)
    trace = found.integer(0x0B)
    long_trace = found.container.find(0x1F2B)
    if not trace and long_trace is not None:
        trace = tags.digits(long_trace)
    application = found.container.find(0x43)
    return TransactionReceipt(
        amount_cents=found.integer(0x04),
        receipt_number=found.integer(0x87),
        trace_number=trace,
        terminal_id=found.string(0x29),
        masked_pan=found.string(0x22),
        card_name=found.string(0x8B) or _card_name(found),
        time=_moment(found, now, zone),
        result_code=found.integer(0x27),
        reversal_of_trace=found.integer(0x37),
        merchant_number=found.string(0x2A) or None,
        authorisation_id=found.string(0x3B) or None,
        application_id=tags.application_id(application) if application else None,
    )


def result_code(apdu: Apdu) -> int | None:
    """The result code (BMP 27) of a status information."""
    return bitmaps.parse(apdu.data).integer(0x27)


def terminal_id(apdu: Apdu) -> str | None:
    """The terminal id in a completion or status information."""
    return bitmaps.parse(apdu.data).string(0x29)


def charset(apdu: Apdu) -> int | None:
    """The charset that the completion of a registration names for all texts to come (tag 14), if it does."""
    named = bitmaps.parse(apdu.data).container.find(tags.CHARSET)
    return named[0] if named else None


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


def intermediate(apdu: Apdu, usual_charset: int = CP437) -> Intermediate:
    """What an intermediate status (04 FF) says: `code [T4 in BCD minutes] [06 {24}]`. Empty: "please wait"."""
    data = apdu.data
    if not data:
        return Intermediate(codes.PLEASE_WAIT, None, ())
    minutes, at = None, 1
    if len(data) > 1 and not is_whole_container(data[1:]):
        minutes, at = tags.digits(data[1:2]), 2
    container = bitmaps.parse(data[at:]).container
    return Intermediate(data[0], minutes * 60 if minutes else None, texts(container, usual_charset))


def printed(apdu: Apdu, usual_charset: int = CP437) -> PrintedText:
    """The lines of a print line (06 D1) or print block (06 D3)."""
    if apdu.command == Command.PRINT_LINE:
        return _printed_line(apdu.data, usual_charset)
    container = bitmaps.parse(apdu.data).container
    kind = container.find(0x1F07)
    known = kind is not None and len(kind) == 1 and kind[0] in ReceiptType.__members__.values()
    information = container.find(0x1F37)
    bits = information[0] if information else 0
    return PrintedText(
        ReceiptType(kind[0]) if kind and known else ReceiptType.UNSAID,
        texts(container, usual_charset),
        ends=True,
        must_print=bool(bits & tags.MUST_PRINT),
        signature_wanted=bool(bits & tags.SIGNATURE_WANTED),
    )


@dataclass(frozen=True, slots=True)
class DayAccount:
    """What the terminal says of a day that it closes."""

    total_cents: int
    parts: tuple[CardTotal, ...] = ()
    first_receipt: int | None = None
    last_receipt: int | None = None


def day_totals(apdu: Apdu) -> DayAccount | None:
    """The account in the status information (04 0F) of an end of day; None when it holds none."""
    found = bitmaps.parse(apdu.data)
    totals = found.totals()
    total = found.integer(0x04)
    if totals is None:
        return None if total is None else DayAccount(total)
    parts = tuple(CardTotal(group.cards, group.count, group.cents) for group in totals.groups)
    if total is None:
        total = sum(part.cents for part in parts)
    return DayAccount(total, parts, totals.first_receipt, totals.last_receipt)


def texts(container: tlv.Container, usual_charset: int = CP437) -> tuple[str, ...]:
    """The text lines (tag 07) of a container in their order, masked. A line may hold `\\n`, which begins another."""
    number = tags.charset_of(container, usual_charset)
    lines: list[str] = []
    for element in container.walk():
        if element.tag == 0x07:
            lines += tags.decode_text(element.value, number).split("\n")
    return tuple(lines)


def is_whole_container(data: bytes) -> bool:
    """06 may be a BMP, or six BCD minutes: it is a container when its length fits what follows."""
    if data[0] != 0x06:
        return False
    length = tlv.read_length(data, 1)
    return length is not None and length[1] + length[0] == len(data)


def _printed_line(data: bytes, usual_charset: int) -> PrintedText:
    """`attribute text`: 81 to FE end the receipt, FF feeds as many lines as the next byte says.

    An empty text is a blank line, unless it only ends the receipt.
    """
    attribute = data[0] if data else _LAST_LINE
    if attribute == _LINE_FEED:
        feeds = data[1] if len(data) > 1 else 1
        return PrintedText(ReceiptType.UNSAID, ("",) * min(feeds, _MOST_FEEDS), ends=False)
    ends = attribute >= _LAST_LINE
    lines = () if ends and len(data) < 2 else (tags.decode_text(data[1:], usual_charset),)
    return PrintedText(ReceiptType.UNSAID, lines, ends)


def _card_name(found: bitmaps.Fields) -> str | None:
    """The card's name by its type, where the terminal does not send the name itself (BMP 8B), which may be another."""
    kind: int | None = found.integer(0x8A)
    if kind == codes.CARD_TYPE_IN_TAG:
        told = found.container.find(0x41)
        kind = tags.card_type(told) if told else None
    return codes.CARD_TYPES.get(kind) if kind is not None else None


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
