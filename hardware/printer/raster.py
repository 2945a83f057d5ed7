"""Lines of text drawn as pictures, for what the printer's own characters cannot write.

Pillow with the Raqm layout engine joins Arabic letters and orders mixed directions as Unicode says. Without
the system's `libfribidi` Raqm switches off in silence and Arabic comes out unjoined and reversed, so
`TextRasteriser` refuses to start then. Width and height magnify a printer's cells apart from each other; a
drawn line keeps its proportions and follows the height.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import fontpkg
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont, ImageOps, features

from hardware.printer.document import PAPER_80_MM, PaperGeometry

FAMILIES = ("noto-sans", "noto-sans-arabic")
EM = 26  # dots: letters of the size of the printer's font A, as Noto draws them
LEADING = 29  # dots from line to line, the same as the encoder sets for text
ABOVE_BASELINE = 22  # of these
SMALL_EM = 20  # of the size of its font B
SMALL_LEADING = 22
SMALL_ABOVE_BASELINE = 16
_BOX, _BOX_LINE = 24, 3  # dots: a box to tick, as high as a line of font A, and how thick it is drawn
LONGEST_LINE = 4_000  # characters; far beyond any paper, but not beyond any memory
SMALLEST_SHRINK = 0.6  # a line that is too wide is drawn smaller, down to this; beyond it is cut off
REGULAR, BOLD = 400, 700  # the weight axis of OpenType


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is drawn. See `document.Text`. `room` is the width it may take in dots; 0 is the whole paper's."""

    bold: bool = False
    height: int = 1
    language: str = ""
    rtl: bool = False
    inverse: bool = False
    small: bool = False
    room: int = 0

    @property
    def em(self) -> float:
        """The size of the letters, in dots."""
        return float((SMALL_EM if self.small else EM) * self.height)


Rasterise = Callable[[str, Style], Image.Image]
"""Draw one line: black on white, mode "L" or "1", no wider than its ink, as high as a line.

The picture's `info["baseline"]` says how far below its top the letters stand; without it, they stand on its lower edge.
"""


class ShapingMissing(RuntimeError):
    """Pillow has no Raqm: Arabic would come out unjoined and reversed."""

    def __init__(self) -> None:
        super().__init__("Pillow cannot shape text (Raqm is off): install libfribidi0")


class TextRasteriser:
    """Draws lines with the Noto fonts; the first family that has every character of the line is taken.

    A call gives the picture of one line. Raises ShapingMissing at construction.
    """

    def __init__(self, geometry: PaperGeometry = PAPER_80_MM, families: tuple[str, ...] = FAMILIES):
        if not features.check("raqm"):
            raise ShapingMissing
        self._geometry = geometry
        self._paths = [Path(fontpkg.path(family)) for family in families]

    def __call__(self, text: str, style: Style) -> Image.Image:
        """The picture of one line, mode "L"; at least 8 dots wide, never wider than the paper."""
        text = text[:LONGEST_LINE]
        path = self._font_for(text)
        size = style.em
        room = style.room or self._geometry.dots
        box = _box(path, size, text, style)
        if box.width > room:
            size *= max(SMALLEST_SHRINK, (room - 2) / box.width)
            box = _box(path, size, text, style)
        leading, above_baseline = (SMALL_LEADING, SMALL_ABOVE_BASELINE) if style.small else (LEADING, ABOVE_BASELINE)
        # Lines have one height and one baseline; only a line that reaches beyond them is higher.
        above = max(above_baseline * style.height, 1 - box.top)
        below = max((leading - above_baseline) * style.height, box.bottom + 1)
        width = min(max(box.width, 8), room)
        # What does not fit is cut off at the end of the line, which is on the left in right-to-left text.
        start = width - box.width if style.rtl else 0
        picture = Image.new("L", (width, above + below), 255)
        font = _font(path, size, BOLD if style.bold else REGULAR)
        ImageDraw.Draw(picture).text(
            (start - box.left, above), text, fill=0, font=font, anchor="ls", **_direction(style)
        )
        if style.inverse:
            picture = ImageOps.invert(picture)
        picture.info["baseline"] = above
        return picture

    def measure(self, text: str, style: Style) -> int:
        """The width of a line in dots, before any shrinking: what a caller needs for wrapping."""
        return _box(self._font_for(text), style.em, text, style).width

    def covers(self, text: str) -> bool:
        """Whether one of the fonts has every character: what is not covered comes out as empty boxes."""
        return any(_missing(path, text) == 0 for path in self._paths)

    def _font_for(self, text: str) -> Path:
        return min(self._paths, key=lambda path: _missing(path, text))


@lru_cache(maxsize=1)
def box_to_tick() -> Image.Image:
    """An empty box, mode "L"."""
    picture = Image.new("L", (_BOX, _BOX), 255)
    ImageDraw.Draw(picture).rectangle((0, 0, _BOX - 1, _BOX - 1), outline=0, width=_BOX_LINE)
    return picture


class _Box(NamedTuple):
    """Where a text draws, in dots from its start on the baseline; the top is negative."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left


def _box(path: Path, size: float, text: str, style: Style) -> _Box:
    font = _font(path, size, BOLD if style.bold else REGULAR)
    left, top, right, bottom = font.getbbox(text, anchor="ls", **_direction(style))
    return _Box(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))


def _direction(style: Style) -> dict[str, Any]:
    return {"direction": "rtl" if style.rtl else "ltr", "language": style.language or None}


@lru_cache(maxsize=32)
def _font(path: Path, size: float, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)
    axes = [float(weight if axis["name"] == b"Weight" else axis["default"] or 0) for axis in font.get_variation_axes()]
    font.set_variation_by_axes(axes)
    return font


@lru_cache(maxsize=8)
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path) as font:
        return frozenset(font.getBestCmap())


def _missing(path: Path, text: str) -> int:
    return sum(
        character.isprintable() and not character.isspace() and ord(character) not in _characters(path)
        for character in text
    )
