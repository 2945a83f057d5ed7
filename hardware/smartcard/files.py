"""The files of a Belgian card, each read in as few commands as its own content allows.

Paths are whole, from the master file: the card content specifications v4.01 §4.3 and v5.4 §4.3.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hardware.smartcard import apdu, der
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

LONGEST_SIGNATURE = 256  # of RSA-2048, on applet 1.7
OLD_SIGNATURE = 128  # RSA-1024, on 1.0 and 1.1
LONGEST_P384_SIGNATURE = 104  # in DER: twice 49 bytes of number, with their headers

# The files are of 117 or 121 bytes, most of them zeros; most addresses end in the first part of that.
_ADDRESS_START = 48
_ADDRESS_STEP = 32
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

    def identity_signature(self, *, is_old: bool = False, padding: bool = True, whole: bool = False) -> bytes:
        """EF 4032; an old one is RSA-1024's. The address signature covers its `padding` too, where that is asked for.

        A P-384 signature is found to be one by its first 104 bytes; what follows it is zeros, and not read for that.
        Whether it truly is, the address signature shows; `whole` reads all there is.
        """
        if is_old and not whole:
            return self._optional(IDENTITY_SIGNATURE, at_most=OLD_SIGNATURE)
        if whole:
            return self._optional(IDENTITY_SIGNATURE, at_most=LONGEST_SIGNATURE)
        signature = self._optional(
            IDENTITY_SIGNATURE, first=LONGEST_P384_SIGNATURE, at_most=LONGEST_SIGNATURE, missing=signature_missing
        )
        is_cut = len(signature) == LONGEST_P384_SIGNATURE
        return signature + self._session.rest(len(signature)) if padding and is_cut else signature

    def address(self, *, whole: bool = False) -> bytes:
        """EF 4033: to its end, or to where its content ends and zeros begin."""
        if whole:
            return self._optional(ADDRESS)
        return self._optional(ADDRESS, first=_ADDRESS_START, missing=address_missing)

    def address_signature(self, register: x509.Certificate | None) -> bytes:
        """EF 4034, as much of it as the register's key makes a signature long."""
        size = signature_size(register)
        return self._optional(ADDRESS_SIGNATURE, first=size, at_most=size)

    def photo(self) -> bytes:
        """EF 4035 whole."""
        return self._optional(PHOTO)

    def register_certificate(self) -> bytes:
        """EF 503C to the end of its DER."""
        return self._optional(RRN_CERTIFICATE, missing=der_missing)

    def root_certificate(self) -> bytes:
        """EF 503B to the end of its DER."""
        return self._optional(ROOT_CERTIFICATE, missing=der_missing)

    def basic_key(self) -> bytes:
        """EF 4040 (1.8) to the end of its DER."""
        return self._optional(BASIC_KEY, first=KEY_FILE_SIZE, missing=der_missing)

    def _optional(self, path: bytes, **how: object) -> bytes:
        try:
            return self._session.read_file(path, **how)  # type: ignore[arg-type]
        except FileAbsent:
            return b""


def der_missing(data: bytes) -> int:
    """How much of the DER object at the start of `data` is still to come; negative where there is something behind it.

    All of `data` is too much where there is no such object.
    """
    try:
        length = der.total_length(data)
    except DecodeError:  # a file of zeros: an absent certificate
        return -len(data)
    return apdu.MAX_READ if length is None else length - len(data)


def signature_missing(data: bytes) -> int | None:
    """Nothing where `data` starts with a P-384 signature (two numbers in DER); else all there is."""
    try:
        body = der.cut(data)[2:]
    except DecodeError:
        return None
    return 0 if len(body) > 5 and body[0] == 0x02 and body[2 + body[1] :][:1] == b"\x02" else None


def address_missing(data: bytes) -> int:
    """How much of the address that starts so is still to come: up to the end of its third element and one byte more.

    That byte is a zero, and the rest with it; or there is an element that is not known yet. Where the beginning does
    not tell, it is another step.
    """
    at, tag = 0, -1
    while at + 1 < len(data) and (data[at] or tag < 0):
        tag, length, at = data[at], 0, at + 1
        while at < len(data) and data[at] == 0xFF:
            length, at = length + 0xFF, at + 1
        at += 1 + length + (data[at] if at < len(data) else 0)
    if tag >= _LAST_ADDRESS_TAG and (at >= len(data) or not data[at]):
        return max(0, at + 1 - len(data))
    return _ADDRESS_STEP


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
