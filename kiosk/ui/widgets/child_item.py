"""One child in the list: what was asked for it, and buttons to change or remove it."""

from __future__ import annotations

from typing import Any

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Row, Words
from kiosk.ui.widgets.tiles import CardPicture
from kiosk.ui.widgets.touch import Choice
from kiosk.visit import events


class ChildItem(Column):
    """A white box: card and words above, two buttons below."""

    def __init__(self, index: int, **kwargs: Any):
        air, gap = (12, 8) if look.theme.landscape else (28, 24)
        super().__init__(fill="card", line="faint", padding=[40, air, 40, air], gap=gap, **kwargs)
        self._card = CardPicture()
        self._heading = Words(kind="tile", weight=700, leading="tight")
        self._hint = Words(kind="hint", tone="muted")
        self._amount = Words(kind="button", weight=700, plain=True, align="end", one_line=True)
        texts = Column(grow=1, gap=4)
        texts.add_widget(self._heading)
        texts.add_widget(self._hint)
        above = Row(gap=36)
        for part in (self._card, texts, self._amount):
            above.add_widget(part)
        self._change = self._button(f"edit_child:{index}", "edit", events.EditChild(index))
        self._remove = self._button(f"remove_child:{index}", "remove", events.RemoveChild(index))
        below = Row(gap=24, stretch=True)
        below.add_widget(self._change)
        below.add_widget(self._remove)
        self.add_widget(above)
        self.add_widget(below)

    @staticmethod
    def _button(name: str, icon: str, event: Any) -> Choice:
        tall = 76 if look.theme.landscape else 104
        return Choice(
            name=name, icon=icon, event=event, kind="hint", weight=600, tall=tall, side_by_side=True, grow=1, radius=22
        )

    def fill_in(self, *, heading: str, hint: str, letter: str, amount: str, change: str, remove: str) -> None:
        """Take the words of one child."""
        self._heading.text, self._hint.text, self._amount.text = heading, hint, amount
        self._card.letter, self._card.shown = letter, bool(letter)
        self._change.text, self._remove.text = change, remove
