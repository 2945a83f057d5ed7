"""The visit ended early."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.visit import events
from kiosk.visit.view import GoodbyeView, View

load_layout(__file__)


class GoodbyeScreen(Screen):
    """The card first."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """Two pictures: with the card still in the reader, and without."""
        content = view.content
        assert isinstance(content, GoodbyeView)
        self.ids.picture.source = "take-card-large" if content.card_in else "goodbye"
        # Visits end here for many reasons, also with a payment in doubt: nothing is said of money.
        title = t("Take your card out of the reader") if content.card_in else t("Goodbye")
        return Frame(
            title=title,
            lead=t("Take everything with you.") if content.card_in else t("Until next time."),
            primary=t("Done") if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Nothing is left to go back to."""
        return ()
