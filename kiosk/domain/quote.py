"""The words in which the rules answer: offers, fees, checklists, and the quote that holds them.

Money is integer cents of the euro. Moments are aware datetimes in Europe/Brussels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Question


class Service(StrEnum):
    """What a parent comes for."""

    APPLICATION = "application"
    DUPLICATE = "duplicate"
    COLLECTION = "collection"
    CERTIFICATES = "certificates"
    CARD_FROM_12 = "card-from-12"


class Reason(StrEnum):
    """Why the kiosk cannot take a request. Each has a text and a way on in the catalogue."""

    BORN_IN_FUTURE = "born-in-future"
    TOO_OLD = "too-old"
    TOO_OLD_BY_THEN = "too-old-by-then"  # young enough today, but not at the appointment
    TOO_YOUNG = "too-young"
    CARD_TYPE_NOT_SOLD = "card-type-not-sold"
    SERVICE_NOT_OFFERED = "service-not-offered"
    PROCEDURE_UNKNOWN = "procedure-unknown"
    PROCEDURE_CLOSED = "procedure-closed"
    NO_TARIFF = "no-tariff"
    BELGIAN_CHILD = "belgian-child"
    PAPERS_NOT_ELIGIBLE = "papers-not-eligible"
    NOT_IN_REGISTERS = "not-in-registers"
    APPLICANT_NOT_ENTITLED = "applicant-not-entitled"


def age_on(birth_date: date, day: date) -> int:
    """Whole years on a day; someone born on 29 February has their birthday on 1 March in other years."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


class BirthKnown(StrEnum):
    """How much of a birth date is known: some cards and passports hold the year only, or the year and the month."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an answer rests on, so that it can be explained.

    `rule` is the place in the profile, such as `services.application.checklist[2]`; `source` a key of its `[sources]`.
    """

    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """A desk of the town hall: its name by language, the desk's own language first, and its address."""

    name: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A question that was not asked, and the answers with which a thing would count."""

    question: Question
    answers: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Child:
    """A child as the parent describes it at the kiosk. Nothing more is asked.

    Where only the year or the month of birth is known, `birth_date` is any day in it.
    """

    first_name: str
    birth_date: date
    birth_known: BirthKnown = BirthKnown.DAY

    def birth_date_counted(self, today: date) -> date:
        """The birth date that the rules count with: of an incomplete one the last day that is possible.

        In doubt the child is taken for younger, so that no child is sent away for what its papers leave out; the desk
        decides, and the answer says so.
        """
        if self.birth_known is BirthKnown.DAY:
            return self.birth_date
        month = 12 if self.birth_known is BirthKnown.YEAR else self.birth_date.month
        last = date(self.birth_date.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        begun = self.birth_date.replace(day=1, month=1 if self.birth_known is BirthKnown.YEAR else month) <= today
        return min(last, today) if begun else last

    def age_on(self, day: date) -> int:
        """Whole years on a day, as `age_on` counts them."""
        return age_on(self.birth_date, day)


@dataclass(frozen=True, slots=True)
class Request:
    """What the parent asks for one child. Card type and procedure are None where the service has none."""

    child: Child
    service: Service
    card_type: CardType | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """When a card can be collected: to the hour where the municipality promises it, else "around" a day.

    `at_most`: the municipality promises that it takes no longer than until that day.
    """

    at: datetime
    exact: bool
    not_before: datetime | None = None  # "2 to 3 weeks": `at` is the later end, this the earlier one
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class CardTypeOffer:
    """A card type on the selection screen. `fee_cents` is the normal fee; None where it is not sold here."""

    card_type: CardType
    fee_cents: int | None


@dataclass(frozen=True, slots=True)
class ProcedureOffer:
    """A procedure for one card type. A closed one is shown with the hour until which it is open."""

    procedure: str
    fee_cents: int
    ready: Ready | None
    open: bool
    open_until: str | None = None  # "15:00", the exclusive cut-off, where there is one
    grounds: Grounds | None = None
    collect_at: Place | None = None  # where such cards are collected, where that is not the usual desk
    at_most: bool = False  # the fee hangs on an answer that was not given, and may be lower
    name: Mapping[str, str] = field(default_factory=dict)  # the municipality's own, its desk's language first


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line to pay; `child` is the index into the requests; `rule` names the tariff it comes from.

    `at_most`: the fee hangs on an answer that was not given, and this is the highest that it can be.
    """

    child: int
    cents: int
    rule: str
    grounds: Grounds | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to bring. `children` are the indexes it is for; empty: once for all.

    `code` has an icon and a text in every language of the catalogue (`kiosk.text.terms`); `text` holds the
    municipality's own words by language where it needs others.
    """

    code: str
    children: tuple[int, ...] = ()
    optional: bool = False  # "if there is one", or where `only_if` says when
    text: Mapping[str, str] = field(default_factory=dict)
    only_if: tuple[OpenCondition, ...] = ()  # what was not asked, and decides whether it is needed
    grounds: Grounds | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the parent should know: fingerprints, codes by post, not enough to travel alone."""

    code: str
    children: tuple[int, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)
    only_if: tuple[OpenCondition, ...] = ()
    grounds: Grounds | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """How the finished cards are collected. `desk` is the name of `place` in the desk's own language.

    `elsewhere` has the children whose cards are collected at another desk than the others'.
    """

    appointment: bool
    child_present: bool
    desk: str
    checklist: tuple[ChecklistItem, ...]
    notices: tuple[Notice, ...] = ()
    grounds: Grounds | None = None
    place: Place | None = None
    elsewhere: tuple[tuple[int, Place], ...] = ()


class Limit(StrEnum):
    """What ends a card first, or may end it where it is not known."""

    MAX_YEARS = "max-years"
    AGE = "age"
    STAY = "stay"  # the child's own right of residence
    PERMIT = "permit"  # the legal representative's


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest validity possible: its last day, what sets it, and what may end it earlier but is not known."""

    until: date
    limited_by: Limit
    not_known: tuple[Limit, ...]
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """Where (`kiosk`, `desk`) and by what means a fee can be paid; the means the municipality prefers come first."""

    places: tuple[str, ...]
    means: tuple[str, ...]
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Law:
    """A law or decree that the answer rests on, by language."""

    text: Mapping[str, str]
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer of the rules to one visit. When not eligible, `reason` and `child` say why and for whom."""

    eligible: bool
    reason: Reason | None
    child: int | None
    fees: tuple[FeeLine, ...]
    total_cents: int
    procedures: tuple[tuple[ProcedureOffer, ...], ...]  # by child
    ready: tuple[Ready | None, ...]  # by child
    valid_until: tuple[date | None, ...]  # by child: the longest validity possible
    checklist: tuple[ChecklistItem, ...]
    notices: tuple[Notice, ...]
    collection: Collection | None
    appointment_needed: bool
    profile_id: str
    profile_version: str
    grounds: Grounds | None = None  # of the yes or the no
    way_on: Mapping[str, str] = field(default_factory=dict)  # the municipality's own words for a no
    validity: tuple[Longest | None, ...] = ()  # by child: `valid_until` with its reasons
    printed: tuple[Notice, ...] = ()  # what stands on the card in place of a signature
    fingerprints: tuple[bool | None, ...] = ()  # by child; None: it hangs on an answer, or the municipality is silent
    payment: PaymentAnswer | None = None
    legal_base: tuple[Law, ...] = ()
    place: Place | None = None  # the desk where the request is made
    appointment_as: str = ""  # under what name the municipality's own appointment system has it
