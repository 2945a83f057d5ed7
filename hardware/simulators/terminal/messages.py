"""What the simulated terminal says, byte by byte (PA00P015), and what it reads of what it is told."""

from __future__ import annotations

from collections.abc import Collection

from hardware.simulators.terminal.ledger import REFUND, REVERSAL, Transaction

TERMINAL_ID = "52000017"
MERCHANT = "Gemeentehuis"
CARD_NAME = "Bancontact"
# Bancontact numbers have 17 digits; E hides a digit, F fills the last byte. Invented.
MASKED_PAN = bytes.fromhex("670342eeeeeee1234f")
OPEN_PAN = bytes.fromhex("67034200000001234f")  # as no terminal should send it; to prove that the kiosk masks it
OPEN_PAN_TEXT = b"67034200000001234"
OPEN_TRACK_2 = bytes.fromhex("67034200000001234d30122010000000000f")

CHARSETS = {"iso8859-1": 0x01, "iso8859-15": 0x0F, "utf-8": 0xFE, "cp437": 0xFF}  # the numbers of tag 14

ACCEPT = b"\x80\x00\x00"
COMPLETION = b"\x06\x0f\x00"


def apdu(command: int, data: bytes = b"") -> bytes:
    """`CCRC APRC LEN data`."""
    length = bytes([len(data)]) if len(data) < 0xFF else b"\xff" + len(data).to_bytes(2, "little")
    return command.to_bytes(2, "big") + length + data


def refuse_at_length(code: int) -> bytes:
    """84 1E with the code as data, as some terminals refuse a registration (Portalum #49)."""
    return apdu(0x841E, bytes([code]))


def refuse(code: int) -> bytes:
    """84 xx."""
    return bytes([0x84, code, 0])


def split(raw: bytes) -> tuple[int, bytes]:
    """Command and data."""
    return int.from_bytes(raw[:2], "big"), raw[5:] if raw[2:3] == b"\xff" else raw[3:]


def digits(number: int, size: int) -> bytes:
    """Packed BCD."""
    return bytes.fromhex(str(number).zfill(size * 2))


def status_information(
    transaction: Transaction, *, omits: Collection[str] = (), long_trace: bool = False, leaky: bool = False
) -> bytes:
    """04 0F of a transaction.

    `omits` names what is left out (`settings.OMISSIONS`). `long_trace`: 0B is zero, and 1F2B holds the number. `leaky`:
    with an open card number and tracks wherever they fit, as a terminal must not send them.
    """
    t = transaction
    container = _tag(b"\x1f\x2b", digits(t.trace, 4)) if long_trace else b""
    if leaky:
        container += _tag(b"\x1f\x08", OPEN_PAN_TEXT) + _tag(b"\x60", _tag(b"\x46", OPEN_PAN_TEXT))
    parts: list[tuple[str, bytes]] = [
        ("", b"\x27" + bytes([t.result])),
        ("amount", b"\x04" + digits(t.cents, 6)),
        ("", b"\x49\x09\x78"),
        ("trace", b"\x0b" + digits(0 if long_trace else t.trace, 3)),
        ("time", b"\x0c" + bytes.fromhex(t.at.strftime("%H%M%S"))),
        ("time", b"\x0d" + bytes.fromhex(t.at.strftime("%m%d"))),
        ("pan", b"\x22" + _counted(OPEN_PAN if leaky else MASKED_PAN, 2)),
        ("pan", b"\x23" + _counted(OPEN_TRACK_2, 2) if leaky else b""),
        ("", b"\x3c" + _counted(b"Kaart " + OPEN_PAN_TEXT, 3) if leaky else b""),
        ("terminal_id", b"\x29" + bytes.fromhex(TERMINAL_ID)),
        ("receipt", b"\x87" + digits(t.receipt, 2)),
        ("", b"" if t.reverses_trace is None else b"\x37" + digits(t.reverses_trace, 3)),
        ("card_name", b"\x8a\x57\x8b" + _counted(CARD_NAME.encode() + b"\0", 2)),
        ("", b"\x19\x70"),
        ("", b"\x06" + _length(len(container)) + container if container else b""),
    ]
    return apdu(0x040F, b"".join(data for name, data in parts if name not in omits))


def bare_status(result: int) -> bytes:
    """04 0F with nothing but a result."""
    return apdu(0x040F, bytes([0x27, result]))


def intermediate(code: int, minutes: int | None = None, text: str = "") -> bytes:
    """04 FF, with a new T4 in minutes and a text of the terminal's own if they are given."""
    data = bytes([code]) + (b"" if minutes is None else digits(minutes, 1))
    if text:
        line = _tag(b"\x24", _tag(b"\x07", text.encode("cp437", "replace")))
        data += b"\x06" + _length(len(line)) + line
    return apdu(0x04FF, data)


