"""Commands and answers of a card as values, those of the Belgian card among them; nothing here talks to a reader.

Sources: "Public Belpic Applet v1.7 Reference Manual" chapters 2 and 6, "… v1.8 …" chapter 6; ISO 7816-4 §5. On T=0 a
command has data or expects data, never both at once; the card answers `61 xx` where there is more. The Belgian card
speaks nothing else. On T=1, as many staff cards have it, a command says both.
"""

from __future__ import annotations

from dataclasses import dataclass

APPLET_AID = bytes.fromhex("A00000003029057000AD13100101FF")

MAX_READ = 256  # Le = 00
MAX_DATA = 255  # what Lc can say; more goes in a chain of commands
_CHAIN = 0x10  # the bit of CLA that says that more of this command follows (ISO 7816-4 §5.3.3)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `expected` is Le: how many bytes may come back (1 to 256); None where none can."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int | None = None

    def encode(self, *, t1: bool = False) -> bytes:
        """The bytes for a card. With data, Le is left out on T=0: the rest is fetched by GET RESPONSE."""
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            expected = bytes((self.expected % 256,)) if t1 and self.expected is not None else b""
            return header + bytes((len(self.data),)) + self.data + expected
        if self.expected is not None:
            return header + bytes((self.expected % 256,))
        return header + b"\x00"

    def expecting(self, length: int) -> Command:
        """The same command with another Le, as `6C xx` asks for."""
        return Command(self.cla, self.ins, self.p1, self.p2, self.data, length)

    def chain(self) -> tuple[Command, ...]:
        """The same as commands of at most 255 bytes of data each; only the last one is answered."""
        parts = [self.data[at : at + MAX_DATA] for at in range(0, len(self.data), MAX_DATA)] or [b""]
        links = (Command(self.cla | _CHAIN, self.ins, self.p1, self.p2, part) for part in parts[:-1])
        return (*links, Command(self.cla, self.ins, self.p1, self.p2, parts[-1], self.expected))


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """What came back: data and the status word (0x9000 is success)."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """The command succeeded."""
        return self.sw == SUCCESS


SUCCESS = 0x9000
FILE_NOT_FOUND = 0x6A82
OUTSIDE_FILE = 0x6B00  # READ BINARY: the offset lies behind the end
NO_CURRENT_FILE = 0x6986
WRONG_LC = 0x6A87


def more_available(sw: int) -> int | None:
    """`61 xx`: how many bytes GET RESPONSE will fetch (00 means 256); None for any other status word."""
    return (sw & 0xFF or 256) if sw >> 8 == 0x61 else None


def correct_length(sw: int) -> int | None:
    """`6C xx`: the Le to ask again with (00 means 256); None for any other status word."""
    return (sw & 0xFF or 256) if sw >> 8 == 0x6C else None


def select_applet() -> Command:
    """SELECT the eID applet by its AID. Its success is what makes a card an eID; an ATR proves nothing."""
    return Command(0x00, 0xA4, 0x04, 0x0C, APPLET_AID)


def select_application(name: bytes) -> Command:
    """SELECT any application by its name, or by the beginning of one (ISO 7816-4 §7.1.1)."""
    return Command(0x00, 0xA4, 0x04, 0x00, name, MAX_READ)


def select_path(path: bytes) -> Command:
    """SELECT a file by its path from the master file (3F00 included), without file control information."""
    return Command(0x00, 0xA4, 0x08, 0x0C, path)


def select_name(name: bytes) -> Command:
    """SELECT a file by its two-byte identifier, as a child of the directory that is selected; else as `select_path`."""
    return Command(0x00, 0xA4, 0x02, 0x0C, name)


def read_binary(offset: int, length: int = MAX_READ) -> Command:
    """READ BINARY of the selected file. Offsets have 15 bits; ValueError beyond them."""
    if not 0 <= offset < 0x8000:
        raise ValueError(f"offset {offset} does not fit in 15 bits")
    return Command(0x00, 0xB0, offset >> 8, offset & 0xFF, expected=length)


def get_response(length: int) -> Command:
    """GET RESPONSE: fetch what `61 xx` announced."""
    return Command(0x00, 0xC0, 0x00, 0x00, expected=length)


def internal_authenticate(challenge: bytes) -> Command:
    """INTERNAL AUTHENTICATE (1.8): the chip's basic key (81) signs 48 bytes, which it takes for a SHA-384 hash.

    The middleware sends it without a MSE SET before, and so do we; the manual allows that for other keys only.
    """
    if len(challenge) != 48:
        raise ValueError(f"a challenge has 48 bytes, not {len(challenge)}")
    return Command(0x00, 0x88, 0x02, 0x81, b"\x94\x30" + challenge)


def get_card_data() -> Command:
    """GET CARD DATA: 28 bytes with serial number and versions."""
    return Command(0x80, 0xE4, 0x00, 0x00, expected=0x1C)
