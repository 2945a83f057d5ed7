"""What can happen to a visit: touches, devices, time. Immutable values on one queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Question
from kiosk.domain.follow_up import FoundRequest
from kiosk.domain.opening import OpenDay
from kiosk.domain.proof import Proof
from kiosk.domain.quote import BirthKnown, Service
from kiosk.domain.record.entries import Parent, Receipt
from kiosk.visit.afterwards import ApprovedLate as ApprovedLate
from kiosk.visit.afterwards import ReversalEnded as ReversalEnded
from kiosk.visit.afterwards import ReversalOutcome as ReversalOutcome
from kiosk.visit.faults import Fault as Fault
from kiosk.visit.notices import NoticesHandedOut as NoticesHandedOut

# --- Touches -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """On the welcome screen this starts a visit; later it only changes the words."""

    language: str


@dataclass(frozen=True, slots=True)
class DisplayChanged:
    """Larger text or high contrast; both are reset at the end of every visit."""

    large: bool
    contrast: bool


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """The parent wants this."""

    service: Service


@dataclass(frozen=True, slots=True)
class NameGiven:
    """The first name of the child being described; not empty, at most 40 characters."""

    first_name: str


@dataclass(frozen=True, slots=True)
class BirthDateGiven:
    """The birth date of the child being described; where no more than the year or the month is known, any day in it."""

    birth_date: date
    known: BirthKnown = BirthKnown.DAY


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """An answer was touched: a value of the field of `Circumstances`, or None for "I do not know"."""

    question: Question
    answer: str | bool | None


@dataclass(frozen=True, slots=True)
class CardTypeChosen:
    """A tile was touched; `Continue` confirms it."""

    card_type: CardType


@dataclass(frozen=True, slots=True)
class ProcedureChosen:
    """A tile was touched; `Continue` confirms it."""

    procedure: str


@dataclass(frozen=True, slots=True)
class AddChild:
    """One more child in the same visit."""


@dataclass(frozen=True, slots=True)
class EditChild:
    """Change what was said of the child at this index."""

    index: int


@dataclass(frozen=True, slots=True)
class RemoveChild:
    """Forget the child at this index."""

    index: int


@dataclass(frozen=True, slots=True)
class ContinueWithoutCard:
    """The parent has no residence card; where the municipality allows it, the desk checks who they are."""


@dataclass(frozen=True, slots=True)
class SlotChosen:
    """An appointment time was touched; `Continue` confirms it."""

    slot_id: str


class Action(StrEnum):
    """What can be done with an earlier request."""

    PRINT = "print"  # the ticket once more, marked as a copy
    MOVE = "move"  # another time
    BOOK = "book"  # a time, where there is none
    COLLECT = "collect"  # a time to collect the card
    CANCEL = "cancel"  # the time, not the request


@dataclass(frozen=True, slots=True)
class RequestsWanted:
    """Look after earlier requests."""


@dataclass(frozen=True, slots=True)
class RequestChosen:
    """One of those that were found."""

    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class ActionChosen:
    """What to do with it."""

    action: Action


@dataclass(frozen=True, slots=True)
class Continue:
    """The primary button: confirm, next, pay, try again, done, I am still here."""


@dataclass(frozen=True, slots=True)
class Back:
    """One step back; closes an overlay first."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The parent wants to stop; asked once more where something would be lost. Twice: really stop."""


@dataclass(frozen=True, slots=True)
class HelpWanted:
    """Show what to do here, in more words."""


@dataclass(frozen=True, slots=True)
class LanguageMenuWanted:
    """Choose another language in mid-visit."""


@dataclass(frozen=True, slots=True)
class PayAtDesk:
    """Pay at the desk what is due, and not here."""


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """Stop the payment at the terminal. The terminal's answer decides, not the wish."""


@dataclass(frozen=True, slots=True)
class MoneyBackWanted:
    """Paid, and no ticket came out: the parent would rather have the money back than wait or go to the desk."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Any touch that means nothing else: the person is still there."""


