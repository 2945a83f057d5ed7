"""What a payment terminal can be and can answer, in words that belong to no protocol.

Every protocol driver beside `zvt/` answers in these types, so that a visit never learns which one is spoken. Nothing
here is an exception: a terminal that is unplugged or a payment that was declined are things that happen every day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

# --- The terminal's condition ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """It answered, and would take a payment now. `card_inserted`: somebody's card is in it already."""

    card_inserted: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """It is at work (or this kiosk is at work with it); ask again in a moment."""

    code: int | None = None


@dataclass(frozen=True, slots=True)
class Restarting:
    """It said that it restarts, and will be silent for a minute or two. Nothing to mend."""

    code: int


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Its operator updates it from afar; it will be back by itself, in minutes rather than seconds."""

    code: int


@dataclass(frozen=True, slots=True)
class NeedsEndOfDay:
    """It takes no payments until the day is closed with it: `PaymentTerminal.end_of_day`."""

    code: int | None = None


class Upkeep(StrEnum):
    """What a terminal may need and a kiosk can do for it, without a person: `PaymentTerminal.upkeep`."""

    INITIALISATION = "initialisation"
    DIAGNOSIS = "diagnosis"
    SET_CLOCK = "set-clock"


@dataclass(frozen=True, slots=True)
class NeedsUpkeep:
    """It takes no payments until this is done, which moves no money."""

    code: int
    meaning: str
    upkeep: Upkeep


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """It refuses this kiosk's registration, or lost it and does not take it again."""

    code: int | None = None


@dataclass(frozen=True, slots=True)
class NeedsService:
    """It answered, and a person has to look at it: power, reader, lock, shutter, profile."""

    code: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Its port cannot be opened. `reason` is for the technician."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The port is there, but the terminal is silent or answers what nobody knows. Not healthy."""

    reason: str
    code: int | None = None


TerminalStatus = (
    Ready
    | Busy
    | Restarting
    | Maintenance
    | NeedsEndOfDay
    | NeedsUpkeep
    | NotRegistered
    | NeedsService
    | Disconnected
    | Unknown
)


# --- A transaction ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    """What the terminal says of one transaction. A None was not said.

    `masked_pan` shows at most the first six and the last four digits. `time` is aware UTC. `text` holds the lines of
    the customer's receipt as the terminal printed them, `merchant_text` those of the merchant's. `result_code` is the
    terminal's own (0 = approved). `reversal_of_trace` is the trace number of the transaction that this one takes
    back. `must_print`: the terminal insists that the customer gets the receipt. `signature_wanted`: the merchant's
    receipt wants the customer's signature, which a kiosk cannot take.

    Where the terminal does not print (`text` is empty), a receipt can be made of the other fields.
    """

    amount_cents: int | None = None
    receipt_number: int | None = None
    trace_number: int | None = None
    terminal_id: str | None = None
    masked_pan: str | None = None
    card_name: str | None = None
    time: datetime | None = None
    text: tuple[str, ...] = ()
    merchant_text: tuple[str, ...] = ()
    result_code: int | None = None
    reversal_of_trace: int | None = None
    must_print: bool = False
    signature_wanted: bool = False
    merchant_number: str | None = None
    authorisation_id: str | None = None
    application_id: str | None = None


class Message(StrEnum):
    """What the terminal is doing, for the picture on the screen. Never proof of a payment."""

    CONNECTING = "connecting"
    PRESENT_CARD = "present-card"
    ENTER_PIN = "enter-pin"
    WRONG_PIN = "wrong-pin"
    WAIT = "wait"
    REMOVE_CARD = "remove-card"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a payment. `code` and `text` are the terminal's own; both may be missing.

    `text` is there only where it is meant for the customer: what a terminal tells a merchant must not be shown on a
    kiosk (SMART-ZVT 2.5).
    """

    message: Message
    code: int | None = None
    text: tuple[str, ...] = ()


class Goods(StrEnum):
    """What may be answered to an approving status, for those who issue goods while the terminal waits."""

    ISSUED = "issued"  # the payment stands
    NOT_YET = "not-yet"  # ask again in a moment; the terminal does so until its own patience ends
    NOT_ISSUED = "not-issued"  # the terminal takes the payment back


