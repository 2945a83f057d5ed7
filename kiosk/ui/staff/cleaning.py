"""What wants cleaning now and then, and how."""

from __future__ import annotations

from datetime import datetime

from kiosk.staff import events
from kiosk.staff.view import CleaningView, StaffView
from kiosk.text import Texts, care
from kiosk.ui.screens.base import mark
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

_HOW = {
    "printer": (
        mark("Head of the printer"),
        mark("Wait until it is cold. Wipe the dark strip with a cleaning pen for thermal heads, and let it dry."),
        mark("The head of the printer is clean now"),
        "printer",
    ),
    "reader": (
        mark("Contacts of the card reader"),
        mark("Push a cleaning card for chip readers in and out some five times."),
        mark("The card reader is clean now"),
        "card-reader",
    ),
}


class CleaningScreen(StaffScreen):
    """For each device what to do, when it was done, and a tile to say that it is done."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """What is due stands out."""
        content = view.content
        assert isinstance(content, CleaningView)
        tiles = []
        for device, last in content.last:
            name, how, done, icon = _HOW[device]
            due = device in content.due
            tiles.append(
                TileSpec(t(name), hint=f"{t(how)}\n{self._when(last, t)}", icon=icon, tone="sun" if due else "")
            )
            clean = events.Cleaned("printer" if device == "printer" else "reader")
            tiles.append(TileSpec(t(done), name=f"clean:{device}", event=clean, icon="check", mark="go"))
        self.ids.tiles.show(tiles)
        self.say(view, t, t("Cleaning is due.") if content.due else "")
        return Frame(title=t("Cleaning"))

    @staticmethod
    def _when(last: datetime | None, t: Texts) -> str:
        if last is None:
            return t("Not cleaned yet, that anybody knows.")
        return t("Last cleaned on {moment}.", moment=care.moment(t, last))
