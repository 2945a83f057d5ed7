"""A Belgian card from the chip's side: applets 1.1, 1.7 and 1.8 as their reference manuals describe them.

Written from the manuals and not from the driver, so that both can be wrong only where a manual is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from hardware.simulators.card.contacts import Chip
from hardware.simulators.card.generations import BANK_ATR, CARD_DATA_1_7, EID_ATR

__all__ = ["BANK_ATR", "EID_ATR", "VirtualChip"]

_APPLET = bytes.fromhex("A00000003029057000AD13100101FF")
_BELPIC = bytes.fromhex("A000000177504B43532D3135")
_MASTER = bytes.fromhex("3F00")
_DIRECTORIES = (_MASTER, bytes.fromhex("3F00DF00"), bytes.fromhex("3F00DF01"))

_OK = b"\x90\x00"
_PIN_TRIES = b"\x03\xff\xff"


class VirtualChip(Chip):
    """One card. `files` maps whole paths (`3F00DF014031`) to contents; empty files and none are the same.

    `card_data` is what follows the chip number in GET CARD DATA: its sixth byte is the applet's version. `basic_key`
    makes INTERNAL AUTHENTICATE work. A card without files is no eID, and has the `applications` it is given, by name.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        atr: bytes | None = EID_ATR,
        chip_number: bytes = bytes(16),
        card_data: bytes = CARD_DATA_1_7,
        basic_key: ec.EllipticCurvePrivateKey | None = None,
        applications: tuple[bytes, ...] = (),
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ):
        super().__init__(atr, clock=clock, sleep=sleep)
        self.files = {bytes.fromhex(path): content for path, content in files.items() if content}
        self.card_data = chip_number + card_data
        self.is_eid = bool(files)
        self._applications = applications
        self._basic_key = basic_key
        self._power_up()

    def _respond(self, command: bytes) -> bytes:
        return self._dispatch(command) if self.is_eid else self._answer_of_a_stranger(command)

    def _answer_of_a_stranger(self, command: bytes) -> bytes:
        """Of its applications it tells nothing but that they are there."""
        if command[1] != 0xA4:
            return b"\x6d\x00"
        name = command[5 : 5 + command[4]] if len(command) > 5 else b""
        known = command[2] == 0x04 and any(own.startswith(name) for own in self._applications if name)
        return b"\x61\x20" if known else b"\x6a\x82"

    def _power_up(self) -> None:
        self._directory = _MASTER
        self._file: bytes | None = None
        self._pending = b""

    def _dispatch(self, command: bytes) -> bytes:
        kind = command[:2]
        if kind == b"\x00\xc0":
            length = _expected(command)
            out, self._pending = self._pending[:length], self._pending[length:]
            return out + _OK if out else b"\x69\x85"
        self._pending = b""
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        if kind == b"\x00\xa4":
            return self._select(command[2], data)
        if kind == b"\x00\xb0":
            return self._read(command)
        if kind == b"\x80\xe4":
            return self._get_card_data(command)
        if kind == b"\x00\x88" and self._is_1_8:
            return self._authenticate(command[2:4], data)
        return b"\x6d\x00" if command[0] in (0x00, 0x80) else b"\x6e\x00"

    def _select(self, how: int, what: bytes) -> bytes:
        if how == 0x04:
            if what in (_APPLET, _BELPIC):
                self._directory, self._file = (_MASTER if what == _APPLET else _DIRECTORIES[1]), None
                return _OK
            return b"\x6a\x82"
        if how == 0x02:
            candidates = [self._directory + what, _MASTER + what, what]
        elif how == 0x08:
            candidates = [what if what.startswith(_MASTER) else _MASTER + what]
        else:
            return b"\x6a\x86"
        for path in candidates:
            if path in _DIRECTORIES:
                self._directory, self._file = path, None
                return _OK
            if path in self.files:
                self._directory, self._file = path[:-2], path
                return _OK
        return b"\x6a\x82"

    def _read(self, command: bytes) -> bytes:
        if self._file is None:
            return b"\x69\x86"
        content = self.files[self._file]
        offset = int.from_bytes(command[2:4], "big")
        if offset >= len(content):
            return b"\x6b\x00"
        length = _expected(command)
        left = len(content) - offset
        if left < length and self.shows_6c:
            return bytes((0x6C, left))
        return content[offset : offset + length] + _OK

    def _get_card_data(self, command: bytes) -> bytes:
        extended = command[2:4] == b"\x00\x01" and self._is_1_8
        if command[2:4] != b"\x00\x00" and not extended:
            return b"\x6a\x86"
        data = self.card_data + (_PIN_TRIES if extended else b"")
        if self.announces:
            self._pending = data
            return bytes((0x61, len(data)))
        if _expected(command) != len(data):
            return bytes((0x6C, len(data)))
        return data + _OK

    def _authenticate(self, parameters: bytes, data: bytes) -> bytes:
        """INTERNAL AUTHENTICATE with the basic key, "… v1.8 Reference Manual" §6.11: ECDSA over a given hash."""
        if parameters[0] != 0x02:
            return b"\x6a\x86"
        if parameters[1] != 0x81 or self._basic_key is None:
            return b"\x6a\x88"
        if data[:2] != b"\x94\x30" or len(data) != 50:
            return b"\x6a\x80"
        if not self.authentications_left:
            return b"\x69\x85"
        self.authentications_left -= 1
        signature = self._basic_key.sign(data[2:], ec.ECDSA(Prehashed(hashes.SHA384())))
        self._pending = b"".join(number.to_bytes(48, "big") for number in decode_dss_signature(signature))
        return bytes((0x61, len(self._pending)))

    @property
    def _is_1_8(self) -> bool:
        return self.card_data[21] == 0x18


def _expected(command: bytes) -> int:
    """Le of a command without data; 00 and none mean 256."""
    return (command[4] or 256) if len(command) > 4 else 256
