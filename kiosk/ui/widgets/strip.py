"""The strip of notices: a calm band for a sentence of the municipality."""

from __future__ import annotations

from typing import Any

from kiosk.ui.widgets.parts import Column, Words
from kiosk.visit import notices
from kiosk.visit.view import View


class NoticeStrip(Column):
    """One notice at a time; as high as the longest of them needs, so that nothing moves when they take turns."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.fill, self.line, self.line_width, self.radius = "sun-tint", "sun", 3, 28
        self.padding = [36, 26, 36, 26]
        self._pages: tuple[notices.Page, ...] = ()
        self._words = Words(kind="body", align="centre", balanced=True, grow=1)
        self.add_widget(self._words)
        self.shown = False

    def show(self, view: View) -> None:
        """Show what is to be read at the view's moment; nothing, and no strip, where its time is over."""
        self._pages = notices.pages(view.notices, view.languages, view.now) if view.now is not None else ()
        page = notices.turn(self._pages, view.now) if view.now is not None else None
        self.shown = page is not None
        self._words.language, self._words.text = (page.language, page.text) if page is not None else ("", "")

    def natural_height(self, width: float) -> float:
        """For the longest, in whichever language."""
        highest, own = 0.0, (self._words.language, self._words.text)
        for page in self._pages:
            self._words.language, self._words.text = page.language, page.text
            highest = max(highest, super().natural_height(width))
        self._words.language, self._words.text = own
        return highest
