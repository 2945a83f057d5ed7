"""A Belgian card from the chip's side: applet 1.7 as its reference manual describes it.

Written from the manual and not from the driver, so that both can be wrong only where the manual is. It knows nothing
of readers; `answer` takes the bytes of one command and gives data and status word.
"""

from __future__ import annotations

from collections.abc import Mapping

EID_ATR = bytes.fromhex("3B9813400AA503010101AD1311")
BANK_ATR = bytes.fromhex("3B6500002063CB6800")

_APPLET = bytes.fromhex("A00000003029057000AD13100101FF")
_BELPIC = bytes.fromhex("A000000177504B43532D3135")
_MASTER = bytes.fromhex("3F00")
_DIRECTORIES = (_MASTER, bytes.fromhex("3F00DF00"), bytes.fromhex("3F00DF01"))

_OK = b"\x90\x00"


def card_data(chip_number: bytes) -> bytes:
    """GET CARD DATA of a 1.7 card: 16 bytes of serial number, versions, applet 0x17, life cycle 0x0F."""
    return chip_number + bytes.fromhex("F3360125011700030021010F")


class VirtualChip:
    """One card. `files` maps whole paths (`3F00DF014031`) to contents; empty files and none are the same.

    `shows_6c` False is a reader that hides `6C xx` and passes a short block on. `announces` True makes the chip answer
    GET CARD DATA with `61 xx`. `pull_at` n makes the card vanish in the n-th command from the next reset on, before it
    answers. `glitches` maps a command's number (from 1, since reset) to the status word that wrongly answers it.
    """

    def __init__(self, files: Mapping[str, bytes], *, atr: bytes | None = EID_ATR, chip_number: bytes = bytes(16)):
        self.atr = atr
        self.files = {bytes.fromhex(path): content for path, content in files.items() if content}
        self.card_data = card_data(chip_number)
        self.is_eid = bool(files)
        self.shows_6c = True
        self.announces = False
        self.pull_at: int | None = None
        self.glitches: dict[int, int] = {}
        self.commands: list[bytes] = []  # since the last reset
        self._reset()

    def reset(self) -> bytes | None:
        """Power up. The ATR, or None where the chip is mute."""
        self._reset()
        return self.atr

    def answer(self, command: bytes) -> bytes | None:
        """Data and status word; None when the card was pulled."""
        self.commands.append(command)
        if self.pull_at is not None and len(self.commands) >= self.pull_at:
            self.pull_at = None
            return None
        if (glitch := self.glitches.get(len(self.commands))) is not None:
            return glitch.to_bytes(2, "big")
        if len(command) < 4:
            return b"\x67\x00"
        if not self.is_eid:
            return b"\x6a\x82" if command[1] == 0xA4 else b"\x6d\x00"
        return self._dispatch(command)

    def _reset(self) -> None:
        self.commands.clear()
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
        if kind == b"\x00\xa4":
            return self._select(command[2], command[5 : 5 + command[4]] if len(command) > 5 else b"")
        if kind == b"\x00\xb0":
            return self._read(command)
        if kind == b"\x80\xe4":
            return self._get_card_data(command)
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
        if command[2:4] != b"\x00\x00":
            return b"\x6a\x86"
        if self.announces:
            self._pending = self.card_data
            return bytes((0x61, len(self.card_data)))
        if _expected(command) != len(self.card_data):
            return bytes((0x6C, len(self.card_data)))
        return self.card_data + _OK


def _expected(command: bytes) -> int:
    """Le of a command without data; 00 and none mean 256."""
    return (command[4] or 256) if len(command) > 4 else 256
