"""All that staff read is translated, and nothing is translated that nobody reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import backend

ROOM = Path(backend.__file__).parent


def _messages() -> set[str]:
    found: set[str] = set()
    for template in (ROOM / "templates").rglob("*.html"):
        text = template.read_text()
        found |= {words for _, words in re.findall(r"""{% translate (["'])(.*?)\1(?: as \w+)? %}""", text)}
        for block in re.findall(r"{% blocktranslate .*?%}(.*?){% endblocktranslate %}", text):
            found.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", block))
    for source in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_every_message_is_translated_once_and_none_is_left_over(language: str) -> None:
    rooms = [
        {str(message.id): message for message in read_po(file.open("rb"), locale=language) if message.id}
        for file in sorted((ROOM / "locale" / language / "LC_MESSAGES").glob("*.po"))
    ]
    catalogue = {key: message for room in rooms for key, message in room.items()}
    assert len(catalogue) == sum(map(len, rooms)), "a message stands in two rooms"
    messages = _messages()
    assert messages - catalogue.keys() == set()
    assert catalogue.keys() - messages == set()
    for message in catalogue.values():
        assert message.string and not message.fuzzy
        places = re.compile(r"%\(\w+\)s")
        assert sorted(places.findall(str(message.id))) == sorted(places.findall(str(message.string)))
