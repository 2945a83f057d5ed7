"""How each kind of key is asked, and its answer checked (SP 800-78-4 table 6-2; SP 800-73-4 part 2, appendix A).

A PIV card does the bare operation of its key. For elliptic curves it is given the digest, and makes an ECDSA signature
in DER. For RSA it is given the whole padded block (EMSA-PKCS1-v1_5, RFC 8017 §9.2), and raises it to its exponent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hardware.smartcard.checks import Check, Outcome, Why
from hardware.smartcard.piv.errors import PivError, PivReason

RSA_2048, P_256, P_384 = 0x07, 0x11, 0x14  # algorithm identifiers

_RSA_BYTES = 256
_SHA_256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")  # RFC 8017 §9.2, note 1


@dataclass(frozen=True, slots=True)
class CardKey:
    """The public half of a card's key, and what the card calls its algorithm."""

    algorithm: int
    name: str
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey

    @classmethod
    def of(cls, certificate: x509.Certificate) -> CardKey:
        """The key that a certificate speaks of. Raises PivError(UNSUPPORTED_KEY)."""
        try:
            key = certificate.public_key()
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise PivError(PivReason.UNSUPPORTED_KEY, "an unknown kind of key") from problem
        match key:
            case rsa.RSAPublicKey(key_size=2048):
                return cls(RSA_2048, "RSA-2048", key)
            case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
                return cls(P_256, "ECDSA-P256", key)
            case ec.EllipticCurvePublicKey(curve=ec.SECP384R1()):
                return cls(P_384, "ECDSA-P384", key)
            case rsa.RSAPublicKey() | ec.EllipticCurvePublicKey():
                raise PivError(PivReason.UNSUPPORTED_KEY, f"{key.key_size} bits")
        raise PivError(PivReason.UNSUPPORTED_KEY, type(key).__name__)

    def question(self, challenge: bytes) -> bytes:
        """What the card is given to sign these random bytes."""
        if self.algorithm == P_384:
            return hashlib.sha384(challenge).digest()
        digest = hashlib.sha256(challenge).digest()
        if self.algorithm == P_256:
            return digest
        info = _SHA_256_DIGEST_INFO + digest
        return b"\x00\x01" + b"\xff" * (_RSA_BYTES - len(info) - 3) + b"\x00" + info

    def check(self, challenge: bytes, signature: bytes) -> Check:
        """Whether this is the key's signature over the random bytes."""
        try:
            if isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(signature, challenge, padding.PKCS1v15(), hashes.SHA256())
            else:
                digest = hashes.SHA384() if self.algorithm == P_384 else hashes.SHA256()
                self.key.verify(signature, challenge, ec.ECDSA(digest))
        except InvalidSignature:
            return Check(Outcome.REFUTED, Why.DIFFERS, self.name)
        return Check(Outcome.PROVEN, Why.MATCHES, self.name)
