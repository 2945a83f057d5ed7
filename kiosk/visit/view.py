"""What the screen may show: a frozen picture of the machine's state.

The machine makes a new view after every event; a screen draws it and sends events back. Nothing here is
text: words come from the catalogues, so a change of language is a change of one field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.domain import wire
from kiosk.domain.appointments import Slot
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Question
from kiosk.domain.follow_up import FoundRequest, FoundTime
from kiosk.domain.quote import (
    BirthKnown,
    CardTypeOffer,
    ChecklistItem,
    Child,
    Collection,
    Longest,
    Notice,
    PaymentAnswer,
    ProcedureOffer,
    Ready,
    Reason,
    Service,
)
from kiosk.visit.events import Action, CardProblem, Fault, LookUpProblem, TerminalMessage


class Situation(StrEnum):
    """Where the parent stands. One screen each, of the same name, under `kiosk/ui/screens`."""

    OUT_OF_SERVICE = "out_of_service"
    WELCOME = "welcome"
    INSERT_CARD = "insert_card"
    READING = "reading"
    CARD_REFUSED = "card_refused"
    SERVICE = "service"
    CHILD_NAME = "child_name"
    BIRTH_DATE = "birth_date"
    QUESTION = "question"
    CHILD_REFUSED = "child_refused"
    CARD_TYPE = "card_type"
    PROCEDURE = "procedure"
    CHILDREN = "children"
    BRING = "bring"
    APPOINTMENT = "appointment"
    NO_SLOTS = "no_slots"
    REVIEW = "review"
    PAY = "pay"
    NOT_PAID = "not_paid"
    OUTCOME_UNKNOWN = "outcome_unknown"
    PRINTING = "printing"
    PRINT_TROUBLE = "print_trouble"
    MONEY_BACK = "money_back"
    TAKE = "take"
    GOODBYE = "goodbye"  # the visit ended early: take your card
    MY_REQUESTS = "my_requests"
    MY_REQUEST = "my_request"
    OTHER_TIME = "other_time"
    CANCEL_TIME = "cancel_time"


class Overlay(StrEnum):
    """Something in front of the screen."""

    HELP = "help"
    LANGUAGE = "language"
    STOP = "stop"
    STILL_THERE = "still_there"


class Step(StrEnum):
    """The six steps on top of every screen of a visit."""

    CARD = "card"
    CHILDREN = "children"
    BRING = "bring"
    APPOINTMENT = "appointment"
    PAY = "pay"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One child as the parent described it so far, with what its card costs and when it is ready."""

    child: Child
    age: int
    card_type: CardType | None
    procedure: str | None
    fee_cents: int | None
    ready: Ready | None
    procedure_name: Mapping[str, str] = field(default_factory=dict)  # the municipality's own


@dataclass(frozen=True, slots=True)
class OutOfServiceView:
    """Why, for the line to staff; the parent reads where to go instead, and when to come back (aware) after hours."""

    faults: frozenset[Fault]
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InsertCardView:
    """`without_card`: a parent who has no residence card may go on here."""

    without_card: bool


@dataclass(frozen=True, slots=True)
class ReadingView:
    """Progress of the reader."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CardRefusedView:
    """What is wrong with the card in the reader; `card_in` tells whether it must come out first."""

    problem: CardProblem
    expired_on: date | None
    card_in: bool
    without_card: bool = False


@dataclass(frozen=True, slots=True)
class ServiceView:
    """The services this municipality offers at the kiosk; `closed` are those that cannot be had just now."""

    services: tuple[Service, ...]
    closed: frozenset[Service] = frozenset()
    my_requests: bool = False  # the parent's card was read, so that earlier requests can be looked after


@dataclass(frozen=True, slots=True)
class ChildNameView:
    """The child being described: its number (from 1) and the name given earlier, if it is a change."""

    number: int
    first_name: str


@dataclass(frozen=True, slots=True)
class BirthDateView:
    """The picker: the years a child can be born in, newest first, and today.

    Children that are too old or too young for the service are in them, so that their parents are told what to do.
    """

    first_name: str
    birth_date: date | None
    years: tuple[int, ...]
    today: date
    known: BirthKnown = BirthKnown.DAY


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. `names` are the first names of those it is about.

    An answer of None is "I do not know". `selected` is of sense where `answered`.
    """

    question: Question
    names: tuple[str, ...]
    answers: tuple[str | bool | None, ...]
    selected: str | bool | None
    answered: bool


