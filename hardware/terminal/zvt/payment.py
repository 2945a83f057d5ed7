"""One payment, as the terminal tells it: which answer each status gets, and what the end means (PA00P015, chapter 2).

An approving status is acknowledged only after the caller has made it durable. From that acknowledgement on nothing
but the completion proves that the payment is paid, and nothing at all proves that it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hardware.terminal.outcome import (
    Goods,
    Message,
    PaymentOutcome,
    PaymentResult,
    Progress,
    Reason,
    TransactionReceipt,
)
from hardware.terminal.zvt import codes, fields
from hardware.terminal.zvt.apdu import ACCEPTED, GOODS_NOT_ISSUED, GOODS_NOT_YET, Apdu
from hardware.terminal.zvt.exchange import End, Ending
from hardware.terminal.zvt.receipts import ReceiptLines


def show(status: fields.Intermediate, on_message: Callable[[Progress], None]) -> None:
    """Tell the caller of an intermediate status, with the terminal's own text where it is meant for the customer."""
    text = status.text if codes.is_for_customer(status.code) else ()
    on_message(Progress(codes.message_for(status.code), status.code, text))


class Payment:
    """Follows one authorisation. Its methods are the exchange's listeners."""

    def __init__(
        self,
        cents: int,
        on_approved: Callable[[TransactionReceipt], bool | Goods],
        on_message: Callable[[Progress], None],
        read: Callable[[Apdu], TransactionReceipt],
    ) -> None:
        self._cents = cents
        self._on_approved = on_approved
        self._on_message = on_message
        self._read = read
        self._acknowledged: TransactionReceipt | None = None
        self._turned_down = False
        self._declined: TransactionReceipt | None = None
        self._contradiction = False

    def intermediate(self, status: fields.Intermediate) -> None:
        """Show what the terminal is doing."""
        show(status, self._on_message)

    def status(self, apdu: Apdu) -> Apdu:
        """What to answer to a status information. There may be several: a wrong PIN, a repeat, a reversal."""
        said = self._read(apdu)
        if said.result_code != 0:
            self._declined = said
            # An approval that is followed by a "no" was taken back, or is not what we think it is.
            self._contradiction |= self._acknowledged is not None and said.result_code is not None
            if said.result_code == codes.WRONG_PIN:
                self._on_message(Progress(Message.WRONG_PIN, said.result_code))
            return ACCEPTED
        if said.reversal_of_trace is not None:  # it says yes to taking something back, not to paying
            self._contradiction |= self._acknowledged is not None
            return ACCEPTED
        if self._acknowledged is not None:
            return self._approved_again(said, self._acknowledged)
        goods = self._issue(said)
        if goods is Goods.NOT_YET:
            return GOODS_NOT_YET
        if goods is Goods.NOT_ISSUED:
            self._turned_down = True
            return GOODS_NOT_ISSUED
        self._acknowledged = said
        return ACCEPTED

    def _issue(self, said: TransactionReceipt) -> Goods:
        """What the caller says to this approval. One of another amount is not ours to confirm."""
        if self._turned_down or said.amount_cents not in (None, self._cents):
            return Goods.NOT_ISSUED
        answer = self._on_approved(said)
        if isinstance(answer, Goods):
            return answer
        return Goods.ISSUED if answer else Goods.NOT_ISSUED

    def _approved_again(self, said: TransactionReceipt, before: TransactionReceipt) -> Apdu:
        """A repeat, because our answer was lost, gets the same answer; a different approval is one too many."""
        same = (said.receipt_number, said.trace_number, said.amount_cents) == (
            before.receipt_number,
            before.trace_number,
            before.amount_cents,
        )
        if same:
            return ACCEPTED
        self._contradiction = True
        return GOODS_NOT_ISSUED

    def result(self, ending: Ending, lines: ReceiptLines) -> PaymentResult:
        """What the end means."""
        said = self._acknowledged or self._declined
        receipt = said and replace(said, **lines.texts())
        match ending.end:
            case End.COMPLETED if self._acknowledged is not None and not self._contradiction:
                return PaymentResult(PaymentOutcome.PAID, Reason.APPROVED, 0, receipt)
            case End.REFUSED:
                return PaymentResult(PaymentOutcome.NOT_PAID, Reason.REFUSED, ending.code)
            case End.ABORTED if self._acknowledged is None and ending.code:
                stopped = ending.code == codes.STOPPED or self._turned_down
                reason = Reason.ABORTED if stopped else Reason.DECLINED
                return PaymentResult(PaymentOutcome.NOT_PAID, reason, ending.code, receipt)
            case End.SILENT | End.NOT_UNDERSTOOD:
                return PaymentResult(PaymentOutcome.UNKNOWN, Reason.NO_ANSWER, None, receipt)
            case End.LOST:
                return PaymentResult(PaymentOutcome.UNKNOWN, Reason.LINK_LOST, None, receipt)
        return PaymentResult(PaymentOutcome.UNKNOWN, Reason.CONTRADICTION, ending.code, receipt)
