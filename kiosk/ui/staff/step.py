"""One step of a device's test: a picture of what to do, and an answer, or "this does not work"."""

from __future__ import annotations

from typing import Any

from kiosk.staff import events
from kiosk.staff.checks import GRID_COLUMNS, GRID_ROWS, Kind
from kiosk.staff.view import StaffView, StepView
from kiosk.text import Texts, care
from kiosk.ui.screens.base import load_layout
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.staff.steps import STEPS
from kiosk.ui.theme import look
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Grid
from kiosk.ui.widgets.touch import Choice

load_layout(__file__)

_MOST_KEYS = 24
# Icons of few strokes say no more when they are large; drawings do. By landscape, then by icon: units of height.
_ICONS = frozenset({"touch", "keypad", "globe", "time", "disk", "counter"})
_UNITS = {False: {False: 560, True: 300}, True: {False: 320, True: 200}}


class StepScreen(StaffScreen):
    """What the machine does by itself shows that it is at it; what a person does has two answers."""

    def __init__(self, *arguments: Any, **kwargs: Any):
        super().__init__(*arguments, **kwargs)
        self._keys: list[str] = []
        self._drawn: tuple[object, ...] = ()

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """The picture gives way to numbers or squares where those are the step."""
        content = view.content
        assert isinstance(content, StepView)
        step = content.step
        title, know, picture = STEPS[step.name]
        where = t("Step {n} of {of}", n=content.position, of=content.count)
        self.say(view, t)
        plain = step.kind in (Kind.PROBE, Kind.LOOK)
        self.ids.picture.source = picture
        self.ids.picture.units = _UNITS[look.theme.landscape][picture in _ICONS]
        for part in ("above", "picture", "below"):
            self.ids[part].shown = plain
        self.ids.know.text = t("One moment …") if content.running else self._know(content, t, know)
        self._show_choices(content)
        broken = self.ids.broken
        broken.text, broken.event = t("This does not work"), events.StepAnswered(works=False)
        asked = step.kind is Kind.LOOK
        words = t(title, moment=care.moment(t, view.now)) if "{moment}" in title else t(title)
        return Frame(
            title=words,
            lead=f"{care.device_name(t, content.device)} · {where}",
            primary=t("It works") if asked else "",
            primary_event=events.StepAnswered(works=True),
            look_of="done",
        )

    def key_pressed(self, name: str) -> None:
        """Shown as heard, the last ones; nothing is typed anywhere."""
        self._keys = [*self._keys, name][-_MOST_KEYS:]
        if self.ids.picture.source == "keypad":
            self.ids.know.text = "  ".join(self._keys)
            self.refresh()

    def leave(self) -> None:
        """Forget the keys."""
        self._keys = []

    def _know(self, content: StepView, t: Texts, know: str) -> str:
        if content.step.name == "keypad-keys" and self._keys:
            return "  ".join(self._keys)
        return t(know) if know else ""

    def _show_choices(self, content: StepView) -> None:
        """Four numbers, or the grid of targets; what is drawn already stays under the finger."""
        kind = content.step.kind
        wanted = (kind, content.numbers, look.theme)
        box = self.ids.choices
        if wanted != self._drawn:
            self._drawn = wanted
            box.clear_widgets()
            if kind is Kind.NUMBER:
                box.add_widget(self._numbers(content.numbers))
            elif kind is Kind.GRID:
                box.add_widget(self._grid())
        box.shown = kind in (Kind.NUMBER, Kind.GRID)
        if kind is Kind.GRID:
            for index, square in enumerate(box.parts[0].parts):
                square.selected = index in content.touched
                square.icon = "check" if square.selected else ""
                square.paint_state()

    @staticmethod
    def _numbers(numbers: tuple[int, ...]) -> Grid:
        grid = Grid(columns=2, gap=26, cell=220 if not look.theme.landscape else 140)
        for number in numbers:
            grid.add_widget(
                Choice(
                    name=f"number:{number}", text=str(number), kind="big", plain=True, event=events.NumberRead(number)
                )
            )
        grid.grow = 1
        return grid

    @staticmethod
    def _grid() -> Grid:
        columns, rows = (GRID_ROWS, GRID_COLUMNS) if look.theme.landscape else (GRID_COLUMNS, GRID_ROWS)
        grid = Grid(columns=columns, gap=14, cell=100)
        for index in range(columns * rows):
            grid.add_widget(
                Choice(
                    name=f"target:{index}", tall=80, radius=12, strike_seconds=0.0, event=events.TargetTouched(index)
                )
            )
        grid.grow = 1
        return grid
