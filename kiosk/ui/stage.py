"""The screen without an application around it: a window that is pumped by hand, for pictures and tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent

from kiosk.text import Texts
from kiosk.ui import shaping, toolkit
from kiosk.ui.window import KioskView, Picture


class Finger(MotionEvent):
    """A touch at a place in window pixels, as a real one arrives from the window."""

    def __init__(self, window: Any, x: float, y: float):
        super().__init__(
            "stage", id(self), {"x": x / window.width, "y": y / window.height}, is_touch=True, type_id="touch"
        )
        self._window = window

    def depack(self, args: dict[str, float]) -> None:
        """Take relative coordinates."""
        self.sx, self.sy = args["x"], args["y"]
        self.profile = ["pos"]
        super().depack(args)

    def down(self) -> None:
        """Touch."""
        EventLoop.post_dispatch_input("begin", self)

    def move(self, x: float, y: float) -> None:
        """Slide."""
        self.depack({"x": x / self._window.width, "y": y / self._window.height})
        EventLoop.post_dispatch_input("update", self)

    def up(self) -> None:
        """Let go."""
        EventLoop.post_dispatch_input("end", self)


class Stage:
    """A `KioskView` in a window of its own; `sent` collects its events, `now` drives its double-strike guard."""

    def __init__(self, size: tuple[int, int], texts_for: Callable[[str], Texts], clock: Callable[[], datetime]):
        shaping.check()
        toolkit.size_window(*size)
        from kivy.core.window import Window

        self.window = Window
        EventLoop.ensure_window()
        self.sent: list[Any] = []
        self.now = 0.0
        self.view = KioskView(self.sent.append, texts_for, clock=clock, monotonic=lambda: self.now)
        self.view.size_hint = (None, None)
        Window.add_widget(self.view)
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Give window and view another size in pixels."""
        if tuple(self.window.size) != size:
            self.window.size = size
        self.view.size = size

    def show(self, view: Picture) -> None:
        """Draw a view and a frame."""
        self.view.show(view)
        self.draw()

    def draw(self) -> None:
        """One frame."""
        Clock.tick()
        self.window.canvas.ask_update()
        self.window.dispatch("on_draw")
        self.window.flip()

    def tap(self, name: str) -> None:
        """Touch the part of this name. Raises LookupError if it cannot be touched."""
        place = self.view.target(name)
        if place is None:
            raise LookupError(f"nothing to touch is called {name!r}; there are {self.view.targets()}")
        self.now += 1.0
        finger = Finger(self.window, *place)
        finger.down()
        finger.up()

    def close(self) -> None:
        """Take the view out of the window."""
        self.view.close()
        self.window.remove_widget(self.view)
