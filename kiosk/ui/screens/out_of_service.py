"""The kiosk cannot serve anybody now: where to go instead, and a line for staff."""

from __future__ import annotations

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
        content = view.content
        assert isinstance(content, OutOfServiceView)
        codes = ", ".join(sorted(content.faults))
        self.ids.staff.text = t("For staff: {codes}", codes=codes) if codes else ""
        lead = t("Please go to the counter. We will help you there.")
        if view.phone:
            lead += "\n" + t("Or call {phone}.", phone=words.unbroken(view.phone))
        return Frame(title=t("This kiosk is out of service"), lead=lead)

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Nothing to touch."""
        return ()
