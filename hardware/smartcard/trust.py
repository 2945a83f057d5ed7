"""The roots we trust: by their public key, never by their certificate.

A root certificate can be issued anew with the same key (Belgium Root CA4 was), and every card carries its own
copy, so only a digest of the key is pinned. The certificate that carried a pinned key is kept, and the next card's
copy need not be read. The same goes for the registers' certificates below them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# SHA-256 over the DER SubjectPublicKeyInfo, computed from the public certificates of the Belgian State.
BELGIAN_ROOTS: dict[str, str] = {
    "f8e5f905bc939911267b83d50814a90323b51e183629db52d4fc2d5468a5a578": "Belgium Root CA2",
    "c7bc5e493726bbf531f62fc5f5513ac03ead813af4dcd445b3305ba3d3d53374": "Belgium Root CA3",
    "b1538a9071705a92d938e506b738da0cafd1ae66aec2eeddc75479d433bd8776": "Belgium Root CA4",
    "894ad2232fe69bb09e8370ef387ec1c66ab6a4ce53c811fd3c8ced5b5158d8c1": "Belgium Root CA6",
}


class TrustError(ValueError):
    """A folder or file of root certificates cannot be used; the message says which and why."""


def key_pin(certificate: x509.Certificate) -> str:
    """SHA-256 of the SubjectPublicKeyInfo, in lower-case hexadecimal."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def has_expired(certificate: x509.Certificate, today: date) -> bool:
    """Its last day is over."""
    return certificate.not_valid_after_utc < datetime(today.year, today.month, today.day, tzinfo=UTC)


def certificates_in(folder: Path) -> list[x509.Certificate]:
    """All certificates (PEM or DER) in a folder. Raises TrustError where one is none, or where there is none."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _CERTIFICATE_SUFFIXES)
        certificates = [load_certificate(path) for path in paths]
    except OSError as problem:
        raise TrustError(f"{folder}: {problem.strerror}") from problem
    if not certificates:
        raise TrustError(f"{folder} holds no certificate ({', '.join(_CERTIFICATE_SUFFIXES)})")
    return certificates


def load_certificate(path: Path) -> x509.Certificate:
    """One certificate, PEM or DER. Raises TrustError when it is none, OSError when it cannot be read."""
    data = path.read_bytes()
    try:
        if data.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except (ValueError, TypeError, x509.InvalidVersion) as problem:
        raise TrustError(f"{path} is no certificate") from problem


class Trust:
    """Pinned root keys, and the certificates of those roots as far as they are at hand."""

    def __init__(self, pins: Iterable[str] = BELGIAN_ROOTS):
        self.pins = frozenset(pin.lower() for pin in pins)
        self._certificates: dict[bytes, list[x509.Certificate]] = {}
        self._registers: list[x509.Certificate] = []
        self._shown: set[x509.Certificate] = set()  # registers of cards whose own root was looked at

    @classmethod
    def from_folder(cls, folder: Path) -> Trust:
        """Trust the keys of all root certificates (PEM or DER) in a folder, and no others. Raises TrustError."""
        certificates = certificates_in(folder)
        trust = cls(key_pin(certificate) for certificate in certificates)
        for certificate in certificates:
            trust.learn(certificate)
        return trust

    def trusts(self, certificate: x509.Certificate) -> bool:
        """Its key is pinned."""
        return key_pin(certificate) in self.pins

    def learn(self, certificate: x509.Certificate) -> bool:
        """Keep a root certificate for later cards; False, and nothing kept, where its key is not pinned."""
        if not self.trusts(certificate):
            return False
        known = self._certificates.setdefault(certificate.subject.public_bytes(), [])
        if certificate not in known:
            known.append(certificate)
        return True

    def roots_for(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The trusted roots at hand that bear the name of this certificate's issuer."""
        return tuple(self._certificates.get(certificate.issuer.public_bytes(), ()))

    def wants_root_for(self, register: x509.Certificate, today: date) -> bool:
        """Whether to read the root on a card of this register: there is none at hand, or none that has not expired.

        A root's key may get a new certificate with later dates (Belgium Root CA4's did), and newer cards carry that. A
        register whose card had nothing better is not asked again.
        """
        roots = self.roots_for(register)
        return all(has_expired(root, today) for root in roots) and not (roots and register in self._shown)

    def has_shown_its_root(self, register: x509.Certificate) -> None:
        """A card of this register was read with its root."""
        self._shown.add(register)

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The trusted roots at hand."""
        return tuple(root for namesakes in self._certificates.values() for root in namesakes)

    def learn_register(self, certificate: x509.Certificate) -> None:
        """Keep a register's (RRN) certificate that a trusted root has issued; whoever calls has verified that.

        One register signs a year's cards, so that the next card's copy, a quarter of what there is to read, need
        not be read: its identity signature shows which of the known registers signed it. The last sixteen are kept.
        """
        if certificate in self._registers:
            self._registers.remove(certificate)
        self._registers = [certificate, *self._registers][:_MOST_REGISTERS]

    @property
    def registers(self) -> tuple[x509.Certificate, ...]:
        """The known registers' certificates, the one met last first."""
        return tuple(self._registers)


_MOST_REGISTERS = 16
_CERTIFICATE_SUFFIXES = (".pem", ".der", ".crt", ".cer")
