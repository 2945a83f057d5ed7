"""The payment terminal: one operation at a time on its own thread, and kept awake while it rests.

An approving status waits in the driver until the journal has it: the driver's thread stands still in
`_approved` until the core has answered, or refuses when no answer comes, so that the terminal gives the money
back. The facts behind this: ZVT, goods-issue time-out (field 01).
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from hardware.terminal import outcome as out
from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.devices.worker import Worker
from kiosk.domain.entries import PaymentIntent, Receipt
from kiosk.domain.heartbeat import DeviceState
from kiosk.health import Health
from kiosk.visit import events as e

log = structlog.get_logger(__name__)

_OUTCOMES = {
    out.PaymentOutcome.PAID: e.Outcome.PAID,
    out.PaymentOutcome.NOT_PAID: e.Outcome.NOT_PAID,
    out.PaymentOutcome.UNKNOWN: e.Outcome.UNKNOWN,
}


class CardTerminal:
    """Owns the terminal's driver."""

    def __init__(
        self,
        terminal: out.PaymentTerminal,
        health: Health,
        post: Callable[[e.Event], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timing: DeviceTiming = STANDARD,
        crashed: Callable[[], None] = lambda: None,
    ):
        self._terminal = terminal
        self._health = health
        self._post = post
        self._now = now
        self._timing = timing
        self._answers: queue.Queue[tuple[UUID, bool]] = queue.Queue()
        self._aborted: UUID | None = None
        self._stopping = threading.Event()
        self._worker = Worker("terminal", self._look, timing.terminal_look, crashed)

    def start(self) -> None:
        """Begin to look and to work."""
        self._worker.start()

    def stop(self) -> None:
        """End and close the port. A payment that runs is left to the next start-up's look-up."""
        self._stopping.set()
        if self._worker.stop(timeout=1.0):
            self._terminal.close()

    # --- asked by the core, answered with events ---------------------------------------------------

    def prepare_payment(self, payment_id: UUID) -> None:
        """Ask whether it would take a payment, and what its last transaction was."""
        self._worker.do(lambda: self._prepare(payment_id))

    def start_payment(self, payment_id: UUID, cents: int) -> None:
        """Send the authorisation, once."""
        self._worker.do(lambda: self._pay(payment_id, cents))

    def answer_terminal(self, payment_id: UUID, accept: bool) -> None:
        """Let the driver's thread go on with this answer."""
        self._answers.put((payment_id, accept))

    def abort_payment(self, payment_id: UUID) -> None:
        """Wish that it stops; from the core's thread, past the worker, which is in the payment."""
        self._aborted = payment_id  # before asking: a payment that begins now sees it
        self._terminal.request_abort()

    def look_up_payment(self, intent: PaymentIntent, started_at: datetime) -> None:
        """Ask what became of a payment, for as long as the terminal may need to speak again."""
        self._worker.do(lambda: self._look_up(intent, started_at))

    # --- on the worker's thread -----------------------------------------------------------------------

    def _look(self) -> None:
        self._report(self._terminal.status())

    def _report(self, status: out.TerminalStatus) -> None:
        # Busy is a healthy terminal at work; everything else that is not Ready cannot take money.
        well = isinstance(status, (out.Ready, out.Busy))
        self._health.report(terminal=not well)
        silent = isinstance(status, out.Unknown)
        state = DeviceState.READY if well else DeviceState.UNKNOWN if silent else DeviceState.TROUBLE
        detail = "" if well else "silent" if silent else _in_words(type(status).__name__)
        self._health.devices.state("terminal", state, detail)
        self._health.devices.use("terminal", not isinstance(status, (out.Unknown, out.Disconnected)))

    def _prepare(self, payment_id: UUID) -> None:
        self._post(e.PaymentMessage(payment_id, e.TerminalMessage.CONNECTING))
        preparation = self._terminal.prepare()
        if isinstance(preparation.status, out.Ready):
            self._post(
                e.PaymentReady(payment_id, preparation.terminal_id, preparation.last_receipt, preparation.last_trace)
            )
            return
        log.warning("terminal_not_ready", status=type(preparation.status).__name__)
        self._report(preparation.status)
        gone = isinstance(preparation.status, (out.Disconnected, out.Unknown))
        why = e.NotPaidReason.UNREACHABLE if gone else e.NotPaidReason.REFUSED
        self._post(e.PaymentEnded(payment_id, e.Outcome.NOT_PAID, why.value))

    def _pay(self, payment_id: UUID, cents: int) -> None:
        result = self._terminal.pay(
            cents,
            on_approved=lambda receipt: self._approved(payment_id, receipt),
            on_message=lambda progress: self._progress(payment_id, progress),
        )
        log.info(
            "payment_ended", outcome=result.outcome.value, reason=result.reason.value, result_code=result.result_code
        )
        self._health.devices.use("terminal", result.outcome is not out.PaymentOutcome.UNKNOWN)
        self._post(
            e.PaymentEnded(
                payment_id,
                _OUTCOMES[result.outcome],
                result.reason.value,
                result.result_code,
                _receipt(result.receipt),
            )
        )

    def _progress(self, payment_id: UUID, progress: out.Progress) -> None:
        if progress.message is out.Message.CONNECTING and self._aborted == payment_id:
            self._terminal.request_abort()  # wished before the driver had begun, and heard by nobody then
        self._post(e.PaymentMessage(payment_id, e.TerminalMessage(progress.message.value)))

    def _approved(self, payment_id: UUID, receipt: out.TransactionReceipt) -> bool:
        """Stands until the approval is durable. No answer in time means no."""
        self._post(e.PaymentApprovedByTerminal(payment_id, _receipt(receipt) or Receipt()))
        deadline = time.monotonic() + self._timing.approval_answer
        while (left := deadline - time.monotonic()) > 0:
            try:
                answered, accept = self._answers.get(timeout=left)
            except queue.Empty:
                break
            if answered == payment_id:
                return accept
        log.error("approval_not_answered")
        return False

    def _look_up(self, intent: PaymentIntent, started_at: datetime) -> None:
        deadline = time.monotonic() + self._timing.look_up_for
        while True:
            found = self._terminal.look_up(
                intent.cents, intent.terminal_id, intent.last_receipt, intent.last_trace, started_at, self._now()
            )
            silent = found.outcome is out.PaymentOutcome.UNKNOWN and found.receipt is None
            if not silent or time.monotonic() >= deadline:
                break
            if self._stopping.wait(self._timing.look_up_every):
                return  # nobody has said yet that it cannot be known: the next start-up asks again
        log.info("payment_looked_up", outcome=found.outcome.value, evidence=found.evidence)
        self._post(
            e.PaymentEnded(
                intent.payment_id,
                _OUTCOMES[found.outcome],
                found.reason.value,
                receipt=_receipt(found.receipt),
                found_afterwards=True,
            )
        )


def _in_words(name: str) -> str:
    """NeedsEndOfDay → needs-end-of-day"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _receipt(said: out.TransactionReceipt | None) -> Receipt | None:
    if said is None:
        return None
    return Receipt(
        cents=said.amount_cents,
        receipt_number=said.receipt_number,
        trace_number=said.trace_number,
        terminal_id=said.terminal_id,
        masked_pan=said.masked_pan,
        card_name=said.card_name,
        at=said.time,
        text=said.text,
    )