# --- Card reader -------------------------------------------------------------------------------------


class CardProblem(StrEnum):
    """Why a card cannot be used. Each has a picture, a text and a way on."""

    NO_ANSWER = "no-answer"  # upside down, dirty, or no chip card at all
    NOT_EID = "not-eid"  # a chip card of no kind that can be told
    BANK_CARD = "bank-card"
    FOREIGN_CARD = "foreign-card"  # an identity card, and not a Belgian one
    BELGIAN = "belgian"  # a Belgian's own eID
    KIDS_ID = "kids-id"  # a Belgian child's
    CHILD_CARD = "child-card"  # a child's residence card in place of the parent's own
    NOT_RESIDENCE = "not-residence"  # a document type no residence card has
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    FORGED = "forged"  # a signature or hash was refuted
    PULLED = "pulled"  # taken out while reading
    UNREADABLE = "unreadable"
    NOT_PROVEN = "not-proven"  # genuine as far as can be seen, but not proven as far as the municipality demands
    READER_GONE = "reader-gone"


@dataclass(frozen=True, slots=True)
class CardInserted:
    """Something is in the reader. `at_start`: it was there when the kiosk started, so it is nobody's any more."""

    at_start: bool = False


@dataclass(frozen=True, slots=True)
class CardProgress:
    """Reading goes on; `done` of `total` parts."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CardHolderKnown:
    """The identity stands, and nothing refutes it; the rest is still being read. For the greeting alone."""

    first_name: str


@dataclass(frozen=True, slots=True)
class CardAccepted:
    """Read to the end, and nothing refuted. `proven` is what the card could prove; each service demands its own."""

    parent: Parent
    card_type: CardType
    valid_until: date | None
    language: str | None = None  # the language the card is written in, where it can be told
    proven: frozenset[Proof] = frozenset({Proof.IDENTITY, Proof.CHIP_WHERE_POSSIBLE})


@dataclass(frozen=True, slots=True)
class CardRefusedByReader:
    """The card cannot be used."""

    problem: CardProblem
    expired_on: date | None = None


@dataclass(frozen=True, slots=True)
class CardRemoved:
    """The reader is empty."""


# --- Terminal ----------------------------------------------------------------------------------------


class TerminalMessage(StrEnum):
    """What the terminal is doing, for the picture on the screen. Never proof of a payment."""

    CONNECTING = "connecting"
    PRESENT_CARD = "present-card"
    ENTER_PIN = "enter-pin"
    WRONG_PIN = "wrong-pin"
    WAIT = "wait"
    REMOVE_CARD = "remove-card"
    CANCELLING = "cancelling"


@dataclass(frozen=True, slots=True)
class PaymentMessage:
    """The terminal is at this point."""

    payment_id: UUID
    message: TerminalMessage


@dataclass(frozen=True, slots=True)
class PaymentReady:
    """The terminal answered, remembers these as its last transaction, and would take a payment now."""

    payment_id: UUID
    terminal_id: str | None
    last_receipt: int | None
    last_trace: int | None


@dataclass(frozen=True, slots=True)
class PaymentApprovedByTerminal:
    """An approving status arrived and waits for `effects.AnswerTerminal`."""

    payment_id: UUID
    receipt: Receipt


class Outcome(StrEnum):
    """The three outcomes of a payment. There is no fourth, and no default."""

    PAID = "paid"
    NOT_PAID = "not-paid"
    UNKNOWN = "unknown"


class NotPaidReason(StrEnum):
    """Why no money moved."""

    DECLINED = "declined"
    ABORTED = "aborted"  # by the customer, by time-out at the terminal, or by our own wish honoured there
    REFUSED = "refused"  # the terminal did not begin: busy, or something is open there
    UNREACHABLE = "unreachable"  # nothing was sent
    LOOKED_UP = "looked-up"  # proved afterwards


@dataclass(frozen=True, slots=True)
class PaymentEnded:
    """The terminal is done with a payment, or a look-up answered.

    `must_print`: the terminal insists that the customer gets the receipt, whatever the outcome.
    """

    payment_id: UUID
    outcome: Outcome
    reason: str = ""  # a NotPaidReason for NOT_PAID; free words for UNKNOWN, for the journal only
    result_code: int | None = None
    receipt: Receipt | None = None
    found_afterwards: bool = False
    must_print: bool = False


@dataclass(frozen=True, slots=True)
class DayWanted:
    """The terminal takes no payments until its day is closed, or staff ask for it."""


@dataclass(frozen=True, slots=True)
class DayEnded:
    """The terminal's answer to an end of day. A total or count that it did not tell is None.

    `certain`: where it is not `done`, that the day surely was not closed.
    """

    day_id: UUID
    done: bool
    reason: str
    certain: bool = True
    cents: int | None = None
    count: int | None = None
    text: tuple[str, ...] = ()


# --- Printer -----------------------------------------------------------------------------------------


class PrintOutcome(StrEnum):
    """What became of a print."""

    OUT = "out"  # confirmed behind the cut
    NOT_OUT = "not-out"  # surely nothing useful came out
    UNKNOWN = "unknown"  # may have come out


@dataclass(frozen=True, slots=True)
class PrintEnded:
    """The printer is done, or gave up. `print_id` is the effect's; None means whatever is being printed now."""

    outcome: PrintOutcome
    reason: str = ""  # "paper-out", "cover-open", "disconnected", …
    print_id: UUID | None = None


