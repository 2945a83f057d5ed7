"""A register of any key under a root of its own, whose certificate may be issued anew."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hardware.simulators.card import PEOPLE
from hardware.simulators.card.deck import address_file, elements
from hardware.smartcard import Material, Trust
from hardware.smartcard.trust import key_pin

PHOTO = b"a grey portrait"
EXPIRED = datetime(2025, 1, 1, tzinfo=UTC)


class Register:
    """It signs, and its root's certificate expired in 2025."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        self.key = key
        self._root_key = ec.generate_private_key(ec.SECP384R1())
        self.root = self.root_until(EXPIRED)
        self.certificate = self._certificate("RRN", key.public_key(), EXPIRED, self._root_key)
        self.trust = Trust([key_pin(self.root)])

    def root_until(self, end: datetime, signer: ec.EllipticCurvePrivateKey | None = None) -> x509.Certificate:
        """Another certificate for the root's key; signed by anybody else, a made-up one."""
        return self._certificate("Root", self._root_key.public_key(), end, signer or self._root_key)

    @staticmethod
    def _certificate(
        name: str,
        key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        end: datetime,
        signer: ec.EllipticCurvePrivateKey,
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("Root"))
            .public_key(key)
            .serial_number(7)
            .not_valid_before(datetime(2015, 1, 1, tzinfo=UTC))
            .not_valid_after(end)
            .sign(signer, hashes.SHA384())
        )

    def sign(self, data: bytes, digest: hashes.HashAlgorithm) -> bytes:
        """As on a 1.7 card: 256 bytes."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(digest)).ljust(256, b"\x00")
        return self.key.sign(data, padding.PKCS1v15(), digest)

    def material(self, digest: hashes.HashAlgorithm, root: x509.Certificate | None = None) -> Material:
        """A card's files."""
        identity = elements({0x07: "Proefpersoon", 0x0F: "33"})
        address = address_file(PEOPLE["amina"])
        signature = self.sign(identity, digest)
        return Material(
            identity,
            signature,
            address,
            self.sign(address.rstrip(b"\x00") + signature, digest),
            PHOTO,
            self.certificate.public_bytes(Encoding.DER) + bytes(50),
            (root or self.root).public_bytes(Encoding.DER) + bytes(1100),
        )
