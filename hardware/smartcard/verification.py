"""What is proven of a card's content: signatures, photo hash, and the way up to a pinned root.

Rules and their source: belgian electronic identity card content v5.4 §6.2; eID middleware `certhelpers.c`;
commons-eid `BeIDIntegrity`; all checked on public specimen cards.

- The National Register's key (RRN) signs the identity file exactly as read.
- It signs the address file without its trailing zeros, followed by the *whole* identity signature file, padding
  included. Trimming the signature, or cutting the address at its first zero, refutes genuine cards.
- A P-384 signature is DER, padded with zeros, over SHA-384. An RSA signature uses the digest that the photo hash's
  length implies, and SHA-256 where that is SHA-1 and fails: cards re-signed in the field kept their SHA-1 photo hash.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hardware.smartcard import der
from hardware.smartcard.authentication import Exchange, check_chip
from hardware.smartcard.checks import Check, Checks, Outcome, Why
from hardware.smartcard.errors import DecodeError
from hardware.smartcard.trust import BELGIAN_ROOTS, Trust, has_expired, key_pin

__all__ = [
    "Check",
    "Checks",
    "Material",
    "Outcome",
    "Verifier",
    "Why",
    "admit",
    "check_signature",
    "parse_certificate",
    "verify",
]


@dataclass(frozen=True, slots=True, repr=False)
class Material:
    """The files as read, padding included; empty where there is none. Personal data, hence without representation."""

    identity: bytes
    identity_signature: bytes = b""
    address: bytes = b""
    address_signature: bytes = b""
    photo: bytes = b""
    rrn_certificate: bytes = b""
    root_certificate: bytes = b""  # the card's own copy; only a pinned key makes it worth anything
    basic_key: bytes = b""  # EF 4040, on 1.8
    exchange: Exchange | None = None  # the chip's answer to a challenge; None where it was not asked
    photo_wanted: bool = True
    address_wanted: bool = True
    chip_wanted: bool = True


@functools.lru_cache(maxsize=32)
def parse_certificate(data: bytes) -> x509.Certificate | None:
    """The certificate in a zero-padded file; None when there is none (a file of zeros) or it is broken.

    `cryptography` parses names and dates only when they are asked for, so they are asked for here. A name of the wrong
    type is a TypeError to it, another version than 1 or 3 an error of its own. One register's comes with many
    cards, so the last ones are kept parsed.
    """
    try:
        certificate = x509.load_der_x509_certificate(der.cut(data))
        certificate.issuer.public_bytes()
        certificate.subject.public_bytes()
        certificate.not_valid_after_utc.isoformat()
    except (DecodeError, ValueError, TypeError, x509.InvalidVersion):
        return None
    return certificate


def verify(material: Material, photo_hash: bytes, trust: Trust, today: date, *, basic_key_hash: bytes = b"") -> Checks:
    """Make every check. `photo_hash` and `basic_key_hash` are tags 11 and 1A of the identity file.

    A pinned root is added to `trust`, and so is a register whose certificate it issued.
    """
    return Verifier(trust, today).checks(material, photo_hash, basic_key_hash)


class Verifier:
    """The checks of one card while it is being read: what was checked once is not computed again for the same bytes.

    It holds what the card told about its holder, so one lives as long as one reading.
    """

    def __init__(self, trust: Trust, today: date):
        self._trust, self._today = trust, today
        self._known: dict[tuple[object, ...], Check] = {}

    def checks(self, material: Material, photo_hash: bytes, basic_key_hash: bytes) -> Checks:
        """See `verify`."""
        rrn = parse_certificate(material.rrn_certificate)
        return Checks(
            identity_signature=self.signature(rrn, material.identity_signature, material.identity, photo_hash),
            address_signature=self._address(rrn, material, photo_hash),
            photo_hash=_photo(material, photo_hash),
            rrn_certificate=self._register(rrn, material),
            chip=(
                self._once(check_chip, basic_key_hash, material.basic_key, material.exchange)
                if material.chip_wanted
                else Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED)
            ),
        )

    def signature(self, rrn: x509.Certificate | None, signature: bytes, signed: bytes, photo_hash: bytes) -> Check:
        """See `check_signature`."""
        return self._once(check_signature, rrn, signature, signed, photo_hash)

    def _address(self, rrn: x509.Certificate | None, material: Material, photo_hash: bytes) -> Check:
        if not material.address_wanted:
            return Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED)
        if not material.address or not material.identity_signature:
            return Check(Outcome.NOT_POSSIBLE, Why.MISSING)
        signed = material.address.rstrip(b"\x00") + material.identity_signature
        return self.signature(rrn, material.address_signature, signed, photo_hash)

    def _register(self, rrn: x509.Certificate | None, material: Material) -> Check:
        given = bool(material.rrn_certificate.strip(b"\x00"))
        chain = self._once(_chain, rrn, given, material.root_certificate, self._trust, self._today)
        if rrn is not None and chain.outcome is Outcome.PROVEN:
            self._trust.learn_register(rrn)
        return chain

    def _once(self, check: Callable[..., Check], *what: object) -> Check:
        key = (check, *what)
        if key not in self._known:
            self._known[key] = check(*what)
        return self._known[key]


_SHA1, _SHA256 = hashes.SHA1(), hashes.SHA256()
_DIGESTS: dict[int, hashes.HashAlgorithm] = {20: _SHA1, 32: _SHA256, 48: hashes.SHA384()}


def check_signature(rrn: x509.Certificate | None, signature: bytes, signed: bytes, photo_hash: bytes) -> Check:
    """A signature file against the register's key. `photo_hash` tells the digest by its length."""
    if not signature.strip(b"\x00"):
        return Check(Outcome.NOT_POSSIBLE, Why.MISSING)
    if rrn is None:
        return Check(Outcome.NOT_POSSIBLE, Why.NO_KEY)
    try:
        key = rrn.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return Check(Outcome.NOT_POSSIBLE, Why.NO_KEY, "unsupported key")
    if isinstance(key, ec.EllipticCurvePublicKey):
        try:
            key.verify(der.cut(signature), signed, ec.ECDSA(hashes.SHA384()))
        except DecodeError:
            return Check(Outcome.REFUTED, Why.MALFORMED, "ECDSA-SHA384")
        except InvalidSignature:
            return Check(Outcome.REFUTED, Why.DIFFERS, "ECDSA-SHA384")
        return Check(Outcome.PROVEN, Why.MATCHES, "ECDSA-SHA384")
    if isinstance(key, rsa.RSAPublicKey):
        return _rsa_signature(key, signature, signed, _DIGESTS.get(len(photo_hash), _SHA256))
    return Check(Outcome.NOT_POSSIBLE, Why.NO_KEY, "unsupported key")


