"""Words for what a parent can be asked, and for the answers. Titles fit a tile, hints the line beneath it.

The English messages stand here, marked with `N_`; the translations in `questions.po`. A question names the children
it is about; its words do not bend with their number or gender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.domain.circumstances import Loss, Nationality, Papers, Question, Role
from kiosk.text.catalogue import Texts
from kiosk.text.terms import N_

# More names than this make a question hard to read.
_MOST_NAMES = 3

_THE_CHILD = N_("the child")
_THE_CHILDREN = N_("the children")
_NOT_KNOWN = (N_("I do not know"), N_("the desk helps you with it"))

_QUESTIONS: dict[Question, str] = {
    Question.REGISTERED: N_("Is {names} registered in this municipality?"),
    Question.NATIONALITY: N_("Which nationality does {names} have?"),
    Question.PAPERS: N_("Which residence papers does {names} have?"),
    Question.ROLE: N_("Who are you to {names}?"),
    Question.SEPARATED: N_("Do both parents live with {names}?"),
    Question.CUSTODY: N_("Do you have custody of {names}?"),
    Question.LOSS: N_("Was the card of {names} lost or stolen?"),
    Question.RECOVERED: N_("Did you find the card of {names} again?"),
    Question.PREVIOUS_CARD: N_("Does {names} have a card or a paper proof of identity?"),
}

_ANSWERS: dict[Question, Mapping[str | bool, tuple[str, str]]] = {
    Question.REGISTERED: {
        True: (N_("Yes"), N_("at an address in this municipality")),
        False: (N_("No, not yet"), ""),
    },
    Question.NATIONALITY: {
        Nationality.THIRD_COUNTRY: (N_("From outside the EU"), ""),
        Nationality.EU: (N_("From an EU country"), N_("or Iceland, Liechtenstein, Norway, Switzerland")),
        Nationality.BELGIAN: (N_("Belgian"), N_("also with a second nationality")),
    },
    Question.PAPERS: {
        Papers.RESIDENCE: (N_("A right of residence"), N_("a card, or a decision that grants the stay")),
        Papers.IMMATRICULATION: (N_("Certificate of immatriculation"), N_("the orange card")),
        Papers.ANNEX_15: (N_("Annex 15"), N_("a paper that covers the stay for some time")),
        Papers.ANNEX_35: (N_("Annex 35"), N_("a paper during an appeal")),
    },
    Question.ROLE: {
        Role.PARENT: (N_("Mother or father"), ""),
        Role.FOSTER_PARENT: (N_("Foster parent"), N_("a child was placed with you")),
        Role.GUARDIAN: (N_("Guardian"), N_("by a decision of a judge or the authorities")),
        Role.INSTITUTION: (N_("Person in charge of an institution"), N_("such as a home for children")),
    },
    Question.SEPARATED: {
        False: (N_("Yes"), N_("or there is only one parent")),
        True: (N_("No, the parents are separated"), N_("divorced, or living apart")),
    },
    Question.CUSTODY: {
        True: (N_("Yes"), N_("alone, or together with the other parent")),
        False: (N_("No, the other parent has"), ""),
    },
    Question.LOSS: {
        Loss.NO: (N_("No"), ""),
        Loss.LOST: (N_("Lost"), N_("first report it to the police")),
        Loss.STOLEN: (N_("Stolen"), N_("first report it to the police")),
    },
    Question.RECOVERED: {False: (N_("No"), ""), True: (N_("Yes"), N_("it can never be used again"))},
    Question.PREVIOUS_CARD: {True: (N_("Yes"), ""), False: (N_("No"), "")},
}


def question_text(t: Texts, question: Question, names: Sequence[str] = ()) -> str:
    """A question as the parent is asked it, about the children of these first names, or else about "the child"."""
    said = t(_QUESTIONS[question], names=_whom(t, names))
    return said[:1].upper() + said[1:]


def _whom(t: Texts, names: Sequence[str]) -> str:
    if not names:
        return t(_THE_CHILD)
    return t.join(list(names)) if len(names) <= _MOST_NAMES else t(_THE_CHILDREN)


def answer_title(t: Texts, question: Question, answer: str | bool | None) -> str:
    """An answer; None is "I do not know"."""
    return t((_NOT_KNOWN if answer is None else _ANSWERS[question][answer])[0])


def answer_hint(t: Texts, question: Question, answer: str | bool | None) -> str:
    """A few more words on an answer, without a stop; may be empty."""
    hint = (_NOT_KNOWN if answer is None else _ANSWERS[question][answer])[1]
    return t(hint) if hint else ""
