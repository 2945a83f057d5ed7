"""BER-TLV as PIV data objects have it (ISO 7816-4 §5.2.2): tags of one to three bytes, definite lengths.

Not the scheme of the Belgian card's files, which `hardware.smartcard.tlv` reads.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.smartcard.errors import DecodeError, DecodeReason

_LONGEST_TAG = 3  # bytes
_LONGEST_LENGTH = 3  # bytes behind the first; ISO 7816-4 allows no more on cards than four, and 16 MB is on none


def parse(data: bytes) -> dict[int, bytes]:
    """The elements of a template by tag, the first one of each. Raises DecodeError when one is cut short or malformed.

    An empty template has none. Padding between objects (00, FF) is not part of PIV.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        start = at
        tag, at = _tag(data, at)
        length, at = _length(data, at, start)
        if at + length > len(data):
            raise DecodeError(DecodeReason.TRUNCATED, start)
        found.setdefault(tag, data[at : at + length])
        at += length
    return found


def only(data: bytes, tag: int) -> bytes:
    """The value of the one object that `data` is. Raises DecodeError for another, and for anything behind it."""
    found, at = _tag(data, 0)
    if found != tag:
        raise DecodeError(DecodeReason.OTHER_TAG)
    length, at = _length(data, at, 0)
    if at + length != len(data):
        raise DecodeError(DecodeReason.TRUNCATED if at + length > len(data) else DecodeReason.TOO_LONG)
    return data[at:]


def build(elements: Mapping[int, bytes]) -> bytes:
    """The elements of a template in this order."""
    return b"".join(_header(tag, len(value)) + value for tag, value in elements.items())


def _header(tag: int, length: int) -> bytes:
    name = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    if length < 0x80:
        return name + bytes((length,))
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return name + bytes((0x80 | len(size),)) + size


def _tag(data: bytes, at: int) -> tuple[int, int]:
    start = at
    if at >= len(data):
        raise DecodeError(DecodeReason.EMPTY if not data else DecodeReason.TRUNCATED, start)
    at += 1
    if data[start] & 0x1F == 0x1F:  # the number of the tag goes on in the bytes that follow
        while True:
            if at >= len(data):
                raise DecodeError(DecodeReason.TRUNCATED, start)
            at += 1
            if not data[at - 1] & 0x80:
                break
            if at - start >= _LONGEST_TAG:
                raise DecodeError(DecodeReason.OTHER_TAG, start)
    return int.from_bytes(data[start:at], "big"), at


def _length(data: bytes, at: int, start: int) -> tuple[int, int]:
    if at >= len(data):
        raise DecodeError(DecodeReason.TRUNCATED, start)
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= _LONGEST_LENGTH:  # 80 is the indefinite form, which no card may use
        raise DecodeError(DecodeReason.BAD_LENGTH, start)
    if at + count > len(data):
        raise DecodeError(DecodeReason.TRUNCATED, start)
    return int.from_bytes(data[at : at + count], "big"), at + count
