"""What the journal records and the backend receives: one pydantic model per kind of entry.

An entry is on the kiosk's disk before its effect happens, and stays there until the backend has
acknowledged it. The same models are the wire format of the upload, so that a kiosk's journal and the
backend's rows can be compared field by field.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from kiosk.domain.fleet.orders import OrderAnswered, OrderTaken
from kiosk.domain.record.body import Body
from kiosk.domain.record.care import (
    DeviceChecked,
    DeviceCleaned,
    PaperPrinted,
    PaperRefilled,
    ReadinessReported,
    SettingChanged,
    StaffEntered,
    StaffLeft,
    StaffRefused,
)
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen


class VisitStarted(Body):
    """The first touch."""

    kind: Literal["visit_started"] = "visit_started"
    language: str


class VisitClosed(Body):
    """The end of a visit. Nothing of a closed visit is resumed."""

    kind: Literal["visit_closed"] = "visit_closed"
    reason: Literal["completed", "stopped", "timed_out", "interrupted", "failed"]
    situation: str  # the screen on which it ended


class CardRefused(Body):
    """A card that could not be accepted: the reason, never the card's data."""

    kind: Literal["card_refused"] = "card_refused"
    reason: str


class Parent(Body):
    """Who asks, as read and verified from the residence card."""

    national_number: str
    surname: str
    first_names: str
    card_number: str
    card_type: str


class RequestedChild(Body):
    """One child of a request. `card_type` and `procedure` are None where the service has none.

    `birth_known` is "day", or "month" or "year" where no more of the birth date is known; `birth_date` is then any day
    in it. `circumstances` are the answers to what was asked besides, by the names of `kiosk.domain.circumstances`.
    """

    first_name: str
    birth_date: date
    card_type: str | None
    procedure: str | None
    fee_cents: int = Field(ge=0)
    ready_at: datetime | None
    ready_exact: bool = False
    birth_known: Literal["day", "month", "year"] = "day"
    circumstances: dict[str, str | bool] = {}


class RequestMade(Body):
    """All that the parent asked for and was shown, at the moment of confirming. Personal."""

    kind: Literal["request_made"] = "request_made"
    ticket_id: UUID
    ticket_code: str
    language: str
    service: str
    parent: Parent | None  # None: the parent has no residence card, and the desk checks who they are
    children: tuple[RequestedChild, ...]
    total_cents: int = Field(ge=0)
    municipality: str
    profile_version: str


class SlotBooked(Body):
    """An appointment out of this kiosk's lease. `more_slots` follow `slot_id` directly; `minutes` is the whole."""

    kind: Literal["slot_booked"] = "slot_booked"
    slot_id: str
    start: datetime
    minutes: int
    desk: str
    ticket_id: UUID
    more_slots: tuple[str, ...] = ()


class SlotReleased(Body):
    """An appointment given back, because the visit ended without payment."""

    kind: Literal["slot_released"] = "slot_released"
    slot_id: str
    ticket_id: UUID


class PaymentIntent(Body):
    """A payment is about to be asked for. `last_receipt` is what the terminal remembered before it."""

    kind: Literal["payment_intent"] = "payment_intent"
    payment_id: UUID
    ticket_id: UUID
    cents: int = Field(gt=0)
    terminal_id: str | None = None
    last_receipt: int | None = None
    last_trace: int | None = None


class PaymentSent(Body):
    """The authorisation is about to leave for the terminal: from here on money may move."""

    kind: Literal["payment_sent"] = "payment_sent"
    payment_id: UUID


class Receipt(Body):
    """What the terminal said of a transaction. The card number is masked before it gets here."""

    cents: int | None = None
    receipt_number: int | None = None
    trace_number: int | None = None
    terminal_id: str | None = None
    masked_pan: str | None = None
    card_name: str | None = None
    at: datetime | None = None
    text: tuple[str, ...] = ()  # the customer's receipt, line by line, unchanged
    merchant_text: tuple[str, ...] = ()  # the merchant's, which is kept here and at the backend, and not printed


class PaymentApproved(Body):
    """The terminal said yes; recorded before it is told that we heard it."""

    kind: Literal["payment_approved"] = "payment_approved"
    payment_id: UUID
    receipt: Receipt


class PaymentPaid(Body):
    """The terminal completed an approved payment, or a look-up proved it."""

    kind: Literal["payment_paid"] = "payment_paid"
    payment_id: UUID
    receipt: Receipt
    found_afterwards: bool = False


class PaymentNotPaid(Body):
    """No money moved, as the terminal says: declined, aborted, refused at once, or proved by a look-up."""

    kind: Literal["payment_not_paid"] = "payment_not_paid"
    payment_id: UUID
    reason: str  # "declined", "aborted", "refused", "unreachable", "looked-up"
    result_code: int | None = None
    found_afterwards: bool = False
    receipt: Receipt | None = None  # where the terminal printed why


class PaymentUnknown(Body):
    """Nobody can say yet whether money moved. Card sales stop until it is known."""

    kind: Literal["payment_unknown"] = "payment_unknown"
    payment_id: UUID
    reason: str


class PaymentApprovedLate(Body):
    """The terminal approved a payment that was on record as not paid, and terminals differ in what they do then.

    It was told to take the money back, or (`found_afterwards`) it remembers the payment as paid. People decide: a case
    is opened in the same transaction. `reason` tells what had been said before.
    """

    kind: Literal["payment_approved_late"] = "payment_approved_late"
    payment_id: UUID
    receipt: Receipt
    reason: str
    found_afterwards: bool = False


