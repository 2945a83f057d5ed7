"""Hands on: the parent's own card goes into the reader."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.screens.words import without_card_tile
from kiosk.ui.widgets.bones import Frame
from kiosk.visit.view import InsertCardView, View

load_layout(__file__)


class InsertCardScreen(Screen):
    """One large picture of what the hand does, and a way on for those who have no such card."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Words, the picture, and perhaps one tile."""
        content = view.content
        assert isinstance(content, InsertCardView)
        self.ids.tiles.show([without_card_tile(t)] if content.without_card else [])
        return Frame(
            title=t("Put your own residence card in the reader"),
            lead=t("With the chip facing down. Leave the card in the reader."),
        )
