"""Signing a ticket: claims in, the text of its QR code out. Checking it is `kiosk.domain.tickets.signature`."""

from __future__ import annotations

import base45
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cwt import COSE, COSEKey

from kiosk.domain.tickets.claims import Claims
from kiosk.domain.tickets.keys import TicketKey, key_id_of
from kiosk.domain.tickets.signature import EDDSA, MAX_TEXT, PREFIX, encode_claims, protected_header


class ClaimsTooLarge(ValueError):
    """The signed claims would not fit a QR code of version 15. `characters` is what they would need."""

    def __init__(self, characters: int):
        super().__init__(f"{characters} characters, and a QR code of version 15 holds {MAX_TEXT}")
        self.characters = characters


def sign(claims: Claims, key: Ed25519PrivateKey, key_id: str) -> str:
    """The text of the QR code: at most 600 characters, all of QR's alphanumeric mode.

    Ed25519 draws no random numbers: the same claims and key give the same text, so a reprint carries the
    same QR code. Raises ClaimsTooLarge.
    """
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    signer = COSEKey.new({1: 1, 2: key_id.encode(), 3: EDDSA, -1: 6, -2: public, -4: private})
    signed = COSE.new().encode_and_sign(encode_claims(claims), signer, protected=protected_header(key_id))
    text = PREFIX + str(base45.b45encode(bytes(signed)), "ascii")
    if len(text) > MAX_TEXT:
        raise ClaimsTooLarge(len(text))
    return text


def ticket_key(key: Ed25519PrivateKey, kiosk: str, key_id: str | None = None) -> TicketKey:
    """The public half of a kiosk's key, as a member of a key set; the id is derived where none is given."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return TicketKey(key_id or key_id_of(public), kiosk, public)
