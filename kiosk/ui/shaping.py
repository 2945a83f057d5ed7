"""Text that is right in every script: Pillow with Raqm, told the direction and the language.

Kivy's own providers draw Arabic unjoined and backwards, or break its lines wrongly. Pillow's Raqm layout
(HarfBuzz and FriBidi) is right when it is told the base direction of the paragraph and draws one line at a
time, cut in logical order. Two ways in:

- `block()`: a paragraph as an alpha mask, with our own line breaks (used by every label of the screens);
- `ShapedLabel`: a text provider for Kivy, so that any ordinary Kivy label is right too.

Pillow's wheel loads the system's FriBidi at run time and switches Raqm off in silence where it is missing;
`check()` says so at start-up in place of a screen of broken words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil
from pathlib import Path

import fontpkg
from kivy.core.image import ImageData
from kivy.core.text.text_pil import LabelPIL
from PIL import Image, ImageDraw, ImageFont, features

WEIGHTS = (400, 600, 700)
_FAMILIES = {"latin": "noto-sans", "arabic": "noto-sans-arabic"}
_ARABIC_LANGUAGES = frozenset({"ar", "fa", "ps", "ur"})
# Arabic, its supplement and extensions, and the presentation forms.
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefe]")
# Lines of a paragraph this far apart, in parts of the font size.
LINE_HEIGHT = {"tight": 1.14, "normal": 1.32}


class TextFault(StrEnum):
    """Why text cannot be drawn on this machine."""

    NO_RAQM = "no-raqm"
    NO_FONT = "no-font"


class TextUnavailable(RuntimeError):
    """Text cannot be drawn right here. `detail` names the missing font or library."""

    def __init__(self, reason: TextFault, detail: str):
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


def check() -> None:
    """Raise `TextUnavailable` unless the shaping library and every font are there."""
    if not features.check("raqm"):
        raise TextUnavailable(TextFault.NO_RAQM, "Pillow finds no FriBidi: install Debian's libfribidi0")
    for family in _FAMILIES:
        font_file(family)


@lru_cache
def font_file(family: str) -> Path:
    """The variable font of "latin" or "arabic". Raises `TextUnavailable`."""
    try:
        return Path(fontpkg.path(_FAMILIES[family]))
    except fontpkg.FontpkgError as problem:
        raise TextUnavailable(TextFault.NO_FONT, _FAMILIES[family]) from problem


# Each opened weight and size holds some 0.9 MB of the variable font; opening one again takes half a millisecond.
@lru_cache(maxsize=40)
def font(family: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    """One weight of a family at a size in pixels, laid out by Raqm."""
    face = ImageFont.truetype(str(font_file(family)), size, layout_engine=ImageFont.Layout.RAQM)
    wanted = {b"Weight": weight, b"Width": 100}
    face.set_variation_by_axes([wanted.get(axis["name"], axis["default"]) for axis in face.get_variation_axes()])
    return face


def family_for(text: str, language: str) -> str:
    """Each Noto build has Latin letters and digits too, so a paragraph needs one font only."""
    if language in _ARABIC_LANGUAGES or _ARABIC.search(text):
        return "arabic"
    return "latin"


@dataclass(frozen=True, slots=True)
class Setting:
    """How a paragraph is set. `size` in pixels; `width` None: never break."""

    size: int
    weight: int = 400
    language: str = "en"
    right_to_left: bool = False
    align: str = "start"  # "start", "centre" or "end", in reading direction
    leading: str = "normal"
    width: int | None = None
    balanced: bool = False  # lines of about equal length, for titles

    @property
    def direction(self) -> str:
        """Pillow's word for the base direction."""
        return "rtl" if self.right_to_left else "ltr"


@lru_cache(maxsize=8192)
def extent(text: str, family: str, weight: int, size: int, direction: str, language: str) -> float:
    """The advance of one line in pixels."""
    return font(family, weight, size).getlength(text, direction=direction, language=language)


def width_of(text: str, setting: Setting) -> float:
    """The widest line when nothing is broken, in pixels."""
    return max(_extent(line, setting) for line in text.split("\n"))


def longest_word(text: str, setting: Setting) -> float:
    """The width of the widest unbreakable word, in pixels."""
    return max(_extent(word.strip(" "), setting) for word in _pieces(text.replace("\n", " ")))


@lru_cache(maxsize=4096)
def lines(text: str, setting: Setting) -> tuple[str, ...]:
    """The paragraph cut into lines in logical order, at spaces; inside a word only where it cannot fit."""
    if setting.width is None:
        return tuple(text.split("\n"))
    broken = _break(text, setting, setting.width)
    if setting.balanced and 1 < len(broken) <= 4:
        low, high = setting.width // 2, setting.width
        while high - low > 8:
            middle = (low + high) // 2
            if len(_break(text, setting, middle)) > len(broken) or longest_word(text, setting) > middle:
                low = middle
            else:
                high = middle
        broken = _break(text, setting, high)
    return tuple(broken)


