"""The words in which the rules answer: offers, fees, checklists, and the quote that holds them.

Money is integer cents of the euro. Moments are aware datetimes in Europe/Brussels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.domain.card_types import CardType


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
    TOO_YOUNG = "too-young"
    CARD_TYPE_NOT_SOLD = "card-type-not-sold"
    SERVICE_NOT_OFFERED = "service-not-offered"
    PROCEDURE_UNKNOWN = "procedure-unknown"
    PROCEDURE_CLOSED = "procedure-closed"
    NO_TARIFF = "no-tariff"


def age_on(birth_date: date, day: date) -> int:
    """Whole years on a day; someone born on 29 February has their birthday on 1 March in other years."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


@dataclass(frozen=True, slots=True)
class Child:
    """A child as the parent describes it at the kiosk. Nothing more is asked."""

    first_name: str
    birth_date: date

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
    """When a card can be collected: to the hour where the municipality promises it, else "around" a day."""

    at: datetime
    exact: bool


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


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line to pay; `child` is the index into the requests; `rule` names the tariff it comes from."""

    child: int
    cents: int
    rule: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to bring. `children` are the indexes it is for; empty: once for all.

    `code` has an icon and a text in every language of the catalogue (`kiosk.text.terms`); `text` holds the
    municipality's own words by language where it needs others.
    """

    code: str
    children: tuple[int, ...] = ()
    optional: bool = False  # "if there is one"
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the parent should know: fingerprints, codes by post, not enough to travel alone."""

    code: str
    children: tuple[int, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collection:
    """How the finished card is collected."""

    appointment: bool
    child_present: bool
    desk: str
    checklist: tuple[ChecklistItem, ...]


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
