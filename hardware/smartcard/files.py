"""The files of a Belgian card, each read in as few commands as its own content allows.

Paths are whole, from the master file: the card content specifications v4.01 §4.3 and v5.4 §4.3.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hardware.smartcard import tlv
from hardware.smartcard.authentication import KEY_FILE_SIZE
from hardware.smartcard.errors import CardError, DecodeError, Reason
from hardware.smartcard.session import CardSession, FileAbsent

IDENTITY = bytes.fromhex("3F00DF014031")
IDENTITY_SIGNATURE = bytes.fromhex("3F00DF014032")
ADDRESS = bytes.fromhex("3F00DF014033")
ADDRESS_SIGNATURE = bytes.fromhex("3F00DF014034")
PHOTO = bytes.fromhex("3F00DF014035")
BASIC_KEY = bytes.fromhex("3F00DF014040")
ROOT_CERTIFICATE = bytes.fromhex("3F00DF00503B")
RRN_CERTIFICATE = bytes.fromhex("3F00DF00503C")

LONGEST_SIGNATURE = 256  # on applet 1.7, about 104 on 1.8
OLD_SIGNATURE = 128  # RSA-1024, on 1.0 and 1.1
LONGEST_P384_SIGNATURE = 104  # in DER: twice 49 bytes of number, with their headers

# Most addresses end within 64 bytes; the files are of 117 or 121 bytes, the rest of them zeros.
_ADDRESS_START = 64
_LAST_ADDRESS_TAG = 0x03


class CardFiles:
    """Reads through a session. Absent files are empty, except for the identity, which every eID has.

    All methods raise CardError.
    """

    def __init__(self, session: CardSession):
        self._session = session

    def identity(self) -> bytes:
        """EF 4031 whole."""
        try:
            return self._session.read_file(IDENTITY)
        except FileAbsent as absent:
            raise CardError(Reason.UNREADABLE, f"no file {absent}") from absent

    def identity_signature(self, at_most: int = LONGEST_SIGNATURE) -> bytes:
        """EF 4032 whole, with its padding: the address signature covers that too."""
        return self._optional(IDENTITY_SIGNATURE, at_most=at_most)

    def address(self, *, whole: bool = False) -> bytes:
        """EF 4033: to its end, or to where its content ends and zeros begin."""
        if whole:
            return self._optional(ADDRESS)
        return self._optional(ADDRESS, first=_ADDRESS_START, ends=address_ends)

    def address_signature(self, register: x509.Certificate | None) -> bytes:
        """EF 4034, as much of it as the register's key makes a signature long."""
        return self._optional(ADDRESS_SIGNATURE, at_most=signature_size(register))

    def photo(self) -> bytes:
        """EF 4035 whole."""
        return self._optional(PHOTO)

    def register_certificate(self) -> bytes:
        """EF 503C to the end of its DER."""
        return self._optional(RRN_CERTIFICATE, is_der=True)

    def root_certificate(self) -> bytes:
        """EF 503B to the end of its DER."""
        return self._optional(ROOT_CERTIFICATE, is_der=True)

    def basic_key(self) -> bytes:
        """EF 4040 (1.8) to the end of its DER."""
        return self._optional(BASIC_KEY, is_der=True, first=KEY_FILE_SIZE)

    def _optional(self, path: bytes, **how: object) -> bytes:
        try:
            return self._session.read_file(path, **how)  # type: ignore[arg-type]
        except FileAbsent:
            return b""


def address_ends(data: bytes) -> bool:
    """Whether an address that starts so is all there: its three elements, and a zero behind them."""
    try:
        elements = tlv.parse(data)
    except DecodeError:
        return False
    return bool(elements) and elements[-1].tag == _LAST_ADDRESS_TAG and data.endswith(b"\x00\x00")


def signature_size(register: x509.Certificate | None) -> int:
    """The most bytes that a signature of this register's key has; a file may be longer by its padding."""
    if register is None:
        return LONGEST_SIGNATURE
    try:
        key = register.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return LONGEST_SIGNATURE
    if isinstance(key, rsa.RSAPublicKey):
        return min(LONGEST_SIGNATURE, key.key_size // 8)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size == 384:
        return LONGEST_P384_SIGNATURE
    return LONGEST_SIGNATURE
