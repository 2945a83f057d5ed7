"""What a printed paper holds, in words that know nothing of a printer's commands.

A `Document` is lines from top to bottom. The caller has wrapped them: text in the printer's own font is a
grid of cells, `PaperGeometry.columns` of them across the paper. Whether a line leaves as characters or as a
picture is the encoder's business (`hardware.printer.encode`): it depends on the printer's code pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

LARGEST_MAGNIFICATION = 8  # GS ! holds three bits for each of width and height


class Align(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


LEFT, CENTER, RIGHT = Align.LEFT, Align.CENTER, Align.RIGHT


@dataclass(frozen=True, slots=True)
class PaperGeometry:
    """The printable width and the cells of the printer's fonts A and B, in dots of 1/203 inch (8 a millimetre)."""

    dots: int = 576
    cell_width: int = 12
    cell_height: int = 24
    small_width: int = 9
    small_height: int = 17
    dots_per_mm: int = 8

    @property
    def columns(self) -> int:
        """Characters of single width on one line."""
        return self.dots // self.cell_width

    def to_dots(self, millimetres: float) -> int:
        """A length on the paper, in whole dots."""
        return round(millimetres * self.dots_per_mm)


PAPER_80_MM = PaperGeometry(dots=576)  # 48 columns on 72 mm
PAPER_58_MM = PaperGeometry(dots=384)  # 32 columns on 48 mm

STEP = 36  # dots of an indent: three cells of font A, four of font B; a box to tick and the white behind it
FRAME = 9  # dots: the sides of a frame are as wide as a cell of font B


@dataclass(frozen=True, slots=True)
class Text:
    """One line, never wrapped by the printer: what is too long is cut off at the edge of the paper.

    `width` and `height` magnify (1 to 8); `small` is the printer's font B. `language` (BCP 47) and `rtl` matter when
    the line has to be drawn as a picture: they choose the shapes of letters and the base direction. `inverse` is
    white on black. `box` draws a box to tick in front of the line, which takes one `STEP`; `indent` counts further
    ones. A `framed` line has the sides of a frame at the edges of the paper, which join those of the next. A `drawn`
    line is a picture also where the printer has its characters: it belongs to a paragraph of which others are.
    """

    text: str
    bold: bool = False
    width: int = 1
    height: int = 1
    align: Align = Align.LEFT
    language: str = ""
    rtl: bool = False
    inverse: bool = False
    small: bool = False
    box: bool = False
    indent: int = 0
    framed: bool = False
    drawn: bool = False

    def __post_init__(self) -> None:
        if not (1 <= self.width <= LARGEST_MAGNIFICATION and 1 <= self.height <= LARGEST_MAGNIFICATION):
            raise ValueError(f"a character is magnified 1 to {LARGEST_MAGNIFICATION} times")

    @property
    def start(self) -> int:
        """Where the words begin, in dots from the side that the line is read from."""
        return STEP * (self.indent + self.box) + (FRAME + STEP // 2) * self.framed


@dataclass(frozen=True, slots=True)
class Columns:
    """Two texts at the two ends of one line, each in its own style; the right one is kept whole, the left cut off.

    Where the left text is read from right to left, the two change places. The box and the frame are the left text's.
    """

    left: Text
    right: Text


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A picture, one pixel a dot: mode "1", or "L" which is cut at half grey. Not wider than the paper."""

    image: Image.Image
    align: Align = Align.LEFT

    def __post_init__(self) -> None:
        if self.image.mode not in ("1", "L"):
            raise ValueError(f"a picture for the printer is black and white or grey, not {self.image.mode}")


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, in the middle of the paper. `module_size` is in dots (1 to 16); the text is printable ASCII."""

    text: str
    module_size: int = 4
    error_correction: str = "M"  # L, M, Q or H

    def __post_init__(self) -> None:
        if not self.text or not self.text.isascii() or not self.text.isprintable():
            raise ValueError("a QR code on a ticket holds printable ASCII")
        if self.error_correction not in ("L", "M", "Q", "H"):
            raise ValueError("the error correction of a QR code is L, M, Q or H")
        if not 1 <= self.module_size <= 16:
            raise ValueError("a module of a QR code is 1 to 16 dots")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper, with a little white above and below; `thickness` in dots is even.

    The lower edge of a frame is a solid rule without white above. `inside` are dots, an even number, by which it keeps
    away from the frame's last line, with the frame's sides beside them.
    """

    dashed: bool = True
    thickness: int = 2
    above: int = 6
    below: int = 8
    inside: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank paper, in millimetres."""

    mm: float = 3.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mm) and 0 <= self.mm <= 500):
            raise ValueError("paper is fed forward, half a metre at most")


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed the last line past the knife, and cut."""


Element = Text | Columns | Raster | Qr | Rule | Feed | Cut


@dataclass(frozen=True, slots=True)
class Document:
    """One job for the printer, from top to bottom. It ends with a `Cut`, or the printer adds one."""

    elements: tuple[Element, ...]
