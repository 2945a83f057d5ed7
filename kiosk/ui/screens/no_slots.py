"""No free time is left at this kiosk; the visit goes on without one."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import NoSlotsView, View

load_layout(__file__)


class NoSlotsScreen(Screen):
    """Call for an appointment; the request itself can go on."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The number to call, large."""
        content = view.content
        assert isinstance(content, NoSlotsView)
        tiles = [TileSpec(t("Go on now"), hint=t("Pay here and take your ticket with you"), icon="ticket")]
        if content.phone:
            tiles.append(TileSpec(words.unbroken(content.phone), hint=t("Call for an appointment"), icon="phone"))
        self.ids.tiles.show(tiles)
        return Frame(
            title=t("No free appointment at this kiosk"),
            lead=t("You can go on. Make the appointment by phone afterwards; the number is on your ticket.")
            if content.phone
            else t("You can go on. Make the appointment with the town hall afterwards."),
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )
