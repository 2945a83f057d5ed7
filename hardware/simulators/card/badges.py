"""Simulated staff badges: what a town gives its people to open doors, and what somebody else may hold out instead."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hardware.simulators.card.piv import PIV_T0_ATR, PIV_T1_ATR, Key, PivChip, certificate_object
from hardware.simulators.card.pki import TestPki

CERTIFICATE = "5FC101"  # for card authentication
_YEARS = 4  # as a badge is valid, from one New Year's Day on: a kiosk that knows it knows it tomorrow too


@dataclass(frozen=True, slots=True)
class Make:
    """How one badge is made. `kind` is its key: "p256", "p384" or "rsa"."""

    title: str
    kind: str = "p256"
    atr: bytes = PIV_T0_ATR
    compressed: bool = False
    expired: bool = False
    by_a_stranger: bool = False  # of another organisation's authority
    copied_from: str = ""  # another badge's certificate, without its key
    bare: bool = False  # nothing in slot 9E


MAKES: dict[str, Make] = {
    "badge": Make("a town's staff badge: PIV, P-256"),
    "badge-p384": Make("a staff badge: PIV, P-384, T=1", kind="p384", atr=PIV_T1_ATR),
    "badge-rsa": Make("a staff badge: PIV, RSA-2048, its certificate compressed", kind="rsa", compressed=True),
    "badge-rsa-t1": Make("a staff badge: PIV, RSA-2048, T=1", kind="rsa", atr=PIV_T1_ATR),
    "badge-clone": Make("a copy of the staff badge on another chip", copied_from="badge"),
    "badge-expired": Make("a staff badge that has expired", expired=True),
    "badge-stranger": Make("a staff badge of another organisation", by_a_stranger=True),
    "badge-bare": Make("a PIV card without a certificate to prove itself with", bare=True),
}
BADGE_TITLES: dict[str, str] = {name: make.title for name, make in MAKES.items()}


class Badges:
    """All badges of one test authority. The same name is the same card, also in another process, and all year."""

    def __init__(self, pki: TestPki, today: date):
        self._pki = pki
        self._today = today

    def chip(self, name: str) -> PivChip:
        """A card of this name, new from its last reset."""
        make = MAKES[name]
        if make.bare:
            return PivChip({}, None, atr=make.atr)
        certificate = self.certificate(make.copied_from or name).public_bytes(Encoding.DER)
        packed = gzip.compress(certificate, mtime=0) if make.compressed else certificate
        content = certificate_object(packed, compressed=make.compressed)
        return PivChip({CERTIFICATE: content}, self._key(name), atr=make.atr)

    def certificate(self, name: str) -> x509.Certificate:
        """What this badge has in slot 9E; the same bytes whenever and wherever it is made."""
        make = MAKES[name]
        authority = "stranger" if make.by_a_stranger else "town"
        first = self._today.year - (6 if make.expired else 1)
        return issue(
            self._key(name),
            f"Test Badge {name}",
            self._pki.badge_authority(authority),
            self._pki.badge_authority_key(authority),
            datetime(first, 1, 1, tzinfo=UTC),
            datetime(first + _YEARS, 1, 1, tzinfo=UTC),
        )

    def _key(self, name: str) -> Key:
        return self._pki.badge_key(name, MAKES[name].kind)


def issue(
    key: Key,
    subject: str,
    issuer: x509.Certificate,
    issuer_key: ec.EllipticCurvePrivateKey,
    begin: datetime,
    end: datetime,
) -> x509.Certificate:
    """A badge's certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big") >> 1)
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
