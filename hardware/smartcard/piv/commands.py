"""The three commands of PIV that are used (SP 800-73-4 part 2, §3)."""

from __future__ import annotations

from hardware.smartcard.apdu import MAX_READ, Command, select_application
from hardware.smartcard.errors import DecodeError, DecodeReason
from hardware.smartcard.piv import ber

# Without its two bytes of version, so that cards of every edition of the standard know it (§3.1.1).
APPLICATION = bytes.fromhex("A00000030800001000")
CARD_AUTHENTICATION_CERTIFICATE = bytes.fromhex("5FC101")
CARD_AUTHENTICATION_KEY = 0x9E

_DYNAMIC_AUTHENTICATION, _CHALLENGE, _RESPONSE = 0x7C, 0x81, 0x82
_TAG_LIST = 0x5C


def select() -> Command:
    """SELECT the PIV application; its success is what makes a card one."""
    return select_application(APPLICATION)


def get_data(name: bytes) -> Command:
    """GET DATA: the object of this name, 53 and its length included."""
    return Command(0x00, 0xCB, 0x3F, 0xFF, ber.build({_TAG_LIST: name}), MAX_READ)


def general_authenticate(algorithm: int, question: bytes, key: int = CARD_AUTHENTICATION_KEY) -> Command:
    """GENERAL AUTHENTICATE: sign this with a key; the empty 82 asks for the answer. For RSA it takes two commands."""
    template = ber.build({_RESPONSE: b"", _CHALLENGE: question})
    return Command(0x00, 0x87, algorithm, key, ber.build({_DYNAMIC_AUTHENTICATION: template}), MAX_READ)


def signature_in(answer: bytes) -> bytes:
    """What the card signed. Raises DecodeError."""
    signature = ber.parse(ber.only(answer, _DYNAMIC_AUTHENTICATION)).get(_RESPONSE, b"")
    if not signature:
        raise DecodeError(DecodeReason.EMPTY)
    return signature
