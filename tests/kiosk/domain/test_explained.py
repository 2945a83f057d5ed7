"""Each answer names its rule and its source, every thing to bring can come up, and only what matters is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Circumstances, Loss, Nationality, Papers, Question, Role
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import BirthKnown, Child, Grounds, Quote, Request, Service
from kiosk.domain.rules import questions, quote, services
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import available, find_profile, read_profile

EVERYWHERE = read_profile(Path(__file__).parent / "profiles" / "everywhere.toml")
PROFILES = [*map(find_profile, available()), EVERYWHERE]
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=BRUSSELS)
UNHURRIED = settings(deadline=None, derandomize=True)  # a busy machine is no fault of the rules

ANSWERS: dict[Question, tuple[object, ...]] = {
    Question.REGISTERED: (True, False),
    Question.NATIONALITY: tuple(Nationality),
    Question.PAPERS: tuple(Papers),
    Question.ROLE: tuple(Role),
    Question.SEPARATED: (True, False),
    Question.CUSTODY: (True, False),
    Question.LOSS: tuple(Loss),
    Question.RECOVERED: (True, False),
    Question.PREVIOUS_CARD: (True, False),
}


@st.composite
def circumstances(draw: st.DrawFn) -> Circumstances:
    answers = {question.value: draw(st.sampled_from((None, *ANSWERS[question]))) for question in Question}
    stay_until = draw(st.none() | st.dates(date(2026, 1, 1), date(2036, 1, 1)))
    return Circumstances(**answers, stay_until=stay_until)  # type: ignore[arg-type]


@st.composite
def visits(draw: st.DrawFn) -> tuple[Profile, list[Request], list[Circumstances], datetime, datetime]:
    profile = draw(st.sampled_from(PROFILES))
    at = MONDAY + draw(st.timedeltas(timedelta(0), timedelta(days=800)))
    wanted = [
        Request(
            Child("Lina", draw(st.dates(date(2010, 1, 1), date(2027, 1, 1))), draw(st.sampled_from(BirthKnown))),
            draw(st.sampled_from(services(profile))),
            draw(st.sampled_from(CardType)),
            draw(st.sampled_from([*profile.procedures])),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    known = [draw(circumstances()) for _ in wanted]
    return profile, wanted, known, at, at + draw(st.timedeltas(timedelta(0), timedelta(days=60)))


def grounds_of(answer: Quote) -> Iterator[Grounds | None]:
    yield answer.grounds
    things = (*answer.fees, *answer.checklist, *answer.notices, *answer.printed, *answer.legal_base)
    yield from (thing.grounds for thing in things)
    yield from (offer.grounds for offers in answer.procedures for offer in offers)
    yield from (longest.grounds for longest in answer.validity if longest is not None)
    if answer.payment is not None:
        yield answer.payment.grounds
    if answer.collection is not None:
        yield answer.collection.grounds
        yield from (thing.grounds for thing in (*answer.collection.checklist, *answer.collection.notices))


def stands_in(profile: Profile, rule: str) -> bool:
    """Whether a place such as `services.application.checklist[2]` is there, or what it lacks is the reason itself."""
    node: object = profile.model_dump(mode="json", by_alias=True)
    for part in rule.replace("[", ".[").split("."):
        if part.startswith("[") and isinstance(node, list):
            node = node[int(part[1:-1]) - 1]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            return isinstance(node, dict) and rule.startswith("services.")
    return True


@UNHURRIED
@given(visits())
def test_each_part_of_an_answer_names_a_rule_that_stands_in_the_profile_and_a_source_with_its_date(
    visit: tuple[Profile, list[Request], list[Circumstances], datetime, datetime],
) -> None:
    profile, wanted, known, at, applies_at = visit
    answer = quote(profile, wanted, at, applies_at, circumstances=known)
    for grounds in grounds_of(answer):
        assert grounds is not None
        assert profile.sources[grounds.source].read_on
        assert stands_in(profile, grounds.rule), grounds.rule


@UNHURRIED
@given(visits())
def test_money_is_never_negative_and_more_children_are_never_cheaper(
    visit: tuple[Profile, list[Request], list[Circumstances], datetime, datetime],
) -> None:
    profile, wanted, known, at, applies_at = visit
    answer = quote(profile, wanted, at, applies_at, circumstances=known)
    assert answer.total_cents >= 0
    if answer.eligible:
        fewer = quote(profile, wanted[:-1] or wanted, at, applies_at, circumstances=known[: len(wanted[:-1] or wanted)])
        assert fewer.eligible
        assert fewer.total_cents <= answer.total_cents


@UNHURRIED
@given(visits())
def test_when_all_questions_are_answered_nothing_hangs_on_an_answer_any_more(
    visit: tuple[Profile, list[Request], list[Circumstances], datetime, datetime],
) -> None:
    profile, wanted, known, at, applies_at = visit
    for _ in Question:
        open_now = questions(profile, wanted, applies_at, known)
        if not open_now:
            break
        known = [
            replace(
                one, **{question.value: ANSWERS[question][0] for question in open_now if one.answer(question) is None}
            )  # type: ignore[arg-type]
            for one in known
        ]
    assert questions(profile, wanted, applies_at, known) == ()
    answer = quote(profile, wanted, at, applies_at, circumstances=known)
    assert [thing for thing in (*answer.checklist, *answer.notices, *answer.printed) if thing.only_if] == []
    if answer.collection is not None:
        assert [item for item in answer.collection.checklist if item.only_if] == []


@UNHURRIED
@given(visits(), st.sampled_from(Question))
def test_a_question_that_is_not_asked_changes_nothing(
    visit: tuple[Profile, list[Request], list[Circumstances], datetime, datetime], question: Question
) -> None:
    profile, wanted, _, at, applies_at = visit
    card_less = {Question.REGISTERED, Question.NATIONALITY, Question.PAPERS}  # these rest on the law everywhere
    asked = questions(profile, wanted, applies_at)
    follows = {Question.CUSTODY: Question.SEPARATED, Question.RECOVERED: Question.LOSS}.get(question)
    if question in asked or question in card_less or follows in asked or Question.LOSS in asked:
        return
    for value in ANSWERS[question]:
        with_it = quote(profile, wanted, at, applies_at, circumstances=Circumstances(**{question.value: value}))  # type: ignore[arg-type]
        without = quote(profile, wanted, at, applies_at)
        if question is not Question.ROLE or all(
            value in profile.services[request.service].applicants for request in wanted
        ):
            assert with_it == without


def ages(profile: Profile) -> set[int]:
    """Every age at which some condition of the profile turns, the year before it, and the ends of its services."""
    turning = {0, 17, 18}
    for service, rules in profile.services.items():
        turning |= {rules.from_age, (rules.below_age or 19) - 1}
        for _, rule in (*profile.bring_rules(service), *profile.notice_rules(service)):
            turning |= {age for age in (rule.when.from_age, rule.when.below_age) if age is not None}
            turning |= {rule.when.below_age - 1} if rule.when.below_age else set()
    return turning


FIELDS = ("role", "separated", "custody", "loss", "recovered", "previous_card")


def decisive(profile: Profile) -> list[tuple[object, ...]]:
    """The answers to each of `FIELDS`; not asked where no condition of the profile looks at it."""
    conditions = [
        rule.when
        for service in profile.services
        for _, rule in (*profile.bring_rules(service), *profile.notice_rules(service))
    ]
    looked_at = {key for when in conditions for key in when.model_fields_set}
    keys = {"role": "roles"}
    return [ANSWERS[Question(name)] if keys.get(name, name) in looked_at else (None,) for name in FIELDS]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_every_thing_to_bring_and_to_know_can_come_up(profile: Profile) -> None:
    wanted = {
        grounds.rule
        for service, rules in profile.services.items()
        for grounds, _ in (*profile.bring_rules(service), *profile.notice_rules(service))
        if rules.at_kiosk or service is Service.COLLECTION
    }
    seen: set[str] = set()
    asked = [Circumstances(**dict(zip(FIELDS, answers, strict=True))) for answers in product(*decisive(profile))]
    for service, age, card_type in product(services(profile), ages(profile), profile.card_types.sold):
        for procedure in profile.services[service].procedures or ("",):
            child = Child("Lina", date(2026 - age, 5, 4))
            for known in asked if card_type == profile.card_types.sold[0] else asked[:1]:
                answer = quote(profile, [Request(child, service, card_type, procedure)], MONDAY, circumstances=known)
                if not answer.eligible:
                    continue
                things = [*answer.checklist, *answer.notices]
                if answer.collection is not None:
                    things += [*answer.collection.checklist, *answer.collection.notices]
                seen |= {thing.grounds.rule for thing in things if thing.grounds is not None and not thing.only_if}
    assert wanted - seen == set()


def test_a_question_that_hangs_on_another_one_comes_after_it() -> None:
    town = next(profile for profile in PROFILES if any(item.when.custody is not None for item in profile.checklist))
    wanted = [Request(Child("Lina", date(2022, 5, 4)), Service.APPLICATION, CardType.A, "normal")]
    assert Question.CUSTODY not in questions(town, wanted, MONDAY)
    assert Question.CUSTODY in questions(town, wanted, MONDAY, Circumstances(role=Role.PARENT, separated=True))
    assert Question.CUSTODY not in questions(town, wanted, MONDAY, Circumstances(role=Role.PARENT, separated=False))


def test_children_may_have_circumstances_of_their_own() -> None:
    wanted = [Request(Child(name, date(2022, 5, 4)), Service.APPLICATION, CardType.A, "normal") for name in "ab"]
    town = next(profile for profile in PROFILES if any(item.when.roles for item in profile.checklist))
    both = quote(
        town, wanted, MONDAY, circumstances=[Circumstances(role=Role.GUARDIAN), Circumstances(registered=False)]
    )
    assert (both.eligible, both.child) == (False, 1)
    with pytest.raises(ValueError, match="1 circumstances for 2 requests"):
        quote(town, wanted, MONDAY, circumstances=[Circumstances()])


def test_what_is_needed_anyway_is_not_said_a_second_time_with_an_if() -> None:
    wanted = [Request(Child(name, date(2022, 5, 4)), Service.APPLICATION, CardType.A, "normal") for name in "ab"]
    town = next(profile for profile in PROFILES if any(item.when.roles for item in profile.checklist))
    some_role = next(item.when.roles[0] for item in town.checklist if item.when.roles)
    answer = quote(
        town, wanted, MONDAY, circumstances=[Circumstances(role=some_role, separated=False), Circumstances()]
    )
    codes = [item.code for item in answer.checklist if not item.children]
    assert len(codes) == len(set(codes))
