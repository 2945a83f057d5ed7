"""Every message of the screens is said in every language on offer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from kiosk.text import LANGUAGES, texts

_UI = Path(__file__).parents[3] / "kiosk" / "ui"
_KEYWORDS = {"t": None, "own": None, "mark": None, "count": (1, 2)}


def _messages() -> list[str | tuple[str, ...]]:
    found = extract_from_dir(_UI, keywords=_KEYWORDS, method_map=[("**.py", "python")])
    return [message for _file, _line, message, _comments, _context in found]


def test_there_are_messages_to_check() -> None:
    assert len(_messages()) > 150


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_message_is_translated(language: str) -> None:
    t = texts(language)
    singular = [message for message in _messages() if isinstance(message, str)]
    assert [message for message in singular if not t.knows(message)] == []
    plural = [message for message in _messages() if not isinstance(message, str)]
    assert [message for message in plural if message[0] not in t._plurals] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_places_to_fill_in_are_the_same_in_every_language(language: str) -> None:
    t = texts(language)
    for message in _messages():
        english = message if isinstance(message, str) else " ".join(message)
        said = t._messages[message] if isinstance(message, str) else " ".join(t._plurals[message[0]])
        assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", english)), english


def test_french_keeps_its_question_marks_with_the_word() -> None:
    t = texts("fr")
    messages = [message for message in _messages() if isinstance(message, str)]
    said = [t._messages[message] for message in messages]
    assert [text for text in said if re.search(r" [?!:;]", text)] == []
