"""The tokens of the look: colours, type and grid, in units of a thousand-and-eightieth of the screen's width.

`look` is what widgets read while they are built. A look never changes under a widget: other colours, larger
text, another window or another reading direction make new widgets, so that nothing has to listen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Colour = tuple[float, float, float, float]


def _colour(text: str) -> Colour:
    return (int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255, 1.0)


# Contrast on paper or on the named ground is stated where text depends on it.
LIGHT = {
    "paper": "#FBFAF6",
    "card": "#FFFFFF",
    "ink": "#14213D",  # 15.3:1
    "muted": "#46526A",  # 7.5:1
    "faint": "#DAD5C8",  # lines that nobody touches
    "line": "#8F897A",  # outline of anything touchable, 3.4:1
    "accent": "#0B5FA5",  # white on it 6.6:1
    "pressed": "#083F6E",
    "tint": "#E6F0F8",
    "on-accent": "#FFFFFF",
    "done": "#1B7F4B",
    "done-pressed": "#125B35",
    "done-tint": "#E4F3EA",
    "on-done": "#FFFFFF",
    "alert": "#B3261E",
    "alert-tint": "#FBEAE8",
    "sun": "#F2B705",
    "sun-tint": "#FFF6DA",
    "plastic": "#D9E8F5",
    "plastic-line": "#9DB3C7",
    "gold": "#D6B55A",
    "crest": "#F2B706",  # the town's device on its shield: "sun", but never the shield's own colour
    "white": "#FFFFFF",
    "disabled": "#E9E5DA",
    "on-disabled": "#666257",  # 4.8:1 on disabled
}
HIGH_CONTRAST = {
    "paper": "#000000",
    "card": "#000000",
    "ink": "#FFFFFF",
    "muted": "#FFFFFF",
    "faint": "#FFFFFF",
    "line": "#FFFFFF",
    "accent": "#FFE94A",
    "pressed": "#FFFFFF",
    "tint": "#2B2800",
    "on-accent": "#000000",
    "done": "#FFE94A",
    "done-pressed": "#FFFFFF",
    "done-tint": "#000000",
    "on-done": "#000000",
    "alert": "#FFE94A",
    "alert-tint": "#000000",
    "sun": "#FFE94A",
    "sun-tint": "#000000",
    "plastic": "#000000",
    "plastic-line": "#FFFFFF",
    "gold": "#FFE94A",
    "crest": "#000000",
    "white": "#000000",
    "disabled": "#000000",
    "on-disabled": "#BFBFBF",
}

# Type sizes in units, before large mode.
TYPE = {
    "title": 76,
    "huge": 104,
    "big": 64,
    "button": 54,
    "tile": 46,
    "lead": 40,
    "body": 40,
    "hint": 34,
    "town": 34,
    "pill": 32,
    "footer": 38,
    "steps": 25,
    "key": 52,
}
LARGE = 1.3
# What is small by nature grows less, because it stands in a row that cannot become wider.
_LARGE_LESS = {"steps": 1.08, "title": 1.2, "huge": 1.1, "pill": 1.15, "town": 1.15, "key": 1.15}


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. `unit` is pixels per design unit; `width` and `height` the viewport in pixels."""

    width: int = 1080
    height: int = 1920
    large: bool = False
    contrast: bool = False
    right_to_left: bool = False
    palette: dict[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "palette", HIGH_CONTRAST if self.contrast else LIGHT)

    @property
    def landscape(self) -> bool:
        """Wider than high: content stands beside the title."""
        return self.width > self.height

    @property
    def unit(self) -> float:
        """Pixels per unit of the design."""
        if self.landscape:
            return min(self.height / 1080, self.width / 1720)
        return min(self.width / 1080, self.height / 1500)

    def px(self, units: float) -> int:
        """Units of the design in whole pixels."""
        return round(units * self.unit)

    def type_size(self, kind: str) -> int:
        """The size of a kind of text in whole pixels."""
        factor = _LARGE_LESS.get(kind, LARGE) if self.large else 1.0
        return max(8, round(TYPE[kind] * factor * self.unit))

    def colour(self, token: str) -> Colour:
        """A token as Kivy wants it: four floats from 0 to 1."""
        return _colour(self.palette[token])


class Look:
    """The theme that widgets are being built for, by the name that layout files import."""

    def __init__(self) -> None:
        self.theme = Theme()
        self.language = "en"

    def px(self, units: float) -> int:
        """Units of the design in whole pixels."""
        return self.theme.px(units)

    def colour(self, token: str) -> Colour:
        """A colour token of the present theme."""
        return self.theme.colour(token)


look = Look()
