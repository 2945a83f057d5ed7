"""What a parent may be asked about a request besides age and card type, and what that parent answered.

Every answer may be missing, for it was not asked: the rules then say what depends on it, and never guess. Which of
the questions matter is the profile's business (`kiosk.domain.rules.questions`); their words are in `kiosk.text.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """Who asks for the child."""

    PARENT = "parent"
    FOSTER_PARENT = "foster-parent"
    GUARDIAN = "guardian"
    INSTITUTION = "institution"  # the person in charge of one


class Loss(StrEnum):
    """What became of the card that the child had."""

    NO = "no"
    LOST = "lost"
    STOLEN = "stolen"


class Nationality(StrEnum):
    """The child's nationality, as far as a rule looks at it. Citizens of the European Economic Area count as EU."""

    BELGIAN = "belgian"
    EU = "eu"
    THIRD_COUNTRY = "third-country"


class Papers(StrEnum):
    """What the child's stay rests on. Only a right of residence leads to an electronic card."""

    RESIDENCE = "residence"
    IMMATRICULATION = "immatriculation-certificate"
    ANNEX_15 = "annex-15"
    ANNEX_35 = "annex-35"


class Question(StrEnum):
    """What can be asked, in the order in which it is asked; each is the name of a field of `Circumstances`."""

    REGISTERED = "registered"
    NATIONALITY = "nationality"
    PAPERS = "papers"
    ROLE = "role"
    SEPARATED = "separated"
    CUSTODY = "custody"
    LOSS = "loss"
    RECOVERED = "recovered"
    PREVIOUS_CARD = "previous_card"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about one request; None: not asked."""

    registered: bool | None = None  # the child is in the registers of the municipality
    nationality: Nationality | None = None
    papers: Papers | None = None
    role: Role | None = None
    separated: bool | None = None  # the parents are divorced or live apart
    custody: bool | None = None  # the one who asks holds the custody
    loss: Loss | None = None
    recovered: bool | None = None  # a card that was reported lost or stolen was found again
    previous_card: bool | None = None  # the child has a card or a paper proof of identity
    stay_until: date | None = None  # the end of the child's own right of residence; never asked, sometimes known

    def answer(self, question: Question) -> str | bool | None:
        """The answer to one question; None where it was not asked."""
        value: str | bool | None = getattr(self, question.value)
        return value


NOT_ASKED = Circumstances()
