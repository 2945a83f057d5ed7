"""What the simulated terminal says, byte by byte (PA00P015), and what it reads of what it is told."""

from __future__ import annotations

from hardware.simulators.terminal.ledger import Transaction

TERMINAL_ID = "52000017"
MERCHANT = "Gemeentehuis"
CARD_NAME = "Bancontact"
# Bancontact numbers have 17 digits; E hides a digit, F fills the last byte. Invented.
MASKED_PAN = bytes.fromhex("670342eeeeeee1234f")
OPEN_PAN = bytes.fromhex("67034200000001234f")  # as no terminal should send it; to prove that the kiosk masks it
OPEN_TRACK_2 = bytes.fromhex("67034200000001234d30122010000000000f")

ACCEPT = b"\x80\x00\x00"
COMPLETION = b"\x06\x0f\x00"


def apdu(command: int, data: bytes = b"") -> bytes:
    """`CCRC APRC LEN data`."""
    length = bytes([len(data)]) if len(data) < 0xFF else b"\xff" + len(data).to_bytes(2, "little")
    return command.to_bytes(2, "big") + length + data


def refuse(code: int) -> bytes:
    """84 xx."""
    return bytes([0x84, code, 0])


def split(raw: bytes) -> tuple[int, bytes]:
    """Command and data."""
    return int.from_bytes(raw[:2], "big"), raw[5:] if raw[2:3] == b"\xff" else raw[3:]


def digits(number: int, size: int) -> bytes:
    """Packed BCD."""
    return bytes.fromhex(str(number).zfill(size * 2))


def status_information(transaction: Transaction, *, leaky: bool = False) -> bytes:
    """04 0F of a transaction. `leaky`: with an open card number and a track, as a terminal must not send them."""
    pan = OPEN_PAN if leaky else MASKED_PAN
    data = b"\x27" + bytes([transaction.result]) + b"\x04" + digits(transaction.cents, 6) + b"\x49\x09\x78"
    data += b"\x0b" + digits(transaction.trace, 3)
    data += b"\x0c" + bytes.fromhex(transaction.at.strftime("%H%M%S"))
    data += b"\x0d" + bytes.fromhex(transaction.at.strftime("%m%d"))
    data += b"\x22" + _counted(pan, 2)
    if leaky:
        data += b"\x23" + _counted(OPEN_TRACK_2, 2)
    data += b"\x29" + bytes.fromhex(TERMINAL_ID) + b"\x87" + digits(transaction.receipt, 2)
    if transaction.reverses_trace is not None:
        data += b"\x37" + digits(transaction.reverses_trace, 3)
    return apdu(0x040F, data + b"\x8a\x57\x8b" + _counted(CARD_NAME.encode() + b"\0", 2) + b"\x19\x70")


def bare_status(result: int) -> bytes:
    """04 0F with nothing but a result."""
    return apdu(0x040F, bytes([0x27, result]))


def intermediate(code: int) -> bytes:
    """04 FF."""
    return apdu(0x04FF, bytes([code]))


def abort(code: int) -> bytes:
    """06 1E."""
    return apdu(0x061E, bytes([code]))


def registered() -> bytes:
    """The completion of a registration: status, terminal id, currency."""
    return apdu(0x060F, b"\x19\x00\x29" + bytes.fromhex(TERMINAL_ID) + b"\x49\x09\x78")


def condition(code: int, with_version: bool) -> bytes:
    """The completion of a status enquiry."""
    version = _counted(b"SIM 1.0", 3) if with_version else b""
    return apdu(0x060F, version + bytes([code]))


def totals(count: int, cents: int, first: int, last: int) -> bytes:
    """04 0F of an end of day: the total, and field 60 with one group of cards."""
    group = digits(first, 2) + digits(last, 2) + bytes([count & 0xFF]) + digits(cents, 6)
    return apdu(0x040F, b"\x27\x00\x04" + digits(cents, 6) + b"\x60" + _counted(group, 3))


def print_block(lines: list[str], receipt_type: int) -> bytes:
    """06 D3: text lines (07) in 25, and whose receipt it is (1F07)."""
    texts = b"".join(_tag(b"\x07", line.encode("cp437", "replace")) for line in lines)
    body = _tag(b"\x1f\x07", bytes([receipt_type])) + _tag(b"\x25", texts + _tag(b"\x09", b"\x81"))
    return apdu(0x06D3, b"\x06" + _length(len(body)) + body)


def print_lines(lines: list[str]) -> list[bytes]:
    """06 D1, one for each line; the last is marked as the end of the receipt."""
    ends = [0x00] * (len(lines) - 1) + [0x81]
    return [apdu(0x06D1, bytes([end]) + line.encode("cp437", "replace")) for end, line in zip(ends, lines, strict=True)]


def receipt_lines(transaction: Transaction, *, for_customer: bool, leaky: bool = False) -> list[str]:
    """A receipt as a terminal prints it, at most 24 columns."""
    declined = transaction.result != 0
    title = "ANNULERING" if transaction.reverses_trace is not None else "BETALING"
    euros = f"{transaction.cents // 100},{transaction.cents % 100:02d}"
    return [
        MERCHANT,
        f"Terminal {TERMINAL_ID}",
        f"Bon {transaction.receipt:04d}  Trace {transaction.trace:06d}",
        transaction.at.strftime("%d/%m/%Y %H:%M"),
        CARD_NAME,
        "6703 4200 0000 0123 4" if leaky else "6703 42** **** *123 4",
        f"{title:<12}EUR {euros:>8}",
        f"GEWEIGERD ({transaction.result:02X})" if declined else "GOEDGEKEURD",
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
