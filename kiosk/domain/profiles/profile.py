"""A municipality's rules as data: the models behind `assets/municipalities/*.toml`.

A profile says what is true in one town hall; `kiosk.domain.rules` says what follows from it. No code names a
municipality. `parse_profile` is the only way in: it either returns a profile whose parts fit each other, or raises
`ProfileFaults` with every fault it found, each with its place, its value and what would be right.
Every block may name the `source` of its facts, an entry of `[sources]` with the day on which it was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from kiosk.domain.card_types import GROUPS, CardType, Group
from kiosk.domain.circumstances import Circumstances, Loss, Papers, Question, Role
from kiosk.domain.profiles.checks import check
from kiosk.domain.profiles.conditions import When
from kiosk.domain.profiles.faults import ProfileFault, ProfileFaults, faults_of_toml, faults_of_validation
from kiosk.domain.profiles.values import WEEKDAYS, Block, ClockTime, Day, Hours, OpenHours, Weekday, Whole, Words, YesNo
from kiosk.domain.proof import Proof
from kiosk.domain.quote import Grounds, Place, Reason, Service

__all__ = ["WEEKDAYS", "Hours", "Profile", "ProfileFault", "ProfileFaults", "Weekday", "When", "parse_profile"]


class Source(Block):
    """Where facts come from, and the day on which they were read there."""

    title: str = Field(min_length=1)
    read_on: Day
    url: str | None = None


class Desk(Block):
    """Where a parent goes. `name` by language; a weekday without hours is closed; no hours at all: not known."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Words
    address: str = Field(min_length=1)
    hours: Mapping[Weekday, tuple[OpenHours, ...]] = {}
    source: str | None = None

    def name_in(self, language: str) -> str:
        """The desk's name in a language, or else in the first one it has."""
        return self.name.get(language) or next(iter(self.name.values()))

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The usual hours on a day of the week; holidays and closing days are not looked at."""
        return self.hours.get(WEEKDAYS[day.weekday()], ())


class ClosingDays(Block):
    """Days on which the town hall is closed besides weekends and public holidays; `until` counts too."""

    first: Day = Field(alias="from")
    until: Day | None = None
    why: Words = {}

    def holds(self, day: date) -> bool:
        """Whether the town hall is closed on this day."""
        return self.first <= day <= (self.until or self.first)


class BringRule(Block):
    """One thing to bring, by its code in `kiosk.domain.things`; `text` replaces the catalogue's words."""

    code: str
    optional: YesNo = False  # "if there is one"
    when: When = When()
    text: Words = {}
    source: str | None = None


class NoticeRule(Block):
    """One thing to know, by its code in `kiosk.domain.things`; `text` replaces the catalogue's words."""

    code: str
    when: When = When()
    text: Words = {}
    source: str | None = None


_Rule = TypeVar("_Rule", BringRule, NoticeRule)


class SlotMinutes(Block):
    """How long an appointment takes: `base` minutes with one child, and more for each further one."""

    base: Whole = Field(gt=0, le=480)
    per_extra_child: Whole = Field(default=0, ge=0, le=480)


class Lapse(StrEnum):
    """What ends a card before or at its date."""

    END = "end"
    MOVE = "move"  # another place of residence or address
    NAME = "name"  # another surname, first name or nationality


class Validity(Block):
    """How long a card can be valid at most, counted from the day of the request at the desk.

    Without `max_years` the municipality does not say it.
    """

    max_years: Whole | None = Field(default=None, ge=1, le=20)
    ends_at_age: Whole | None = Field(default=None, ge=1, le=120)
    not_beyond_stay: YesNo = True  # the child's own right of residence
    not_beyond_permit: YesNo = False  # the legal representative's own permit
    lapses_on: tuple[Lapse, ...] = (Lapse.END,)
    source: str | None = None


class ServiceRules(Block):
    """One service: whom it is for, what is asked at the kiosk, and what the visit to the desk needs.

    A service with `at_kiosk = false` is only described (how a card is collected, say), not offered as a choice.
    `proof` is what the parent's card has to prove for it; `without_card` lets a parent who has no residence card ask
    for it all the same, and the desk checks who they are. `applicants` are those who may ask; others are sent to the
    desk. That a child is about to become too old is told `soon_too_old_months` before its birthday. `appointment_as`
    is the name under which the municipality's own appointment system lists it. `validity` goes before the profile's.
    """

    at_kiosk: YesNo = True
    from_age: Whole = Field(default=0, ge=0, le=120)
    below_age: Whole | None = Field(default=None, ge=1, le=120)
    card_type: YesNo
    procedures: tuple[str, ...] = ()
    free: YesNo = False
    proof: tuple[Proof, ...] = (Proof.IDENTITY, Proof.CHIP_WHERE_POSSIBLE)
    without_card: YesNo = False
    applicants: tuple[Role, ...] = Field(default=tuple(Role), min_length=1)
    soon_too_old_months: Whole = Field(default=3, ge=0, le=24)
    appointment: YesNo
    appointment_as: str = ""
    slot: SlotMinutes | None = None
    desk: str
    child_present: YesNo = True
    child_present_from_age: Whole = Field(default=0, ge=0, le=120)
    checklist: tuple[BringRule, ...] = ()
    notices: tuple[NoticeRule, ...] = ()
    validity: Validity | None = None
    source: str | None = None


