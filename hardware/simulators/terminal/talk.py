"""The simulated terminal's side of a conversation: it speaks, hears answers, and obeys the side channel meanwhile.

Whatever is being said, a person can act: a wait ends when an order comes in, the order is obeyed, and the wait goes on.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hardware.simulators.process import report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.cable import Unplugged
from hardware.simulators.terminal.ledger import Ledger, Transaction
from hardware.simulators.terminal.settings import AT, STAGES, Settings
from hardware.simulators.terminal.wire import Line, Woken

CUSTOMER = frozenset({"tap", "approve", "decline", "abort", "wrong_pin_then_right", "slow_pin"})
"""What the person with the bank card can do; only while a payment waits for them."""

STOPPED = 0x6C
NOT_POSSIBLE = 0x83

T3_ANSWER = 5.0


class Restarted(Exception):
    """Power off and on again."""


@dataclass(frozen=True)
class Answer:
    """What the till answered: 0 for accepted or a code, and what came with it."""

    code: int
    data: bytes = b""


class Talk:
    """One terminal's line, settings and memory, and what every command needs of them."""

    def __init__(
        self, line: Line, wake: Callable[[], None], settings: Settings, ledger: Ledger, hurry: float = 1.0
    ) -> None:
        """`wake` interrupts the line's wait; `hurry` divides all waits (tests)."""
        self.line = line
        self.settings = settings
        self.ledger = ledger
        self.hurry = hurry
        self.configuration: int | None = None  # of the registration; None: not registered
        self.blocks = False  # the till takes print blocks
        self.plan: dict[str, Any] | None = None  # what the customer does
        self.waiting = False  # for the customer
        self.abort_wanted = False  # by the till
        self._wake = wake
        self._orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._arranged: dict[str, dict[str, Any]] = {}

    # --- The person at the terminal ----------------------------------------------------------------------

    def act(self, order: dict[str, Any]) -> None:
        """Something a person does, from another thread: it is obeyed when the terminal listens next."""
        self._orders.put(order)
        self._wake()

    def obey_guarded(self) -> None:
        """Obey while nothing is being said, so that nothing is interrupted by it."""
        while not self._orders.empty():
            with contextlib.suppress(Restarted, Unplugged):
                self._obey()

    def _obey(self) -> None:
        while not self._orders.empty():
            order = self._orders.get()
            try:
                self._do(str(order["do"]), order)
            except (KeyError, TypeError, ValueError) as problem:
                report("refused", action=order, why=f"{type(problem).__name__}: {problem}")

    def _do(self, what: str, details: dict[str, Any]) -> None:
        if what in CUSTOMER:
            if not self.waiting:
                raise ValueError("no payment is waiting for a card")
            self.plan = details
            return
        faults = self.line.faults
        match what:
            case "mode":
                self.settings.change("automatic", details.get("automatic"))
                self.settings.change("after_ms", int(details.get("after_ms", 0)))
            case "set":
                for name, value in details.items():
                    if name != "do":
                        self.settings.change(name, value)
            case "at":
                self._arrange(details)
            case "silence":
                faults.silent = True
            case "speak":
                faults.silent = faults.deaf = False
            case "deaf":
                faults.deaf = True
            case "lost_ack":
                faults.lost_acks = int(details.get("count", 1))
            case "damage":
                faults.damaged_frames = int(details.get("count", 1))
            case "duplicate":
                faults.duplicates = int(details.get("count", 1))
            case "noise":
                faults.bit_error_rate = float(details["rate"])
            case "byte_by_byte":
                faults.byte_by_byte = bool(details.get("on", True))
                faults.byte_ms = float(details.get("ms", 0))
            case "silence_after_approval":
                self.settings.silent_after_approval = True
            case "unplug":
                self.unplug()
            case "plug":
                self.line.plug()
                report("plugged", pty=self.line.cable.device)
            case "reboot":
                self.reboot(float(details.get("ms", 1000)) / 1000)
            case "ledger":
                report("ledger", entries=[t.as_report() for t in self.ledger.transactions])
            case "history":
                report("history", entries=[t.as_report() for t in self.ledger.everything()])
            case _:
                raise ValueError(f"there is no action {what!r}")
        report("obeyed", do=what)

    def unplug(self) -> None:
        """Pull the cable. Raises Unplugged: what was being said is over, also when the cable is back at once."""
        self.line.unplug()
        report("unplugged")
        raise Unplugged

    def reboot(self, seconds: float) -> None:
        """Power off and on again. Raises Restarted."""
        report("rebooting")
        self.configuration = None
        faults = self.line.faults
        silent, faults.silent = faults.silent, True
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
        self.line.drop_input()
        faults.silent = silent
        report("rebooted")
        raise Restarted

    def wait_for_line(self) -> None:
        """Until the cable is back."""
        self.obey_guarded()
        while not self.line.plugged:
            try:
                self.line.wait(3600.0)
            except Woken:
                self.obey_guarded()

    # --- What is arranged for a stage ----------------------------------------------------------------------

    def _arrange(self, details: dict[str, Any]) -> None:
        stage, fault = str(details["stage"]), str(details["fault"])
        if stage not in STAGES or fault not in AT:
            raise ValueError(f"there is no stage {stage!r} with fault {fault!r}")
        self._arranged[stage] = {"fault": fault, "ms": float(details.get("ms", 500))}

    def reach(self, stage: str) -> None:
        """A payment has come so far. Raises Restarted or Unplugged where that was arranged for it, once."""
        arranged = self._arranged.pop(stage, None)
        if arranged is None:
            return
        report("stage", stage=stage, fault=arranged["fault"])
        match arranged["fault"]:
            case "silence":
                self.line.faults.silent = True
            case "deaf":
                self.line.faults.deaf = True
            case "unplug":
                self.unplug()
            case "reboot":
                self.reboot(arranged["ms"] / 1000)

    # --- Talking -------------------------------------------------------------------------------------------

    def say(self, apdu: bytes) -> None:
        """Say something that wants no answer."""
        self.line.send(apdu)

    def ask(self, apdu: bytes, patience: float | None = None) -> Answer | None:
        """Say something and wait for the answer; None when none comes."""
        if not self.line.send(apdu):
            return None
        until = time.monotonic() + (T3_ANSWER / self.hurry if patience is None else patience)
        while (left := until - time.monotonic()) > 0:
            answer = self.listen(left)
            if answer is not None:
                return answer
        return None

    def listen(self, seconds: float) -> Answer | None:
        """Hear one thing: an answer is returned; a command in mid-payment is told off; a person is obeyed."""
        try:
            raw = self.line.receive(seconds)
        except Woken:
            self._obey()
            return None
        if raw is None:
            return None
        command, data = messages.split(raw)
        if command >> 8 == 0x80:
            return Answer(0)
        if command >> 8 == 0x84:
            return Answer(command & 0xFF, data)
        if command == 0x06B0 and self.waiting:
            self.abort_wanted = True
            self.line.send(messages.ACCEPT)
        else:
            self.line.send(messages.refuse(NOT_POSSIBLE))
        return None

    def pause(self, seconds: float) -> None:
        """Let time pass and go on hearing."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.listen(left)

    def fail(self, code: int) -> None:
        """A status with nothing but the result, and the abort."""
        self.ask(messages.bare_status(code))
        self.ask(messages.abort(code, messages.OPEN_PAN_TEXT.decode() if self.settings.leaky else ""))

    def complete(self) -> None:
        """06 0F."""
        self.ask(messages.COMPLETION)

    def status_of(self, transaction: Transaction) -> bytes:
        """04 0F of a transaction, as the settings want it."""
        settings = self.settings
        return messages.status_information(
            transaction, omits=settings.omits, long_trace=settings.long_trace, leaky=settings.leaky
        )

    def print_receipts(self, transaction: Transaction) -> None:
        """The merchant's and the customer's receipt, where they are wanted."""
        settings = self.settings
        if not settings.prints or not (self.configuration or 0) & 0x80:
            return
        for kind, for_customer in ((1, False), (2, True)):
            lines = messages.receipt_lines(
                transaction, for_customer=for_customer, greeting=settings.greeting, leaky=settings.leaky
            )
            self.print_text(lines, kind, must_print=settings.must_print and for_customer)

    def print_text(self, lines: list[str], receipt_type: int, *, must_print: bool = False) -> None:
        """Print blocks or print lines, as the till can take them."""
        settings = self.settings
        if self.blocks:
            block = messages.print_block(
                lines,
                receipt_type,
                settings.charset,
                names_charset=settings.names_charset,
                must_print=must_print,
            )
            self.ask(block)
        else:
            for line in messages.print_lines(lines, settings.charset):
                self.ask(line)
