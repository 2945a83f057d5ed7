"""Cases that wait for people, oldest first."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.view import CasesView, OpenCase, StaffView
from kiosk.text import Texts, care
from kiosk.ui.screens.base import mark
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

ABOUT: dict[str, str] = {
    "payment": mark("A payment in doubt"),
    "ticket": mark("A ticket that is missing"),
    "day": mark("A day that does not add up"),
}


def case_hint(t: Texts, case: OpenCase) -> str:
    """K7M-3QX-Q · € 24,00 · Friday 20 November, 14:32"""
    parts = [case.ticket_code or "", t.money(case.cents) if case.cents is not None else "", care.moment(t, case.since)]
    return " · ".join(part for part in parts if part)


class CasesScreen(StaffScreen):
    """Touching one shows its evidence."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """An empty list is good news, and says so."""
        content = view.content
        assert isinstance(content, CasesView)
        self.ids.tiles.show(
            [
                TileSpec(
                    t(ABOUT[case.about]),
                    hint=case_hint(t, case),
                    name=f"case:{index}",
                    event=events.CaseChosen(case.case_id),
                    icon="judgment",
                    mark="go",
                )
                for index, case in enumerate(content.cases)
            ]
        )
        if any(case.about == "payment" for case in content.cases):
            self.say(view, t, t("No card is sold here until the payment is decided."), "sun", "warning")
        elif content.cases:
            self.say(view, t)
        else:
            self.say(view, t, t("No case waits."), "done", "check")
        return Frame(title=t("Open cases"))
