"""Every question and every answer has words in every language, short enough for a screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from kiosk.domain.circumstances import Question
from kiosk.domain.quote import Service
from kiosk.text import LANGUAGES, Texts, questions, texts
from kiosk.text.catalogue import LOCALE_FOLDER
from kiosk.visit.asking import possible_answers

QUESTION, TITLE, HINT = 62, 40, 62
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Texts:
    return texts(request.param)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_every_message_of_the_code_and_no_other(language: str) -> None:
    with Path(questions.__file__).open("rb") as file:
        said = {message for _, message, _, _ in extract("python", file, keywords={"N_": None})}
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "questions.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    assert {message.id for message in catalogue if message.id} == said
    for message in catalogue:
        assert message.string and not message.fuzzy
        assert re.findall(r"\{\w+\}", str(message.id)) == re.findall(r"\{\w+\}", str(message.string)) or not message.id


def test_every_question_and_answer_has_words_that_fit(t: Texts) -> None:
    for question in Question:
        text = questions.question_text(t, question)
        assert 0 < len(text) <= QUESTION and text.endswith("?")
        for answer in possible_answers(question, Service.APPLICATION):
            assert 0 < len(questions.answer_title(t, question, answer)) <= TITLE
            hint = questions.answer_hint(t, question, answer)
            assert len(hint) <= HINT and not hint.endswith(".")


def test_a_question_names_the_children_up_to_three(t: Texts) -> None:
    one = questions.question_text(t, Question.SEPARATED, ["Yusuf"])
    three = questions.question_text(t, Question.SEPARATED, ["Yusuf", "Lina", "Noor"])
    four = questions.question_text(t, Question.SEPARATED, ["Yusuf", "Lina", "Noor", "Sami"])
    assert "Yusuf" in one and "Noor" in three and "Yusuf" not in four


def test_french_keeps_its_question_marks_with_the_word() -> None:
    for question in Question:
        assert questions.question_text(texts("fr"), question).endswith("\u00a0?")