class PaymentOutcome(StrEnum):
    """There is no fourth, and no default."""

    PAID = "paid"
    NOT_PAID = "not-paid"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a payment ended as it did."""

    APPROVED = "approved"  # PAID

    DECLINED = "declined"  # NOT_PAID: by the card's bank, or by the terminal
    ABORTED = "aborted"  # NOT_PAID: by the customer, by time-out at the terminal, or by our own wish honoured there
    REFUSED = "refused"  # NOT_PAID: the terminal did not begin
    UNREACHABLE = "unreachable"  # NOT_PAID: nothing was sent
    LOOKED_UP = "looked-up"  # PAID or NOT_PAID, proved afterwards

    NO_ANSWER = "no-answer"  # UNKNOWN: silence after the authorisation had left
    LINK_LOST = "link-lost"  # UNKNOWN: the port went away after the authorisation had left
    CONTRADICTION = "contradiction"  # UNKNOWN: what the terminal said does not fit together
    NO_PROOF = "no-proof"  # UNKNOWN: looked up, and the terminal's answer proves nothing


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """How a payment ended. `result_code` is the terminal's own; `receipt` what it said, if anything."""

    outcome: PaymentOutcome
    reason: Reason
    result_code: int | None = None
    receipt: TransactionReceipt | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """What the terminal's memory proves of an earlier payment, with the evidence in words for the journal."""

    outcome: PaymentOutcome
    evidence: tuple[str, ...]
    receipt: TransactionReceipt | None = None

    @property
    def reason(self) -> Reason:
        """LOOKED_UP where something is proved, NO_PROOF otherwise."""
        return Reason.NO_PROOF if self.outcome is PaymentOutcome.UNKNOWN else Reason.LOOKED_UP


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is worth writing down before a payment: the terminal's condition and the last transaction it remembers."""

    status: TerminalStatus
    terminal_id: str | None = None
    last: TransactionReceipt | None = None

    @property
    def last_receipt(self) -> int | None:
        """The receipt number of the last transaction, where the terminal remembers one."""
        return self.last.receipt_number if self.last else None

    @property
    def last_trace(self) -> int | None:
        """The trace number of the last transaction, where the terminal remembers one."""
        return self.last.trace_number if self.last else None


class ReversalOutcome(StrEnum):
    """Whether money went back."""

    REVERSED = "reversed"
    NOT_REVERSED = "not-reversed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """How a reversal ended; `detail` says why in a few words. `asked` is False where the terminal was not asked."""

    outcome: ReversalOutcome
    detail: str
    result_code: int | None = None
    receipt: TransactionReceipt | None = None
    asked: bool = True


class RefundOutcome(StrEnum):
    """Whether a refund reached the customer's card."""

    REFUNDED = "refunded"
    NOT_REFUNDED = "not-refunded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefundResult:
    """How a refund ended; `detail` says why in a few words."""

    outcome: RefundOutcome
    detail: str
    result_code: int | None = None
    receipt: TransactionReceipt | None = None


@dataclass(frozen=True, slots=True)
class CardTotal:
    """The day's payments with one group of cards, as the terminal groups them."""

    cards: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class EndOfDayResult:
    """Whether the day was closed, and the terminal's own account of it.

    `total_cents` is the day's total. `card_totals` are its parts, `count` their number of payments, `first_receipt` and
    `last_receipt` the receipts they lie between; all of them are empty where the terminal does not tell them. `text` is
    its printed report. `certain`: where it is not `done`, that the day surely was not closed.
    """

    done: bool
    detail: str
    result_code: int | None = None
    total_cents: int | None = None
    text: tuple[str, ...] = ()
    card_totals: tuple[CardTotal, ...] = ()
    first_receipt: int | None = None
    last_receipt: int | None = None
    certain: bool = True

    @property
    def count(self) -> int | None:
        """How many payments the terminal counted; None where it does not tell."""
        return sum(part.count for part in self.card_totals) if self.card_totals else None


@dataclass(frozen=True, slots=True)
class UpkeepResult:
    """Whether the terminal did what it was asked for; `text` is what it printed."""

    done: bool
    detail: str
    result_code: int | None = None
    text: tuple[str, ...] = ()


# --- The boundary ----------------------------------------------------------------------------------------


class PaymentTerminal(Protocol):
    """A payment terminal on any protocol. One operation at a time; every call ends by itself.

    All methods but `request_abort` block, and belong on a worker thread.
    """

    def status(self) -> TerminalStatus:
        """Its condition now. Moves no money."""

    def prepare(self) -> Preparation:
        """Its condition, and the last transaction it remembers. Moves no money."""

    def pay(
        self,
        cents: int,
        *,
        on_approved: Callable[[TransactionReceipt], bool | Goods],
        on_message: Callable[[Progress], None] = ...,
        on_sent: Callable[[], None] = ...,
    ) -> PaymentResult:
        """Ask for `cents`, once. See `hardware.terminal` for what the callbacks must do."""

    def on_late_approval(self, heard: Callable[[TransactionReceipt], None]) -> None:
        """Have `heard` called with each approval that comes when no payment waits for one, before it is refused."""

    def request_abort(self) -> bool:
        """From any thread: wish that the running payment stops. False when none is running. Never a result."""

    def look_up(
        self,
        cents: int,
        terminal_id: str | None,
        last_receipt: int | None,
        last_trace: int | None,
        started_at: datetime,
        now: datetime,
        *,
        own_trace: int | None = None,
    ) -> LookUp:
        """What became of an earlier payment, judged by what was written down before it."""

    def last(self) -> TransactionReceipt | None:
        """The last transaction it remembers, or None when it tells of none."""

    def reverse(
        self, receipt_number: int, *, cents: int, terminal_id: str | None = None, trace_number: int | None = None
    ) -> ReversalResult:
        """Take the last transaction back, if it is the one with this receipt number and amount."""

    def refund(self, cents: int, *, on_message: Callable[[Progress], None] = ...) -> RefundResult:
        """Give `cents` to the card that is presented now, once; for a payment that can no longer be taken back."""

    def end_of_day(self) -> EndOfDayResult:
        """Close the day."""

    def upkeep(self, what: Upkeep) -> UpkeepResult:
        """Do what `NeedsUpkeep` asks for. Moves no money."""

    def close(self) -> None:
        """Let go of the port."""
