"""A municipality's rules as data: the models behind `assets/municipalities/*.toml`.

A profile says what is true in one town hall; `kiosk.domain.rules` says what follows from it. No code names a
municipality. `parse_profile` is the only way in: it either returns a profile whose parts fit each other, or raises
`ProfileFaults` with every fault it found, each with its place, its value and what would be right.
Every block may name the `source` of its facts, an entry of `[sources]` with the day on which it was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kiosk.domain.card_types import GROUPS, CardType, Group
from kiosk.domain.profile_checks import check
from kiosk.domain.profile_faults import ProfileFault, ProfileFaults, faults_of_toml, faults_of_validation
from kiosk.domain.proof import Proof
from kiosk.domain.quote import Service

__all__ = ["Profile", "ProfileFault", "ProfileFaults", "parse_profile"]

Words = Mapping[str, str]  # by language code; the official languages are required where words are given at all


def _clock(value: Any) -> Any:
    """Accept "15:00" beside TOML's own local time, which insists on seconds."""
    if not isinstance(value, str):
        return value
    hour, colon, minute = value.partition(":")
    if not (colon and len(minute) == 2 and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        raise ValueError('a clock time such as "15:00"')
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError('a clock time from "00:00" to "23:59"')
    return time(int(hour), int(minute))


ClockTime = Annotated[time, BeforeValidator(_clock)]  # local time in Europe/Brussels


def _hours(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError('hours such as "09:00-12:00"')
    return {"start": start.strip(), "end": end.strip()}


class Weekday(StrEnum):
    """Days of the week in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAYS = tuple(Weekday)


class Block(BaseModel):
    """Base of all parts of a profile: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(Block):
    """Where facts come from, and the day on which they were read there."""

    title: str = Field(min_length=1)
    read_on: date
    url: str | None = None


class Hours(Block):
    """A stretch of opening time on one day; `end` is the closing time."""

    start: ClockTime
    end: ClockTime


OpenHours = Annotated[Hours, BeforeValidator(_hours)]


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

    first: date = Field(alias="from")
    until: date | None = None
    why: Words = {}

    def holds(self, day: date) -> bool:
        """Whether the town hall is closed on this day."""
        return self.first <= day <= (self.until or self.first)


class When(Block):
    """Conditions, all of which must hold. `from_age`: from that birthday on; `below_age`: up to the day before it."""

    from_age: int | None = Field(default=None, ge=0, le=120)
    below_age: int | None = Field(default=None, ge=1, le=120)
    groups: tuple[Group, ...] = ()
    card_types: tuple[CardType, ...] = ()
    procedures: tuple[str, ...] = ()

    def holds(self, age: int, card_type: CardType | None, procedure: str | None) -> bool:
        """Whether the conditions are met for one child; a type or procedure not asked for meets no condition on it."""
        return (
            (self.from_age is None or age >= self.from_age)
            and (self.below_age is None or age < self.below_age)
            and (not self.groups or (card_type is not None and GROUPS[card_type] in self.groups))
            and (not self.card_types or card_type in self.card_types)
            and (not self.procedures or procedure in self.procedures)
        )


class BringRule(Block):
    """One thing to bring, by its code in `kiosk.domain.things`; `text` replaces the catalogue's words."""

    code: str
    optional: bool = False  # "if there is one"
    when: When = When()
    text: Words = {}


class NoticeRule(Block):
    """One thing to know, by its code in `kiosk.domain.things`; `text` replaces the catalogue's words."""

    code: str
    when: When = When()
    text: Words = {}


class SlotMinutes(Block):
    """How long an appointment takes: `base` minutes with one child, and more for each further one."""

    base: int = Field(gt=0, le=480)
    per_extra_child: int = Field(default=0, ge=0, le=480)


class ServiceRules(Block):
    """One service: whom it is for, what is asked at the kiosk, and what the visit to the desk needs.

    A service with `at_kiosk = false` is only described (how a card is collected, say), not offered as a choice.
    `proof` is what the parent's card has to prove for it; `without_card` lets a parent who has no residence card ask
    for it all the same, and the desk checks who they are.
    """

    at_kiosk: bool = True
    from_age: int = Field(default=0, ge=0, le=120)
    below_age: int | None = Field(default=None, ge=1, le=120)
    card_type: bool
    procedures: tuple[str, ...] = ()
    free: bool = False
    proof: tuple[Proof, ...] = (Proof.IDENTITY,)
    without_card: bool = False
    appointment: bool
    slot: SlotMinutes | None = None
    desk: str
    child_present: bool = True
    child_present_from_age: int = Field(default=0, ge=0, le=120)
    checklist: tuple[BringRule, ...] = ()
    notices: tuple[NoticeRule, ...] = ()
    source: str | None = None


class Delivery(Block):
    """How long a card takes: so many working days or weeks after the request; neither: it cannot be said.

    `collect_from` is the hour on that day. `exact`: the municipality promises it; otherwise the day is "around".
    """

    working_days: int | None = Field(default=None, ge=0, le=60)
    weeks: int | None = Field(default=None, ge=1, le=52)
    collect_from: ClockTime | None = None
    exact: bool = False


class Procedure(Block):
    """Normal, urgent or any other. `cut_off` is exclusive: at that minute it is too late for the day."""

    name: Words = {}
    cut_off: ClockTime | None = None
    delivery: Delivery = Delivery()
    source: str | None = None


class Tariff(Block):
    """Fees in cents by procedure, from a day on, until a later tariff for the same replaces it."""

    id: str = Field(min_length=1)
    start: date = Field(alias="from")
    services: tuple[Service, ...] = Field(min_length=1)
    card_types: tuple[CardType, ...] = ()
    groups: tuple[Group, ...] = ()
    from_age: int = Field(default=0, ge=0, le=120)
    below_age: int | None = Field(default=None, ge=1, le=120)
    fees: Mapping[str, Annotated[int, Field(ge=0, strict=True)]] = Field(min_length=1)
    source: str | None = None

    def covers(self, service: Service, card_type: CardType | None, procedure: str, age: int) -> bool:
        """Whether this tariff sets the fee; no card types and no groups means all of them."""
        of_type = not (self.card_types or self.groups) or (
            card_type is not None and (card_type in self.card_types or GROUPS[card_type] in self.groups)
        )
        of_age = age >= self.from_age and (self.below_age is None or age < self.below_age)
        return of_type and of_age and service in self.services and procedure in self.fees


class CardTypes(Block):
    """The card types in the order to show. `desk_only`: named by the municipality, but not sold at the kiosk."""

    sold: tuple[CardType, ...] = Field(min_length=1)
    desk_only: tuple[CardType, ...] = ()
    source: str | None = None


class Lapse(StrEnum):
    """What ends a card before or at its date."""

    END = "end"
    MOVE = "move"  # another place of residence or address
    NAME = "name"  # another surname, first name or nationality


class Validity(Block):
    """How long a card can be valid at most, counted from the day of the request at the desk."""

    max_years: int = Field(ge=1, le=20)
    ends_at_age: int | None = Field(default=None, ge=1, le=120)
    not_beyond_permit: bool = False  # the legal representative's own permit
    lapses_on: tuple[Lapse, ...] = (Lapse.END,)
    source: str | None = None


class LegalBase(Block):
    """A law or decree the rules rest on."""

    text: Words
    source: str | None = None


class PaymentPlace(StrEnum):
    """Where a parent can pay."""

    KIOSK = "kiosk"
    DESK = "desk"


class Payment(Block):
    """Where, and by what means, fees are paid."""

    places: tuple[PaymentPlace, ...] = Field(min_length=1)
    source: str | None = None


class Profile(Block):
    """Everything one municipality decides. `languages` are official; the first is the desk's."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str = Field(min_length=1)
    name: str = Field(min_length=1)
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]+$")], ...] = Field(min_length=1)
    phone: str = ""  # for those whom the kiosk cannot help; empty: not known
    crest: str | None = None  # an image beside the profile, by its name
    sources: Mapping[str, Source] = Field(min_length=1)
    desks: tuple[Desk, ...] = Field(min_length=1)
    closing_days: tuple[ClosingDays, ...] = ()
    card_types: CardTypes
    services: Mapping[Service, ServiceRules] = Field(min_length=1)
    procedures: Mapping[str, Procedure] = Field(min_length=1)
    tariffs: tuple[Tariff, ...] = ()
    validity: Validity
    payment: Payment
    legal_base: tuple[LegalBase, ...] = ()

    def desk(self, desk_id: str) -> Desk:
        """The desk of this id; KeyError where there is none (a parsed profile names only desks it has)."""
        for desk in self.desks:
            if desk.id == desk_id:
                return desk
        raise KeyError(desk_id)

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
        raise ProfileFaults(faults_of_toml(error)) from None
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        raise ProfileFaults(faults_of_validation(error, Profile)) from None
    faults = check(profile)
    if faults:
        raise ProfileFaults(faults)
    return profile
