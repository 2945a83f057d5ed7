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

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hardware.smartcard import der
from hardware.smartcard.errors import DecodeError
from hardware.smartcard.trust import BELGIAN_ROOTS, Trust, key_pin


class Outcome(StrEnum):
    """Refuted never passes. Whether `not possible` passes is a decision of the municipality, not of this library."""

    PROVEN = "proven"
    REFUTED = "refuted"
    NOT_POSSIBLE = "not-possible"


class Why(StrEnum):
    """What stands behind an outcome."""

    MATCHES = "matches"
    DIFFERS = "differs"  # the signature or hash belongs to other bytes
    MISSING = "missing"  # the card, or the caller, has no such file
    NO_KEY = "no-key"  # there is no usable RRN certificate to check with
    MALFORMED = "malformed"  # the signature or certificate cannot be parsed
    UNTRUSTED_ROOT = "untrusted-root"  # the card's own root has a key that is not pinned
    NO_ROOT = "no-root"  # the issuer's certificate is not at hand


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `detail` names the algorithm or the root; it holds no personal data."""

    outcome: Outcome
    why: Why
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """Three texts."""
        return {"outcome": self.outcome, "why": self.why, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of a card. An identity signature says nothing by itself: anyone can sign; see `verdict`."""

    identity_signature: Check
    address_signature: Check
    photo_hash: Check
    rrn_certificate: Check  # from the signing key to a pinned root

    @property
    def all(self) -> dict[str, Check]:
        """By name, in the order of proof."""
        return {
            "rrn_certificate": self.rrn_certificate,
            "identity_signature": self.identity_signature,
            "photo_hash": self.photo_hash,
            "address_signature": self.address_signature,
        }

    @property
    def verdict(self) -> Outcome:
        """REFUTED if any check is; PROVEN only if every check is; NOT_POSSIBLE otherwise."""
        return _worst(*self.all.values())

    @property
    def identity_verdict(self) -> Outcome:
        """The same for the identity file alone: its signature and the certificate behind it."""
        return _worst(self.identity_signature, self.rrn_certificate)

    def as_json(self) -> dict[str, object]:
        """Each check by name, and the verdict."""
        return {**{name: check.as_json() for name, check in self.all.items()}, "verdict": self.verdict}


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


def parse_certificate(data: bytes) -> x509.Certificate | None:
    """The certificate in a zero-padded file; None when there is none (a file of zeros) or it is broken."""
    try:
        return x509.load_der_x509_certificate(der.cut(data))
    except (DecodeError, ValueError):
        return None


def verify(material: Material, photo_hash: bytes, trust: Trust, today: date) -> Checks:
    """Make every check. `photo_hash` is tag 11 of the identity file; a pinned root is added to `trust`."""
    rrn = parse_certificate(material.rrn_certificate)
    return Checks(
        identity_signature=_signature(rrn, material.identity_signature, material.identity, photo_hash),
        address_signature=(
            _signature(
                rrn,
                material.address_signature,
                material.address.rstrip(b"\x00") + material.identity_signature,
                photo_hash,
            )
            if material.address and material.identity_signature
            else Check(Outcome.NOT_POSSIBLE, Why.MISSING)
        ),
        photo_hash=_photo(material.photo, photo_hash),
        rrn_certificate=_chain(
            rrn, bool(material.rrn_certificate.strip(b"\x00")), material.root_certificate, trust, today
        ),
    )


_SHA1, _SHA256 = hashes.SHA1(), hashes.SHA256()
_DIGESTS: dict[int, hashes.HashAlgorithm] = {20: _SHA1, 32: _SHA256, 48: hashes.SHA384()}


def _signature(rrn: x509.Certificate | None, signature: bytes, signed: bytes, photo_hash: bytes) -> Check:
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


def _photo(photo: bytes, expected: bytes) -> Check:
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
            learnt = trust.learn(own)
        except (UnsupportedAlgorithm, ValueError):
            return Check(Outcome.REFUTED, Why.MALFORMED, "root")
        if not learnt and not trust.roots_for(rrn):
            return Check(Outcome.REFUTED, Why.UNTRUSTED_ROOT)
    roots = trust.roots_for(rrn)
    if not roots:
        return Check(Outcome.NOT_POSSIBLE, Why.NO_ROOT)
    for root in roots:
        try:
            rrn.verify_directly_issued_by(root)
        except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
            continue  # a namesake with another key
        return Check(Outcome.PROVEN, Why.MATCHES, _root_name(root, today))
    return Check(Outcome.REFUTED, Why.DIFFERS, _root_name(roots[0], today))


def _root_name(root: x509.Certificate, today: date) -> str:
    """The root, and whether it has expired: a card outlives its root's certificate, and stays genuine."""
    name = BELGIAN_ROOTS.get(key_pin(root)) or root.subject.rfc4514_string()
    end = root.not_valid_after_utc
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    return f"{name}, expired on {end.date().isoformat()}" if end < now else name


def _worst(*checks: Check) -> Outcome:
    outcomes = {check.outcome for check in checks}
    for outcome in (Outcome.REFUTED, Outcome.NOT_POSSIBLE):
        if outcome in outcomes:
            return outcome
    return Outcome.PROVEN
