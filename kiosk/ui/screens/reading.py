"""The card is being read and verified."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit.view import ReadingView, View

load_layout(__file__)


class ReadingScreen(Screen):
    """A bar that grows with what the reader has read."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """`done` of `total` parts."""
        content = view.content
        assert isinstance(content, ReadingView)
        self.ids.progress.done, self.ids.progress.total = content.done, content.total
        name = view.greeting_name
        return Frame(
            title=t("Hello {name}", name=name) if name else t("We are reading your card"),
            lead=t("This takes a moment. Leave the card in the reader."),
        )
