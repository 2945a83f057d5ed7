"""From the core's thread to the screen's: the newest view, drawn in the next frame."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kivy.clock import Clock

from kiosk.ui.window import KioskView, Picture
from kiosk.visit.view import View


class Bridge:
    """`show` may be called from any thread, also before there is a screen; views that nobody would see are skipped.

    `drawn` hears each view of a visit after its frame, on the screen's thread.
    """

    def __init__(self, drawn: Callable[[View], None] = lambda view: None):
        self._lock = threading.Lock()
        self._waiting: Picture | None = None
        self._screen: KioskView | None = None
        self._drawn = drawn

    def show(self, view: Picture) -> None:
        """Draw this as soon as can be."""
        with self._lock:
            first, self._waiting = self._waiting is None, view
            ready = self._screen is not None
        if first and ready:
            Clock.schedule_once(self._draw, 0)

    def connect(self, screen: KioskView) -> None:
        """The screen is there; on its thread."""
        with self._lock:
            self._screen = screen
        self._draw(0)

    def _draw(self, _elapsed: float) -> None:
        with self._lock:
            view, self._waiting = self._waiting, None
        if view is None or self._screen is None:
            return
        self._screen.show(view)
        if isinstance(view, View):
            # A callback of the next tick runs after this tick's frame was drawn and flipped.
            Clock.schedule_once(lambda _elapsed: self._drawn(view), 0)
