"""Pictures with something in them that changes: progress, the terminal's display, the three dots."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Ellipse, Rectangle
from kivy.properties import NumericProperty, StringProperty

from kiosk.ui.theme import look
from kiosk.ui.widgets import textures
from kiosk.ui.widgets.parts import Part, Picture, Words


class Progress(Part):
    """A thick bar, `done` of `total` filled."""

    done = NumericProperty(0)
    total = NumericProperty(1)

    def natural_height(self, width: float) -> float:
        """36 units."""
        return look.px(36)

    def paint(self) -> None:
        """Two rectangles."""
        if not getattr(self, "_bars", None):
            with self.canvas.before:
                Color(*look.colour("line"))
                line = Rectangle()
                Color(*look.colour("card"))
                back = Rectangle()
                Color(*look.colour("accent"))
                self._bars = (line, back, Rectangle())
        line, back, bar = self._bars
        edge = max(2, look.px(3))
        line.pos, line.size = self.pos, self.size
        back.pos = (self.x + edge, self.y + edge)
        back.size = (max(0, self.width - 2 * edge), max(0, self.height - 2 * edge))
        part = min(1.0, self.done / self.total) if self.total else 0.0
        long = round(back.size[0] * max(part, 0.02))
        x = back.pos[0] + back.size[0] - long if look.theme.right_to_left else back.pos[0]
        bar.pos, bar.size = (x, back.pos[1]), (long, back.size[1])


class Dots(Part):
    """Three moments: card, code, done. `now` counts from 1; 0 is before the first."""

    now = NumericProperty(0)

    def natural_height(self, width: float) -> float:
        """44 units."""
        return look.px(44)

    def paint(self) -> None:
        """Filled up to now; an empty ring for what comes."""
        size = look.px(36)
        gap = look.px(28)
        self.canvas.before.clear()
        x = self.center_x - (3 * size + 2 * gap) / 2
        with self.canvas.before:
            for index in range(3):
                place = 2 - index if look.theme.right_to_left else index
                filled = index < self.now
                fill = look.theme.palette["accent" if filled else "paper"]
                line = look.theme.palette["accent" if filled else "line"]
                texture, _edge = textures.plate(fill, line, max(2, look.px(4)), size // 2, 0, fill)
                Color(1, 1, 1, 1)
                Ellipse(
                    texture=texture, pos=(round(x + place * (size + gap)), self.center_y - size // 2), size=(size, size)
                )


class Terminal(Part):
    """The payment terminal with the amount on its display, and a hand with a card where one is asked for."""

    amount = StringProperty("")
    moment = StringProperty("")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._picture = Picture(source="terminal-card")
        self._amount = Words(kind="tile", weight=700, align="centre", plain=True, one_line=True)
        self.add_widget(self._picture)
        self.add_widget(self._amount)

    def natural_height(self, width: float) -> float:
        """As large as there is room for, 760 units at most by the layout."""
        return look.px(320)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The amount lies on the display of the picture, whose place in it is fixed."""
        super().arrange(x, y, width, height)
        asked = {"present-card": "terminal-card", "enter-pin": "terminal-code", "wrong-pin": "terminal-code"}
        self._picture.source = asked.get(self.moment, "terminal-wait")
        scale = min(width / 440, height / 470, look.px(760) / 470)
        wide, high = 440 * scale, 470 * scale
        left, low = x + (width - wide) / 2, y + (height - high) / 2
        self._picture.arrange(left, low, wide, high)
        self._amount.text = self.amount
        self._amount.arrange(left + 146 * scale, low + (470 - 132) * scale, 148 * scale, 72 * scale)
