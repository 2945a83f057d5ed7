"""Visits in towns that differ from the demo: a tariff that changes at midnight, fees that hang on answers, families."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Loss, Question
from kiosk.domain.quote import BirthKnown, Service
from kiosk.domain.record.entries import PaymentIntent, RequestMade
from kiosk.profiles import find_profile
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit.view import ChildRefusedView, ChildrenView, ProcedureView, QuestionView, Situation
from tests.kiosk.visit.story import BRUSSELS, Story

TOWNS = Path(__file__).parents[1] / "domain" / "profiles"
BRUSSELS_TOWN, ALL_SERVICES = str(TOWNS / "saint-quelque-part.toml"), str(TOWNS / "ergensdam.toml")
NEW_YEAR_S_EVE = datetime(2026, 12, 31, 23, 58, tzinfo=BRUSSELS)


def request_of(story: Story) -> RequestMade:
    return next(body for body in reversed(story.recorded()) if isinstance(body, RequestMade))


def asked(story: Story) -> Question:
    assert isinstance(story.content, QuestionView)
    return story.content.question


def test_a_visit_that_is_open_over_midnight_keeps_the_quote_it_was_shown() -> None:
    story = Story(BRUSSELS_TOWN, at=NEW_YEAR_S_EVE).card_accepted().service().child()
    assert isinstance(story.content, ChildrenView)
    assert story.content.total_cents == 1070
    story.now += timedelta(minutes=10)
    story.child("Lina", date(2019, 5, 4)).to_review()
    story.tell(e.Continue())
    story.sent()
    (intent,) = (body for body in story.recorded() if isinstance(body, PaymentIntent))
    assert intent.cents == request_of(story).total_cents == 2140
    later = Story(BRUSSELS_TOWN, at=NEW_YEAR_S_EVE + timedelta(minutes=10)).card_accepted().service().child()
    assert isinstance(later.content, ChildrenView)
    assert later.content.total_cents == 1110


def test_a_request_keeps_the_version_of_the_rules_it_was_quoted_under() -> None:
    story = Story(BRUSSELS_TOWN).card_accepted().service().child().to_review()
    story.tell(e.Continue())
    profile = find_profile(BRUSSELS_TOWN)
    assert (request_of(story).municipality, request_of(story).profile_version) == (profile.id, profile.version)


def test_a_town_s_own_procedure_is_shown_under_its_own_name_and_with_its_desk() -> None:
    story = Story(BRUSSELS_TOWN, slots=()).card_accepted().service().named("Yusuf", date(2022, 5, 4))
    story.tell(e.CardTypeChosen(CardType.A), e.Continue())
    assert isinstance(story.content, ProcedureView)
    fastest = story.content.offers[2]
    assert dict(fastest.name) == {"fr": "Le jour même, à Bruxelles", "nl": "Dezelfde dag, in Brussel"}
    assert fastest.collect_at is not None
    assert fastest.collect_at.name["nl"] == "Centrale aflevering"


def test_a_fee_that_hangs_on_an_answer_is_asked_for_and_then_certain() -> None:
    story = Story(ALL_SERVICES).card_accepted().service().named("Yusuf", date(2022, 5, 4))
    story.tell(e.CardTypeChosen(CardType.A), e.Continue())
    assert isinstance(story.content, ProcedureView)
    assert [(offer.fee_cents, offer.at_most) for offer in story.content.offers] == [(900, True), (12000, True)]
    story.tell(e.Continue())
    assert asked(story) is Question.PREVIOUS_CARD
    story.tell(e.QuestionAnswered(Question.PREVIOUS_CARD, False))
    assert isinstance(story.content, ChildrenView)
    assert story.content.total_cents == 0
    story.tell(e.Back(), e.Back())
    assert isinstance(story.content, ProcedureView)
    assert [(offer.fee_cents, offer.at_most) for offer in story.content.offers] == [(0, False), (11500, False)]


def test_a_stolen_card_that_was_found_again_is_a_path_of_questions() -> None:
    story = Story(ALL_SERVICES).card_accepted().service(Service.DUPLICATE).named("Yusuf", date(2022, 5, 4))
    story.tell(e.CardTypeChosen(CardType.A), e.Continue(), e.Continue())
    assert asked(story) is Question.LOSS
    story.tell(e.QuestionAnswered(Question.LOSS, Loss.STOLEN))
    assert asked(story) is Question.RECOVERED
    story.tell(e.QuestionAnswered(Question.RECOVERED, True))
    story.to_review().tell(e.Continue())
    story.sent().approved().ended(e.Outcome.PAID)
    (printed,) = story.wanted(fx.PrintTicket)
    assert isinstance(printed, fx.PrintTicket)
    assert "revoke-recovered" in {notice.code for notice in printed.ticket.notices}
    assert printed.ticket.request.children[0].circumstances == {"loss": "stolen", "recovered": True}


def test_children_of_different_ages_cards_and_procedures_are_one_visit_and_one_payment() -> None:
    story = Story(ALL_SERVICES).card_accepted().service()
    family = (
        ("Noor", date(2025, 1, 1), CardType.A, "normal"),
        ("Yusuf", date(2019, 5, 4), CardType.EU, "urgent"),
        ("Lina", date(2015, 5, 4), CardType.F_PLUS, "normal"),
    )
    for number, (name, born, card, procedure) in enumerate(family):
        if number:
            story.tell(e.AddChild())
        story.named(name, born)
        story.tell(e.CardTypeChosen(card), e.Continue(), e.ProcedureChosen(procedure), e.Continue())
        story.answer()
    story.to_review().tell(e.Continue())
    story.sent()
    request = request_of(story)
    assert [(child.card_type, child.procedure, child.fee_cents) for child in request.children] == [
        ("A", "normal", 900),
        ("EU", "urgent", 12000),
        ("F+", "normal", 900),
    ]
    assert request.total_cents == 13800


def test_a_child_whose_paper_has_the_year_only_is_taken_for_the_younger_and_its_ticket_says_so() -> None:
    story = Story(BRUSSELS_TOWN).card_accepted().service()
    story.tell(e.NameGiven("Yusuf"), e.BirthDateGiven(date(2014, 1, 1), BirthKnown.YEAR))
    story.answer().tell(e.Continue(), e.Continue())
    story.answer().to_review().tell(e.Continue())
    story.sent().approved().ended(e.Outcome.PAID)
    (printed,) = story.wanted(fx.PrintTicket)
    assert isinstance(printed, fx.PrintTicket)
    assert printed.ticket.request.children[0].birth_known == "year"
    assert "age-at-desk" in {notice.code for notice in printed.ticket.notices}


def test_on_its_12th_birthday_a_child_is_sent_on_to_the_card_from_12() -> None:
    story = Story(ALL_SERVICES).card_accepted().service()
    story.tell(e.NameGiven("Lina"), e.BirthDateGiven(date(2014, 11, 23)))
    assert isinstance(story.content, ChildRefusedView)
    assert story.content.instead is Service.CARD_FROM_12
    story.tell(e.ServiceChosen(Service.CARD_FROM_12))
    assert story.situation is Situation.CARD_TYPE


def offers(story: Story) -> dict[str, tuple[bool, str]]:
    """Which procedures are open, and the day and hour of each."""
    assert isinstance(story.content, ProcedureView)
    return {
        offer.procedure: (offer.open, f"{offer.ready.at:%d/%m %H:%M}" if offer.ready else "")
        for offer in story.content.offers
    }


def at_procedures(at: datetime) -> Story:
    """In a town without appointments, whose desk is open on Tuesday till four, and on Saturday morning."""
    story = Story(str(TOWNS / "everywhere.toml"), at=at).card_accepted().service().named("Yusuf", date(2022, 5, 4))
    story.tell(e.CardTypeChosen(CardType.A), e.Continue())
    return story


def test_a_request_at_a_closed_desk_is_one_of_its_next_opening() -> None:
    wednesday = datetime(2026, 11, 25, 10, 0, tzinfo=BRUSSELS)  # the desk opens on Saturday again
    assert offers(at_procedures(wednesday))["urgent"] == (True, "01/12 09:30")
    tuesday_evening = datetime(2026, 11, 24, 18, 0, tzinfo=BRUSSELS)
    assert offers(at_procedures(tuesday_evening))["urgent"] == (True, "01/12 09:30")
    tuesday_at_noon = datetime(2026, 11, 24, 12, 0, tzinfo=BRUSSELS)  # closed till one: after the cut-off of eleven
    assert offers(at_procedures(tuesday_at_noon))["urgent"] == (False, "")


def test_a_desk_that_closes_in_mid_visit_makes_the_parent_choose_anew() -> None:
    story = at_procedures(datetime(2026, 11, 24, 10, 58, tzinfo=BRUSSELS))
    assert offers(story)["urgent"] == (True, "26/11 09:30")
    story.tell(e.ProcedureChosen("urgent"), e.Continue())
    story.answer()
    assert story.situation is Situation.CHILDREN
    story.now += timedelta(hours=6)
    story.tell(e.Continue())
    assert story.situation is Situation.PROCEDURE
    assert offers(story)["urgent"] == (True, "01/12 09:30")
    story.tell(e.ProcedureChosen("urgent"), e.Continue())
    story.answer().tell(e.Continue())
    assert story.situation is not Situation.PROCEDURE
