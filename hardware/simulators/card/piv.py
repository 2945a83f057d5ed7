"""A staff card from the chip's side: the PIV application of NIST SP 800-73-4 part 2, as far as no PIN is needed.

Written from the standard and not from the driver. A card has its data objects by tag, and the key of slot 9E; it
speaks T=0 or T=1, as its ATR says, and on both the chaining of commands and of answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from hardware.simulators.card.contacts import Chip

PIV_T0_ATR = bytes.fromhex("3B07") + b"PIV T=0"  # invented, both: one offers T=0, the other T=1 alone
PIV_T1_ATR = bytes.fromhex("3B8701") + b"PIV T=1" + bytes.fromhex("B1")

PIN = b"123456"

_AID = bytes.fromhex("A000000308000010000100")
_PROPERTIES = bytes.fromhex("61114F0600001000010079074F05A000000308")  # the PIX of version 1, and the RID
_OK, _NOT_FOUND, _BAD_DATA, _BAD_PARAMETERS = b"\x90\x00", b"\x6a\x82", b"\x6a\x80", b"\x6a\x86"
_NO_COMMAND, _NO_CLASS, _NO_PIN_SHOWN, _NO_CHAIN = b"\x6d\x00", b"\x6e\x00", b"\x69\x82", b"\x68\x83"
_NOTHING_LEFT, _WORN = b"\x69\x85", b"\x69\x85"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class PivChip(Chip):
    """One staff card. `objects` maps tags (`5FC101`) to what GET DATA answers, 53 and all; `key` is slot 9E's."""

    def __init__(
        self,
        objects: Mapping[str, bytes],
        key: Key | None,
        *,
        atr: bytes = PIV_T0_ATR,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ):
        super().__init__(atr, clock=clock, sleep=sleep)
        self.objects = {bytes.fromhex(tag): content for tag, content in objects.items()}
        self._key = key
        self._is_t1 = atr == PIV_T1_ATR
        self._power_up()

    def _power_up(self) -> None:
        self._selected = False
        self._chained: tuple[bytes, bytes] | None = None  # the header of a chain of commands, and its data so far
        self._pending = b""

    def _respond(self, command: bytes) -> bytes:
        if command[:2] == b"\x00\xc0":
            return self._more(command)
        self._pending = b""
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        header = bytes((command[0] & 0xEF,)) + command[1:4]
        if self._chained is not None and self._chained[0] != header:
            self._chained = None
            return _NO_CHAIN
        data = (self._chained[1] if self._chained else b"") + data
        if command[0] & 0x10:
            self._chained = header, data
            return _OK
        self._chained = None
        answer = self._dispatch(header, data)
        if len(answer) == 2:
            return answer
        self._pending = answer
        asked = self._is_t1 and len(command) == 6 + command[4]  # on T=1, with Le
        return self._give(command[-1] or 256) if asked and not self.announces else self._announced()

    def _dispatch(self, header: bytes, data: bytes) -> bytes:
        """The whole answer without a status word, or a status word alone."""
        if header[0] != 0x00:
            return _NO_CLASS
        if header[1] == 0xA4 and header[2] == 0x04:
            self._selected = len(data) >= 5 and _AID.startswith(data)
            return _PROPERTIES if self._selected else _NOT_FOUND
        if not self._selected:
            return _NO_COMMAND
        if header[1] == 0xCB:
            return self._get_data(header, data)
        if header[1:] == b"\x20\x00\x80":  # VERIFY, which other programs insist on; our driver never sends it
            return _OK if data in (b"", PIN.ljust(8, b"\xff")) else b"\x63\xc2"
        if header[1] == 0x87:
            return self._authenticate(header[2], header[3], data)
        return _NO_COMMAND

    def _get_data(self, header: bytes, data: bytes) -> bytes:
        if header[2:] != b"\x3f\xff":
            return _BAD_PARAMETERS
        if data[:1] != b"\x5c" or len(data) < 3 or data[1] != len(data) - 2:
            return _BAD_DATA
        return self.objects.get(data[2:], _NOT_FOUND)

    def _authenticate(self, algorithm: int, key: int, data: bytes) -> bytes:
        if key in (0x9A, 0x9C, 0x9D):
            return _NO_PIN_SHOWN
        if key != 0x9E or self._key is None or algorithm != _algorithm_of(self._key):
            return _BAD_PARAMETERS
        question = _question_in(data)
        size = _size_of(self._key)
        if question is None or len(question) != size:
            return _BAD_DATA
        if not self.authentications_left:
            return _WORN
        self.authentications_left -= 1
        signature = _tlv(0x82, _signed(self._key, question))
        return _tlv(0x7C, signature)

    def _more(self, command: bytes) -> bytes:
        length = (command[4] or 256) if len(command) > 4 else 256
        if not self._pending:
            return _NOTHING_LEFT
        if length > len(self._pending) and self.shows_6c:
            return bytes((0x6C, len(self._pending)))
        return self._give(length)

    def _give(self, length: int) -> bytes:
        part, self._pending = self._pending[:length], self._pending[length:]
        return part + (self._announced() if self._pending else _OK)

    def _announced(self) -> bytes:
        return bytes((0x61, len(self._pending) if len(self._pending) < 256 else 0))


def _algorithm_of(key: Key) -> int:
    """SP 800-78-4 table 6-2."""
    if isinstance(key, rsa.RSAPrivateKey):
        return {1024: 0x06, 2048: 0x07}[key.key_size]
    return {256: 0x11, 384: 0x14}[key.key_size]


def _size_of(key: Key) -> int:
    return (key.key_size + 7) // 8


def _signed(key: Key, question: bytes) -> bytes:
    """The bare operation: ECDSA over a given digest, or a number raised to the private exponent."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = {32: hashes.SHA256(), 48: hashes.SHA384()}.get(len(question))
        if digest is None:
            raise UnsupportedAlgorithm(f"a digest of {len(question)} bytes")
        return key.sign(question, ec.ECDSA(Prehashed(digest)))
    numbers = key.private_numbers()
    power = pow(int.from_bytes(question, "big"), numbers.d, numbers.public_numbers.n)
    return power.to_bytes(len(question), "big")


def _question_in(data: bytes) -> bytes | None:
    """The challenge (81) of 7C { 82 empty, 81 challenge }, in any order; None for anything else."""
    if data[:1] != b"\x7c":
        return None
    body, rest = _value(data[1:])
    if rest:
        return None
    found: dict[int, bytes] = {}
    while body:
        tag = body[0]
        found[tag], body = _value(body[1:])
    return found.get(0x81) if found.get(0x82) == b"" else None


def _value(data: bytes) -> tuple[bytes, bytes]:
    """A length with its value, and what follows; a length that is too long takes what there is."""
    first = data[0] if data else 0
    count = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(data[1 : 1 + count], "big") if count else first
    at = 1 + count
    return data[at : at + length], data[at + length :]


def _tlv(tag: int, value: bytes) -> bytes:
    if len(value) < 0x80:
        return bytes((tag, len(value))) + value
    size = len(value).to_bytes(2 if len(value) > 0xFF else 1, "big")
    return bytes((tag, 0x80 | len(size))) + size + value


def certificate_object(certificate: bytes, *, compressed: bool = False) -> bytes:
    """53 { 70 certificate, 71 CertInfo, FE empty }; `certificate` is packed already where `compressed` says so."""
    info = b"\x01" if compressed else b"\x00"
    return _tlv(0x53, _tlv(0x70, certificate) + _tlv(0x71, info) + _tlv(0xFE, b""))
