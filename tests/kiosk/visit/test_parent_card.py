"""The parent's card: the greeting, what it has to prove, and the way on for those who have none."""

from __future__ import annotations

from datetime import date

from kiosk.domain.card_types import CardType
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.view import Situation
from tests.towns import OTHER_TOWN

from .story import AMINA, Story

S = Situation


def test_the_greeting_comes_as_soon_as_the_identity_stands() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.CardInserted())
    assert story.visit.view().greeting_name is None
    story.tell(e.CardHolderKnown("Amina"))
    assert (story.situation, story.visit.view().greeting_name) == (S.READING, "Amina")
    story.tell(e.CardRefusedByReader(e.CardProblem.FORGED))
    assert story.visit.view().greeting_name is None


def test_a_card_that_proves_too_little_for_any_service_is_refused_with_its_own_words() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.CardInserted())
    story.tell(e.CardAccepted(AMINA, CardType.A, date(2028, 1, 1), proven=frozenset()))
    assert isinstance(story.content, v.CardRefusedView) and story.content.problem is e.CardProblem.NOT_PROVEN
    assert story.visit.answers.parent is None


def test_without_a_residence_card_the_visit_goes_on_where_the_municipality_allows_it() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"))
    assert story.content == v.InsertCardView(without_card=True)
    story.tell(e.ContinueWithoutCard())
    assert story.situation is S.CHILD_NAME  # of the two services, only the application allows it
    story.named("Yusuf", date(2022, 5, 4))
    assert isinstance(story.content, v.CardTypeView) and story.content.selected is None
    story.tell(e.CardTypeChosen(CardType.A), e.Continue(), e.Continue())
    codes = [item.code for item in story.visit.answers.quote().checklist]
    assert "adult-passport-or-id" in codes
    story.to_review().tell(e.Continue())
    story.sent().approved().ended(e.Outcome.PAID)
    ticket = story.wanted(fx.PrintTicket)[0].ticket
    assert ticket.request.parent is None
    assert "identity-at-desk" in [notice.code for notice in ticket.notices]


def test_with_a_refused_card_in_the_reader_the_visit_may_go_on_without_one() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.CardInserted(), e.CardRefusedByReader(e.CardProblem.NOT_EID))
    assert isinstance(story.content, v.CardRefusedView) and story.content.without_card
    story.tell(e.ContinueWithoutCard(), e.CardRemoved())
    assert (story.situation, story.visit.overlay) == (S.CHILD_NAME, None)


def test_a_municipality_that_demands_the_card_offers_no_way_round_it() -> None:
    story = Story(OTHER_TOWN)
    story.tell(e.LanguageChosen("nl"))
    assert story.content == v.InsertCardView(without_card=False)
    story.tell(e.ContinueWithoutCard())
    assert story.situation is S.INSERT_CARD


def test_a_forged_card_is_no_reason_to_go_on_without_one() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.CardInserted(), e.CardRefusedByReader(e.CardProblem.FORGED))
    assert isinstance(story.content, v.CardRefusedView) and not story.content.without_card
    story.tell(e.CardRemoved(), e.ContinueWithoutCard())
    assert story.situation is S.INSERT_CARD
