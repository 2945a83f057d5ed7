"""Hands on: the parent's own card goes into the reader."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit.view import View

load_layout(__file__)


class InsertCardScreen(Screen):
    """One large picture of what the hand does."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Nothing but words and the picture."""
        return Frame(
            title=t("Put your own residence card in the reader"),
            lead=t("With the chip facing down. Leave the card in the reader."),
        )
