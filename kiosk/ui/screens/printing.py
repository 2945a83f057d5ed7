"""The ticket is on its way."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit.view import PrintingView, View

load_layout(__file__)


class PrintingScreen(Screen):
    """What is certain already is said at once: paid, and the code."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """Nothing to touch."""
        content = view.content
        assert isinstance(content, PrintingView)
        code = t("Your code: {code}", code=content.ticket_code)
        heading = t("Paid: {amount}", amount=t.money(content.paid_cents)) if content.paid_cents else t("Request saved")
        self.ids.tiles.show([TileSpec(heading, hint=code, icon="check", tone="done")])
        return Frame(title=t("We are printing your ticket"), lead=t("One moment, please."))

    def leave(self) -> None:
        """Forget the code."""
        self.ids.tiles.show([])
