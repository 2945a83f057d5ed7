"""One payment: INTENT → SENT → APPROVED → PAID, or NOT_PAID, or UNKNOWN until somebody knows; a PAID one may go back.

The order of effects is the safety: the intent and the fact of sending are durable before the
authorisation leaves, the approval is durable before the terminal hears that we got it, a reversal is durable before it
is asked for. Nothing here repeats an authorisation or a reversal, and our own wish to abort is never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kiosk.domain.record.entries import (
    EntryBody,
    PaymentApproved,
    PaymentIntent,
    PaymentNotPaid,
    PaymentNotReversed,
    PaymentPaid,
    PaymentReversed,
    PaymentReversing,
    PaymentSent,
    PaymentUnknown,
    Receipt,
)
from kiosk.visit.effects import (
    AbortPayment,
    AnswerTerminal,
    Effect,
    LookUpPayment,
    PreparePayment,
    Record,
    ReversePayment,
    StartPayment,
)
from kiosk.visit.events import (
    NotPaidReason,
    Outcome,
    PaymentApprovedByTerminal,
    PaymentEnded,
    PaymentReady,
    ReversalEnded,
    ReversalOutcome,
    TerminalMessage,
)


class Stage(StrEnum):
    """How far a payment has come."""

    PREPARING = "preparing"  # nothing is recorded, nothing was sent
    SENT = "sent"
    APPROVED = "approved"
    PAID = "paid"
    NOT_PAID = "not-paid"
    UNKNOWN = "unknown"
    REVERSING = "reversing"
    REVERSED = "reversed"


@dataclass(slots=True)
class Payment:
    """One attempt to pay the total of a visit."""

    payment_id: UUID
    visit_id: UUID
    ticket_id: UUID
    cents: int
    stage: Stage = Stage.PREPARING
    message: TerminalMessage = TerminalMessage.CONNECTING
    intent: PaymentIntent | None = None
    sent_at: datetime | None = None
    receipt: Receipt | None = None
    why_not: NotPaidReason = NotPaidReason.UNREACHABLE
    cancelling: bool = False

    def begin(self) -> list[Effect]:
        """Ask the terminal whether it would take a payment."""
        return [PreparePayment(self.payment_id)]

    def ready(self, event: PaymentReady, now: datetime) -> list[Effect]:
        """The terminal would: write down that we are going to ask, then ask."""
        if self.stage is not Stage.PREPARING:
            return []
        if self.cancelling:  # the parent thought better of it before anything was sent
            self.stage, self.why_not = Stage.NOT_PAID, NotPaidReason.ABORTED
            return []
        self.intent = PaymentIntent(
            payment_id=self.payment_id,
            ticket_id=self.ticket_id,
            cents=self.cents,
            terminal_id=event.terminal_id,
            last_receipt=event.last_receipt,
            last_trace=event.last_trace,
        )
        self.stage, self.sent_at = Stage.SENT, now
        return [
            self._record(self.intent),
            self._record(PaymentSent(payment_id=self.payment_id)),
            StartPayment(self.payment_id, self.cents),
        ]

    def not_sent(self) -> None:
        """The intent could not be made durable, so the authorisation never left."""
        self.stage, self.why_not = Stage.NOT_PAID, NotPaidReason.UNREACHABLE

    def approved(self, event: PaymentApprovedByTerminal) -> list[Effect]:
        """Durable first, then the acknowledgement that makes the terminal keep the money."""
        if self.stage not in (Stage.SENT, Stage.APPROVED):
            return [AnswerTerminal(self.payment_id, accept=False)]
        self.stage, self.receipt = Stage.APPROVED, event.receipt
        return [
            self._record(PaymentApproved(payment_id=self.payment_id, receipt=event.receipt)),
            AnswerTerminal(self.payment_id, accept=True),
        ]

    def approval_not_durable(self) -> list[Effect]:
        """The disk refused: refuse the approval too, and the terminal gives the money back."""
        self.stage = Stage.SENT
        return [AnswerTerminal(self.payment_id, accept=False)]

    def ended(self, event: PaymentEnded) -> list[Effect]:
        """The terminal's own end of it, or the answer of a look-up."""
        if self.stage in (Stage.PAID, Stage.NOT_PAID, Stage.REVERSING, Stage.REVERSED):
            return []
        if self.stage is Stage.PREPARING and event.outcome is not Outcome.PAID:
            self.stage, self.why_not = Stage.NOT_PAID, _reason(event.reason)
            return []
        match event.outcome:
            case Outcome.PAID:
                self.stage = Stage.PAID
                self.receipt = _richer(event.receipt, self.receipt)
                return [
                    self._record(
                        PaymentPaid(
                            payment_id=self.payment_id,
                            receipt=self.receipt,
                            found_afterwards=event.found_afterwards,
                        ),
                        required=False,
                    )
                ]
            case Outcome.NOT_PAID:
                self.stage, self.why_not = Stage.NOT_PAID, _reason(event.reason)
                said = event.receipt if event.receipt is not None and event.receipt.text else None
                return [
                    self._record(
                        PaymentNotPaid(
                            payment_id=self.payment_id,
                            reason=self.why_not.value,
                            result_code=event.result_code,
                            found_afterwards=event.found_afterwards,
                            receipt=said,
                        ),
                        required=False,
                    )
                ]
            case Outcome.UNKNOWN:
                if self.stage is Stage.UNKNOWN:
                    return []
                self.stage = Stage.UNKNOWN
                assert self.intent is not None and self.sent_at is not None
                own_trace = self.receipt.trace_number if self.receipt else None
                unknown = PaymentUnknown(payment_id=self.payment_id, reason=event.reason)
                return [self._record(unknown, required=False), LookUpPayment(self.intent, self.sent_at, own_trace)]

    @property
    def can_be_taken_back(self) -> bool:
        """Whether the terminal can be asked to give the money back: it takes a receipt number to name the payment."""
        return self.stage is Stage.PAID and self.receipt is not None and self.receipt.receipt_number is not None

    def take_back(self, reason: str) -> list[Effect]:
        """Give the money back, where no ticket can be had for it. Asked of the terminal once."""
        if not self.can_be_taken_back:
            return []
        assert self.receipt is not None
        self.stage = Stage.REVERSING
        return [
            self._record(PaymentReversing(payment_id=self.payment_id, reason=reason)),
            ReversePayment(self.payment_id, self.cents, self.receipt),
        ]

    def reversing_not_durable(self) -> None:
        """The disk refused, so the reversal never left: the payment stands."""
        self.stage = Stage.PAID

    def reversal_ended(self, event: ReversalEnded) -> list[Effect]:
        """The terminal's answer to the reversal."""
        if self.stage is not Stage.REVERSING:
            return []
        match event.outcome:
            case ReversalOutcome.REVERSED:
                self.stage = Stage.REVERSED
                body: EntryBody = PaymentReversed(payment_id=self.payment_id, receipt=event.receipt)
            case ReversalOutcome.NOT_REVERSED:
                self.stage = Stage.PAID
                body = PaymentNotReversed(
                    payment_id=self.payment_id, reason=event.reason, result_code=event.result_code
                )
            case ReversalOutcome.UNKNOWN:
                self.stage = Stage.UNKNOWN
                return []  # the case that is opened for it says so; the record knows it as reversing
        return [self._record(body, required=False)]

    def cancel(self) -> list[Effect]:
        """The parent wants to stop; the terminal is asked, once."""
        if self.cancelling or self.stage not in (Stage.PREPARING, Stage.SENT):
            return []
        self.cancelling, self.message = True, TerminalMessage.CANCELLING
        return [AbortPayment(self.payment_id)]

    @property
    def can_cancel(self) -> bool:
        """Whether asking the terminal to stop still makes sense."""
        return not self.cancelling and self.stage in (Stage.PREPARING, Stage.SENT)

    def _record(self, body: EntryBody, required: bool = True) -> Record:
        return Record(body, self.visit_id, required)


def _reason(text: str) -> NotPaidReason:
    return NotPaidReason(text) if text in set(NotPaidReason) else NotPaidReason.DECLINED


def _richer(end: Receipt | None, approval: Receipt | None) -> Receipt:
    """The end of a payment carries the receipt's text, the approval its numbers: keep what each knows."""
    known = approval.model_dump(exclude_none=True, exclude_defaults=True) if approval else {}
    later = end.model_dump(exclude_none=True, exclude_defaults=True) if end else {}
    return Receipt(**{**known, **later})
