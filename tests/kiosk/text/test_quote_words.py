"""Every word of `kiosk quote` is there in each language it can be asked for, German among them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from kiosk.commands import quote_lines
from kiosk.domain.circumstances import Question
from kiosk.text import LANGUAGES, questions, terms, texts
from kiosk.text.catalogue import LOCALE_FOLDER

# The room's module, its catalogue, and how messages are marked in it.
ROOMS = (
    (quote_lines, "quote", {"N_": None, "count": (1, 2)}),
    (terms, "terms", {"N_": None, "NN_": (1, 2)}),
    (questions, "questions", {"N_": None}),
)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
@pytest.mark.parametrize(("module", "name", "keywords"), ROOMS, ids=[name for _, name, _ in ROOMS])
def test_the_catalogue_holds_every_message_of_the_code_and_no_other(
    language: str, module: object, name: str, keywords: dict[str, tuple[int, ...] | None]
) -> None:
    with Path(str(module.__file__)).open("rb") as file:  # type: ignore[attr-defined]
        said = {message for _, message, _, _ in extract("python", file, keywords=keywords)}
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    assert {message.id for message in catalogue if message.id} == said
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(forms) and not message.fuzzy
            places = [set(re.findall(r"\{\w+\}", text)) for text in (*ids, *forms)]
            assert all(found == places[0] for found in places), message.id


def test_german_questions_are_whole_sentences() -> None:
    said = [questions.question_text(texts("de"), question) for question in Question]
    assert all(re.fullmatch(r"[A-Z].*\?", text) for text in said)
