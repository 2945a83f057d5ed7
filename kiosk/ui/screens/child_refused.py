"""This child cannot have this card here: why, and the way on."""

from __future__ import annotations

from kiosk.text import Texts, terms
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import ChildRefusedView, View

load_layout(__file__)


class ChildRefusedScreen(Screen):
    """Back changes the date; the primary button goes on without this child."""

    def draw(self, view: View, t: Texts) -> Frame:
        """What was said of the child is shown, because a wrong date is the likeliest cause."""
        content = view.content
        assert isinstance(content, ChildRefusedView)
        name = content.child.first_name
        born = t("born on {day}", day=t.day_with_year(content.child.birth_date))
        tiles = [TileSpec(name, hint=born, icon="child")]
        if view.can_back:
            tiles.append(
                TileSpec(t("Change the birth date"), name="change_date", event=events.Back(), icon="edit", mark="go")
            )
        self.ids.tiles.show(tiles)
        self.ids.advice.text = terms.reason_way_on(t, content.reason, words.unbroken(view.phone))
        return Frame(
            title=terms.reason_text(t, content.reason).rstrip("."),
            primary=t("Continue without {name}", name=name) if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the child."""
        self.ids.tiles.show([])
        self.ids.advice.text = ""