def line_pitch(setting: Setting) -> int:
    """From one baseline to the next, in pixels."""
    # Arabic reaches further below its line, and has marks above and below.
    return round(setting.size * (LINE_HEIGHT[setting.leading] + (0.16 if setting.right_to_left else 0.0)))


def height_of(count: int, setting: Setting) -> int:
    """The height of so many lines: whole line boxes, so that nothing of a letter is cut."""
    return line_pitch(setting) * count + round(setting.size * 0.12)


def block(text: str, setting: Setting) -> Image.Image:
    """The paragraph as an alpha mask (mode "L"), as wide as its widest line and no wider."""
    rows = lines(text, setting)
    width = ceil(max((_extent(row, setting) for row in rows), default=0))
    image = Image.new("L", (max(width, 1), height_of(len(rows), setting)), 0)
    pen = ImageDraw.Draw(image)
    pitch = line_pitch(setting)
    face = font(family_for(text, setting.language), setting.weight, setting.size)
    at_right = (setting.align == "end") != setting.right_to_left
    for number, row in enumerate(rows):
        # Capitals and ascenders sit in the upper four fifths of the line box.
        baseline = number * pitch + round(pitch / 2 + setting.size * 0.36)
        used = _extent(row, setting)
        left = {"centre": (width - used) / 2}.get(setting.align, width - used if at_right else 0)
        pen.text(
            (round(left), baseline),
            row,
            font=face,
            fill=255,
            anchor="ls",
            direction=setting.direction,
            language=setting.language,
        )
    return image


def forget() -> None:
    """Drop the measurements, which are keyed by what was written."""
    extent.cache_clear()
    lines.cache_clear()


def _extent(text: str, setting: Setting) -> float:
    family = family_for(text, setting.language)
    return extent(text, family, setting.weight, setting.size, setting.direction, setting.language)


# A long double name may be cut after its hyphen; "A-card" and "rendez-vous" may not.
_BREAK = re.compile(r"(?<= )(?! )|(?<=\w{4}-)(?=[A-ZÀ-ÞĄ-Ž]\w{3})")


# Between two things of one line; where the line ends between them, it has nothing left to part.
_DOT = "·"


def _pieces(text: str) -> list[str]:
    return _BREAK.split(text)


def _break(text: str, setting: Setting, width: float) -> list[str]:
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for piece in _pieces(paragraph):
            longer = row + piece
            if not row or _extent(longer.rstrip(" "), setting) <= width:
                row = longer
            else:
                rows.append(row.rstrip(" ").removesuffix(f" {_DOT}"))
                row = "" if piece.strip(" ") == _DOT else piece
            while _extent(row.rstrip(" "), setting) > width and len(row.rstrip(" ")) > 1:
                head = next(n for n in range(len(row) - 1, 0, -1) if n == 1 or _extent(row[:n], setting) <= width)
                rows.append(row[:head])
                row = row[head:]
        rows.append(row.rstrip(" "))
    return rows


class ShapedLabel(LabelPIL):
    """Kivy's Pillow provider with the layout engine, direction and language it lacks."""

    def resolve_font_name(self) -> None:
        """Fonts are ours, chosen by script: there is nothing to look up on disk."""

    def get_extents(self, text: str) -> tuple[int, int]:
        """Width and height of one line in pixels."""
        setting = self._setting
        if setting.size < 1:
            return 0, 0
        return round(_extent(text, setting)), height_of(1, setting)

    def get_cached_extents(self):
        """The measuring function that the line breaker calls for every word."""
        return self.get_extents

    def _render_begin(self) -> None:
        self._mask = Image.new("L", self._size, 0)
        self._pen = ImageDraw.Draw(self._mask)

    def _render_text(self, text: str, x: float, y: float) -> None:
        setting = self._setting
        if setting.size < 1:
            return
        baseline = y + line_pitch(setting) / 2 + setting.size * 0.36
        self._pen.text(
            (round(x), round(baseline)),
            text,
            font=font(family_for(text, setting.language), setting.weight, setting.size),
            fill=255,
            anchor="ls",
            direction=setting.direction,
            language=setting.language,
        )

    def _render_end(self) -> ImageData:
        red, green, blue, alpha = (round(part * 255) for part in self.options["color"])
        mask = self._mask if alpha == 255 else self._mask.point(lambda value: value * alpha // 255)
        image = Image.new("RGBA", self._size, (red, green, blue, 0))
        image.putalpha(mask)
        del self._mask, self._pen
        return ImageData(self._size[0], self._size[1], "rgba", image.tobytes())

    @property
    def _setting(self) -> Setting:
        options = self.options
        return Setting(
            size=int(options["font_size"]),
            weight=700 if options["bold"] else 400,
            language=options.get("text_language") or "en",
            right_to_left=(options.get("base_direction") or "ltr").endswith("rtl"),
        )


def install() -> None:
    """Make `ShapedLabel` the provider of every Kivy label made from now on; `check()` comes first."""
    import kivy.core.text

    kivy.core.text.Label = ShapedLabel
