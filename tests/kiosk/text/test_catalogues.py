"""What is said in one language is said in all of them."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po

from kiosk.text import LANGUAGES
from kiosk.text.catalogue import LOCALE_FOLDER

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def said_in(language: str) -> set[str]:
    """Every message that has words in a language, whichever catalogue it stands in."""
    found = set()
    for path in (LOCALE_FOLDER / language / "LC_MESSAGES").glob("*.po"):
        with path.open("rb") as file:
            messages = [message for message in read_po(file) if message.id]
        found |= {
            str(message.id if isinstance(message.id, str) else message.id[0]) for message in messages if message.string
        }
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_language_lacks_what_another_one_has(language: str) -> None:
    everything = set().union(*map(said_in, TRANSLATED))
    assert everything - said_in(language) == set()
