"""Staff are done, and their card is still in the reader: the kiosk would take it for the parent's."""

from __future__ import annotations

from kiosk.staff.view import StaffView
from kiosk.text import Texts
from kiosk.ui.screens.base import load_layout
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import FooterButton, Frame

load_layout(__file__)


class CardOutScreen(StaffScreen):
    """It goes by itself when the card is out."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """A parent who waits is told to put their card back."""
        waits = t("Then the parent's visit goes on. Ask the parent to put their card back in.")
        return Frame(title=t("Take your card out"), lead=waits if view.waiting_visit else "")

    def footer(self, view: StaffView, t: Texts) -> tuple[FooterButton, ...]:
        """Nothing to touch."""
        return ()

    def leave(self) -> None:
        """Nothing to forget."""
