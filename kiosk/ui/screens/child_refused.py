"""This child cannot have this card here: why, what to do instead, and where."""

from __future__ import annotations

from kiosk.text import Texts, questions, terms
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import ChildRefusedView, View

load_layout(__file__)


class ChildRefusedScreen(Screen):
    """Back changes what was said; the primary button goes on without this child."""

    def draw(self, view: View, t: Texts) -> Frame:
        """What was said of the child is shown, because a wrong touch is the likeliest cause."""
        content = view.content
        assert isinstance(content, ChildRefusedView)
        self.ids.tiles.show([*self._said(content, view.can_back, t), *self._where(content, t)])
        phone = words.unbroken(view.phone)
        self.ids.advice.text = terms.reason_way_on(t, content.reason, phone, content.way_on, content.desk_language)
        name = content.child.first_name
        on = t("Continue without {name}", name=name) if content.others else t("Ask for another child")
        return Frame(
            title=terms.reason_text(t, content.reason).rstrip("."),
            primary=on if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the child."""
        self.ids.tiles.show([])
        self.ids.tiles.restart()
        self.ids.advice.text = ""

    def _said(self, content: ChildRefusedView, can_back: bool, t: Texts) -> list[TileSpec]:
        """The birth date or the answer, with a way to change it."""
        said, change = words.born(t, content.child), t("Change the birth date")
        heading = content.child.first_name
        if content.question is not None:
            heading = questions.answer_title(t, content.question, content.answer)
            said = questions.question_text(t, content.question, (content.child.first_name,))
            change = t("Change the answer")
        tiles = [TileSpec(heading, hint=said, icon="child")]
        if can_back:
            tiles.append(TileSpec(change, name="change_date", event=events.Back(), icon="edit", mark="go"))
        return tiles

    def _where(self, content: ChildRefusedView, t: Texts) -> list[TileSpec]:
        """The service for this child, where there is one here, or else the desk."""
        if content.instead is not None:
            return [
                TileSpec(
                    terms.service_name(t, content.instead),
                    hint=terms.service_hint(t, content.instead),
                    name=f"service:{content.instead.value}",
                    event=events.ServiceChosen(content.instead),
                    icon=f"service-{content.instead.value}",
                    mark="go",
                )
            ]
        return [TileSpec(content.desk, hint=content.address, icon="counter")] if content.desk else []
