"""The real visit behind the real screens: two children, by touch alone, from the welcome to the terminal."""

from __future__ import annotations

from kiosk.domain.card_types import CardType
from kiosk.ui.stage import Stage
from kiosk.visit import events as e
from kiosk.visit.view import Overlay, Situation
from tests.kiosk.visit.story import AMINA, Story


class TouchedStory:
    """Carries what is touched to the visit, and the visit's view back to the screen."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.story = Story()
        self._show()

    def _show(self) -> None:
        self.stage.show(self.story.visit.view())

    def tap(self, *names: str) -> None:
        for name in names:
            self.stage.sent.clear()
            self.stage.tap(name)
            self.tell(*self.stage.sent)

    def tell(self, *events: e.Event) -> None:
        self.story.tell(*events)
        self._show()

    @property
    def situation(self) -> Situation:
        return self.story.situation


def test_a_visit_with_two_children_by_touch_alone(stage: Stage) -> None:
    visit = TouchedStory(stage)
    visit.tap("language:nl")
    visit.tell(e.CardInserted(), e.CardProgress(2, 6), e.CardAccepted(AMINA, CardType.A, None))
    visit.tap("service:application")
    visit.tap(*(f"key:{key}" for key in "YUSUF"), "primary")
    visit.tap("year:2022", "month:5", "day:2022-05-04", "primary", "answer:residence")
    visit.tap("card:A", "primary", "procedure:normal", "primary", "add_child")
    visit.tap(*(f"key:{key}" for key in "LINA"), "primary")
    visit.tap("year:2019", "month:3", "day:2019-03-02", "primary", "answer:residence")
    visit.tap("card:B", "primary", "procedure:normal", "primary")
    assert visit.situation is Situation.CHILDREN
    visit.tap("primary", "primary")
    assert visit.situation is Situation.APPOINTMENT
    visit.tap("slot:slot-1", "primary")
    assert visit.situation is Situation.REVIEW
    visit.tap("primary")
    assert visit.situation is Situation.PAY
    names = [
        child.first_name for body in visit.story.recorded() if body.kind == "request_made" for child in body.children
    ]
    assert names == ["Yusuf", "Lina"]


def test_overlays_open_and_close_by_touch(stage: Stage) -> None:
    visit = TouchedStory(stage)
    visit.tap("language:nl", "help")
    assert visit.story.visit.view().overlay is Overlay.HELP
    visit.tap("close", "language")
    assert visit.story.visit.view().overlay is Overlay.LANGUAGE
    visit.tap("language:fr")
    assert visit.story.visit.view().language == "fr"