class Delivery(Block):
    """How long a card takes: so many working days or weeks after the request; neither: it cannot be said.

    "2 to 3 weeks" is `weeks_from = 2, weeks = 3`.
    `collect_from` is the hour on that day. `exact`: the municipality promises it; `at_most`: it promises that it takes
    no longer; otherwise the day is "around".
    """

    working_days: Whole | None = Field(default=None, ge=0, le=60)
    weeks: Whole | None = Field(default=None, ge=1, le=52)
    weeks_from: Whole | None = Field(default=None, ge=1, le=52)
    collect_from: ClockTime | None = None
    exact: YesNo = False
    at_most: YesNo = False


ProcedureId = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=40)]


class Procedure(Block):
    """Normal, urgent or any other. `cut_off` is exclusive: at that minute it is too late for the day.

    `collect_at` is the desk where such cards are collected, where that is not the desk of the collection.
    """

    name: Words = {}
    cut_off: ClockTime | None = None
    delivery: Delivery = Delivery()
    collect_at: str | None = None
    source: str | None = None


Cents = Annotated[Whole, Field(ge=0, le=1_000_000)]  # at most € 10 000, which no card costs


class Tariff(Block):
    """Fees in cents by procedure, from a day on, until a later tariff for the same replaces it.

    `previous_card` false is for a first card, true for one that follows another; `loss` for a card that was lost, or
    stolen, or neither.
    """

    id: str = Field(min_length=1)
    start: Day = Field(alias="from")
    services: tuple[Service, ...] = Field(min_length=1)
    card_types: tuple[CardType, ...] = ()
    groups: tuple[Group, ...] = ()
    from_age: Whole = Field(default=0, ge=0, le=120)
    below_age: Whole | None = Field(default=None, ge=1, le=120)
    previous_card: YesNo | None = None
    loss: tuple[Loss, ...] = ()
    fees: Mapping[str, Cents] = Field(min_length=1)
    source: str | None = None

    def covers(
        self, service: Service, card_type: CardType | None, procedure: str, age: int, known: Circumstances
    ) -> bool:
        """Whether this tariff sets the fee; no card types and no groups means all of them.

        `known` holds an answer to each of `questions`.
        """
        of_answers = (not self.loss or known.loss in self.loss) and (
            self.previous_card is None or known.previous_card is self.previous_card
        )
        of_type = not (self.card_types or self.groups) or (
            card_type is not None and (card_type in self.card_types or GROUPS[card_type] in self.groups)
        )
        of_age = age >= self.from_age and (self.below_age is None or age < self.below_age)
        return of_answers and of_type and of_age and service in self.services and procedure in self.fees

    @property
    def questions(self) -> tuple[Question, ...]:
        """What has to be asked to know whether this tariff counts."""
        by_loss = (Question.LOSS,) if self.loss else ()
        return (*by_loss, Question.PREVIOUS_CARD) if self.previous_card is not None else by_loss


class CardTypes(Block):
    """The card types in the order to show. `desk_only`: named by the municipality, but not sold at the kiosk."""

    sold: tuple[CardType, ...] = Field(min_length=1)
    desk_only: tuple[CardType, ...] = ()
    source: str | None = None


class LegalBase(Block):
    """A law or decree the rules rest on."""

    text: Words
    source: str | None = None


class PaymentPlace(StrEnum):
    """Where a parent can pay."""

    KIOSK = "kiosk"
    DESK = "desk"


class PaymentMeans(StrEnum):
    """What a municipality takes for a fee."""

    BANCONTACT = "bancontact"
    CARD = "card"  # other debit and credit cards
    CASH = "cash"
    TRANSFER = "transfer"


class Payment(Block):
    """Where, and by what means, fees are paid; the preferred means first. The kiosk itself takes cards only."""

    places: tuple[PaymentPlace, ...] = Field(min_length=1)
    means: tuple[PaymentMeans, ...] = ()
    source: str | None = None


