"""The last two hours for the help line: to read out, to scan, or on paper. Nobody is in it."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.view import LogView, StaffView
from kiosk.text import Texts
from kiosk.ui.screens.base import load_layout
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.theme import look
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Column, Words

load_layout(__file__)


class LogScreen(StaffScreen):
    """The newest events as text, all of them as a code."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """The code holds as much as a telephone reads off a screen; paper holds all."""
        content = view.content
        assert isinstance(content, LogView)
        self.ids.code.show(content.qr)
        self.ids.code.shown = bool(content.qr)
        lines = [line for line in content.lines if line.strip()]
        text = Column(gap=6)
        for line in lines[-(6 if look.theme.landscape else 12) :]:
            text.add_widget(Words(text=line, kind="steps", language="en", plain=True))
        self.ids.tiles.show_parts([text])
        self.say(view, t)
        return Frame(
            title=t("For the help line"),
            lead=t("Scan the code, or print it. It names no parent."),
            primary=t("Print"),
            primary_event=events.LogPrintWanted(),
        )

    def leave(self) -> None:
        """Forget the lines."""
        self.ids.code.show("")
        self.ids.tiles.show_parts([])
        self.ids.tiles.restart()
