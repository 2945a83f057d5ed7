"""A small certificate authority for simulated cards: a root, and the register that signs identities.

Keys are made at start-up (about 0.2 s) or kept in a folder that the caller names, outside the tree. They are worth
nothing: only a program that was handed this root's pin trusts it.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID


class TestPki:
    """Root and register with RSA-2048 and SHA-256, as cards with applet 1.7 have."""

    __test__ = False  # pytest takes every Test… for its own

    def __init__(self, root_key: rsa.RSAPrivateKey, register_key: rsa.RSAPrivateKey, today: date):
        self._root_key = root_key
        self._register_key = register_key
        self._now = datetime.combine(today, time(), UTC)

    @classmethod
    def generate(cls, today: date) -> Self:
        """New keys, in memory only."""
        return cls(_new_key(), _new_key(), today)

    @classmethod
    def kept_in(cls, folder: Path, today: date) -> Self:
        """The keys in this folder, made there the first time; the root certificate goes to `folder/trust`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pki = cls(_kept_key(folder / "root.key"), _kept_key(folder / "register.key"), today)
        trust = folder / "trust"
        trust.mkdir(exist_ok=True)
        (trust / "root.pem").write_bytes(pki.root.public_bytes(Encoding.PEM))
        return pki

    @cached_property
    def root(self) -> x509.Certificate:
        """Self-signed."""
        return self._certificate("Loket Test Root", "Loket Test Root", self._root_key.public_key(), years=14, ca=True)

    @cached_property
    def register(self) -> x509.Certificate:
        """What a card holds as its RRN certificate: issued by the root, as on real cards."""
        return self._certificate("Loket Test RRN", "Loket Test Root", self._register_key.public_key(), years=10)

    @property
    def pin(self) -> str:
        """SHA-256 of the root's public key (SubjectPublicKeyInfo), hexadecimal."""
        spki = self._root_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()

    def sign(self, data: bytes) -> bytes:
        """The register's signature: 256 bytes, PKCS#1 v1.5."""
        return self._register_key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def _certificate(
        self, subject: str, issuer: str, key: rsa.RSAPublicKey, *, years: int, ca: bool = False
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(key)
            .serial_number(int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big") >> 1)
            .not_valid_before(self._now - timedelta(days=365 * years))
            .not_valid_after(self._now + timedelta(days=365 * years))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(_policy(), critical=False)
            .sign(self._root_key, hashes.SHA256())
        )


def _policy() -> x509.CertificatePolicies:
    """Words that say what this is, and bring the certificate to the size of real ones (about 1150 bytes)."""
    notice = x509.UserNotice(
        None,
        "Made by a simulator. It stands for nobody, it was issued by no authority, and nothing that it signs means "
        "anything outside a test. Whoever meets it on a card that claims to be real has found a forgery, and should "
        "tell the police and the Belgian National Register.",
    )
    policy = x509.ObjectIdentifier("2.16.56.9.999.1")
    return x509.CertificatePolicies([x509.PolicyInformation(policy, ["http://pki.loket.invalid/policy", notice])])


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _kept_key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{path} holds no RSA key")
        return key
    key = _new_key()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return key
