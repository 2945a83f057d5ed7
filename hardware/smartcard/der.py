"""Where a DER object ends. Certificate and signature files are padded with zeros, which strict parsers reject."""

from __future__ import annotations

from hardware.smartcard.errors import DecodeError, DecodeReason


def total_length(prefix: bytes) -> int | None:
    """Header and body length of the SEQUENCE that starts `prefix`; None if its first bytes do not tell yet.

    Raises DecodeError when it is no SEQUENCE; a file of zeros (an absent certificate) is none.
    """
    if prefix and prefix[0] != 0x30:
        raise DecodeError(DecodeReason.NOT_DER)
    if len(prefix) < 2:
        return None
    first = prefix[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    if not 1 <= count <= 3:  # indefinite, or over 16 MB: on no card
        raise DecodeError(DecodeReason.NOT_DER, 1)
    if len(prefix) < 2 + count:
        return None
    return 2 + count + int.from_bytes(prefix[2 : 2 + count], "big")


def cut(data: bytes) -> bytes:
    """The SEQUENCE at the start of `data` without what follows it. Raises DecodeError if there is no whole one."""
    length = total_length(data)
    if length is None or length > len(data):
        raise DecodeError(DecodeReason.TRUNCATED if data else DecodeReason.EMPTY)
    return data[:length]