class PaymentReversing(Body):
    """Paid, and no ticket can be had: the reversal is about to leave for the terminal, once."""

    kind: Literal["payment_reversing"] = "payment_reversing"
    payment_id: UUID
    reason: str


class PaymentReversed(Body):
    """The money went back."""

    kind: Literal["payment_reversed"] = "payment_reversed"
    payment_id: UUID
    receipt: Receipt | None = None
    found_afterwards: bool = False


class PaymentNotReversed(Body):
    """The terminal did not take it back: the payment stands, and people are told."""

    kind: Literal["payment_not_reversed"] = "payment_not_reversed"
    payment_id: UUID
    reason: str
    result_code: int | None = None


class PaymentDue(Body):
    """The parent pays at the desk; nothing was asked of the terminal for it, or nothing moved."""

    kind: Literal["payment_due"] = "payment_due"
    ticket_id: UUID
    cents: int = Field(gt=0)


class DayClosing(Body):
    """The end of day is about to be asked for; `cents` and `count` are what the journal has since the last one.

    Sequences after this entry belong to the next day. `count` counts payments less reversals.
    """

    kind: Literal["day_closing"] = "day_closing"
    day_id: UUID
    cents: int
    count: int


class DayClosed(Body):
    """The terminal closed its day. A total it did not tell is None."""

    kind: Literal["day_closed"] = "day_closed"
    day_id: UUID
    cents: int | None = None
    count: int | None = None
    text: tuple[str, ...] = ()  # the terminal's report, line by line


class DayNotClosed(Body):
    """The terminal did not close its day; `certain` where it surely did not begin."""

    kind: Literal["day_not_closed"] = "day_not_closed"
    day_id: UUID
    reason: str
    certain: bool


class TicketIssued(Body):
    """The signed ticket exists. `qr` is the text of its QR code; `contents` what else it says, for a copy. Personal."""

    kind: Literal["ticket_issued"] = "ticket_issued"
    ticket_id: UUID
    ticket_code: str
    qr: str
    contents: dict[str, JsonValue] = {}


class PrintStarted(Body):
    """Bytes of a ticket or slip are about to leave for the printer."""

    kind: Literal["print_started"] = "print_started"
    ticket_id: UUID
    document: Literal["ticket", "slip"]
    copy_mark: bool  # marked as a copy, because an earlier one may have come out


class PrintFailed(Body):
    """The print did not come out, or nobody can say whether it did."""

    kind: Literal["print_failed"] = "print_failed"
    ticket_id: UUID
    reason: str
    certain: bool  # True: surely not out; False: may have come out


class TicketDelivered(Body):
    """The printer confirmed, behind the cut, that the ticket is out."""

    kind: Literal["ticket_delivered"] = "ticket_delivered"
    ticket_id: UUID


class CaseOpened(Body):
    """People have to decide: the software cannot know a payment or a print, or a day does not add up.

    `ticket_id` is None for a day. A case about a payment keeps this kiosk from selling by card until it is closed.
    """

    kind: Literal["case_opened"] = "case_opened"
    case_id: UUID
    about: Literal["payment", "ticket", "day"]
    ticket_id: UUID | None = None
    payment_id: UUID | None = None
    reason: str


CaseOutcome = Literal["paid", "not-paid", "reversed"]


class CaseClosed(Body):
    """The decision of a member of staff, or of a later look-up at the terminal."""

    kind: Literal["case_closed"] = "case_closed"
    case_id: UUID
    decision: str
    outcome: CaseOutcome | None = None  # what became of the money, where the case was about that
    by: str = ""  # who decided; empty: the terminal's own answer


class ServiceChanged(Body):
    """The kiosk went out of service, or came back."""

    kind: Literal["service_changed"] = "service_changed"
    in_service: bool
    reasons: tuple[str, ...] = ()
    by: str = ""  # the member of staff who ordered it; empty: the kiosk by itself


EntryBody = Annotated[
    VisitStarted
    | VisitClosed
    | CardRefused
    | RequestMade
    | SlotBooked
    | SlotReleased
    | AppointmentChosen
    | AppointmentCancelled
    | PaymentIntent
    | PaymentSent
    | PaymentApproved
    | PaymentPaid
    | PaymentNotPaid
    | PaymentUnknown
    | PaymentApprovedLate
    | PaymentReversing
    | PaymentReversed
    | PaymentNotReversed
    | PaymentDue
    | DayClosing
    | DayClosed
    | DayNotClosed
    | TicketIssued
    | PrintStarted
    | PrintFailed
    | TicketDelivered
    | CaseOpened
    | CaseClosed
    | ServiceChanged
    | StaffEntered
    | StaffRefused
    | StaffLeft
    | PaperRefilled
    | PaperPrinted
    | DeviceCleaned
    | DeviceChecked
    | ReadinessReported
    | SettingChanged
    | OrderTaken
    | OrderAnswered,
    Field(discriminator="kind"),
]

# Kinds whose body names a person. Everything else may stay for the figures.
PERSONAL_KINDS = ("request_made",)

_BODY: TypeAdapter[EntryBody] = TypeAdapter(EntryBody)


def parse_body(data: Any) -> EntryBody:
    """A body from its JSON object. Raises pydantic.ValidationError."""
    return _BODY.validate_python(data)


class Entry(BaseModel):
    """A journal entry: `sequence` counts per kiosk without gaps, `at` is aware UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    sequence: int = Field(ge=1)
    visit_id: UUID | None
    at: datetime
    body: EntryBody