# --- The kiosk itself --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """All faults that hold now; an empty set means all is well. Unknown is a fault, never health."""

    faults: frozenset[Fault]


@dataclass(frozen=True, slots=True)
class Resumed:
    """Service mode lay over the visit, and is over. `moved`: cards came and went meanwhile; `card_in`: one is in."""

    card_in: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Arranged:
    """What staff arranged: the languages on offer (never none; the first is the welcome screen's), opening hours."""

    languages: tuple[str, ...]
    hours: tuple[OpenDay, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that an effect started has run out. Stale ones carry an old `generation`."""

    name: str
    generation: int


class LookUpProblem(StrEnum):
    """Why the backend was not heard."""

    NO_LINE = "no-line"
    TOO_MANY = "too-many"  # this kiosk asked so often that it has to wait


@dataclass(frozen=True, slots=True)
class RequestsFound:
    """The answer to `effects.FindRequests`. With a problem, `requests` are those that this kiosk itself remembers."""

    ask_id: UUID
    requests: tuple[FoundRequest, ...]
    problem: LookUpProblem | None = None


@dataclass(frozen=True, slots=True)
class JournalFailed:
    """A record could not be made durable (disk full, I/O error): its effects did not happen."""

    kind: str
    reason: str


Event = (
    LanguageChosen
    | NoticesHandedOut
    | DisplayChanged
    | ServiceChosen
    | NameGiven
    | BirthDateGiven
    | QuestionAnswered
    | CardTypeChosen
    | ProcedureChosen
    | AddChild
    | EditChild
    | RemoveChild
    | ContinueWithoutCard
    | SlotChosen
    | RequestsWanted
    | RequestChosen
    | ActionChosen
    | Continue
    | Back
    | Stop
    | HelpWanted
    | LanguageMenuWanted
    | CancelPayment
    | PayAtDesk
    | MoneyBackWanted
    | Touched
    | CardInserted
    | CardProgress
    | CardHolderKnown
    | CardAccepted
    | CardRefusedByReader
    | CardRemoved
    | PaymentMessage
    | PaymentReady
    | PaymentApprovedByTerminal
    | PaymentEnded
    | ReversalEnded
    | ApprovedLate
    | DayWanted
    | DayEnded
    | PrintEnded
    | HealthChanged
    | Resumed
    | Arranged
    | TimerFired
    | RequestsFound
    | JournalFailed
)
