"""A ZVT terminal on a serial line or a network, as a `PaymentTerminal`. The only module here that others need.

What may surprise:

- Each operation takes the whole client. A second one at the same time is told `Busy`; it neither waits nor interferes.
- An authorisation is sent once. What becomes of it is then read, looked up, or left to people, and never tried again.
- The port is opened, and the kiosk registered, when an operation needs it: see `session`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hardware.terminal import outcome as out
from hardware.terminal.zvt import fields, look_up, results
from hardware.terminal.zvt.address import NetworkAddress, network_address
from hardware.terminal.zvt.apdu import ACCEPTED, Apdu
from hardware.terminal.zvt.commands import Commands, Receipts
from hardware.terminal.zvt.exchange import After, End, Listeners
from hardware.terminal.zvt.link import Clock, Link
from hardware.terminal.zvt.payment import Payment, show
from hardware.terminal.zvt.port import BytePort, PortDown, SerialPort, TcpPort
from hardware.terminal.zvt.serial_link import SerialLink
from hardware.terminal.zvt.session import Session
from hardware.terminal.zvt.tags import CP437
from hardware.terminal.zvt.tcp_link import TcpLink
from hardware.terminal.zvt.timing import STANDARD, Timing

_BRUSSELS = ZoneInfo("Europe/Brussels")


def _ignore(_progress: out.Progress) -> None:
    return


class ZvtTerminal:
    """One terminal. `hardware.terminal` has an example, `hardware.terminal.outcome` says what the answers mean."""

    def __init__(
        self,
        link: Callable[[Timing, Clock], Link],
        *,
        password: str = "000000",
        receipts: Receipts = Receipts.BLOCKS,
        charset: int = CP437,
        timing: Timing = STANDARD,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: ZoneInfo = _BRUSSELS,
    ) -> None:
        """`link` makes the link layer. `zone` is where the terminal's clock is.

        `charset` (a number of `tags.CHARSETS`) holds for texts that name none: some terminals use ISO 8859-1 and do not
        say so (Portalum #16).

        Raises ValueError for a password that is not six digits. Touches no port yet.
        """
        self._commands = Commands(password, receipts)
        self._timing = timing
        self._now = now
        self._zone = zone
        self._session = Session(link(timing, clock), self._commands, timing, clock, charset)
        self._turn = threading.Lock()
        self._paying = threading.Event()
        self._abort = threading.Event()

    @classmethod
    def at(
        cls,
        port: str,
        *,
        baud: int = 9600,
        stop_bits: int = 2,
        password: str = "000000",
        receipts: Receipts = Receipts.BLOCKS,
        charset: int = CP437,
        timing: Timing = STANDARD,
    ) -> ZvtTerminal:
        """A terminal at a serial port's path, or at `tcp://host[:port]` (20007 where none is given).

        Use a path that stays (/dev/serial/by-id, or an own udev name). Raises ValueError for a bad address or password.
        """
        address = network_address(port)

        def link(timing: Timing, clock: Clock) -> Link:
            if address is None:
                return SerialLink(lambda: SerialPort(port, baud, stop_bits, timing.write), timing, clock)
            return TcpLink(lambda: _connect(address, timing), timing, clock, port)

        return cls(link, password=password, receipts=receipts, charset=charset, timing=timing)

    # --- Condition ---------------------------------------------------------------------------------------

    def status(self) -> out.TerminalStatus:
        """Its condition now. This lets some terminals begin work of their own (05 01), so it may take up to T4.

        Asked now and then it also keeps the line awake: idle adapters fall asleep over night (OCA/pos #701).
        """
        with self._my_turn() as mine:
            return self._session.status() if mine else out.Busy()

    def prepare(self) -> out.Preparation:
        """Condition, terminal id and last transaction, for the journal before a payment. Tolerates an empty memory."""
        with self._my_turn() as mine:
            if not mine:
                return out.Preparation(out.Busy())
            status = self._session.status()
            if not isinstance(status, out.Ready):
                return out.Preparation(status, self._session.terminal_id)
            last = self._last()
            told = last.terminal_id if last else None
            return out.Preparation(status, self._session.terminal_id or told, last)

    def close(self) -> None:
        """Let go of the port; an operation in another thread ends first. The next operation opens it again."""
        with self._turn:
            self._session.close()

    def log_off(self) -> bool:
        """06 02: give the terminal back its own menus. True when it agreed."""
        with self._my_turn() as mine:
            if not mine or self._session.come_up() is not None:
                return False
            ending, _lines = self._session.run(self._commands.log_off(), after=After.NOTHING)
            self._session.forget_registration()
            return ending.end is End.ACCEPTED

    def upkeep(self, what: out.Upkeep) -> out.UpkeepResult:
        """06 70, 06 91 or 06 93: what `NeedsUpkeep` asks for, or a technician. May take up to T4; moves no money."""
        command, after = {
            out.Upkeep.DIAGNOSIS: (self._commands.diagnosis(), After.COMPLETES),
            out.Upkeep.INITIALISATION: (self._commands.initialisation(), After.COMPLETES),
            out.Upkeep.SET_CLOCK: (
                self._commands.set_clock(self._now().astimezone(self._zone)),
                After.MAY_COMPLETE,
            ),
        }[what]
        with self._my_turn() as mine:
            problem = self._not_mine(mine)
            if problem:
                return out.UpkeepResult(False, problem)
            return results.upkeep(*self._session.run(command, after=after))

    # --- Payment -----------------------------------------------------------------------------------------

    def pay(
        self,
        cents: int,
        *,
        on_approved: Callable[[out.TransactionReceipt], bool | out.Goods],
        on_message: Callable[[out.Progress], None] = _ignore,
        on_sent: Callable[[], None] = lambda: None,
    ) -> out.PaymentResult:
        """Ask for `cents` (at least 1), once, and follow it to its end. Raises ValueError for an impossible amount.

        `on_sent` is called directly before the first byte of the authorisation leaves: from here on money may move.
        `on_approved` gets the approving status, makes it durable and returns True (or `Goods.ISSUED`); False
        (`Goods.NOT_ISSUED`) takes the payment back; `Goods.NOT_YET` lets the terminal ask again, so it is called once
        more. It must return within `Timing.goods_wait`. All callbacks run on this thread; one that raises ends the
        payment unconfirmed.
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

    def on_late_approval(self, heard: Callable[[out.TransactionReceipt], None]) -> None:
        """Have `heard` called with each approving status that no payment waits for, before it is refused (84 66).

        On the thread of the operation that met it. It must not raise.
        """
        self._session.heard_late = lambda apdu: heard(self._read(apdu))

    def request_abort(self) -> bool:
        """From any thread: wish that the running payment (or refund) stops. False when none is running.

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
            status = self._session.settled_status()
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
            return self._last() if mine and self._session.come_up() is None else None

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
            problem = self._not_mine(mine)
            if problem:
                return results.not_reversed(problem)
            last = self._last()
            if last is not None and trace_number is not None and last.reversal_of_trace == trace_number:
                return out.ReversalResult(out.ReversalOutcome.REVERSED, "already reversed", last.result_code, last)
            mismatch = results.mismatch(last, receipt_number, cents, terminal_id)
            if mismatch:
                return results.not_reversed(mismatch)
            said: list[out.TransactionReceipt] = []
            ending, lines = self._session.run(command, Listeners(status=self._collect(said)), moves_money=True)
            return results.reversal(ending, said, lines)

    def refund(self, cents: int, *, on_message: Callable[[out.Progress], None] = _ignore) -> out.RefundResult:
        """06 31: give `cents` to the card that is presented now; `request_abort` stops it. Sent once.

        For a payment that can no longer be taken back (after the end of day). Raises ValueError for an impossible
        amount.
        """
        command = self._commands.refund(cents)
        with self._my_turn() as mine:
            problem = self._not_mine(mine)
            if problem:
                return out.RefundResult(out.RefundOutcome.NOT_REFUNDED, problem)
            said: list[out.TransactionReceipt] = []
            self._abort.clear()
            self._paying.set()
            try:
                listeners = Listeners(self._collect(said), lambda status: show(status, on_message), self._abort_wanted)
                ending, lines = self._session.run(command, listeners, moves_money=True)
            finally:
                self._paying.clear()
            return results.refund(ending, said, lines)

    def end_of_day(self) -> out.EndOfDayResult:
        """06 50: close the day. The terminal may update or restart afterwards."""
        with self._my_turn() as mine:
            problem = self._not_mine(mine)
            if problem:
                return out.EndOfDayResult(False, problem)
            told: list[Apdu] = []
            ending, lines = self._session.run(self._commands.end_of_day(), Listeners(status=_keep(told)))
            return results.end_of_day(ending, told, lines)

    # --- Inside: the caller has the turn -----------------------------------------------------------------

    @contextmanager
    def _my_turn(self) -> Iterator[bool]:
        mine = self._turn.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._turn.release()

    def _not_mine(self, mine: bool) -> str | None:
        """Why nothing can be asked of the terminal now; None when it can."""
        if not mine:
            return "the terminal is in use"
        status = self._session.come_up()
        return None if status is None else f"the terminal is not ready: {status}"

    def _pay(
        self,
        command: Apdu,
        payment: Payment,
        on_message: Callable[[out.Progress], None],
        on_sent: Callable[[], None],
    ) -> out.PaymentResult:
        on_message(out.Progress(out.Message.CONNECTING))
        problem = self._session.come_up()
        if problem is not None:
            code = getattr(problem, "code", None)
            reason = out.Reason.UNREACHABLE if code is None else out.Reason.REFUSED
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, reason, code)
        try:
            self._session.settle()
        except PortDown:
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, out.Reason.UNREACHABLE)
        if self._abort.is_set():
            return out.PaymentResult(out.PaymentOutcome.NOT_PAID, out.Reason.ABORTED)
        on_sent()
        listeners = Listeners(payment.status, payment.intermediate, self._abort_wanted)
        ending, lines = self._session.run(command, listeners, moves_money=True)
        return payment.result(ending, lines)

    def _abort_wanted(self) -> bool:
        wanted = self._abort.is_set()
        if wanted:
            self._abort.clear()
        return wanted

    def _last(self) -> out.TransactionReceipt | None:
        said: list[out.TransactionReceipt] = []
        self._session.run(self._commands.last_result(), Listeners(status=self._collect(said)))
        return said[-1] if said else None

    def _collect(self, said: list[out.TransactionReceipt]) -> Callable[[Apdu], Apdu]:
        def take(apdu: Apdu) -> Apdu:
            said.append(self._read(apdu))
            return ACCEPTED

        return take

    def _read(self, apdu: Apdu) -> out.TransactionReceipt:
        said = fields.receipt(apdu, self._now(), self._zone)
        return said if said.terminal_id is not None else replace(said, terminal_id=self._session.terminal_id)


def _keep(told: list[Apdu]) -> Callable[[Apdu], Apdu]:
    def take(apdu: Apdu) -> Apdu:
        told.append(apdu)
        return ACCEPTED

    return take


def _connect(address: NetworkAddress, timing: Timing) -> BytePort:
    return TcpPort(address.host, address.port, timing.connect)
