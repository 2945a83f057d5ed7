"""Really stop? Asked once, where something would be lost."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit import events
from kiosk.visit.view import View

load_layout(__file__)


class StopScreen(Screen):
    """Going on is the large button; stopping is the quiet one."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Nothing has been paid wherever this can be asked."""
        self.ids.title.text = t("Do you want to stop?")
        self.ids.text.text = t("What you have filled in is erased. You have not paid anything.")
        self.ids.go_on.text, self.ids.go_on.event = t("No, go on"), events.Back()
        self.ids.stop.text, self.ids.stop.event = t("Yes, stop"), events.Stop()
        return Frame(title="")
