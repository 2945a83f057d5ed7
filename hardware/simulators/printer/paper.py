"""The paper: what the head has drawn on the strip, and the pieces that the knife cuts off.

One pixel is one dot of 1/203 inch. The knife sits some millimetres above the head, so that a cut without a
feed leaves the last lines on the next piece, as in a real printer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import fontpkg
import qrcode
from PIL import Image, ImageDraw, ImageFont, ImageOps
from qrcode import constants as qr_levels

CELL_WIDTH, CELL_HEIGHT = 12, 24  # font A
SMALL_WIDTH, SMALL_HEIGHT = 9, 17  # font B
HEAD_TO_KNIFE = 80  # dots: 10 mm
_FONT_SIZES = {False: 20, True: 15}  # the sizes at which Roboto Mono is 12 and 9 dots wide
_BASELINES = {False: 18, True: 13}
_LEVELS = {
    48: qr_levels.ERROR_CORRECT_L,
    49: qr_levels.ERROR_CORRECT_M,
    50: qr_levels.ERROR_CORRECT_Q,
    51: qr_levels.ERROR_CORRECT_H,
}


@dataclass(frozen=True, slots=True)
class Style:
    """How the next character looks."""

    bold: bool = False
    inverse: bool = False
    width: int = 1
    height: int = 1
    small: bool = False

    @property
    def cell_width(self) -> int:
        """Dots of one character."""
        return (SMALL_WIDTH if self.small else CELL_WIDTH) * self.width


@dataclass(frozen=True, slots=True)
class Record:
    """Something drawn, as a reader of the report sees it: its kind, where it begins (dots), and its details."""

    kind: str  # "line", "picture" or "qr"
    top: int
    details: dict[str, Any]


@dataclass(slots=True)
class Piece:
    """Paper that came off the roll."""

    image: Image.Image
    records: list[Record]

    @property
    def blank(self) -> bool:
        """Whether nothing was printed on it."""
        return not self.records


@dataclass(slots=True)
class Strip:
    """The paper from the knife down to the head, and all that is printed beyond."""

    width: int
    _rows: list[tuple[int, Image.Image]] = field(default_factory=list)
    _length: int = HEAD_TO_KNIFE
    _records: list[Record] = field(default_factory=list)

    def draw(self, image: Image.Image, left: int, kind: str, **details: Any) -> None:
        """Draw at the head, and feed past it. What lies beyond the edge is not printed."""
        row = Image.new("1", (self.width, image.height), 1)
        row.paste(image, (left, 0))
        self._rows.append((self._length, row))
        self._records.append(Record(kind, self._length, details))
        self._length += image.height

    def feed(self, dots: int) -> None:
        """Blank paper."""
        self._length += dots

    def cut(self, feed: int | None) -> Piece:
        """Cut at the knife; with a number, after feeding the printed end so many dots past it."""
        if feed is not None:
            self.feed(HEAD_TO_KNIFE + feed)
        knife = self._length - HEAD_TO_KNIFE
        piece = Piece(self._picture(knife), [record for record in self._records if record.top < knife])
        self._rows = [(top - knife, row) for top, row in self._rows if top + row.height > knife]
        self._records = [Record(r.kind, r.top - knife, r.details) for r in self._records if r.top >= knife]
        self._length = HEAD_TO_KNIFE
        return piece

    def so_far(self) -> Piece:
        """What hangs out of the printer now, uncut."""
        return Piece(self._picture(self._length), list(self._records))

    def tear(self) -> Piece:
        """Somebody pulls out all there is."""
        piece = self.so_far()
        self._rows, self._records, self._length = [], [], HEAD_TO_KNIFE
        return piece

    def _picture(self, height: int) -> Image.Image:
        picture = Image.new("1", (self.width, max(height, 1)), 1)
        for top, row in self._rows:
            picture.paste(row, (0, top))
        return picture


def cell(character: str, style: Style) -> Image.Image:
    """One character in its cell, magnified as a printer does it: dot by dot."""
    glyph = _glyph(character, style.bold, style.small)
    if style.inverse:
        glyph = ImageOps.invert(glyph)
    return glyph.resize((glyph.width * style.width, glyph.height * style.height), Image.Resampling.NEAREST)


def qr_symbol(text: str, module: int, level: int) -> Image.Image:
    """The bare symbol, as a printer draws it: no quiet zone. `level` is 48 (L) to 51 (H)."""
    drawing = qrcode.QRCode(error_correction=_LEVELS[level], border=0)
    drawing.add_data(text)
    drawing.make(fit=True)
    matrix = drawing.get_matrix()
    symbol = Image.new("1", (len(matrix), len(matrix)), 1)
    symbol.putdata([0 if dark else 1 for row in matrix for dark in row])
    return symbol.resize((symbol.width * module, symbol.height * module), Image.Resampling.NEAREST)


def picture_of_rows(width_bytes: int, height: int, data: bytes) -> Image.Image:
    """Rows of bits, 1 is black."""
    return ImageOps.invert(Image.frombytes("1", (width_bytes * 8, height), data))


def picture_of_columns(rows: int, width: int, data: bytes) -> Image.Image:
    """Columns of bits from the top, 1 is black."""
    lying = ImageOps.invert(Image.frombytes("1", (rows, width), data))
    return lying.transpose(Image.Transpose.TRANSPOSE)


@lru_cache(maxsize=1024)
def _glyph(character: str, bold: bool, small: bool) -> Image.Image:
    size = (SMALL_WIDTH, SMALL_HEIGHT) if small else (CELL_WIDTH, CELL_HEIGHT)
    grey = Image.new("L", size, 255)
    ImageDraw.Draw(grey).text((0, _BASELINES[small]), character, fill=0, font=_font(bold, small), anchor="ls")
    return grey.point(lambda value: 0 if value < 140 else 255).convert("1", dither=Image.Dither.NONE)


@lru_cache(maxsize=4)
def _font(bold: bool, small: bool) -> ImageFont.FreeTypeFont:
    path = str(fontpkg.path("roboto-mono"))
    font = ImageFont.truetype(path, _FONT_SIZES[small], layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([700 if bold else 450])
    return font