class NotEligible(Block):
    """What is said to those who cannot have a card, for one reason; `papers` narrows it to some papers.

    That it is here for the child's nationality, papers or registration also makes the kiosk ask after them.
    """

    reason: Reason
    papers: tuple[Papers, ...] = ()
    text: Words = {}
    source: str | None = None


class Printed(Block):
    """What is printed on a card in place of the child's signature, by its code in `kiosk.domain.things`."""

    code: str
    when: When = When()
    text: Words = {}
    source: str | None = None


class Profile(Block):
    """Everything one municipality decides. `languages` are official; the first is the desk's."""

    id: str = Field(pattern=r"^[a-z0-9-]+$", max_length=60)
    version: str = Field(min_length=1, max_length=40)  # every request keeps it
    name: str = Field(min_length=1, max_length=120)
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]+$")], ...] = Field(min_length=1)
    phone: str = ""  # for those whom the kiosk cannot help; empty: not known
    sources: Mapping[str, Source] = Field(min_length=1)
    desks: tuple[Desk, ...] = Field(min_length=1)
    closing_days: tuple[ClosingDays, ...] = ()
    card_types: CardTypes
    services: Mapping[Service, ServiceRules] = Field(min_length=1)
    procedures: Mapping[ProcedureId, Procedure] = Field(min_length=1)
    tariffs: tuple[Tariff, ...] = ()
    validity: Validity
    payment: Payment
    legal_base: tuple[LegalBase, ...] = ()
    checklist: tuple[BringRule, ...] = ()  # for several services: `when.services` says for which
    notices: tuple[NoticeRule, ...] = ()
    not_eligible: tuple[NotEligible, ...] = ()
    printed: tuple[Printed, ...] = ()

    def bring_rules(self, service: Service) -> Iterator[tuple[Grounds, BringRule]]:
        """What a service asks to bring, each with its grounds: its own list first, then the shared one."""
        yield from self._rules(service, self.services[service].checklist, "checklist", self.checklist)

    def notice_rules(self, service: Service) -> Iterator[tuple[Grounds, NoticeRule]]:
        """What there is to know about a service, each with its grounds: its own first, then the shared ones."""
        yield from self._rules(service, self.services[service].notices, "notices", self.notices)

    def _rules(
        self, service: Service, own: tuple[_Rule, ...], name: str, shared: tuple[_Rule, ...]
    ) -> Iterator[tuple[Grounds, _Rule]]:
        source = self.services[service].source
        for index, rule in enumerate(own, 1):
            yield self.grounds(f"services.{service}.{name}[{index}]", rule.source or source), rule
        for index, rule in enumerate(shared, 1):
            yield self.grounds(f"{name}[{index}]", rule.source), rule

    def grounds(self, rule: str, source: str | None) -> Grounds:
        """The grounds of a rule; a block that names no source has the first one of `[sources]`."""
        return Grounds(rule, source or next(iter(self.sources)))

    def validity_of(self, service: Service) -> tuple[str, Validity]:
        """The validity rules of a service, after the place where they stand."""
        own = self.services[service].validity
        return (f"services.{service}.validity", own) if own is not None else ("validity", self.validity)

    def procedure_name(self, procedure: str) -> Mapping[str, str]:
        """The municipality's own words for a procedure, its desk's language first; {} where the catalogue has some."""
        known = self.procedures.get(procedure)
        words = known.name if known is not None else {}
        return self._desk_language_first(words)

    def desk(self, desk_id: str) -> Desk:
        """The desk of this id; KeyError where there is none (a parsed profile names only desks it has)."""
        for desk in self.desks:
            if desk.id == desk_id:
                return desk
        raise KeyError(desk_id)

    def place(self, desk_id: str) -> Place:
        """A desk as an answer names it; KeyError as `desk` raises it."""
        desk = self.desk(desk_id)
        return Place(self._desk_language_first(desk.name), desk.address)

    def _desk_language_first(self, words: Mapping[str, str]) -> Mapping[str, str]:
        return dict(sorted(words.items(), key=lambda said: said[0] != self.languages[0]))

    def closed_on(self, day: date) -> bool:
        """Whether the municipality's own closing days hold on this day."""
        return any(days.holds(day) for days in self.closing_days)


def parse_profile(text: str) -> Profile:
    """A profile from its TOML. Raises `ProfileFaults` with all faults of the first stage that has any.

    The stages: the text is TOML; every key and value is of the right kind; the parts fit each other.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileFaults(faults_of_toml(error, text)) from None
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        raise ProfileFaults(faults_of_validation(error, Profile)) from None
    faults = check(profile)
    if faults:
        raise ProfileFaults(faults)
    return profile
