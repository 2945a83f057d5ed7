"""The kiosk cannot serve anybody now: where to go instead, and a line for staff."""

from __future__ import annotations

from datetime import datetime

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.visit.view import OutOfServiceView, View

load_layout(__file__)


class OutOfServiceScreen(Screen):
    """No way on: words, a picture, and codes that help staff on the telephone."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """Faults are named by their codes; they are for staff."""
        self.ids.notice.show(view)
        content = view.content
        assert isinstance(content, OutOfServiceView)
        if content.opens_at is not None:
            return self._closed(content.opens_at, t)
        codes = ", ".join(sorted(content.faults))
        self.ids.staff.text = t("For staff: {codes}", codes=codes) if codes else ""
        lead = t("Please go to the counter. We will help you there.")
        if view.phone:
            lead += "\n" + t("Or call {phone}.", phone=words.unbroken(view.phone))
        return Frame(title=t("This kiosk is out of service"), lead=lead)

    def _closed(self, opens_at: datetime, t: Texts) -> Frame:
        """After hours: nothing is wrong, and nobody is at the counter."""
        self.ids.staff.text = ""
        opens = t("It opens again on {day} at {time}.", day=t.day(opens_at), time=t.time(opens_at))
        return Frame(title=t("This kiosk is closed now"), lead=opens)

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Nothing to touch."""
        return ()
