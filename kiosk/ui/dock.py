"""The demonstration's dock: the hands of everybody around the kiosk, beside its screen.

It knows no device. Its owner says which buttons there are, hears their names, and hands in the picture of what
came out of the printer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.button import Button
from kivy.uix.gridlayout import GridLayout
from kivy.uix.image import Image
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView

_GROUND = (0.078, 0.129, 0.239, 1)  # the ink of the kiosk's own look
_KEY = (0.16, 0.24, 0.39, 1)
_KEY_DOWN = (0.043, 0.373, 0.647, 1)
_WORDS = (1, 1, 1, 1)
_QUIET = (0.72, 0.77, 0.86, 1)


@dataclass(frozen=True, slots=True)
class Action:
    """One button: what is on it, and the name its owner hears."""

    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Buttons that belong together, in columns."""

    title: str
    actions: tuple[Action, ...]
    columns: int = 2


class Dock(BoxLayout):
    """A column of groups, and the paper beside it. `act(name)` is called on the screen's thread."""

    def __init__(self, groups: Sequence[Group], act: Callable[[str], None], **kwargs: Any):
        super().__init__(orientation="horizontal", **kwargs)
        self._keys: dict[str, _Key] = {}
        self._groups: list[_GroupBox] = []
        with self.canvas.before:
            Color(*_GROUND)
            self._ground = Rectangle()
        controls = BoxLayout(orientation="vertical", size_hint_x=1.25)
        for group in groups:
            box = _GroupBox(group, act)
            self._groups.append(box)
            self._keys.update(box.keys)
            controls.add_widget(box)
        self._said = _Line(valign="top")
        controls.add_widget(self._said)
        self._controls = controls
        self.add_widget(controls)
        self._paper = Image(fit_mode="scale-down", size_hint=(1, None))
        self._roll = ScrollView(do_scroll_x=False)
        self._roll.add_widget(self._paper)
        self.add_widget(self._roll)
        self.bind(size=self._resized, pos=self._resized)

    def say(self, text: str) -> None:
        """One line on what just happened."""
        self._said.text = text

    def show_paper(self, picture: Path) -> None:
        """What came out of the printer, from its top."""
        self._paper.source = str(picture)
        self._paper.reload()
        self._fit_paper()
        self._roll.scroll_y = 1

    def target(self, name: str) -> tuple[float, float] | None:
        """The middle of a button in window pixels, from the lower left."""
        key = self._keys.get(name)
        return key.to_window(*key.center) if key is not None else None

    def _resized(self, *_args: object) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size
        unit = max(self.height / 96, 8)
        self.padding = self.spacing = unit * 2
        self._controls.spacing = unit * 1.6
        for box in self._groups:
            box.fit(unit)
        self._said.font_size = unit * 1.5
        self._fit_paper()

    def _fit_paper(self) -> None:
        if self._paper.texture is None:
            self._paper.height = 0
            return
        wide, high = self._paper.texture.size
        self._paper.height = high * max(1.0, self._roll.width) / wide


class _Line(Label):
    """A line of text that begins at the left edge."""

    def __init__(self, **kwargs: Any):
        super().__init__(color=_QUIET, halign="left", **kwargs)
        self.bind(size=self._fit)

    def _fit(self, *_args: object) -> None:
        self.text_size = self.size


class _GroupBox(BoxLayout):
    def __init__(self, group: Group, act: Callable[[str], None]):
        super().__init__(orientation="vertical", size_hint_y=None)
        self._title = _Line(text=group.title, bold=True, valign="middle", size_hint_y=None)
        self._grid = GridLayout(cols=group.columns)
        self._rows = -(-len(group.actions) // group.columns)
        self.keys = {action.name: _Key(action, act) for action in group.actions}
        self.add_widget(self._title)
        self.add_widget(self._grid)
        for key in self.keys.values():
            self._grid.add_widget(key)

    def fit(self, unit: float) -> None:
        """Sizes follow the window."""
        self._title.font_size, self._title.height = unit * 1.6, unit * 2.8
        self._grid.spacing = unit * 0.6
        self.height = self._title.height + self._rows * unit * 3.6 + (self._rows - 1) * unit * 0.6
        for key in self.keys.values():
            key.font_size = unit * 1.4


class _Key(Button):
    def __init__(self, action: Action, act: Callable[[str], None]):
        super().__init__(
            text=action.label,
            color=_WORDS,
            background_normal="",
            background_down="",
            background_color=(0, 0, 0, 0),
            halign="center",
        )
        self._name = action.name
        self._act = act
        with self.canvas.before:
            self._colour = Color(*_KEY)
            self._plate = RoundedRectangle()
        self.bind(pos=self._moved, size=self._moved, state=self._pressed)

    def on_release(self) -> None:
        """Tell the owner."""
        self._act(self._name)

    def _moved(self, *_args: object) -> None:
        self._plate.pos, self._plate.size = self.pos, self.size
        self._plate.radius = [self.height * 0.2]

    def _pressed(self, *_args: object) -> None:
        self._colour.rgba = _KEY_DOWN if self.state == "down" else _KEY