def abort(code: int, text: str = "") -> bytes:
    """06 1E, with an extended error text if one is given."""
    line = _tag(b"\x1f\x17", text.encode("cp437", "replace"))
    return apdu(0x061E, bytes([code]) + (b"\x06" + _length(len(line)) + line if text else b""))


def registered() -> bytes:
    """The completion of a registration: status, terminal id, currency."""
    return apdu(0x060F, b"\x19\x00\x29" + bytes.fromhex(TERMINAL_ID) + b"\x49\x09\x78")


def condition(code: int, with_version: bool) -> bytes:
    """The completion of a status enquiry."""
    version = _counted(b"SIM 1.0", 3) if with_version else b""
    return apdu(0x060F, version + bytes([code]))


def totals(count: int, cents: int, first: int, last: int, omits: Collection[str] = ()) -> bytes:
    """04 0F of an end of day: the total, and field 60 (PA00P015: the receipt numbers, then a count and a total for

    girocard, JCB, Mastercard, American Express, Visa, Diners and other cards). Bancontact is among the others.
    """
    groups = [(0, 0)] * 6 + [(count, cents)]
    sums = b"".join(bytes([number & 0xFF]) + digits(max(total, 0), 6) for number, total in groups)
    single = b"\x60" + _counted(digits(first, 2) + digits(last, 2) + sums, 3)
    amount = b"\x04" + digits(max(cents, 0), 6)
    parts = (("", b"\x27\x00"), ("amount", amount), ("totals", single))
    return apdu(0x040F, b"".join(data for name, data in parts if name not in omits))


def print_block(
    lines: list[str], receipt_type: int, charset: str = "cp437", *, names_charset: bool = True, must_print: bool = False
) -> bytes:
    """06 D3: text lines (07) in 25, whose receipt it is (1F07), the charset (14) where it is not the usual one."""
    texts = b"".join(_tag(b"\x07", line.encode(charset, "replace")) for line in lines)
    body = _tag(b"\x1f\x07", bytes([receipt_type])) + _tag(b"\x25", texts + _tag(b"\x09", b"\x81"))
    if charset != "cp437" and names_charset:
        body = _tag(b"\x14", bytes([CHARSETS[charset]])) + body
    if must_print:
        body += _tag(b"\x1f\x37", b"\x81")
    return apdu(0x06D3, b"\x06" + _length(len(body)) + body)


def print_lines(lines: list[str], charset: str = "cp437") -> list[bytes]:
    """06 D1, one for each line; the last is marked as the end of the receipt."""
    ends = [0x00] * (len(lines) - 1) + [0x81]
    return [apdu(0x06D1, bytes([end]) + line.encode(charset, "replace")) for end, line in zip(ends, lines, strict=True)]


def receipt_lines(
    transaction: Transaction, *, for_customer: bool, greeting: str = "", leaky: bool = False
) -> list[str]:
    """A receipt as a terminal prints it, at most 24 columns; `greeting` is one more line."""
    declined = transaction.result != 0
    title = {REVERSAL: "ANNULERING", REFUND: "TERUGBETALING"}.get(transaction.kind, "BETALING")
    euros = f"{transaction.cents // 100},{transaction.cents % 100:02d}"
    return [
        MERCHANT,
        f"Terminal {TERMINAL_ID}",
        f"Bon {transaction.receipt:04d}  Trace {transaction.trace:06d}",
        transaction.at.strftime("%d/%m/%Y %H:%M"),
        CARD_NAME,
        "6703 4200 0000 0123 4" if leaky else "6703 42** **** *123 4",
        f"{title:<12}EUR {euros:>8}" if len(title) < 12 else f"{title} EUR {euros}",
        f"GEWEIGERD ({transaction.result:02X})" if declined else "GOEDGEKEURD",
        *([greeting] if greeting else []),
        "Kopie klant" if for_customer else "Kopie handelaar",
    ]


def field(data: bytes, number: int) -> bytes | None:
    """A field of an authorisation (or of what follows the password): only those a till sends, all of fixed length."""
    sizes = {0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x05: 1, 0x0B: 3, 0x19: 1, 0x49: 2, 0x87: 2, 0x8A: 1}
    at = 0
    while at < len(data) and (size := sizes.get(data[at])):
        if data[at] == number:
            return data[at + 1 : at + 1 + size]
        at += 1 + size
    return None


def _counted(value: bytes, places: int) -> bytes:
    return bytes(0xF0 | int(digit) for digit in str(len(value)).zfill(places)) + value


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def _tag(tag: bytes, value: bytes) -> bytes:
    return tag + _length(len(value)) + value
