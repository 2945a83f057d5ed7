"""What a visit wants done, in order. `Record` comes before the effect that it makes safe.

The core carries them out one after the other; when a `Record` cannot be made durable, the effects
behind it do not happen, and the machine hears `events.JournalFailed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from kiosk.domain.follow_up import FoundChild, FoundRequest
from kiosk.domain.quote import ChecklistItem, Collection, Law, Longest, Notice, PaymentAnswer, Ready
from kiosk.domain.record.entries import EntryBody, PaymentIntent, Receipt, RequestMade
from kiosk.domain.tickets.contents import Contents


@dataclass(frozen=True, slots=True)
class Record:
    """Make this durable now. `visit_id` is None for entries of the kiosk itself.

    Where it is not `required`, the effects behind it happen even if the disk refuses: what it says can be
    found out again from earlier entries and the terminal, and holding the effects back would hurt a person.
    """

    body: EntryBody
    visit_id: UUID | None
    required: bool = True


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Fire `events.TimerFired(name, generation)` after so many seconds; replaces a timer of the same name."""

    name: str
    seconds: float
    generation: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget the timer of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadCard:
    """Read and verify the card in the reader, and say `CardAccepted` or `CardRefusedByReader`."""


@dataclass(frozen=True, slots=True)
class PreparePayment:
    """Ask the terminal whether it would take a payment and what its last transaction was; moves no money."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class StartPayment:
    """Send the authorisation, once. Never repeated by the software."""

    payment_id: UUID
    cents: int


@dataclass(frozen=True, slots=True)
class AnswerTerminal:
    """Acknowledge an approving status, or refuse it so that the terminal reverses."""

    payment_id: UUID
    accept: bool


@dataclass(frozen=True, slots=True)
class AbortPayment:
    """Ask the terminal to stop. Its answer still decides."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class LookUpPayment:
    """Ask the terminal afterwards what became of this payment."""

    intent: PaymentIntent
    started_at: datetime
    own_trace: int | None = None  # its trace number, where the terminal has told it


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """Ask the terminal, once, to give the money of a payment back: the one with this receipt."""

    payment_id: UUID
    cents: int
    receipt: Receipt


class Asked(Protocol):
    """A request as a ticket shows it: one that was just made, or one that the parent came back for."""

    @property
    def ticket_id(self) -> UUID:
        """Identifies it."""

    @property
    def ticket_code(self) -> str:
        """The code that people read."""

    @property
    def language(self) -> str:
        """The language of the paper."""

    @property
    def service(self) -> str:
        """A `Service`."""

    @property
    def municipality(self) -> str:
        """A profile's id."""

    @property
    def total_cents(self) -> int:
        """What all of it costs."""

    @property
    def children(self) -> Sequence[AskedChild]:
        """In the order of the ticket."""


class AskedChild(Protocol):
    """One child of it."""

    @property
    def first_name(self) -> str:
        """No more of the name."""

    @property
    def card_type(self) -> str | None:
        """None where the service has none."""

    @property
    def procedure(self) -> str | None:
        """None where the service has none."""

    @property
    def fee_cents(self) -> int:
        """What this one costs."""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A request that the parent came back for; an `Asked`."""

    ticket_id: UUID
    ticket_code: str
    language: str
    service: str
    municipality: str
    total_cents: int
    children: tuple[FoundChild, ...]

    @classmethod
    def of(cls, found: FoundRequest, language: str, municipality: str) -> AskedAgain:
        """What was found, in the language of this visit."""
        return cls(
            found.ticket_id,
            found.ticket_code,
            language,
            found.service,
            municipality,
            found.total_cents,
            found.children,
        )


class Reprint(StrEnum):
    """Why a ticket is printed that was printed before."""

    MAY_BE_OUT = "may-be-out"  # nobody knows whether the first came out
    ASKED = "asked"  # the parent came back and asked for it
    NEW_TIME = "new-time"  # the appointment is another one


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that goes on a ticket. `paid` is None where nothing was paid here: a total is then due at the desk.

    From `ready` on, what the parent was shown besides; in tuples by child, the order is that of `request.children`.
    `ready`: when each card is ready, with the earlier end of "2 to 3 weeks" in `not_before`. `validity`: the longest
    validity possible, what sets it, and what may end it earlier but is not known; None where the municipality does not
    say. `printed`: what stands on the card in place of a signature. `fingerprints`: True, False, or None where it is
    not known. `payment`: the places and means the municipality takes. `appointment_as`: under what name its own
    appointment system has this.
    """

    request: Asked
    issued_at: datetime
    appointment_start: datetime | None
    appointment_minutes: int
    appointment_desk: str | None
    appointment_by_phone: bool
    checklist: tuple[ChecklistItem, ...]
    notices: tuple[Notice, ...]
    collection: Collection | None
    paid: Receipt | None
    copy_mark: bool
    ready: tuple[Ready | None, ...] = ()
    validity: tuple[Longest | None, ...] = ()
    printed: tuple[Notice, ...] = ()
    fingerprints: tuple[bool | None, ...] = ()
    payment: PaymentAnswer | None = None
    legal_base: tuple[Law, ...] = ()
    appointment_as: str = ""
    reprint: Reprint = Reprint.MAY_BE_OUT


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Sign, lay out and print; the core records `TicketIssued` before the first byte.

    `PrintEnded` comes back with `print_id`. `contents` is what is recorded for later copies; None of a copy itself,
    which changes nothing of what was recorded of the first.
    """

    ticket: Ticket
    print_id: UUID
    contents: Contents | None = None


@dataclass(frozen=True, slots=True)
class FindRequests:
    """Ask the backend and this kiosk's own record for a parent's requests; `RequestsFound` comes back."""

    ask_id: UUID
    national_number: str


class SlipAbout(StrEnum):
    """What a slip tells the parent."""

    PAYMENT_UNKNOWN = "payment-unknown"  # nobody can say yet whether money moved
    PAYMENT_REVERSED = "payment-reversed"  # approved, and taken back at once
    TICKET_MISSING = "ticket-missing"  # paid, and no ticket came out
    NOT_PAID = "not-paid"  # no money moved, and the terminal wants the customer to have its receipt


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """A slip in place of a ticket: the code, the amount, what happened, whom to ask.

    `receipt` holds the lines of the terminal's receipt, which stand on it unchanged.
    """

    request: RequestMade
    issued_at: datetime
    reason: str
    print_id: UUID | None = None
    about: SlipAbout = SlipAbout.PAYMENT_UNKNOWN
    receipt: tuple[str, ...] = ()


Effect = (
    Record
    | StartTimer
    | CancelTimer
    | ReadCard
    | PreparePayment
    | StartPayment
    | AnswerTerminal
    | AbortPayment
    | LookUpPayment
    | ReversePayment
    | PrintTicket
    | PrintSlip
    | FindRequests
)
