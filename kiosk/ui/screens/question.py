"""One question about a child, or about all of them, with a large tile for each answer."""

from __future__ import annotations

from kiosk.domain.circumstances import Loss, Nationality, Papers, Role
from kiosk.text import Texts, questions
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import QuestionView, View

load_layout(__file__)

_PICTURES: dict[str | bool | None, str] = {
    Papers.RESIDENCE: "id-card",
    Papers.IMMATRICULATION: "old-card",
    Papers.ANNEX_15: "report",
    Papers.ANNEX_35: "judgment",
    Role.PARENT: "parent",
    Role.FOSTER_PARENT: "child",
    Role.GUARDIAN: "judgment",
    Role.INSTITUTION: "counter",
    Nationality.BELGIAN: "id-card",
    Nationality.EU: "globe",
    Nationality.THIRD_COUNTRY: "passport",
    Loss.LOST: "service-duplicate",
    Loss.STOLEN: "report",
}


class QuestionScreen(Screen):
    """Touching an answer goes on. One that was given before is marked, and the primary button keeps it."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._asked: object = None

    def draw(self, view: View, t: Texts) -> Frame:
        """The child's name is in the question."""
        content = view.content
        assert isinstance(content, QuestionView)
        if self._asked != content.question:
            self._asked = content.question
            self.ids.tiles.restart()
        self.ids.tiles.show([self._tile(answer, content, t) for answer in content.answers])
        return Frame(
            title=questions.question_text(t, content.question, content.names),
            primary=t("Next") if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the answer."""
        self._asked = None
        self.ids.tiles.show([])
        self.ids.tiles.restart()

    def _tile(self, answer: str | bool | None, content: QuestionView, t: Texts) -> TileSpec:
        chosen = content.answered and answer == content.selected
        return TileSpec(
            heading=questions.answer_title(t, content.question, answer),
            hint=questions.answer_hint(t, content.question, answer),
            name=f"answer:{'unknown' if answer is None else str(answer).lower()}",
            event=events.QuestionAnswered(content.question, answer),
            icon=_PICTURES.get(answer, "") if not isinstance(answer, bool) else "",
            mark="" if chosen else "go",
            selected=chosen,
        )
