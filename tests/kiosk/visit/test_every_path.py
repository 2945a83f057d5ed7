"""Every service of every municipality, with every answer to every question, walked to its end.

An end is a ticket in the parent's hand, or a no that says why, what to do and where. Nothing else is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain import rules
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Question
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import BirthKnown, Service
from kiosk.domain.rules.dates import years_later
from kiosk.profiles import available, find_profile
from kiosk.text import LANGUAGES, terms, texts
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.asking import Answer
from kiosk.visit.view import Situation

from .story import MONDAY, Story

S = Situation
# What towns differ in besides: three procedures, a desk that alone takes money, fees that hang on an answer, ….
INVENTED = tuple(
    str(Path(__file__).parents[1] / "domain" / "profiles" / f"{town}.toml")
    for town in ("saint-quelque-part", "quelqueville", "irgendwo", "ergensdam")
)
MOST_STEPS = 60  # of one visit; the longest takes about twenty


def _paths() -> Iterator[Any]:
    for municipality in (*available(), *INVENTED):
        for service in rules.services(find_profile(municipality)):
            yield pytest.param(municipality, service, id=f"{Path(municipality).stem}-{service}")


def _born(profile: Profile, service: Service, at: datetime = MONDAY) -> date:
    """A child of an age between those of the service."""
    offered = profile.services[service]
    age = offered.from_age + 1 if offered.from_age else 7
    return years_later(at.date(), -age) - timedelta(days=30)


@dataclass
class Walker:
    """Walks a visit with given answers, in the order of the questions; what is asked beyond them gets the first one."""

    municipality: str
    service: Service
    born: date
    known: BirthKnown = BirthKnown.DAY
    card: CardType | None = CardType.A
    answers: tuple[Answer, ...] = ()
    asked: list[tuple[Question, tuple[Answer, ...]]] = field(default_factory=list)
    story: Story = field(init=False)

    def walk(self) -> S:
        """To the end; returns where that is."""
        self.story = Story(self.municipality)
        if self.card is None:
            self.story.tell(e.LanguageChosen("nl"), e.ContinueWithoutCard())
        else:
            self.story.card_accepted(card=self.card)
        for _ in range(MOST_STEPS):
            here = self.story.situation
            if here in (S.TAKE, S.CHILD_REFUSED):
                return here
            self._step(here)
        raise AssertionError(f"stuck on {self.story.situation} after {self.asked}")

    @property
    def _costs(self) -> bool:
        content = self.story.content
        return isinstance(content, v.ReviewView) and content.total_cents > 0

    def _step(self, here: S) -> None:
        story = self.story
        match here:
            case S.SERVICE:
                story.tell(e.ServiceChosen(self.service))
            case S.CHILD_NAME:
                story.tell(e.NameGiven("Noor"))
            case S.BIRTH_DATE:
                story.tell(e.BirthDateGiven(self.born, self.known))
            case S.QUESTION:
                content = story.content
                assert isinstance(content, v.QuestionView) and not content.answered
                answer = self.answers[len(self.asked)] if len(self.asked) < len(self.answers) else content.answers[0]
                self.asked.append((content.question, content.answers))
                story.tell(e.QuestionAnswered(content.question, answer))
            case S.CARD_TYPE:
                content = story.content
                assert isinstance(content, v.CardTypeView)
                sold = next(offer.card_type for offer in content.offers if offer.fee_cents is not None)
                story.tell(e.CardTypeChosen(content.selected or sold), e.Continue())
            case S.APPOINTMENT:
                content = story.content
                assert isinstance(content, v.AppointmentView)
                story.tell(e.SlotChosen(content.slots[0].id), e.Continue())
            case S.REVIEW if isinstance(story.content, v.ReviewView) and not story.content.here and self._costs:
                story.tell(e.PayAtDesk())
            case S.PAY:
                story.sent().approved().ended(e.Outcome.PAID)
            case S.PRINTING:
                story.tell(e.PrintEnded(e.PrintOutcome.OUT))
            case _:
                assert story.visit.view().can_continue, here
                story.tell(e.Continue())


def _all_answers(walker: Walker) -> Iterator[Walker]:
    """A walk for each way of answering: each answer of each question that the walk before met."""
    waiting: list[tuple[Answer, ...]] = [()]
    while waiting:
        answers = waiting.pop()
        walk = Walker(walker.municipality, walker.service, walker.born, walker.known, walker.card, answers)
        walk.walk()
        yield walk
        for place in range(len(answers), len(walk.asked)):
            first = tuple(possible[0] for _, possible in walk.asked[len(answers) : place])
            waiting += [(*answers, *first, other) for other in walk.asked[place][1][1:]]


def _check_no(walk: Walker) -> None:
    """A no names its reason and a way on in every language, and one can go back, or on with another child."""
    content, view = walk.story.content, walk.story.visit.view()
    assert isinstance(content, v.ChildRefusedView)
    assert view.can_back and view.can_continue
    assert content.instead or (content.desk and content.address)
    for language in LANGUAGES:
        t = texts(language)
        assert terms.reason_text(t, content.reason)
        assert terms.reason_way_on(t, content.reason, view.phone, content.way_on, content.desk_language)
    walk.story.tell(e.Back())
    assert walk.story.situation in (S.BIRTH_DATE, S.QUESTION)
    walk.story.tell(e.Continue() if walk.story.situation is S.QUESTION else e.BirthDateGiven(walk.born, walk.known))
    assert walk.story.situation is S.CHILD_REFUSED
    walk.story.tell(e.Continue())
    assert walk.story.situation is S.CHILD_NAME


def _check_ticket(walk: Walker) -> None:
    """What was answered, and still matters, is on the record and in the list of the ticket; nothing is left open."""
    printed = walk.story.wanted(fx.PrintTicket)
    assert len(printed) == 1
    ticket = printed[0].ticket  # type: ignore[attr-defined]
    (child,) = ticket.request.children
    questions = [question for question, _ in walk.asked]
    answered = {
        question.value: answer
        for question, answer in zip(questions, (*walk.answers, *_firsts(walk)), strict=False)
        if answer is not None
    }
    assert child.circumstances == answered
    unknown = {q for q, a in zip(questions, (*walk.answers, *_firsts(walk)), strict=False) if a is None}
    for thing in (*ticket.checklist, *ticket.notices):
        assert {condition.question for condition in thing.only_if} <= unknown


def _firsts(walk: Walker) -> list[Answer]:
    return [possible[0] for _, possible in walk.asked[len(walk.answers) :]]


@pytest.mark.parametrize(("municipality", "service"), [*_paths()])
def test_every_service_with_every_answer_ends_with_a_ticket_or_with_a_way_on(
    municipality: str, service: Service
) -> None:
    born = _born(find_profile(municipality), service)
    ends = set()
    for walk in _all_answers(Walker(municipality, service, born)):
        end = walk.story.situation
        ends.add(end)
        if end is S.TAKE:
            _check_ticket(walk)
        else:
            _check_no(walk)
    assert S.TAKE in ends


@pytest.mark.parametrize(("municipality", "service"), [*_paths()])
@pytest.mark.parametrize("card", [CardType.EU, CardType.F_PLUS, None])
def test_every_service_can_be_had_with_other_cards_and_where_allowed_without_one(
    municipality: str, service: Service, card: CardType | None
) -> None:
    profile = find_profile(municipality)
    if card is None and not profile.services[service].without_card:
        return
    walk = Walker(municipality, service, _born(profile, service), card=card)
    assert walk.walk() is S.TAKE
