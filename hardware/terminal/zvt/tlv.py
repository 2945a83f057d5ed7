"""The TLV container of BMP 06: BER tags and lengths, big-endian (PA00P015, chapter 9).

A tag whose low five bits are all ones goes on in the next byte (1F 07); bit 20 of its first byte says that its value
is a container again. Terminals send containers that are cut short or carry padding; what can be read is kept, and the
rest is counted, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tlv:
    """One element. `value` stays out of `repr`: tags 1F08 to 1F0A are card tracks."""

    tag: int
    value: bytes = field(repr=False)
    children: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """The elements of a container, and how many bytes at its end could not be read."""

    elements: tuple[Tlv, ...] = ()
    unread: int = 0

    def walk(self) -> Iterator[Tlv]:
        """Every element, outer before inner."""
        yield from _walk(self.elements)

    def find(self, tag: int) -> bytes | None:
        """The value of the first element with this tag at any depth."""
        return next((element.value for element in self.walk() if element.tag == tag), None)


def encode(tag: int, value: bytes) -> bytes:
    """One element. Tags of one or two bytes; at most 65,535 bytes of value."""
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + encode_length(len(value)) + value


def encode_length(length: int) -> bytes:
    """A BER length: short form up to 7F, then `81 nn`, then `82 hi lo`."""
    if length < 0x80:
        return bytes([length])
    return bytes([0x81, length]) if length <= 0xFF else b"\x82" + length.to_bytes(2, "big")


def read_length(data: bytes, at: int) -> tuple[int, int] | None:
    """The BER length at this place and the place behind it; None when it is cut off or of no known form."""
    if at >= len(data):
        return None
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if count not in (1, 2) or at + 1 + count > len(data):
        return None
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def parse(data: bytes) -> Container:
    """The elements of a container's value. Never raises."""
    elements: list[Tlv] = []
    at = 0
    while at < len(data):
        element = _read(data, at)
        if element is None:
            break
        tlv, at = element
        elements.append(tlv)
    return Container(tuple(elements), len(data) - at)


def _read(data: bytes, at: int) -> tuple[Tlv, int] | None:
    first = data[at]
    tag, at = first, at + 1
    if first & 0x1F == 0x1F:
        if at >= len(data):
            return None
        tag, at = first << 8 | data[at], at + 1
    length = read_length(data, at)
    if length is None:
        return None
    size, at = length
    if at + size > len(data):
        return None
    value = data[at : at + size]
    children: tuple[Tlv, ...] = ()
    if first & 0x20:
        inner = parse(value)
        # Some terminals put plain bytes under a tag that should be a container; then there are no children.
        children = inner.elements if inner.unread == 0 else ()
    return Tlv(tag, value, children), at + size


def _walk(elements: tuple[Tlv, ...]) -> Iterator[Tlv]:
    for element in elements:
        yield element
        yield from _walk(element.children)
