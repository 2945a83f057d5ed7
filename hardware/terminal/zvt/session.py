"""The conversation with one terminal: open the port, register, run one command after another, find both again.

- The kiosk registers when it must: after opening the port, and again when the terminal says 6B (it lost its memory in a
  restart). Registering is allowed at any time.
- A lost port is opened again by its path or address at the next operation, once; then the answer is `Disconnected`.
- A port that goes is logged once, and once when it is back.

Not for two threads at a time; `client` sees to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.terminal import outcome as out
from hardware.terminal.zvt import codes, fields
from hardware.terminal.zvt.apdu import Apdu, Command
from hardware.terminal.zvt.commands import Commands
from hardware.terminal.zvt.conditions import describe, failure, passes_by_itself, status_of
from hardware.terminal.zvt.exchange import After, End, Ending, Exchange, Listeners, answer_late
from hardware.terminal.zvt.link import Clock, Link
from hardware.terminal.zvt.port import PortDown
from hardware.terminal.zvt.receipts import ReceiptLines
from hardware.terminal.zvt.tags import CP437
from hardware.terminal.zvt.timing import T4, Timing

log = logging.getLogger(__name__)


class Session:
    """One terminal behind one link."""

    def __init__(self, link: Link, commands: Commands, timing: Timing, clock: Clock, charset: int = CP437) -> None:
        """`charset` holds for texts that name none, unless the terminal names one. Touches no port yet."""
        self.terminal_id: str | None = None  # as the terminal told it when it registered us
        self.heard_late: Callable[[Apdu], None] | None = None  # an approval that no running command waits for
        self._link = link
        self._commands = commands
        self._timing = timing
        self._clock = clock
        self._t4 = T4(timing)
        self._charset = charset
        self._registered = False
        self._gone = False
        self._quiet_until = clock()

    def close(self) -> None:
        """Let go of the port."""
        self._link.close()
        self._registered = False

    def forget_registration(self) -> None:
        """The next operation registers again."""
        self._registered = False

    # --- Condition -----------------------------------------------------------------------------------------

    def come_up(self) -> out.TerminalStatus | None:
        """Open the port and register, as far as needed. None when the terminal can be spoken to."""
        was_open = self._link.is_open
        problem = self._open_and_register()
        if isinstance(problem, out.Disconnected) and was_open:  # it went while nobody looked; it may be back
            problem = self._open_and_register()
        return problem

    def status(self) -> out.TerminalStatus:
        """The condition now, found out with 05 01."""
        was_open = self._link.is_open
        status = self._enquire()
        if isinstance(status, out.NotRegistered):
            self._registered = False
            status = self._enquire()
        elif isinstance(status, out.Disconnected) and was_open:
            status = self._enquire()
        return status

    def settled_status(self) -> out.TerminalStatus:
        """The condition, waiting `busy_patience` for a terminal that is busy or restarts."""
        patience = self._clock() + self._timing.busy_patience
        while True:
            status = self.status()
            if not passes_by_itself(status) or self._clock() >= patience:
                return status
            try:
                self.listen_until(self._clock() + self._timing.busy_poll)
            except PortDown as problem:
                return out.Disconnected(str(problem))

    # --- One command ---------------------------------------------------------------------------------------

    def run(
        self,
        command: Apdu,
        listeners: Listeners | None = None,
        *,
        moves_money: bool = False,
        after: After = After.COMPLETES,
    ) -> tuple[Ending, ReceiptLines]:
        """One command to its end. Never raises for what the terminal or the port does."""
        exchange = Exchange(
            self._link, self._timing, self._clock, listeners or Listeners(), self._t4, self._charset, self._late
        )
        ending = exchange.run(command, moves_money=moves_money, after=after)
        if exchange.abort_sent:
            self._quiet_until = self._clock() + self._timing.quiet_after_abort
        if command.command == Command.STATUS_ENQUIRY:
            self._t4.reset()
        if ending.code == codes.NOT_REGISTERED:
            self._registered = False
        if ending.end is End.SILENT:
            self._link.forget()
        log.info("%s: %s", codes.command_name(command.command), describe(ending))
        return ending, exchange.lines

    def settle(self) -> None:
        """Wait until late frames of an aborted payment are over. Raises PortDown."""
        self.listen_until(self._quiet_until)

    def listen_until(self, moment: float) -> None:
        """Answer what still comes from an earlier command, or has come already. Raises PortDown."""
        patience = self._clock() + self._timing.whole_command  # for a terminal that never stops talking
        while self._clock() < patience and self._link.is_open:
            left = moment - self._clock()
            late = self._link.receive(max(left, 0.0))
            if late is not None:
                log.info("late: %r", late)
                answer_late(self._link, late, self._late)
            elif left <= 0:
                return

    # --- Inside --------------------------------------------------------------------------------------------

    def _late(self, apdu: Apdu) -> None:
        if self.heard_late is not None:
            self.heard_late(apdu)

    def _enquire(self) -> out.TerminalStatus:
        problem = self.come_up()
        if problem is not None:
            return problem
        ending, _lines = self.run(self._commands.status_enquiry())
        if ending.end is End.COMPLETED and ending.last is not None:
            return status_of(fields.condition(ending.last))
        return status_of(ending.code) if ending.code else failure(ending)

    def _open_and_register(self) -> out.TerminalStatus | None:
        try:
            if not self._link.is_open:
                self._registered = False
                self._link.open()
                log.info("the terminal's port is %s", "back" if self._gone else "open")
                self._gone = False
            self.listen_until(self._clock())
        except PortDown as problem:
            return self._down(str(problem))
        if self._registered:
            return None
        ending, _lines = self.run(self._commands.registration())
        if ending.end is End.COMPLETED and ending.last is not None:
            self._registered = True
            self.terminal_id = fields.terminal_id(ending.last) or self.terminal_id
            named = fields.charset(ending.last)
            self._charset = self._charset if named is None else named
            return None
        if ending.code:
            status = status_of(ending.code)
            return status if passes_by_itself(status) else out.NotRegistered(ending.code)
        return failure(ending)

    def _down(self, reason: str) -> out.Disconnected:
        if not self._gone:
            log.warning("the terminal's port is gone (%s)", reason)
            self._gone = True
        return out.Disconnected(reason)
