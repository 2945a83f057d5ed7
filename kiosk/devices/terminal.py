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
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from hardware.terminal import outcome as out
from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.devices.worker import Worker
from kiosk.domain.fleet.heartbeat import DeviceState
from kiosk.domain.record.entries import PaymentIntent, Receipt
from kiosk.health import Health
from kiosk.journal.denied import LONGEST_PAYMENT
from kiosk.visit import events as e

log = structlog.get_logger(__name__)

LONGEST_SILENCE = timedelta(minutes=3)  # T4, PA00P016, chapter 3

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
        late: Callable[[Receipt], None] = lambda _receipt: None,
    ):
        """`late` gets an approval that no payment waits for, on this device's thread, before it is refused."""
        self._terminal = terminal
        terminal.on_late_approval(lambda said: self._heard_late(said, late))
        self._health = health
        self._post = post
        self._now = now
        self._timing = timing
        self._answers: queue.Queue[tuple[UUID, bool]] = queue.Queue()
        self._aborted: UUID | None = None
        self._upkeep_from = 0.0
        self._last_status: type | None = None
        self._busy = False
        self._free_at: datetime | None = None  # when it last surely was in no transaction
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

    def reverse_payment(self, payment_id: UUID, cents: int, receipt: Receipt) -> None:
        """Ask for the money of a payment back: the terminal's last one with this receipt and amount, once."""
        self._worker.do(lambda: self._reverse(payment_id, cents, receipt))

    def close_day(self, day_id: UUID) -> None:
        """Ask the terminal to close its day; it may take minutes."""
        self._worker.do(lambda: self._close_day(day_id))

    def look_up_payment(self, intent: PaymentIntent, started_at: datetime, own_trace: int | None = None) -> None:
        """Ask what became of a payment, for as long as the terminal may need to speak again."""
        self._worker.do(lambda: self._look_up(intent, started_at, own_trace))

    # --- asked by staff: nothing here moves money ---------------------------------------------------

    def ask_status(self, answered: Callable[[out.TerminalStatus], None]) -> None:
        """How it is; `answered` is called on this device's thread, and so are those below."""
        self._worker.do(lambda: answered(self._look()))

    def ask_registration(self, answered: Callable[[out.Preparation], None]) -> None:
        """Whether it takes this kiosk's registration, and who it says it is."""
        self._worker.do(lambda: answered(self._terminal.prepare()))

    def do_upkeep(self, what: out.Upkeep, answered: Callable[[out.UpkeepResult], None]) -> None:
        """Diagnosis, initialisation, clock."""
        self._worker.do(lambda: answered(self._terminal.upkeep(what)))

    def may_be_in(self, sent_at: datetime, timed_out: bool) -> bool:
        """Whether it may still be in a payment that was sent at this moment; from any thread.

        `timed_out`: the driver gave up on its silence. It may be silent for T4; no transaction lasts longer than the
        driver's own limit, so after that it is in another one, or gone.
        """
        elapsed = self._now() - sent_at
        if not timedelta(0) <= elapsed < LONGEST_PAYMENT:
            return False
        if self._free_at is not None and self._free_at > sent_at:
            return False
        return self._busy or not timed_out or elapsed < LONGEST_SILENCE

    def _heard_late(self, said: out.TransactionReceipt, late: Callable[[Receipt], None]) -> None:
        if said.reversal_of_trace is None:  # else it says yes to giving money back
            late(_receipt(said) or Receipt())

    # --- on the worker's thread -----------------------------------------------------------------------

    def _look(self) -> out.TerminalStatus:
        """What the terminal needs and a kiosk can do for it is done while nobody waits; see docs/payment.md."""
        asked_at = self._now()
        status = self._terminal.status()
        self._note(status, asked_at)
        if isinstance(status, out.NeedsUpkeep) and time.monotonic() >= self._upkeep_from:
            self._upkeep_from = time.monotonic() + self._timing.upkeep_again
            result = self._terminal.upkeep(status.upkeep)
            log.info("terminal_upkeep", what=status.upkeep.value, done=result.done, detail=result.detail)
            status = self._terminal.status()
        self._report(status)
        if isinstance(status, out.NeedsEndOfDay):
            self._post(e.DayWanted())
        return status

    def _note(self, status: out.TerminalStatus, asked_at: datetime) -> None:
        """What the status says of a payment that was sent before: only what was said proves anything."""
        self._busy = isinstance(status, out.Busy)
        if isinstance(status, (out.Ready, out.NeedsEndOfDay, out.NeedsUpkeep, out.NotRegistered, out.NeedsService)):
            self._free_at = asked_at

    def _report(self, status: out.TerminalStatus) -> None:
        # Busy is a healthy terminal at work; everything else that is not Ready cannot take money.
        well = isinstance(status, (out.Ready, out.Busy))
        self._health.report(terminal=not well)
        silent = isinstance(status, out.Unknown)
        state = DeviceState.READY if well else DeviceState.UNKNOWN if silent else DeviceState.TROUBLE
        detail = "" if well else "silent" if silent else _in_words(type(status).__name__)
        self._health.devices.state("terminal", state, detail)
        self._health.devices.use("terminal", not isinstance(status, (out.Unknown, out.Disconnected)))
        if type(status) is not self._last_status:  # once when it changes, not at every look
            self._last_status = type(status)
            log.info("terminal_status", status=type(status).__name__, code=getattr(status, "code", None))

    def _prepare(self, payment_id: UUID) -> None:
        self._post(e.PaymentMessage(payment_id, e.TerminalMessage.CONNECTING))
        preparation = self._terminal.prepare()
        if isinstance(preparation.status, out.Ready):
            self._post(
                e.PaymentReady(payment_id, preparation.terminal_id, preparation.last_receipt, preparation.last_trace)
            )
            return
        self._report(preparation.status)
        soon = isinstance(preparation.status, (out.Busy, out.NeedsEndOfDay, out.NeedsUpkeep))
        why = e.NotPaidReason.REFUSED if soon else e.NotPaidReason.UNREACHABLE
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
                must_print=result.receipt is not None and result.receipt.must_print,
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

    def _reverse(self, payment_id: UUID, cents: int, receipt: Receipt) -> None:
        assert receipt.receipt_number is not None  # Payment.can_be_taken_back
        result = self._terminal.reverse(
            receipt.receipt_number, cents=cents, terminal_id=receipt.terminal_id, trace_number=receipt.trace_number
        )
        log.info("reversal_ended", outcome=result.outcome.value, detail=result.detail, result_code=result.result_code)
        self._post(
            e.ReversalEnded(
                payment_id,
                e.ReversalOutcome(result.outcome.value),
                result.detail,
                result.result_code,
                _receipt(result.receipt),
                asked=result.asked,
            )
        )

    def _close_day(self, day_id: UUID) -> None:
        result = self._terminal.end_of_day()
        log.info("end_of_day", done=result.done, detail=result.detail, result_code=result.result_code)
        self._post(
            e.DayEnded(
                day_id, result.done, result.detail, result.certain, result.total_cents, result.count, result.text
            )
        )
        self._look()  # closed, it may update itself or start anew, or be ready again

    def _look_up(self, intent: PaymentIntent, started_at: datetime, own_trace: int | None) -> None:
        deadline = time.monotonic() + self._timing.look_up_for
        while True:
            found = self._terminal.look_up(
                intent.cents,
                intent.terminal_id,
                intent.last_receipt,
                intent.last_trace,
                started_at,
                self._now(),
                own_trace=own_trace,
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
        merchant_text=said.merchant_text,
    )
