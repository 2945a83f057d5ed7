"""Whether the chip is the one that the register signed for, and not a copy of its files (applet 1.8).

A 1.8 chip holds a P-384 key that never leaves it. The hash of its public half (EF 4040) stands in tag 1A of the
identity, which the register signed; the chip then signs 48 random bytes. MW takes those bytes for the hash itself, and
so does the chip: no digest is made over them ("Public Belpic Applet v1.8 Reference Manual" §6.11). Older generations
have nothing of the kind: their files alone can be proven.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.smartcard import der
from hardware.smartcard.checks import Check, Outcome, Why
from hardware.smartcard.errors import DecodeError

CHALLENGE_SIZE = 48  # as long as a SHA-384 hash
KEY_HASH_SIZE = 48
KEY_FILE_SIZE = 120  # a SubjectPublicKeyInfo of P-384 in DER

_ANSWER_SIZE = 96  # r and s of 48 bytes, not DER
_NAME = "ECDSA-P384"


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One INTERNAL AUTHENTICATE: what the chip was given, what came back and the status word."""

    challenge: bytes
    answer: bytes
    sw: int


def has_basic_key(key_hash: bytes) -> bool:
    """Whether tag 1A promises a key; on 1.7 the tag may be there with nothing in it."""
    return len(key_hash) == KEY_HASH_SIZE


def check_chip(key_hash: bytes, key_file: bytes, exchange: Exchange | None) -> Check:
    """The check. `key_hash` is tag 1A, `key_file` EF 4040.

    A key or a signature that differs refutes. A chip that refuses to answer proves nothing either way: it may be worn
    (6985 after 5000 times), or a copy whose maker knew better than to answer. Whether that passes is policy.
    """
    if not has_basic_key(key_hash):
        return Check(Outcome.NOT_POSSIBLE, Why.NOT_ON_THIS_CARD)
    if not key_file.strip(b"\x00"):
        return Check(Outcome.NOT_POSSIBLE, Why.MISSING, "basic key")
    try:
        public_key_info = der.cut(key_file)
    except DecodeError:
        return Check(Outcome.REFUTED, Why.MALFORMED, "basic key")
    if hashlib.sha384(public_key_info).digest() != key_hash:
        return Check(Outcome.REFUTED, Why.DIFFERS, "basic key")
    if exchange is None:
        return Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED, "basic key matches")
    if exchange.sw != 0x9000 or not exchange.answer:  # an empty success is a reader's glitch
        return Check(Outcome.NOT_POSSIBLE, Why.REFUSED, f"{exchange.sw:04X}")
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm):
        return Check(Outcome.NOT_POSSIBLE, Why.NO_KEY, "unsupported key")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        return Check(Outcome.NOT_POSSIBLE, Why.NO_KEY, "unsupported key")
    return _signature(key, exchange)


def _signature(key: ec.EllipticCurvePublicKey, exchange: Exchange) -> Check:
    if len(exchange.answer) != _ANSWER_SIZE:
        return Check(Outcome.REFUTED, Why.MALFORMED, _NAME)
    half = _ANSWER_SIZE // 2
    r, s = (int.from_bytes(part, "big") for part in (exchange.answer[:half], exchange.answer[half:]))
    try:
        key.verify(encode_dss_signature(r, s), exchange.challenge, ec.ECDSA(Prehashed(hashes.SHA384())))
    except InvalidSignature:
        return Check(Outcome.REFUTED, Why.DIFFERS, _NAME)
    return Check(Outcome.PROVEN, Why.MATCHES, _NAME)