@dataclass(frozen=True, slots=True)
class ChildRefusedView:
    """Why this child cannot have this card here, and the way on.

    `question` and `answer` are what led to it, where that was a question. `way_on` are the municipality's own words by
    language; `desk` and `address` where to go. `instead` is the service for children of this age, if there is one here.
    """

    reason: Reason
    child: Child
    age: int
    others: bool = False  # other children can be helped
    question: Question | None = None
    answer: str | bool | None = None
    way_on: Mapping[str, str] = field(default_factory=dict)
    desk_language: str = ""
    desk: str = ""
    address: str = ""
    instead: Service | None = None


@dataclass(frozen=True, slots=True)
class CardTypeView:
    """`offers` in the order to show; the first `shown_first` of them before "show other cards"."""

    child: Child
    age: int
    parent_card: CardType | None  # None: the parent showed no card
    offers: tuple[CardTypeOffer, ...]
    shown_first: int
    selected: CardType | None


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """Normal, urgent, …

    `day_is_fixed`: the days are promised; else they are the earliest, as the appointment is yet to be chosen.
    `too_late_for` is what was chosen before, and closed while the parent went on.
    """

    child: Child
    card_type: CardType | None
    offers: tuple[ProcedureOffer, ...]
    selected: str | None
    day_is_fixed: bool = True
    too_late_for: str | None = None


@dataclass(frozen=True, slots=True)
class ChildrenView:
    """All children so far; `can_add` is False when one visit is full."""

    children: tuple[ChildLine, ...]
    total_cents: int
    can_add: bool


@dataclass(frozen=True, slots=True)
class BringView:
    """What to bring, to know, and how the cards are collected; indexes in the items point into `children`.

    `printed` is what stands on the cards in place of a signature. `fingerprints` by child: None where it is not known.
    """

    children: tuple[Child, ...]
    checklist: tuple[ChecklistItem, ...]
    notices: tuple[Notice, ...]
    printed: tuple[Notice, ...] = ()
    fingerprints: tuple[bool | None, ...] = ()
    collection: Collection | None = None
    appointment: bool = True
    desk_language: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """Free times of this kiosk's lease, in order of time."""

    slots: tuple[Slot, ...]
    selected: str | None  # a slot id
    desk: str
    minutes: int
    children: int


@dataclass(frozen=True, slots=True)
class NoSlotsView:
    """No free time left here; the parent may go on and call for an appointment."""

    phone: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """All of it once more, before money moves. `slot` is None where none is needed or none was free.

    `validity` by child: the longest possible, what sets it, and what may end it earlier; None: nobody says.
    """

    service: Service
    children: tuple[ChildLine, ...]
    total_cents: int
    slot: Slot | None
    appointment_by_phone: bool
    payment_possible: bool  # False: terminal, paper or an open case forbids it; the reason is in `faults`
    faults: frozenset[Fault]
    validity: tuple[Longest | None, ...] = ()
    payment: PaymentAnswer | None = None
    here: bool = True  # it can be paid at this kiosk now
    at_desk: bool = False  # it may be paid at the desk


@dataclass(frozen=True, slots=True)
class PayView:
    """At the terminal. The picture follows `message`; cancelling is a wish, not an answer."""

    total_cents: int
    message: TerminalMessage
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class NotPaidView:
    """Declined, aborted or not begun. Nothing was charged. `at_desk`: it may be paid at the desk instead."""

    total_cents: int
    reason: str  # a NotPaidReason
    can_retry: bool
    at_desk: bool = False
    payment: PaymentAnswer | None = None


@dataclass(frozen=True, slots=True)
class OutcomeUnknownView:
    """It cannot be said now whether money moved. Do not pay again; staff will help."""

    total_cents: int
    ticket_code: str
    looking: bool  # still asking the terminal
    slip_out: bool  # a slip with the code came out of the printer
    phone: str


