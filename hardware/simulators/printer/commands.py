"""ESC/POS as a printer reads it: a buffer of bytes to one command at a time. "Need more" is a value (None).

Source: Epson, "ESC/POS Command Reference". Commands of the family that only shape what a ticket never uses
are read to their end and ignored, as a simple printer would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Characters:
    """Bytes of the current code page, 20 to FF."""

    data: bytes


@dataclass(frozen=True, slots=True)
class LineFeed:
    """LF: print the line buffer, feed one line."""


@dataclass(frozen=True, slots=True)
class Initialise:
    """ESC @: modes back to their defaults, the line buffer emptied."""


@dataclass(frozen=True, slots=True)
class SelectPage:
    """ESC t n."""

    number: int


@dataclass(frozen=True, slots=True)
class Bold:
    """ESC E n."""

    on: bool


@dataclass(frozen=True, slots=True)
class Font:
    """ESC M n: font A or, the small one, B."""

    small: bool


@dataclass(frozen=True, slots=True)
class GoTo:
    """ESC $ nL nH: the place of the next character, in units from the left edge."""

    units: int


@dataclass(frozen=True, slots=True)
class Inverse:
    """GS B n: white on black."""

    on: bool


@dataclass(frozen=True, slots=True)
class Size:
    """GS ! n, or the size bits of ESC !: magnification 1 to 8."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Justify:
    """ESC a n: 0 left, 1 centre, 2 right."""

    where: int


@dataclass(frozen=True, slots=True)
class LineSpacing:
    """ESC 3 n in motion units; None is ESC 2, the default."""

    units: int | None


@dataclass(frozen=True, slots=True)
class MotionUnits:
    """GS P x y: units of 1/x and 1/y inch; 0 is the default."""

    horizontal: int
    vertical: int


@dataclass(frozen=True, slots=True)
class FeedUnits:
    """ESC J n: print the line buffer, feed n motion units."""

    units: int


@dataclass(frozen=True, slots=True)
class FeedLines:
    """ESC d n."""

    lines: int


@dataclass(frozen=True, slots=True)
class RowPicture:
    """GS v 0: rows of `width_bytes` bytes, the most significant bit on the left, 1 is black."""

    width_bytes: int
    height: int
    x_scale: int
    y_scale: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ColumnPicture:
    """ESC *: columns of 8 or 24 dots, from the left, into the line buffer."""

    rows: int
    width: int
    x_scale: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Graphics:
    """GS ( L or GS 8 L: function and its parameters."""

    function: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Symbol:
    """GS ( k: code type (49 is QR), function, parameters."""

    kind: int
    function: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """GS V: `feed` units past the knife first; None cuts where the paper is."""

    feed: int | None


