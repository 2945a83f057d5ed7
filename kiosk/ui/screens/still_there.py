"""Is somebody still there? The visit ends by itself when the seconds have run out."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit import events
from kiosk.visit.view import View

load_layout(__file__)


class StillThereScreen(Screen):
    """One large button; the seconds count down by whole numbers."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The seconds are written by `show_seconds`."""
        self.ids.title.text = t("Are you still there?")
        self.ids.here.text, self.ids.here.event = t("Yes, I am still here"), events.Continue()
        self.ids.stop.text, self.ids.stop.event = t("Stop"), events.Stop()
        return Frame(title="")

    def show_seconds(self, seconds: int, t: Texts) -> None:
        """How long until the visit ends."""
        self.ids.text.text = t.count(
            "This visit ends in {n} second. Your data then leaves the screen.",
            "This visit ends in {n} seconds. Your data then leaves the screen.",
            seconds,
        )
