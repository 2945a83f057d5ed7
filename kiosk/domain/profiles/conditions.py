"""When a rule of a profile counts: conditions on a child, and on what the parent was or was not asked.

A condition has three ends. It is met; it is not met; or it hangs on a question that nobody has answered yet. The third
is what makes a list honest before everything was asked ("judgment on custody: if the parents are separated"), and it
is also how the kiosk learns what is worth asking.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import Field

from kiosk.domain.card_types import GROUPS, CardType, Group
from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Loss, Nationality, Question, Role
from kiosk.domain.profiles.values import Block, Whole, YesNo
from kiosk.domain.quote import OpenCondition, Request, Service

_EITHER = frozenset((True, False))
_LOST = frozenset((Loss.LOST, Loss.STOLEN))


@dataclass(frozen=True, slots=True)
class Case:
    """One child on the day of its visit to the desk. `service` is what the visit is for: the request's, or collecting.

    `applicants` are those who may ask for it.
    """

    index: int
    request: Request
    age: int
    service: Service
    known: Circumstances = NOT_ASKED
    applicants: tuple[Role, ...] = tuple(Role)

    def possible(self, question: Question) -> Set[str | bool]:
        """The answers that are still possible: one that was given, or all that could be."""
        given = self.known.answer(question)
        if given is not None:
            return frozenset((given,))
        return _possible_unasked(self, question)


def _possible_unasked(case: Case, question: Question) -> Set[str | bool]:
    if question is Question.ROLE:
        return frozenset(case.applicants)
    if question is Question.NATIONALITY:
        return nationalities(case.request.card_type)
    if question is Question.LOSS:
        return _LOST if case.service is Service.DUPLICATE else frozenset(Loss)
    if question is Question.PREVIOUS_CARD and case.possible(Question.LOSS) <= _LOST:
        return frozenset((False,))  # it is gone
    return _EITHER


def nationalities(card_type: CardType | None) -> frozenset[Nationality]:
    """The nationalities that the holders of a card type can have; a child that gets a card is never Belgian.

    EU citizens get EU cards; F and M cards are for others (municipal pages: "derdelands familielid").
    """
    if card_type is None:
        return frozenset((Nationality.EU, Nationality.THIRD_COUNTRY))
    citizen = GROUPS[card_type] is Group.EU_CITIZEN
    return frozenset((Nationality.EU if citizen else Nationality.THIRD_COUNTRY,))


def possible_answers(asked: Set[Question], service: Service, known: Circumstances) -> Iterator[Circumstances]:
    """What is known, with each answer still possible to what a fee hangs on: the loss, and whether there was a card.

    A card that was lost or stolen is one that the child had, so the next is never the first.
    """
    losses: Sequence[Loss | None] = (known.loss,)
    if Question.LOSS in asked and known.loss is None:
        losses = tuple(loss for loss in Loss if service is not Service.DUPLICATE or loss in _LOST)
    for loss in losses:
        had_one = True if service is Service.DUPLICATE or loss in _LOST else known.previous_card
        for answer in (True, False) if Question.PREVIOUS_CARD in asked and had_one is None else (had_one,):
            yield replace(known, loss=loss, previous_card=answer)


class When(Block):
    """Conditions, all of which must hold. `from_age`: from that birthday on; `below_age`: up to the day before it."""

    from_age: Whole | None = Field(default=None, ge=0, le=120)
    below_age: Whole | None = Field(default=None, ge=1, le=120)
    groups: tuple[Group, ...] = ()
    card_types: tuple[CardType, ...] = ()
    procedures: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    nationalities: tuple[Nationality, ...] = ()
    roles: tuple[Role, ...] = ()
    separated: YesNo | None = None
    custody: YesNo | None = None  # held by the one who asks
    loss: tuple[Loss, ...] = ()
    recovered: YesNo | None = None
    previous_card: YesNo | None = None

    def open_conditions(self, case: Case) -> tuple[OpenCondition, ...] | None:
        """() where all is met, None where something is not met, and else what still has to be asked."""
        if not self._met_by_request(case):
            return None
        still_open = []
        for question, wanted in self._asked:
            possible = case.possible(question)
            if possible.isdisjoint(wanted):
                return None
            if not possible <= wanted:
                still_open.append(OpenCondition(question, tuple(sorted(wanted & possible, key=str))))
        return tuple(still_open)

    def _met_by_request(self, case: Case) -> bool:
        """What is known of every request; a card type or procedure not asked for meets no condition on it."""
        card_type = case.request.card_type
        return (
            (self.from_age is None or case.age >= self.from_age)
            and (self.below_age is None or case.age < self.below_age)
            and (not self.groups or (card_type is not None and GROUPS[card_type] in self.groups))
            and (not self.card_types or card_type in self.card_types)
            and (not self.procedures or case.request.procedure in self.procedures)
            and (not self.services or case.service in self.services)
        )

    @cached_property
    def _asked(self) -> list[tuple[Question, frozenset[str | bool]]]:
        """The conditions on circumstances that are set, in the order of the questions."""
        several = {
            Question.NATIONALITY: self.nationalities,
            Question.ROLE: self.roles,
            Question.LOSS: self.loss,
        }
        yes_or_no = {
            Question.SEPARATED: self.separated,
            Question.CUSTODY: self.custody,
            Question.RECOVERED: self.recovered,
            Question.PREVIOUS_CARD: self.previous_card,
        }
        asked: dict[Question, frozenset[str | bool]] = {q: frozenset(values) for q, values in several.items() if values}
        asked |= {q: frozenset((value,)) for q, value in yes_or_no.items() if value is not None}
        return [(question, asked[question]) for question in Question if question in asked]
