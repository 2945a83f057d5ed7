"""Every value of the rules has words in every language, short enough for where they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Loss, Question, Role
from kiosk.domain.profiles.profile import parse_profile
from kiosk.domain.quote import (
    ChecklistItem,
    Child,
    Limit,
    Notice,
    OpenCondition,
    Reason,
    Request,
    Service,
)
from kiosk.domain.rules import quote, services
from kiosk.domain.things import NOTICES, OTHER, PRINTED, THINGS
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import available, find_profile
from kiosk.text import LANGUAGES, Texts, terms, texts
from kiosk.visit.asking import possible_answers

TITLE, HINT, SENTENCE = 34, 62, 130  # characters that fit a tile's title, the line beneath it, and a notice
EVERYWHERE = Path(__file__).parents[1] / "domain" / "profiles" / "everywhere.toml"


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Texts:
    return texts(request.param)


def titles(t: Texts) -> Iterator[str]:
    yield from (terms.card_type_name(t, card_type) for card_type in CardType)
    yield from (terms.service_name(t, service) for service in Service)
    for code in THINGS.keys() - {OTHER}:
        for children in ((), (0,), (0, 1)):
            yield terms.checklist_title(t, ChecklistItem(code, children))


def hints(t: Texts) -> Iterator[str]:
    yield from (terms.card_type_meaning(t, card_type) for card_type in CardType)
    yield from (terms.service_hint(t, service) for service in Service)
    for code in THINGS.keys() - {OTHER}:
        for optional in (False, True):
            yield terms.checklist_hint(t, ChecklistItem(code, (0, 1), optional))


def sentences(t: Texts) -> Iterator[str]:
    yield from (terms.reason_text(t, reason) for reason in Reason)
    yield from (terms.reason_way_on(t, reason) for reason in Reason)
    yield from (terms.notice_text(t, Notice(code)) for code in (NOTICES.keys() | PRINTED) - {OTHER})


def test_titles_hints_and_sentences_are_short_enough_for_their_places(t: Texts) -> None:
    assert [text for text in titles(t) if not 0 < len(text) <= TITLE] == []
    assert [text for text in hints(t) if not 0 < len(text) <= HINT] == []
    assert [text for text in sentences(t) if not 0 < len(text) <= SENTENCE] == []


def test_sentences_end_with_a_stop_and_hints_do_not(t: Texts) -> None:
    assert [text for text in sentences(t) if not text.endswith(".")] == []
    assert [text for text in hints(t) if text.endswith(".")] == []


def test_notices_about_particular_children_name_them() -> None:
    for code, per_child in NOTICES.items():
        if per_child:
            for language in LANGUAGES:
                assert "Lina" in terms.notice_text(texts(language), Notice(code, (1,)), ["Yusuf", "Lina"])


def test_the_children_themselves_are_named() -> None:
    item = ChecklistItem("child", (0, 1))
    assert terms.checklist_title(texts("nl"), item, ["Yusuf", "Lina"]) == "Yusuf en Lina zelf"
    assert terms.checklist_title(texts("fr"), item, ["Yusuf", "Lina"]) == "Yusuf et Lina en personne"
    assert terms.checklist_text(texts("en"), item) == "The children in person"


def test_one_child_and_several_children_read_differently() -> None:
    nl = texts("nl")
    assert terms.checklist_title(nl, ChecklistItem("photo-white", (0,)), ["Yusuf"]) == "1 pasfoto"
    assert terms.checklist_title(nl, ChecklistItem("photo-white", (0, 1)), ["Yusuf", "Lina"]) == "1 pasfoto per kind"


def test_a_thing_for_some_of_the_children_says_for_whom() -> None:
    item = ChecklistItem("photo", (1,))
    assert terms.checklist_hint(texts("en"), item, ["Yusuf", "Lina"]) == "for Lina · at most 6 months old"
    assert terms.checklist_hint(texts("en"), item, ["Yusuf"]) == "at most 6 months old"
    only = ChecklistItem(OTHER, (1,), text={"nl": "Noodcontact"})
    assert terms.checklist_hint(texts("en"), only, ["Yusuf", "Lina"]) == "for Lina"


def test_an_optional_thing_says_so_on_one_line() -> None:
    item = ChecklistItem("old-card", (0,), optional=True)
    assert terms.checklist_text(texts("nl"), item) == "Oude kaart van het kind, als er een is"


def test_a_town_s_own_words_fall_back_to_the_language_of_its_desk() -> None:
    item = ChecklistItem(OTHER, text={"nl": "Noodcontact", "fr": "Contact d'urgence"})
    assert terms.checklist_title(texts("fr"), item, (), "nl") == "Contact d'urgence"
    assert terms.checklist_title(texts("en"), item, (), "fr") == "Contact d'urgence"
    assert terms.checklist_title(texts("en"), item) == "Noodcontact"
    assert terms.checklist_text(texts("nl"), item) == "Noodcontact"
    notice = Notice(OTHER, text={"nl": "Op maandag is het druk."})
    assert terms.notice_text(texts("en"), notice, ["Lina"], "nl") == "Op maandag is het druk."


def test_a_town_s_own_name_for_a_procedure_goes_before_the_catalogue_s() -> None:
    own = parse_profile(EVERYWHERE.read_text(encoding="utf-8")).procedure_name
    nl, en = texts("nl"), texts("en")
    assert terms.procedure_name(nl, "super-urgent", own("super-urgent")) == "In Brussel"
    assert terms.procedure_name(en, "super-urgent", own("super-urgent")) == "À Bruxelles"
    assert terms.procedure_name(nl, "urgent", own("urgent")) == "Dringend"
    assert terms.procedure_name(nl, "super-urgent") == "Zeer dringend"
    assert terms.procedure_name(en, "by-courier") == "By courier"


def test_every_answer_that_a_rule_can_wait_for_has_words(t: Texts) -> None:
    asked_of_everybody = {Question.REGISTERED, Question.PAPERS}  # these refuse, and no rule waits for them
    for question in set(Question) - asked_of_everybody:
        for value in possible_answers(question, Service.APPLICATION):
            if value not in ("belgian", None):  # a Belgian child gets no card, so no rule is for it
                words = terms.only_if(t, (OpenCondition(question, (value,)),))
                assert 0 < len(words) <= HINT
                assert not words.endswith(".")


def test_a_thing_that_hangs_on_an_answer_says_on_which() -> None:
    gone = OpenCondition(Question.LOSS, (Loss.LOST, Loss.STOLEN))
    en, nl = texts("en"), texts("nl")
    assert terms.checklist_hint(en, ChecklistItem("police-report", (0,), True, {}, (gone,))) == (
        "if the card was lost or stolen"
    )
    assert terms.notice_text(nl, Notice("report-first", only_if=(gone,))).startswith(
        "Bij verlies of diefstal van de kaart: "
    )
    role = OpenCondition(Question.ROLE, (Role.FOSTER_PARENT, Role.INSTITUTION))
    assert terms.only_if(en, (role,)) == "for foster parents or for institutions"
    separated = (OpenCondition(Question.ROLE, (Role.PARENT,)), OpenCondition(Question.SEPARATED, (True,)))
    assert terms.only_if(en, separated) == "if the parents are separated"


@pytest.mark.parametrize("town", available())
def test_what_a_town_says_fits_its_place_before_anything_was_asked(t: Texts, town: str) -> None:
    profile = find_profile(town)
    at = datetime(2026, 11, 23, 9, 0, tzinfo=BRUSSELS)
    for service in services(profile):
        birth_date = date(2022 if profile.services[service].from_age < 4 else 2012, 5, 4)
        procedure = next(iter(profile.services[service].procedures), None)
        answer = quote(profile, [Request(Child("Lina", birth_date), service, CardType.A, procedure)], at)
        assert answer.eligible
        assert answer.collection is not None or not profile.services[service].card_type
        collected = answer.collection
        items = [*answer.checklist, *(collected.checklist if collected is not None else ())]
        notices = [*answer.notices, *answer.printed, *(collected.notices if collected is not None else ())]
        hints = [terms.checklist_hint(t, item) for item in items]
        assert [hint for hint in hints if len(hint) > HINT] == []
        said = [terms.notice_text(t, notice, (), profile.languages[0]) for notice in notices]
        assert [text for text in said if len(text) > SENTENCE or not text.endswith((".", "?"))] == []
    own = [terms.own_words(t, refusal.text) for refusal in profile.not_eligible if refusal.text]
    assert [text for text in own if len(text) > SENTENCE or not text.endswith(".")] == []


def test_what_ends_a_card_has_words(t: Texts) -> None:
    assert all(terms.limit_text(t, limit) for limit in Limit)


def test_a_town_s_own_way_on_goes_before_the_catalogue_s() -> None:
    own = {"nl": "Kom naar Burgerzaken."}
    assert terms.reason_way_on(texts("fr"), Reason.TOO_OLD, "02 000", own, "nl") == (
        "Kom naar Burgerzaken. Téléphone\u00a0: 02 000"
    )


def test_the_phone_number_is_given_where_people_can_help() -> None:
    en = texts("en")
    assert terms.reason_way_on(en, Reason.TOO_OLD, "02 000").endswith("Phone: 02 000")
    assert "02 000" not in terms.reason_way_on(en, Reason.BORN_IN_FUTURE, "02 000")
    assert "Phone" not in terms.reason_way_on(en, Reason.TOO_OLD)


def test_every_thing_has_a_picture_and_an_unknown_one_a_plain_one() -> None:
    assert {terms.checklist_icon(code) for code in THINGS} <= {
        "child",
        "photo",
        "passport",
        "id-card",
        "old-card",
        "letter",
        "report",
        "judgment",
        "list",
    }
    assert terms.checklist_icon("no-such-thing") == "list"
