"""Everything that is drawn, as textures made once: words, pictures, and the plates under buttons.

Latency on a machine without a graphics chip is pixels painted, so a button is one nine-patch and one alpha mask;
edges are smoothed here, by drawing larger and averaging, because multisampling is off.
"""

from __future__ import annotations

from functools import lru_cache

from kivy.graphics.texture import Texture
from PIL import Image, ImageColor, ImageDraw

from kiosk.ui import shaping, vector
from kiosk.ui.theme import look

_OVERSAMPLING = 4


def _upload(image: Image.Image) -> Texture:
    texture = Texture.create(size=image.size, colorfmt="rgba")
    texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


@lru_cache(maxsize=256)
def words(text: str, setting: shaping.Setting) -> Texture:
    """A paragraph in white, to be coloured where it is drawn."""
    mask = shaping.block(text, setting)
    image = Image.new("RGBA", mask.size, (255, 255, 255, 0))
    image.putalpha(mask)
    return _upload(image)


def forget_words() -> None:
    """Drop every word: they may be somebody's name."""
    words.cache_clear()
    shaping.forget()


@lru_cache(maxsize=64)
def _picture(name: str, width: int, height: int, contrast: bool, ink: str) -> Texture:
    palette = look.theme.palette
    return _upload(vector.draw(name, width, height, palette, palette[ink]))


def picture(name: str, width: int, height: int, ink: str = "ink") -> Texture:
    """A picture as large as fits into the box (pixels), its `currentColor` in the token `ink`."""
    return _picture(name, width, height, look.theme.contrast, ink)


@lru_cache(maxsize=128)
def plate(fill: str, line: str, thickness: int, radius: int, drop: int, drop_fill: str) -> tuple[Texture, int]:
    """A rounded rectangle to be stretched, and the width of the edge that is not stretched, in pixels.

    Colours are "#RRGGBB". `drop` pixels of `drop_fill` show below it, as the side of a thick button.
    """
    edge = radius + drop + 1
    size = 2 * edge + 2
    big = size * _OVERSAMPLING
    image = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    corner = radius * _OVERSAMPLING
    if drop:
        pen.rounded_rectangle((0, corner, big - 1, big - 1), corner, fill=_rgba(drop_fill))
    box = (0, 0, big - 1, big - 1 - drop * _OVERSAMPLING)
    pen.rounded_rectangle(
        box, corner, fill=_rgba(fill), outline=_rgba(line) if thickness else None, width=thickness * _OVERSAMPLING
    )
    small = image.convert("RGBa").resize((size, size), Image.Resampling.BOX).convert("RGBA")
    return _upload(small), edge


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue, 255
