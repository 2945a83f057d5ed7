"""What differs between the generations of Belgian cards, as far as a reader can tell.

Sources: the ATRs and GET CARD DATA tails of public specimens and manuals; "Belgian Electronic Identity Card content"
v4.01 §8 and v5.4 §6.2 and §8 (padding of certificates); public specimen dumps (sizes of files).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

EID_ATR = bytes.fromhex("3B9813400AA503010101AD1311")  # 1.1 and 1.7 alike
EID_1_8_ATR = bytes.fromhex("3B7F96000080318065B085040120120FFF829000")
FOREIGN_ATR = bytes.fromhex("3B07") + b"ID TEST"  # invented: T=0 and a text, as of the next
LIBRARY_ATR = bytes.fromhex("3B07") + b"LIBRARY"
BANK_ATR = bytes.fromhex("3B6500002063CB6800")

CARD_DATA_1_1 = bytes.fromhex("A5030101011100020001010F")
CARD_DATA_1_7 = bytes.fromhex("F3360125011700030021010F")
CARD_DATA_1_8 = bytes.fromhex("F3360126011800010000020F")  # the platform's five bytes are invented


class Generation(StrEnum):
    """The applet and the register's key; a 1.7 card in the field may have been given signatures of a new register."""

    V1_1 = "1.1"
    V1_7 = "1.7"
    V1_7_P384 = "1.7, re-keyed to P-384"
    V1_8 = "1.8"


class RegisterKey(StrEnum):
    """What the register signs with."""

    RSA_1024_SHA1 = "rsa-1024-sha1"
    RSA_2048_SHA256 = "rsa-2048-sha256"
    P384_SHA384 = "p384-sha384"


@dataclass(frozen=True, slots=True)
class Make:
    """How a card of one generation is made. Sizes are in bytes."""

    atr: bytes
    card_data: bytes  # the twelve bytes of GET CARD DATA behind the serial number
    register: RegisterKey
    photo_digest: str
    photo_pixels: tuple[int, int]
    signature_size: int  # of the file; a P-384 signature is DER, padded with zeros that later signatures cover
    certificate_padding: int
    has_basic_key: bool  # EF 4040 and INTERNAL AUTHENTICATE
    has_structure_version: bool  # tag 00 in front


MAKES: dict[Generation, Make] = {
    Generation.V1_1: Make(EID_ATR, CARD_DATA_1_1, RegisterKey.RSA_1024_SHA1, "sha1", (140, 200), 128, 50, False, False),
    Generation.V1_7: Make(
        EID_ATR, CARD_DATA_1_7, RegisterKey.RSA_2048_SHA256, "sha256", (140, 200), 256, 50, False, False
    ),
    Generation.V1_7_P384: Make(
        EID_ATR, CARD_DATA_1_7, RegisterKey.P384_SHA384, "sha256", (140, 200), 256, 50, False, False
    ),
    Generation.V1_8: Make(
        EID_1_8_ATR, CARD_DATA_1_8, RegisterKey.P384_SHA384, "sha384", (150, 195), 110, 1100, True, True
    ),
}