@dataclass(frozen=True, slots=True)
class ReportSensor:
    """GS r n: an answer in its turn."""

    number: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """GS a n: which changes are reported unasked."""

    mask: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Read to its end, without effect; `data` for the curious."""

    data: bytes


Command = (
    Characters
    | LineFeed
    | Initialise
    | SelectPage
    | Bold
    | Font
    | GoTo
    | Inverse
    | Size
    | Justify
    | LineSpacing
    | MotionUnits
    | FeedUnits
    | FeedLines
    | RowPicture
    | ColumnPicture
    | Graphics
    | Symbol
    | Cut
    | ReportSensor
    | AutomaticStatus
    | Ignored
)

CLEAR_LOCK = bytes([1, 3, 20, 1, 6, 2, 8])  # the parameters of DLE DC4 8 that make it valid

# Commands with one parameter: the byte after ESC or GS, and what it makes of the parameter.
_ESC_ONE: dict[int, Callable[[int], Command]] = {
    ord("t"): SelectPage,
    ord("E"): lambda n: Bold(bool(n & 1)),
    ord("M"): lambda n: Font(n in (1, 49)),
    ord("a"): lambda n: Justify(n - 48 if n >= 48 else n),
    ord("3"): LineSpacing,
    ord("J"): FeedUnits,
    ord("d"): FeedLines,
    ord("!"): lambda n: Size(2 if n & 0x20 else 1, 2 if n & 0x10 else 1),
}
_ESC_ONE_IGNORED = frozenset(b"-GRSTV{=rU% ")
_GS_ONE: dict[int, Callable[[int], Command]] = {
    ord("!"): lambda n: Size((n >> 4 & 7) + 1, (n & 7) + 1),
    ord("B"): lambda n: Inverse(bool(n & 1)),
    ord("r"): ReportSensor,
    ord("a"): AutomaticStatus,
}
_GS_ONE_IGNORED = frozenset(b"bfhwHI")
_GS_TWO_IGNORED = frozenset(b"LW")


def next_command(data: bytes) -> tuple[Command, int] | None:
    """The first command of a buffer and its length in bytes; None while it is not complete."""
    if not data:
        return None
    first = data[0]
    if first >= 0x20:
        end = next((index for index, byte in enumerate(data) if byte < 0x20), len(data))
        return Characters(data[:end]), end
    if first == 0x0A:
        return LineFeed(), 1
    if first == 0x10:
        return _real_time_again(data)
    if first == 0x1B:
        return _escape(data)
    if first == 0x1D:
        return _group(data)
    if first == 0x1C:  # FS: Chinese characters, logos
        return (Ignored(data[:2]), 2) if len(data) >= 2 else None
    return Ignored(data[:1]), 1


def _real_time_again(data: bytes) -> tuple[Command, int] | None:
    """A real-time command was obeyed on arrival; when its turn in the buffer comes it is skipped."""
    if len(data) < 3:
        return None
    length = 1
    if data[1] in (0x04, 0x05):
        length = 3
    elif data[1] == 0x14:
        length = 10 if data[2] == 8 else 5
    return (Ignored(data[:length]), length) if len(data) >= length else None


def _escape(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 2:
        return None
    letter = data[1]
    if letter == ord("@"):
        return Initialise(), 2
    if letter == ord("2"):
        return LineSpacing(None), 2
    if letter == ord("*"):
        return _columns(data)
    if letter == ord("$"):
        return (GoTo(data[2] + 256 * data[3]), 4) if len(data) >= 4 else None
    if letter in _ESC_ONE or letter in _ESC_ONE_IGNORED:
        if len(data) < 3:
            return None
        return (_ESC_ONE[letter](data[2]) if letter in _ESC_ONE else Ignored(data[:3])), 3
    return Ignored(data[:2]), 2


def _columns(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 5:
        return None
    mode, width = data[2], data[3] + 256 * data[4]
    rows = 24 if mode & 32 else 8
    end = 5 + width * rows // 8
    if len(data) < end:
        return None
    return ColumnPicture(rows, width, 1 if mode & 1 else 2, data[5:end]), end


def _group(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 2:
        return None
    letter = data[1]
    if letter == ord("("):
        return _lengthy(data, header=3, size=2)
    if letter == ord("8"):
        return _lengthy(data, header=3, size=4)
    if letter == ord("v"):
        return _rows(data)
    if letter == ord("V"):
        return _cut(data)
    if letter == ord("P"):
        return (MotionUnits(data[2], data[3]), 4) if len(data) >= 4 else None
    if letter in _GS_TWO_IGNORED:
        return (Ignored(data[:4]), 4) if len(data) >= 4 else None
    if letter in _GS_ONE or letter in _GS_ONE_IGNORED:
        if len(data) < 3:
            return None
        return (_GS_ONE[letter](data[2]) if letter in _GS_ONE else Ignored(data[:3])), 3
    return Ignored(data[:2]), 2


def _lengthy(data: bytes, header: int, size: int) -> tuple[Command, int] | None:
    """GS ( X pL pH …, and GS 8 L with four bytes of length."""
    start = header + size
    if len(data) < start:
        return None
    end = start + int.from_bytes(data[header:start], "little")
    if len(data) < end:
        return None
    letter, rest = data[2], data[start:end]
    if letter == ord("L") and len(rest) >= 2:
        return Graphics(rest[1], rest[2:]), end
    if letter == ord("k") and len(rest) >= 2:
        return Symbol(rest[0], rest[1], rest[2:]), end
    return Ignored(data[:end]), end


def _rows(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 8:
        return None
    mode = data[3] & 3
    width_bytes, height = data[4] + 256 * data[5], data[6] + 256 * data[7]
    end = 8 + width_bytes * height
    if len(data) < end:
        return None
    return RowPicture(width_bytes, height, 2 if mode & 1 else 1, 2 if mode & 2 else 1, data[8:end]), end


def _cut(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 3:
        return None
    if data[2] in (0, 1, 48, 49):
        return Cut(None), 3
    return (Cut(data[3]), 4) if len(data) >= 4 else None
