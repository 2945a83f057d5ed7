"""The tag-length-value files of the Belgian card: identity and address.

A tag is one byte. A length below 255 is one byte; `FF` adds 255 and another length byte follows, as often
as needed (`FF 01` is 256). This is neither BER nor a 7-bit scheme; reading it as either is right up to 127
bytes and wrong beyond. Trailing zero bytes are padding. Source: "Belgian Electronic Identity Card content"
v5.4 §6.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.smartcard.errors import DecodeError, DecodeReason


@dataclass(frozen=True, slots=True, repr=False)
class Element:
    """One tag and its value."""

    tag: int
    value: bytes


def parse(data: bytes) -> tuple[Element, ...]:
    """All elements in file order, unknown ones too. Raises DecodeError when the last one is cut short."""
    elements: list[Element] = []
    end = len(data.rstrip(b"\x00"))
    at = 0
    while at < end:
        start, tag = at, data[at]
        length, at = _length(data, at + 1, start)
        if at + length > len(data):
            raise DecodeError(DecodeReason.TRUNCATED, start)
        elements.append(Element(tag, data[at : at + length]))
        at += length
    return tuple(elements)


def _length(data: bytes, at: int, start: int) -> tuple[int, int]:
    length = 0
    while True:
        if at >= len(data):
            raise DecodeError(DecodeReason.TRUNCATED, start)
        length += data[at]
        at += 1
        if data[at - 1] != 0xFF:
            return length, at
