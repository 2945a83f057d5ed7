"""What is asked besides age and card, and when: the rounds of questions of a visit.

A round is worked out anew from the rules after every answer. So a question that no longer matters is gone when another
answer changes, and it is back with its old answer when that answer is changed back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from kiosk.domain.circumstances import Circumstances, Loss, Nationality, Papers, Question, Role
from kiosk.domain.quote import Reason, Service

Answer = str | bool | None
"""A value of a field of `Circumstances`; None: the parent does not know."""


class Round(StrEnum):
    """When questions are asked."""

    CHILD = "child"  # after the birth date: what decides whether this child can have a card here
    CARD = "card"  # after card type and procedure: what else matters for this child
    FAMILY = "family"  # after the last child: what is the same for all children


# Who asks, and how the parents live, is asked once in a visit.
OF_THE_FAMILY = frozenset({Question.ROLE, Question.SEPARATED, Question.CUSTODY})

# Where an honest parent may have no answer. The rules then say what depends on it.
MAY_BE_UNKNOWN = frozenset({Question.REGISTERED, Question.PAPERS, Question.CUSTODY})

# The answers that can be given, in the order to show.
_ANSWERS: dict[Question, tuple[Answer, ...]] = {
    Question.REGISTERED: (True, False),
    Question.NATIONALITY: (Nationality.THIRD_COUNTRY, Nationality.EU, Nationality.BELGIAN),
    Question.PAPERS: tuple(Papers),
    Question.ROLE: tuple(Role),
    Question.SEPARATED: (False, True),
    Question.CUSTODY: (True, False),
    Question.LOSS: (Loss.NO, Loss.LOST, Loss.STOLEN),
    Question.RECOVERED: (False, True),
    Question.PREVIOUS_CARD: (True, False),
}

# The question whose answer leads to a no.
BEHIND: dict[Reason, Question] = {
    Reason.BELGIAN_CHILD: Question.NATIONALITY,
    Reason.PAPERS_NOT_ELIGIBLE: Question.PAPERS,
    Reason.NOT_IN_REGISTERS: Question.REGISTERED,
    Reason.APPLICANT_NOT_ENTITLED: Question.ROLE,
}


def possible_answers(question: Question, service: Service) -> tuple[Answer, ...]:
    """What can be answered, in the order to show; who asks for a duplicate has lost the card, or it was stolen."""
    known = _ANSWERS[question]
    if question is Question.LOSS and service is Service.DUPLICATE:
        known = (Loss.LOST, Loss.STOLEN)
    return (*known, None) if question in MAY_BE_UNKNOWN else known


def with_answers(circumstances: Circumstances, said: Mapping[Question, Answer]) -> Circumstances:
    """The circumstances, with these answers filled in."""
    fields: dict[str, Any] = {question.value: answer for question, answer in said.items()}
    return replace(circumstances, **fields)


def chain(
    known: Circumstances,
    said: Mapping[Question, Answer],
    open_questions: Callable[[Circumstances], tuple[Question, ...]],
) -> tuple[Question, ...]:
    """The questions of a round in the order to ask them: those answered already, and the first that is open.

    `open_questions` are the round's questions that matter with what is known.
    """
    asked: list[Question] = []
    while (following := next((one for one in open_questions(known) if one not in asked), None)) is not None:
        asked.append(following)
        if following not in said:
            break
        known = with_answers(known, {following: said[following]})
    return tuple(asked)
