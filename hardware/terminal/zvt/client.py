"""A ZVT terminal on a serial line, as a `PaymentTerminal`. The only module here that others need.

What may surprise:

- The kiosk registers when it must: after opening the port, and again when the terminal says 6B (it lost its memory in a
  restart). Registering is allowed at any time.
- A lost port is opened again by its path at the next operation, once; then the answer is `Disconnected`.
- Each operation takes the whole client. A second one at the same time is told `Busy`; it neither waits nor interferes.
- An authorisation is sent once. What becomes of it is then read, looked up, or left to people, and never tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hardware.terminal import outcome as out
from hardware.terminal.zvt import codes, fields, look_up
from hardware.terminal.zvt.apdu import ACCEPTED, Apdu
from hardware.terminal.zvt.commands import Commands
from hardware.terminal.zvt.exchange import End, Ending, Exchange, Listeners, answer_late
from hardware.terminal.zvt.link import Clock, Link
from hardware.terminal.zvt.payment import Payment
from hardware.terminal.zvt.port import BytePort, PortDown, SerialPort
from hardware.terminal.zvt.receipts import ReceiptLines
from hardware.terminal.zvt.timing import STANDARD, Timing

log = logging.getLogger(__name__)

_BRUSSELS = ZoneInfo("Europe/Brussels")

# Conditions of 05 01 (PA00P015 and SMART 2.x). DC: a card is in, and the terminal is ready. 83: not now. 9D, E1: a
# person or the terminal is about to finish something. E0, FC: it updates or restarts after the end of day, and will be
# back.
_READY = frozenset({0x00, 0xDC})
_BUSY = frozenset({0x83, 0x9C, 0x9D, 0xA0, 0xE0, 0xE1, 0xFC})
_END_OF_DAY = frozenset({0xF0, 0xB1, 0xB2, 0x6A})


class ZvtTerminal:
    """One terminal. `hardware.terminal` has an example, `hardware.terminal.outcome` says what the answers mean."""

    def __init__(
        self,
        open_port: Callable[[], BytePort],
        *,
        password: str = "000000",
        timing: Timing = STANDARD,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: ZoneInfo = _BRUSSELS,
    ) -> None:
        """`open_port` opens the line, and raises PortDown. `zone` is where the terminal's clock is.

        Raises ValueError for a password that is not six digits. Touches no port yet.
        """
        self._commands = Commands(password)
        self._timing = timing
        self._clock = clock
        self._now = now
        self._zone = zone
        self._link = Link(open_port, timing, clock)
        self._turn = threading.Lock()
        self._registered = False
        self._terminal_id: str | None = None
        self._paying = threading.Event()
        self._abort = threading.Event()
        self._quiet_until = clock()

    @classmethod
    def on_serial(
        cls,
        path: str,
        *,
        baud: int = 9600,
        stop_bits: int = 2,
        password: str = "000000",
        timing: Timing = STANDARD,
    ) -> ZvtTerminal:
        """A terminal on the serial port at this path; use a stable one (/dev/serial/by-id, or an own udev name)."""
        return cls(lambda: SerialPort(path, baud, stop_bits, timing.write), password=password, timing=timing)

    # --- Condition ---------------------------------------------------------------------------------------

    def status(self) -> out.TerminalStatus:
        """Its condition now. This lets some terminals begin work of their own (05 01), so it may take up to T4."""
        with self._my_turn() as mine:
            return self._status() if mine else out.Busy()

    def prepare(self) -> out.Preparation:
        """Condition, terminal id and last transaction, for the journal before a payment. Tolerates an empty memory."""
        with self._my_turn() as mine:
            if not mine:
                return out.Preparation(out.Busy())
            status = self._status()
            if not isinstance(status, out.Ready):
                return out.Preparation(status, self._terminal_id)
            last = self._last()
            told = last.terminal_id if last else None
            return out.Preparation(status, self._terminal_id or told, last)

    def close(self) -> None:
        """Let go of the port; an operation in another thread ends first. The next operation opens it again."""
        with self._turn:
            self._link.close()
            self._registered = False

    def log_off(self) -> bool:
        """06 02: give the terminal back its own menus. True when it agreed."""
        with self._my_turn() as mine:
            if not mine or self._come_up() is not None:
                return False
            ending, _lines = self._run(self._commands.log_off(), completes=False)
            self._registered = False
            return ending.end is End.ACCEPTED

    # --- Payment -----------------------------------------------------------------------------------------

    def pay(
        self,
        cents: int,
        *,
        on_approved: Callable[[out.TransactionReceipt], bool],
        on_message: Callable[[out.Progress], None] = lambda _progress: None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> out.PaymentResult:
        """Ask for `cents` (at least 1), once, and follow it to its end. Raises ValueError for an impossible amount.

        `on_sent` is called directly before the first byte of the authorisation leaves: from here on money may move.
        `on_approved` gets the approving status, makes it durable and returns True; False takes the payment back. It
        must return within `Timing.goods_wait`. All callbacks run on this thread; one that raises ends the payment
        unconfirmed.
        """
        command = self._commands.authorisation(cents, self._timing.goods_wait)
        with self._my_turn() as mine:
            if not mine:
                return out.PaymentResult(out.PaymentOutcome.NOT_PAID, out.Reason.REFUSED)
            self._abort.clear()
            self._paying.set()
            try:
                return self._pay(command, Payment(cents, on_approved, on_message, self._read), on_message, on_sent)
            finally:
                self._paying.clear()

    def request_abort(self) -> bool:
        """From any thread: wish that the running payment stops. False when none is running.

        The wish is sent when the terminal may hear it. Whether it is honoured shows in the payment's result alone.
        """
        if not self._paying.is_set():
            return False
        self._abort.set()
        return True

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
    ) -> out.LookUp:
        """What became of an earlier payment, by the terminal's memory. Times are aware. Moves no money.

        Waits `busy_patience` for a busy terminal. A terminal that is not there or not ready gives UNKNOWN: ask again
        later.
        """
        with self._my_turn() as mine:
            if not mine:
                return out.LookUp(out.PaymentOutcome.UNKNOWN, ("the terminal is in use",))
            status = self._settled_status()
            if not isinstance(status, out.Ready | out.NeedsEndOfDay):
                return out.LookUp(out.PaymentOutcome.UNKNOWN, (f"the terminal is not ready: {status}",))
            question = look_up.Question(
                cents, terminal_id, last_receipt, last_trace, started_at, now, own_trace=own_trace
            )
            return look_up.judge(question, self._last())

    # --- After the payment -------------------------------------------------------------------------------

    def last(self) -> out.TransactionReceipt | None:
        """The last transaction the terminal remembers. None when it tells of none, or cannot be asked."""
        with self._my_turn() as mine:
            return self._last() if mine and self._come_up() is None else None

    def reverse(
        self, receipt_number: int, *, cents: int, terminal_id: str | None = None, trace_number: int | None = None
    ) -> out.ReversalResult:
        """Take a transaction back. Nothing is sent unless the terminal's last one has this receipt number and amount.

        Reversing the wrong one is worse than reversing none (Portalum #24), and several acquirers allow only the last.
        "Already reversed" counts as reversed; with `trace_number` it is also recognised when an earlier reversal, whose
        answer was lost, is the last transaction. Raises ValueError for a receipt number of more than four digits.
        """
        command = self._commands.reversal(receipt_number)
        with self._my_turn() as mine:
            if not mine:
                return _not_reversed("the terminal is in use")
            status = self._come_up()
            if status is not None:
                return _not_reversed(f"the terminal is not ready: {status}")
            last = self._last()
            if last is not None and trace_number is not None and last.reversal_of_trace == trace_number:
                return out.ReversalResult(out.ReversalOutcome.REVERSED, "already reversed", last.result_code, last)
            mismatch = _mismatch(last, receipt_number, cents, terminal_id)
            if mismatch:
                return _not_reversed(mismatch)
            said: list[out.TransactionReceipt] = []
            ending, lines = self._run(command, Listeners(status=self._collect(said)), moves_money=True)
            return _reversal_result(ending, _with_text(said, lines))

    def end_of_day(self) -> out.EndOfDayResult:
        """06 50: close the day. The terminal may update or restart afterwards."""
        with self._my_turn() as mine:
            if not mine:
                return out.EndOfDayResult(False, "the terminal is in use")
            status = self._come_up()
            if status is not None:
                return out.EndOfDayResult(False, f"the terminal is not ready: {status}")
            said: list[out.TransactionReceipt] = []
            ending, lines = self._run(self._commands.end_of_day(), Listeners(status=self._collect(said)))
            total = next((receipt.amount_cents for receipt in said if receipt.amount_cents is not None), None)
            done = ending.end is End.COMPLETED
            detail = "closed" if done else _describe(ending)
            return out.EndOfDayResult(done, detail, ending.code, total, lines.everything)

    # --- Inside: the caller has the turn -----------------------------------------------------------------

    @contextmanager
    def _my_turn(self) -> Iterator[bool]:
        mine = self._turn.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._turn.release()

    def _pay(
        self,
        command: Apdu,
        payment: Payment,
        on_message: Callable[[out.Progress], None],
        on_sent: Callable[[], None],
    ) -> out.PaymentResult:
        on_message(out.Progress(out.Message.CONNECTING))
        problem = self._come_up()
        if problem is not None:
            code = getattr(problem, "code", None)
            reason = out.Reason.UNREACHABLE if code is None else out.Reason.REFUSED
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, reason, code)
        try:
            self._listen_until(self._quiet_until)
        except PortDown:
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, out.Reason.UNREACHABLE)
        if self._abort.is_set():
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, out.Reason.ABORTED)
        on_sent()
        listeners = Listeners(payment.status, payment.intermediate, self._abort_wanted)
        ending, lines = self._run(command, listeners, moves_money=True)
        return payment.result(ending, lines)

    def _abort_wanted(self) -> bool:
        wanted = self._abort.is_set()
        if wanted:
            self._abort.clear()
        return wanted

    def _status(self) -> out.TerminalStatus:
        was_open = self._link.is_open
        status = self._enquire()
        if isinstance(status, out.NotRegistered):
            self._registered = False
            status = self._enquire()
        elif isinstance(status, out.Disconnected) and was_open:  # it went while nobody looked; it may be back
            status = self._enquire()
        return status

    def _settled_status(self) -> out.TerminalStatus:
        """The status, waiting a while for a terminal that is busy or restarts."""
        patience = self._clock() + self._timing.busy_patience
        while True:
            status = self._status()
            if not isinstance(status, out.Busy | out.Unknown) or self._clock() >= patience:
                return status
            try:
                self._listen_until(self._clock() + self._timing.busy_poll)
            except PortDown as problem:
                return out.Disconnected(str(problem))

    def _enquire(self) -> out.TerminalStatus:
        problem = self._come_up()
        if problem is not None:
            return problem
        ending, _lines = self._run(self._commands.status_enquiry())
        if ending.end is End.COMPLETED and ending.last is not None:
            return _status_of(fields.condition(ending.last))
        return _status_of(ending.code) if ending.code else _failure(ending)

    def _come_up(self) -> out.TerminalStatus | None:
        """Open the port and register, as far as needed. None when the terminal can be spoken to."""
        was_open = self._link.is_open
        problem = self._open_and_register()
        if isinstance(problem, out.Disconnected) and was_open:
            problem = self._open_and_register()
        return problem

    def _open_and_register(self) -> out.TerminalStatus | None:
        try:
            if not self._link.is_open:
                self._registered = False
                self._link.open()
                log.info("the terminal's port is open")
            self._listen_until(self._clock())
        except PortDown as problem:
            return out.Disconnected(str(problem))
        if self._registered:
            return None
        ending, _lines = self._run(self._commands.registration())
        if ending.end is End.COMPLETED and ending.last is not None:
            self._registered = True
            self._terminal_id = fields.terminal_id(ending.last) or self._terminal_id
            return None
        if ending.code:
            status = _status_of(ending.code)
            return status if isinstance(status, out.Busy) else out.NotRegistered(ending.code)
        return _failure(ending)

    def _last(self) -> out.TransactionReceipt | None:
        said: list[out.TransactionReceipt] = []
        self._run(self._commands.last_result(), Listeners(status=self._collect(said)))
        return said[-1] if said else None

    def _listen_until(self, moment: float) -> None:
        """Answer what still comes from an earlier command, or has come already. Raises PortDown."""
        patience = self._clock() + self._timing.whole_command  # for a terminal that never stops talking
        while self._clock() < patience:
            left = moment - self._clock()
            late = self._link.receive(max(left, 0.0))
            if late is not None:
                log.info("late: %r", late)
                answer_late(self._link, late)
            elif left <= 0:
                return

    def _run(
        self,
        command: Apdu,
        listeners: Listeners | None = None,
        *,
        moves_money: bool = False,
        completes: bool = True,
    ) -> tuple[Ending, ReceiptLines]:
        exchange = Exchange(self._link, self._timing, self._clock, listeners or Listeners())
        ending = exchange.run(command, moves_money=moves_money, completes=completes)
        if exchange.abort_sent:
            self._quiet_until = self._clock() + self._timing.quiet_after_abort
        if ending.code == codes.NOT_REGISTERED:
            self._registered = False
        log.info("%s: %s", codes.command_name(command.command), _describe(ending))
        return ending, exchange.lines

    def _collect(self, said: list[out.TransactionReceipt]) -> Callable[[Apdu], Apdu]:
        def take(apdu: Apdu) -> Apdu:
            said.append(self._read(apdu))
            return ACCEPTED

        return take

    def _read(self, apdu: Apdu) -> out.TransactionReceipt:
        said = fields.receipt(apdu, self._now(), self._zone)
        return said if said.terminal_id is not None else replace(said, terminal_id=self._terminal_id)


# --- What endings mean -----------------------------------------------------------------------------------


def _status_of(code: int | None) -> out.TerminalStatus:
    if code is None:
        return out.Unknown("it completed without a status")
    if code in _READY:
        return out.Ready()
    if code in _BUSY:
        return out.Busy(code)
    if code in _END_OF_DAY:
        return out.NeedsEndOfDay(code)
    if code == codes.NOT_REGISTERED:
        return out.NotRegistered(code)
    meaning = codes.TERMINAL_CONDITIONS.get(code)
    return out.NeedsService(code, meaning) if meaning else out.Unknown("a status nobody knows", code)


def _failure(ending: Ending) -> out.TerminalStatus:
    return out.Disconnected("the port went away") if ending.end is End.LOST else out.Unknown(_describe(ending))


def _describe(ending: Ending) -> str:
    words = ending.end.name.lower().replace("_", " ")
    return f"{words}: {codes.result_name(ending.code)} ({ending.code:02x})" if ending.code else words


def _not_reversed(detail: str) -> out.ReversalResult:
    return out.ReversalResult(out.ReversalOutcome.NOT_REVERSED, detail)


def _mismatch(
    last: out.TransactionReceipt | None, receipt_number: int, cents: int, terminal_id: str | None
) -> str | None:
    """Why the terminal's last transaction is not the one to take back; None when it is."""
    if last is None:
        return "the terminal tells of no last transaction"
    if last.receipt_number != receipt_number:
        return f"the last receipt is {last.receipt_number}, not {receipt_number}"
    if last.amount_cents != cents:
        return f"the last amount is {last.amount_cents} cents, not {cents}"
    if terminal_id is not None and last.terminal_id != terminal_id:
        return f"this is terminal {last.terminal_id}, not {terminal_id}"
    return None


def _with_text(said: list[out.TransactionReceipt], lines: ReceiptLines) -> out.TransactionReceipt | None:
    return replace(said[-1], text=lines.customer, merchant_text=lines.merchant) if said else None


def _reversal_result(ending: Ending, said: out.TransactionReceipt | None) -> out.ReversalResult:
    code = said.result_code if ending.code is None and said is not None else ending.code
    if ending.code == codes.ALREADY_REVERSED:
        return out.ReversalResult(out.ReversalOutcome.REVERSED, "already reversed", ending.code, said)
    if ending.end is End.COMPLETED and said is not None and said.result_code == 0:
        return out.ReversalResult(out.ReversalOutcome.REVERSED, "reversed", 0, said)
    refused = ending.end is End.REFUSED or (ending.end is End.ABORTED and ending.code and not _approved(said))
    kind = out.ReversalOutcome.NOT_REVERSED if refused else out.ReversalOutcome.UNKNOWN
    return out.ReversalResult(kind, _describe(ending), code, said)


def _approved(said: out.TransactionReceipt | None) -> bool:
    return said is not None and said.result_code == 0
