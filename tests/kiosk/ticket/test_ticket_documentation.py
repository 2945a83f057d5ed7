"""docs/ticket.md is true: its example is what the code makes, and its tables name what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.domain.tickets.claims import ALPHABET, check
from kiosk.domain.tickets.keys import parse_key_set
from kiosk.domain.tickets.signature import RefusalReason, verify
from tests.kiosk.ticket.examples import CLAIMS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ticket.md").read_text(encoding="utf-8")


def block(beginning: str) -> str:
    """The fenced block whose content begins so."""
    return next(text for text in re.findall(r"```\w*\n(.*?)\n```", PAGE, re.DOTALL) if text.startswith(beginning))


def test_the_example_verifies_with_its_key_and_says_what_stands_there():
    text = block("LK1:")
    assert verify(text, parse_key_set(block("{\n"))) == CLAIMS
    assert f"{len(text)} characters" in PAGE


def test_the_page_names_every_reason_of_refusal_and_the_alphabet():
    assert [reason.value for reason in RefusalReason if f"| `{reason.value}` |" not in PAGE] == []
    assert " ".join(ALPHABET) in PAGE


def test_the_codes_on_the_page_are_right():
    assert all(check(code) for code in re.findall(r"`(\w{3}-\w{3}-\w)`", PAGE))
