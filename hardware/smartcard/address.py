"""The address file (3F00 DF01 4033), decoded. It is padded with zeros; the signature covers it without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.smartcard import tlv
from hardware.smartcard.errors import DecodeError, DecodeReason
from hardware.smartcard.identity import decode_text


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where the holder lives. Its representation shows no personal data; `raw` has every element by tag."""

    street_and_number: str
    postcode: str
    municipality: str
    raw: Mapping[int, bytes] = field(hash=False)

    def __repr__(self) -> str:
        return "<Address>"

    def as_json(self) -> dict[str, object]:
        """Every field by name, unknown elements as hexadecimal."""
        return {
            "street_and_number": self.street_and_number,
            "postcode": self.postcode,
            "municipality": self.municipality,
            "unknown": {f"{tag:02X}": value.hex() for tag, value in self.raw.items() if tag > 0x03},
        }


def decode(data: bytes) -> Address:
    """Decode the address file as read. Raises DecodeError when it is empty or an element is cut short."""
    raw: dict[int, bytes] = {}
    for element in tlv.parse(data):
        raw.setdefault(element.tag, element.value)
    if not raw:
        raise DecodeError(DecodeReason.EMPTY)
    street, postcode, municipality = (decode_text(raw.get(tag, b""))[0] for tag in (0x01, 0x02, 0x03))
    return Address(street, postcode, municipality, raw)
