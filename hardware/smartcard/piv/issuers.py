"""The authorities that issue an organisation's staff cards.

A card's certificate has to be issued by one of these certificates itself: what an organisation names is the authority
that signs its cards (the *issuing* CA), and not a root above it, under which other people's cards would do as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from hardware.smartcard.checks import Check, Outcome, Why
from hardware.smartcard.trust import TrustError, certificates_in, has_expired


class Issuers:
    """Some authorities' certificates."""

    def __init__(self, certificates: Iterable[x509.Certificate]):
        self.certificates = tuple(certificates)

    @classmethod
    def from_folder(cls, folder: Path) -> Issuers:
        """All certificates (PEM or DER) in a folder. Raises TrustError, also for one that may issue nothing."""
        certificates = certificates_in(folder)
        for certificate in certificates:
            if not _may_issue(certificate):
                raise TrustError(f"{folder}: {certificate.subject.rfc4514_string()} is no authority's certificate")
        return cls(certificates)

    def check(self, certificate: x509.Certificate, today: date) -> Check:
        """Whether one of them, still valid, issued this certificate; `detail` is its name."""
        for issuer in self.certificates:
            if _issued(issuer, certificate):
                name = issuer.subject.rfc4514_string()
                if has_expired(issuer, today):
                    return Check(Outcome.REFUTED, Why.ROOT_EXPIRED, name)
                return Check(Outcome.PROVEN, Why.MATCHES, name)
        return Check(Outcome.REFUTED, Why.UNTRUSTED_ROOT)


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
