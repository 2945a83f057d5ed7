"""Finding requests by code, by name or by number. What is typed comes by POST and is kept nowhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from backend.requests.models import Request
from kiosk.domain.tickets.claims import CodeError, normalise

MAX_QUESTION = 120
SHORTEST_NAME = 2


class SearchedBy(StrEnum):
    """What a question was taken for."""

    CODE = "code"
    NUMBER = "number"
    NAME = "name"
    TOO_SHORT = "too-short"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, newest first, at most `limit`."""

    by: SearchedBy
    rows: tuple[Request, ...]


def fold(text: str) -> str:
    """A name as it is compared: without accents, case, dashes and double spaces. El-Amrání → el amrani"""
    bare = "".join(
        " " if not character.isalnum() else character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    return " ".join(bare.split())


def digits(text: str) -> str:
    """The digits of a number, however it is written. 85.07.30-033.28 → 85073003328"""
    return "".join(character for character in text if character.isdecimal() and character.isascii())


def search(rows: QuerySet[Request], question: str, limit: int = 25) -> Answer:
    """A ticket's code, a national or card number, or the beginning of a surname, whichever the question looks like."""
    question = question.strip()[:MAX_QUESTION]
    rows = rows.order_by("-made_at")
    try:
        return Answer(SearchedBy.CODE, tuple(rows.filter(ticket_code=normalise(question))[:limit]))
    except CodeError:
        pass
    number = digits(question)
    if len(number) >= 9 and len(number) * 2 > len(question.replace(" ", "")):
        found = rows.filter(Q(search_number=number) | Q(card_number__iexact=question))
        return Answer(SearchedBy.NUMBER, tuple(found[:limit]))
    name = fold(question)
    if len(name) < SHORTEST_NAME:
        return Answer(SearchedBy.TOO_SHORT, ())
    return Answer(SearchedBy.NAME, tuple(rows.filter(search_name__startswith=name)[:limit]))
