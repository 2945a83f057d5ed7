"""Digits to type, in the order of a telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Grid
from kiosk.ui.widgets.touch import KEY_STRIKE_SECONDS, Choice

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")


class DigitPad(Column):
    """Calls `typed` with each digit, or with "erase"."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.typed: Callable[[str], None] = lambda key: None
        wide = look.theme.landscape
        grid = Grid(columns=6 if wide else 3, gap=16, cell=112 if wide else 126)
        grid.grow = 1
        keys = [key for key in _KEYS if key] if wide else _KEYS
        for key in keys:
            choice = Choice(
                name=f"digit:{key}",
                text=key if key.isdigit() else "",
                icon="erase" if key == "erase" else "",
                kind="key",
                radius=20,
                tall=112,
                plain=True,
                strike_seconds=KEY_STRIKE_SECONDS,
                event=lambda key=key: self.typed(key),
            )
            if not key:
                choice.enabled, choice.opacity = False, 0
            grid.add_widget(choice)
        self.add_widget(grid)
