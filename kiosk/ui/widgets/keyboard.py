"""Letters in the order of the alphabet, with keys as large as the screen allows.

AZERTY would need ten keys in a row, each under 13 mm on a usual screen, and helps only those who type on one; parents
here learned on a dozen layouts or none. Seven columns in ABC order give keys of 20 mm. After a letter that has
variants, these stand in a row above the keys and replace it, so that there is no mode and no long press.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Grid, Row
from kiosk.ui.widgets.touch import KEY_STRIKE_SECONDS, Choice

_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-’"
_MOST = 40
# Letters of the languages that parents' names are written in, commonest first.
VARIANTS = {
    "a": "áàâäãåæăą",
    "c": "çćč",
    "d": "ďđð",
    "e": "éèêëęěė",
    "g": "ğģ",
    "i": "íìîïıī",
    "l": "łľ",
    "n": "ñńň",
    "o": "óòôöõøœő",
    "r": "řŕ",
    "s": "şšśșß",
    "t": "țţťþ",
    "u": "úùûüůűū",
    "y": "ýÿ",
    "z": "žźż",
}
_BASE = {variant: base for base, variants in VARIANTS.items() for variant in variants}


class Keyboard(Column):
    """Types into `text`, capital letters by themselves where a name begins; calls `changed` after each key."""

    text = StringProperty("")
    space_label = StringProperty("")

    def __init__(self, **kwargs: Any):
        super().__init__(gap=14, **kwargs)
        self.changed: Callable[[], None] = lambda: None
        self._variants = Grid(columns=9, gap=12, cell=118)
        self.add_widget(self._variants)
        grid = Grid(columns=7, gap=14, cell=126)
        for letter in _KEYS:
            grid.add_widget(self._key(letter, lambda letter=letter: self._type(letter)))
        self.add_widget(grid)
        low = Row(gap=14, stretch=True)
        self._space = self._key("space", lambda: self._type(" "))
        self._erase = self._key("backspace", self._erase_one)
        self._space.grow, self._erase.grow = 2.6, 1
        self._space.kind = "footer"
        self._erase.icon = "erase"
        low.add_widget(self._space)
        low.add_widget(self._erase)
        self.add_widget(low)

    @staticmethod
    def _key(name: str, event: Callable[[], None]) -> Choice:
        wait = KEY_STRIKE_SECONDS if not look.theme.large else 0.5
        text = name if len(name) == 1 else ""
        return Choice(
            name=f"key:{name}", text=text, kind="key", radius=20, tall=126, event=event, strike_seconds=wait, plain=True
        )

    def natural_height(self, width: float) -> float:
        """Rows of keys; landscape has less room, so they are lower there."""
        self._space.text = self.space_label
        self._fill_variants()
        own = super().natural_height(width)
        return min(own, look.px(640)) if look.theme.landscape else own

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The row of variants keeps its room when it is empty, so that keys never move under a finger."""
        self._space.text = self.space_label
        self._fill_variants()
        super().arrange(x, y, width, height)

    def _fill_variants(self) -> None:
        last = self.text[-1:]
        base = _BASE.get(last.lower(), last.lower())
        wanted = [variant for variant in VARIANTS.get(base, "")]
        if last.isupper():
            wanted = [variant.upper() for variant in wanted if variant != "ß"]
        if last.lower() in _BASE:
            wanted = [base.upper() if last.isupper() else base, *(v for v in wanted if v != last)]
        shown = [part.text for part in self._variants.parts if part.enabled]
        if wanted[:9] == shown and self._variants.children:
            return
        self._variants.clear_widgets()
        for variant in wanted[:9]:
            self._variants.add_widget(self._key(variant, lambda variant=variant: self._replace(variant)))
        if not wanted:
            empty = self._key("none", lambda: None)
            empty.text, empty.enabled, empty.opacity = "", False, 0
            self._variants.add_widget(empty)

    def _type(self, letter: str) -> None:
        if len(self.text) >= _MOST or (letter in " -’" and (not self.text or self.text[-1] in " -’")):
            return
        begins = not self.text or self.text[-1] in " -’"
        self.text += letter if begins else letter.lower()
        self.changed()

    def _replace(self, variant: str) -> None:
        self.text = self.text[:-1] + variant
        self.changed()

    def _erase_one(self) -> None:
        self.text = self.text[:-1]
        self.changed()