@dataclass(frozen=True, slots=True)
class PrintingView:
    """The ticket is on its way."""

    paid_cents: int
    ticket_code: str


@dataclass(frozen=True, slots=True)
class PrintTroubleView:
    """Paid or booked, but the ticket is not (surely) out. The request is safe."""

    paid_cents: int
    ticket_code: str
    reason: str  # "paper-out", "cover-open", "disconnected", …
    trying_again: bool
    phone: str
    money_back: bool = False  # the parent may have the money back instead


class MoneyBack(StrEnum):
    """How far giving the money back is."""

    ASKING = "asking"
    GIVEN = "given"  # nothing is paid, and the request is over
    KEPT = "kept"  # the terminal did not take it back: paid, and the desk gives the ticket


@dataclass(frozen=True, slots=True)
class MoneyBackView:
    """Paid, without a ticket, and the parent wants the money back."""

    total_cents: int
    ticket_code: str
    state: MoneyBack
    slip_out: bool
    phone: str


@dataclass(frozen=True, slots=True)
class TakeView:
    """Done: take the ticket and the card. `due_cents` is what is still to be paid at the desk."""

    paid_cents: int
    ticket_code: str
    card_in: bool
    slot: Slot | None
    due_cents: int = 0
    again: bool = False  # the ticket of an earlier request


@dataclass(frozen=True, slots=True)
class GoodbyeView:
    """The visit ended early."""

    card_in: bool


@dataclass(frozen=True, slots=True)
class MyRequestsView:
    """Earlier requests of this parent, the newest first. With a `problem`, those that this kiosk remembers."""

    looking: bool
    problem: LookUpProblem | None
    requests: tuple[FoundRequest, ...]


@dataclass(frozen=True, slots=True)
class MyRequestView:
    """How far one request is, and what can be done. `ready` by child, as its ticket says; `collect` is how and where.

    `cancelled`: the parent has just given the appointment up. `printing`: the printer works.
    """

    request: FoundRequest
    actions: tuple[Action, ...]
    ready: tuple[Ready | None, ...]
    collect: Collection | None
    cancelled: bool
    printing: bool
    phone: str


@dataclass(frozen=True, slots=True)
class OtherTimeView:
    """Free times for an earlier request; `collection`: to collect the card. `before` is the time it has."""

    slots: tuple[Slot, ...]
    selected: str | None  # a slot id
    minutes: int
    children: int
    collection: bool
    before: FoundTime | None
    phone: str
    printing: bool  # False: the printer is in trouble, and a new time needs a new ticket


@dataclass(frozen=True, slots=True)
class CancelTimeView:
    """Sure? `appointment` is what is given up."""

    appointment: FoundTime | None


Content = (
    OutOfServiceView
    | InsertCardView
    | ReadingView
    | CardRefusedView
    | ServiceView
    | ChildNameView
    | BirthDateView
    | QuestionView
    | ChildRefusedView
    | CardTypeView
    | ProcedureView
    | ChildrenView
    | BringView
    | AppointmentView
    | NoSlotsView
    | ReviewView
    | PayView
    | NotPaidView
    | OutcomeUnknownView
    | PrintingView
    | PrintTroubleView
    | MoneyBackView
    | TakeView
    | GoodbyeView
    | MyRequestsView
    | MyRequestView
    | OtherTimeView
    | CancelTimeView
)


@dataclass(frozen=True, slots=True)
class View:
    """The whole picture. `content` is None on the welcome screen, which needs none.

    `can_continue`: the primary button works. `step` is the one being done; earlier ones are finished; None
    hides the steps. `overlay_seconds` counts down on "still there?".
    """

    situation: Situation
    content: Content | None
    language: str
    large: bool = False
    contrast: bool = False
    overlay: Overlay | None = None
    overlay_deadline: datetime | None = None
    step: Step | None = None
    can_continue: bool = False
    can_back: bool = False
    can_stop: bool = False
    greeting_name: str | None = None  # the parent's first given name, once the card is verified
    municipality: str = ""
    languages: tuple[str, ...] = ()
    phone: str = ""
    now: datetime | None = None
    notices: tuple[wire.Notice, ...] = ()  # for who comes by, while nobody is served; each in its time
