"""The data object that holds a card's certificate (SP 800-73-4 part 1, appendix A, table 15; part 2, §3.1.2).

    53 { 70 certificate   71 CertInfo   FE error detection code, empty }

CertInfo's lowest bit says that the certificate was compressed with gzip, as cards do whose object would else be too
small for it.
"""

from __future__ import annotations

import zlib

from cryptography import x509

from hardware.smartcard.errors import DecodeError
from hardware.smartcard.piv import ber
from hardware.smartcard.piv.errors import PivError, PivReason

_OBJECT, _CERTIFICATE, _INFO = 0x53, 0x70, 0x71
_COMPRESSION, _GZIP = 0x03, 0x01  # two bits of CertInfo, and the one value there is
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
_LONGEST = 0x4000  # bytes unpacked; the standard has containers of 1905 bytes, cards of today of three thousand


def decode(data: bytes) -> x509.Certificate:
    """The certificate in what GET DATA answered. Raises PivError: NO_CERTIFICATE for an empty object, or MALFORMED."""
    try:
        content = ber.parse(ber.only(data, _OBJECT))
    except DecodeError as problem:
        raise _malformed(f"data object, {problem}") from problem
    packed = content.get(_CERTIFICATE, b"")
    if not packed:
        raise PivError(PivReason.NO_CERTIFICATE, "the object is empty")
    info = content.get(_INFO, b"\x00")
    if len(info) != 1:
        raise _malformed(f"CertInfo of {len(info)} bytes")
    compression = info[0] & _COMPRESSION
    if compression == _GZIP:
        packed = _unpacked(packed)
    elif compression:
        raise _malformed(f"CertInfo {info.hex()}: an unknown compression")
    try:
        return x509.load_der_x509_certificate(packed)
    except (ValueError, x509.InvalidVersion) as problem:
        raise _malformed("the certificate is not DER") from problem


def _unpacked(packed: bytes) -> bytes:
    """Whole, and never more than a card can hold: a few bytes of gzip may stand for gigabytes."""
    stream = zlib.decompressobj(_GZIP_FORMAT)
    try:
        data = stream.decompress(packed, _LONGEST)
    except zlib.error as problem:
        raise _malformed("the certificate is not gzip") from problem
    if not stream.eof:
        raise _malformed("the compressed certificate has no end" if stream.unconsumed_tail == b"" else "it is too long")
    return data


def _malformed(detail: str) -> PivError:
    return PivError(PivReason.MALFORMED, detail)
