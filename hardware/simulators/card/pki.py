"""A small certificate authority for simulated cards: roots, and the registers that sign identities.

Keys are made when they are first needed (about 0.2 s for RSA) or kept in a folder that the caller names, outside the
tree. They are worth nothing: only a program that was handed these roots' pins trusts them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from hardware.simulators.card.generations import RegisterKey

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """One root and its register. `root` is self-signed, `register` what a card holds as its RRN certificate."""

    root: bytes  # DER
    register: bytes  # DER
    register_key: Key
    digest: hashes.HashAlgorithm

    def sign(self, data: bytes) -> bytes:
        """The register's signature: PKCS#1 v1.5, as long as its key, or ECDSA in DER (up to 104 bytes)."""
        if isinstance(self.register_key, ec.EllipticCurvePrivateKey):
            return self.register_key.sign(data, ec.ECDSA(self.digest))
        return self.register_key.sign(data, padding.PKCS1v15(), self.digest)


class _Keys:
    """Named keys, made when first asked for; in memory, or in a folder."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self._keys: dict[str, Key] = {}

    def rsa(self, name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
        key = self._keys.get(name) or self._kept(name) or self._keep(name, rsa.generate_private_key(65537, bits))
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{self._folder}/{name}.key holds no RSA key")
        self._keys[name] = key
        return key

    def p384(self, name: str) -> ec.EllipticCurvePrivateKey:
        return self._elliptic(name, ec.SECP384R1())

    def p256(self, name: str) -> ec.EllipticCurvePrivateKey:
        return self._elliptic(name, ec.SECP256R1())

    def _elliptic(self, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        key = self._keys.get(name) or self._kept(name) or self._keep(name, ec.generate_private_key(curve))
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{self._folder}/{name}.key holds no elliptic key")
        self._keys[name] = key
        return key

    def _kept(self, name: str) -> Key | None:
        path = self._folder / f"{name}.key" if self._folder else None
        if path is None or not path.exists():
            return None
        key = load_pem_private_key(path.read_bytes(), password=None)
        return key if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None

    def _keep(self, name: str, key: Key) -> Key:
        if self._folder is not None:
            data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path = self._folder / f"{name}.key"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
        return key


class TestPki:
    """Every generation's authorities, and those of staff badges.

    `root`, `register`, `pin` and `sign` are those of applet 1.7 (RSA-2048, SHA-256).

    As in life, cards of 1.1 have a register with RSA-1024 whose certificate is signed over SHA-1 by the same root key,
    and P-384 registers have a P-384 root.
    """

    __test__ = False  # pytest takes every Test… for its own

    def __init__(self, keys: _Keys, today: date):
        self._keys = keys
        self._now = datetime.combine(today, time(), UTC)
        self._authorities: dict[RegisterKey, Authority] = {}

    @classmethod
    def generate(cls, today: date) -> Self:
        """New keys, in memory only."""
        return cls(_Keys(), today)

    @classmethod
    def kept_in(cls, folder: Path, today: date) -> Self:
        """The keys in this folder, made there the first time.

        The root certificates go to `folder/trust`, the town's authority for badges to `folder/issuers`.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pki = cls(_Keys(folder), today)
        trust = folder / "trust"
        trust.mkdir(exist_ok=True)
        for name, root in (("root", pki.root), ("root-p384", pki.root_p384)):
            (trust / f"{name}.pem").write_bytes(root.public_bytes(Encoding.PEM))
        issuers = folder / "issuers"
        issuers.mkdir(exist_ok=True)
        (issuers / "town.pem").write_bytes(pki.badge_authority("town").public_bytes(Encoding.PEM))
        return pki

    def authority(self, kind: RegisterKey) -> Authority:
        """Root and register of one kind."""
        if kind not in self._authorities:
            self._authorities[kind] = self._make(kind)
        return self._authorities[kind]

    @cached_property
    def root(self) -> x509.Certificate:
        """The RSA root, self-signed."""
        key = self._keys.rsa("root")
        return self._certificate("Loket Test Root", "Loket Test Root", key.public_key(), key, years=14)

    @cached_property
    def root_p384(self) -> x509.Certificate:
        """The P-384 root, self-signed."""
        key = self._keys.p384("root-p384")
        return self._certificate("Loket Test Root P-384", "Loket Test Root P-384", key.public_key(), key, years=14)

    @cached_property
    def register(self) -> x509.Certificate:
        """What a 1.7 card holds as its RRN certificate: issued by the root, as on real cards."""
        return x509.load_der_x509_certificate(self.authority(RegisterKey.RSA_2048_SHA256).register)

    @property
    def pin(self) -> str:
        """SHA-256 of the RSA root's public key (SubjectPublicKeyInfo), hexadecimal."""
        return _pin(self._keys.rsa("root"))

    @property
    def pins(self) -> tuple[str, ...]:
        """The pins of all roots: who holds them trusts cards of every generation."""
        return self.pin, _pin(self._keys.p384("root-p384"))

    def badge_authority(self, whose: str) -> x509.Certificate:
        """The authority that issues an organisation's staff badges ("town", "stranger"), self-signed."""
        key = self.badge_authority_key(whose)
        name = f"Loket Test Badges of a {whose.title()}"
        return self._certificate(name, name, key.public_key(), key, years=10)

    def badge_authority_key(self, whose: str) -> ec.EllipticCurvePrivateKey:
        """Its key."""
        return self._keys.p256(f"badges-{whose}")

    def badge_key(self, name: str, kind: str) -> Key:
        """The key of a badge: "p256", "p384" or "rsa"."""
        makers: dict[str, Callable[[str], Key]] = {
            "p256": self._keys.p256,
            "p384": self._keys.p384,
            "rsa": self._keys.rsa,
        }
        return makers[kind](name)

    def sign(self, data: bytes) -> bytes:
        """The 1.7 register's signature: 256 bytes, PKCS#1 v1.5."""
        return self.authority(RegisterKey.RSA_2048_SHA256).sign(data)

    def _make(self, kind: RegisterKey) -> Authority:
        key: Key
        match kind:
            case RegisterKey.RSA_1024_SHA1:
                key, digest = self._keys.rsa("register-1024", 1024), hashes.SHA1()
                issued = self._register("Loket Test RRN 1024", key)
                return Authority(_der(self.root), sign_with_sha1(issued, self._keys.rsa("root")), key, digest)
            case RegisterKey.RSA_2048_SHA256:
                key = self._keys.rsa("register")
                return Authority(_der(self.root), _der(self._register("Loket Test RRN", key)), key, hashes.SHA256())
            case RegisterKey.P384_SHA384:
                key, root = self._keys.p384("register-p384"), self._keys.p384("root-p384")
                subject, issuer = "Loket Test RRN P-384", "Loket Test Root P-384"
                issued = self._certificate(subject, issuer, key.public_key(), root, years=10)
                return Authority(_der(self.root_p384), _der(issued), key, hashes.SHA384())

    def _register(self, subject: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
        return self._certificate(subject, "Loket Test Root", key.public_key(), self._keys.rsa("root"), years=10)

    def _certificate(
        self,
        subject: str,
        issuer: str,
        key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        issuer_key: Key,
        *,
        years: int,
    ) -> x509.Certificate:
        is_rsa = isinstance(issuer_key, rsa.RSAPrivateKey)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(key)
            .serial_number(int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big") >> 1)
            .not_valid_before(self._now - timedelta(days=365 * years))
            .not_valid_after(self._now + timedelta(days=365 * years))
            .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(_policy(), critical=False)
            # The same certificate in each process that has the keys.
            .sign(
                issuer_key, hashes.SHA256() if is_rsa else hashes.SHA384(), ecdsa_deterministic=None if is_rsa else True
            )
        )


_SHA256_WITH_RSA = bytes.fromhex("2A864886F70D01010B")
_SHA1_WITH_RSA = bytes.fromhex("2A864886F70D010105")


def sign_with_sha1(certificate: x509.Certificate, issuer_key: rsa.RSAPrivateKey) -> bytes:
    """The same certificate signed over SHA-1, in DER, as old roots signed; `cryptography` no longer makes such ones."""
    body = certificate.tbs_certificate_bytes.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA)
    algorithm = _tlv(0x30, _tlv(0x06, _SHA1_WITH_RSA) + b"\x05\x00")
    signature = issuer_key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return _tlv(0x30, body + algorithm + _tlv(0x03, b"\x00" + signature))


def _tlv(tag: int, body: bytes) -> bytes:
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _pin(key: Key) -> str:
    return hashlib.sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


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