def _rsa_signature(key: rsa.RSAPublicKey, signature: bytes, signed: bytes, implied: hashes.HashAlgorithm) -> Check:
    candidates = [implied, _SHA256] if implied is _SHA1 else [implied]
    for digest in candidates:
        try:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        except InvalidSignature:
            continue
        return Check(Outcome.PROVEN, Why.MATCHES, f"RSA-{digest.name.upper()}")
    return Check(Outcome.REFUTED, Why.DIFFERS, f"RSA-{implied.name.upper()}")


def _photo(material: Material, expected: bytes) -> Check:
    photo = material.photo
    if not material.photo_wanted:
        return Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED)
    if not photo or len(expected) not in _DIGESTS:
        return Check(Outcome.NOT_POSSIBLE, Why.MISSING)
    name = _DIGESTS[len(expected)].name
    if hashlib.new(name, photo, usedforsecurity=False).digest() == expected:
        return Check(Outcome.PROVEN, Why.MATCHES, name.upper())
    return Check(Outcome.REFUTED, Why.DIFFERS, name.upper())


def _chain(rrn: x509.Certificate | None, given: bool, own_root: bytes, trust: Trust, today: date) -> Check:
    if rrn is None:
        return Check(Outcome.REFUTED, Why.MALFORMED) if given else Check(Outcome.NOT_POSSIBLE, Why.MISSING)
    if own := parse_certificate(own_root):
        try:
            learnt = _learn_root(own, trust)
        except (UnsupportedAlgorithm, ValueError):
            return Check(Outcome.REFUTED, Why.MALFORMED, "root")
        trust.has_shown_its_root(rrn)
        if not learnt and not trust.roots_for(rrn):
            return Check(Outcome.REFUTED, Why.UNTRUSTED_ROOT)
    namesakes = trust.roots_for(rrn)
    if not namesakes:
        return Check(Outcome.NOT_POSSIBLE, Why.NO_ROOT)
    signers = [root for root in namesakes if _issued(rrn, root)]
    if not signers:
        return Check(Outcome.REFUTED, Why.DIFFERS, _root_name(namesakes[0]))
    root = max(signers, key=lambda root: root.not_valid_after_utc)  # one key may have several certificates
    if has_expired(root, today):  # a card outlives its root's certificate, and stays genuine
        detail = f"{_root_name(root)}, expired on {root.not_valid_after_utc.date().isoformat()}"
        return Check(Outcome.PROVEN, Why.ROOT_EXPIRED, detail)
    return Check(Outcome.PROVEN, Why.MATCHES, _root_name(root))


def _learn_root(certificate: x509.Certificate, trust: Trust) -> bool:
    """Into the trust with it, where its key is pinned and has signed it.

    A pinned key is public: anybody can write a certificate around it, with dates of their own.
    """
    return trust.trusts(certificate) and _issued(certificate, certificate) and trust.learn(certificate)


def admit(certificate: x509.Certificate, trust: Trust) -> bool:
    """Let a kept certificate into `trust`: a root as from a card, a register by a root that is there already.

    False, and nothing changes, for any other: a folder is no authority.
    """
    try:
        if _learn_root(certificate, trust):
            return True
    except (UnsupportedAlgorithm, ValueError):
        return False
    if any(_issued(certificate, root) for root in trust.roots_for(certificate)):
        trust.learn_register(certificate)
        return True
    return False


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    """Whether the root signed it.

    `cryptography` refuses to look at certificates over SHA-1, which roots before Belgium Root CA4 issued and cards
    still carry, so for those the bare RSA signature is verified. What SHA-1 no longer keeps off is a pair of documents
    made to collide before one of them is signed; a register's certificate is drawn up by the root itself.
    """
    try:
        digest = certificate.signature_hash_algorithm
        if not isinstance(digest, hashes.SHA1):
            certificate.verify_directly_issued_by(root)
            return True
        key = root.public_key()
        if certificate.issuer != root.subject or not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), digest)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _root_name(root: x509.Certificate) -> str:
    return BELGIAN_ROOTS.get(key_pin(root)) or root.subject.rfc4514_string()
