"""How the simulated terminal behaves: its commands, its customer, its faults (PA00P015, from the terminal's side)."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hardware.simulators.process import report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.ledger import APPROVED, CAPTURED, DECLINED, REVERSED, Ledger, Transaction
from hardware.simulators.terminal.wire import Line, Unplugged, Woken

STOPPED = 0x6C
NOT_REGISTERED = 0x6B
NOT_POSSIBLE = 0x83
ALREADY_REVERSED = 0xB4
REVERSAL_NOT_POSSIBLE = 0xB5
WRONG_PIN = 0x37

CUSTOMER = frozenset({"tap", "approve", "decline", "abort", "wrong_pin_then_right"})
"""What the person with the bank card can do; only while a payment waits for them."""

_T3_ANSWER = 5.0
_GOODS_PAUSE = 2.0
_GOODS_WAIT = 30.0


@dataclass
class Settings:
    """How the terminal is disposed. Each can be changed on the side channel while it runs."""

    automatic: str | None = None  # "approve", "decline", "abort": without a person
    after_ms: int = 0  # how long the automatic customer takes
    card_wait: float = 60.0  # seconds until a payment without a card is given up
    decline_code: int = 0x05
    condition: int = 0x00  # what 05 01 answers
    refuse: int | None = None  # answer the next authorisation with 84 xx
    prints: bool = True
    leaky: bool = False  # sends open card numbers
    silent_after_approval: bool = False  # next payment: captured, and then not a word more about it
    loses_completion: bool = False  # next payment: everything but 06 0F
    reverses_by_itself: bool = True  # when the till never answers an approval; terminals differ
    remembers: bool = True  # "repeat receipt" tells of the last transaction


class Restarted(Exception):
    """Power off and on again."""


class Terminal:
    """One terminal on one line. `run` is its life; `act` is called from the side channel's thread."""

    def __init__(self, line: Line, wake: Callable[[], None], settings: Settings, hurry: float = 1.0) -> None:
        """`wake` interrupts the line's wait; `hurry` divides all waits (tests)."""
        self._line = line
        self._wake = wake
        self._settings = settings
        self._hurry = hurry
        self._actions: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._ledger = Ledger(receipt=230, trace=41)
        self._configuration: int | None = None
        self._blocks = False
        self._plan: dict[str, Any] | None = None
        self._waiting = False
        self._abort_wanted = False

    def act(self, action: dict[str, Any]) -> None:
        """Something a person does: see `_obey`."""
        self._actions.put(action)
        self._wake()

    def run(self) -> None:
        """Serve for ever."""
        while True:
            try:
                raw = self._line.receive(3600.0)
                if raw is not None:
                    self._serve(*messages.split(raw))
            except Woken:
                self._obey_guarded()
            except Unplugged:
                self._wait_for_line()
            except Restarted:
                self._obey_guarded()

    # --- The person at the terminal ----------------------------------------------------------------------

    def _obey_guarded(self) -> None:
        """Obey while nothing is being said, so that nothing is interrupted by it."""
        while not self._actions.empty():
            with contextlib.suppress(Restarted, Unplugged):
                self._obey()

    def _obey(self) -> None:
        while not self._actions.empty():
            action = self._actions.get()
            try:
                self._do(str(action["do"]), action)
            except (KeyError, TypeError, ValueError) as problem:
                report("refused", action=action, why=f"{type(problem).__name__}: {problem}")

    def _do(self, what: str, details: dict[str, Any]) -> None:
        if what in CUSTOMER:
            if not self._waiting:
                raise ValueError("no payment is waiting for a card")
            self._plan = details
            return
        match what:
            case "mode":
                self._settings.automatic = details.get("automatic")
                self._settings.after_ms = int(details.get("after_ms", 0))
            case "set":
                self._set({key: value for key, value in details.items() if key != "do"})
            case "silence":
                self._line.faults.silent = True
            case "speak":
                self._line.faults.silent = False
            case "lost_ack":
                self._line.faults.lost_acks = int(details.get("count", 1))
            case "damage":
                self._line.faults.damaged_frames = int(details.get("count", 1))
            case "silence_after_approval":
                self._settings.silent_after_approval = True
            case "unplug":
                self._line.unplug()
                report("unplugged")
                raise Unplugged  # whatever was being said is over, also when the cable is back at once
            case "plug":
                self._line.plug()
                report("plugged", pty=self._line.pty)
            case "reboot":
                self._reboot(float(details.get("ms", 1000)) / 1000)
            case "ledger":
                report("ledger", entries=[t.as_report() for t in self._ledger.transactions])
            case _:
                raise ValueError(f"there is no action {what!r}")
        report("obeyed", do=what)

    def _set(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if name not in Settings.__dataclass_fields__:
                raise ValueError(f"there is no setting {name!r}")
            setattr(self._settings, name, value)

    def _reboot(self, seconds: float) -> None:
        report("rebooting")
        self._configuration = None
        silent, self._line.faults.silent = self._line.faults.silent, True
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
        self._line.drop_input()
        self._line.faults.silent = silent
        report("rebooted")
        raise Restarted

    def _wait_for_line(self) -> None:
        self._obey_guarded()
        while not self._line.plugged:
            try:
                self._line.wait(3600.0)
            except Woken:
                self._obey_guarded()

    # --- Commands ----------------------------------------------------------------------------------------

    def _serve(self, command: int, data: bytes) -> None:
        if command >> 8 in (0x80, 0x84):  # an answer to nothing
            return
        if command == 0x0600:
            self._register(data)
        elif command == 0x0501:
            self._tell_condition(data)
        elif command in (0x0601, 0x0620, 0x0630, 0x0650) and self._configuration is None:
            self._line.send(messages.refuse(NOT_REGISTERED))
        elif command == 0x0601:
            self._authorise(data)
        elif command == 0x0620:
            self._repeat_receipt()
        elif command == 0x0630:
            self._reverse(data[3:])
        elif command == 0x0650:
            self._end_of_day()
        elif command == 0x0602:
            self._configuration = None
            self._line.send(messages.ACCEPT)
        else:
            self._line.send(messages.refuse(NOT_POSSIBLE))

    def _register(self, data: bytes) -> None:
        self._line.send(messages.ACCEPT)
        self._configuration = data[3]
        self._blocks = b"\x0a\x02\x06\xd3" in data
        self._ask(messages.registered())
        report("registered", configuration=self._configuration)

    def _tell_condition(self, data: bytes) -> None:
        self._line.send(messages.ACCEPT)
        code = NOT_REGISTERED if self._configuration is None else self._settings.condition
        service = data[4] if len(data) > 4 and data[3] == 0x03 else 0
        self._ask(messages.condition(code, with_version=not service & 0x02))

    def _repeat_receipt(self) -> None:
        self._line.send(messages.ACCEPT)
        last = self._ledger.last
        if last is not None and self._settings.remembers:
            self._ask(messages.status_information(last, leaky=self._settings.leaky))
        self._ask(messages.COMPLETION)

    def _reverse(self, data: bytes) -> None:
        number = messages.field(data, 0x87)
        found = self._ledger.find(int(number.hex())) if number else None
        self._line.send(messages.ACCEPT)
        if found is None or found.state not in (CAPTURED, REVERSED):
            self._fail(REVERSAL_NOT_POSSIBLE)
        elif found.state == REVERSED:
            self._fail(ALREADY_REVERSED)
        else:
            found.state = REVERSED
            reversal = self._ledger.book(found.cents, CAPTURED, reverses=found)
            report("reversed", **found.as_report())
            self._ask(messages.status_information(reversal))
            self._print(reversal)
            self._ask(messages.COMPLETION)

    def _end_of_day(self) -> None:
        self._line.send(messages.ACCEPT)
        self._ask(messages.intermediate(0x0F))
        numbers = [t.receipt for t in self._ledger.transactions] or [0]
        count, cents = self._ledger.close_day()
        self._settings.condition = 0x00
        self._ask(messages.totals(count, cents, numbers[0], numbers[-1]))
        if self._settings.prints and (self._configuration or 0) & 0x04:
            euros = f"EUR {cents // 100},{cents % 100:02d}"
            self._print_text([messages.MERCHANT, "DAGAFSLUITING", f"{count} x {euros}"], 3)
        self._ask(messages.COMPLETION)
        report("day_closed", count=count, cents=cents)

    # --- A payment ---------------------------------------------------------------------------------------

    def _authorise(self, data: bytes) -> None:
        amount = messages.field(data, 0x04)
        cents = int(amount.hex()) if amount else 0
        report("payment_started", cents=cents)
        refuse, self._settings.refuse = self._settings.refuse, None
        if refuse is not None:
            self._line.send(messages.refuse(refuse))
            report("refused_payment", code=refuse)
            return
        self._abort_wanted = False
        self._line.send(messages.ACCEPT)
        plan = self._await_customer()
        match plan["do"]:
            case "abort":
                self._fail(STOPPED)
                report("aborted")
            case "decline":
                self._decline(cents, int(plan.get("code", self._settings.decline_code)))
            case "wrong_pin_then_right":
                for step in (messages.intermediate(0x01), messages.bare_status(WRONG_PIN), messages.intermediate(0x15)):
                    self._ask(step)
                self._approve(cents, data)
            case _:
                self._approve(cents, data)

    def _await_customer(self) -> dict[str, Any]:
        """What the customer does, or an abort by the till, or by time-out."""
        self._plan, self._waiting = None, True
        try:
            self._ask(messages.intermediate(0x0A))
            asked = time.monotonic()
            while self._plan is None and not self._abort_wanted:
                automatic = self._settings.automatic
                patience = self._settings.after_ms / 1000 if automatic else self._settings.card_wait / self._hurry
                left = asked + patience - time.monotonic()
                if left <= 0:
                    return {"do": automatic or "abort"}
                self._listen(left)
            return {"do": "abort"} if self._abort_wanted else dict(self._plan or {})
        finally:
            self._waiting = False

    def _decline(self, cents: int, code: int) -> None:
        declined = self._ledger.book(cents, DECLINED, code)
        self._ask(messages.intermediate(0x04))
        self._ask(messages.status_information(declined, leaky=self._settings.leaky))
        self._print(declined)
        self._ask(messages.abort(code))
        report("declined", **declined.as_report())

    def _approve(self, cents: int, data: bytes) -> None:
        self._ask(messages.intermediate(0x01))
        self._ask(messages.intermediate(0x04))
        approved = self._ledger.book(cents, APPROVED)
        try:
            answer = self._offer(approved, data)
        except (Unplugged, Restarted):
            self._unanswered(approved)
            raise
        if answer is None:
            self._unanswered(approved)
            if approved.state == REVERSED:
                self._fail(STOPPED)
            return
        if answer not in (0x00, 0x9D):
            self._take_back(approved)
            self._fail(STOPPED)
            return
        self._capture(approved)
        if self._settings.silent_after_approval:
            self._settings.silent_after_approval = False
            return
        self._print(approved)
        loses, self._settings.loses_completion = self._settings.loses_completion, False
        if not loses:
            self._ask(messages.COMPLETION)

    def _offer(self, approved: Transaction, data: bytes) -> int | None:
        """The till's answer to an approving status: 00, a refusal, or None. 9C: "goods not out yet", so ask again."""
        wanted = messages.field(data, 0x01)
        until = time.monotonic() + (wanted[0] if wanted else _GOODS_WAIT) / self._hurry
        while True:
            left = max(until - time.monotonic(), 0.01)
            answer = self._ask(messages.status_information(approved, leaky=self._settings.leaky), left)
            if answer != 0x9C or time.monotonic() >= until:
                return None if answer == 0x9C else answer
            self._listen(_GOODS_PAUSE / self._hurry)

    def _capture(self, approved: Transaction) -> None:
        approved.state = CAPTURED
        report("captured", **approved.as_report())

    def _unanswered(self, approved: Transaction) -> None:
        """The till never said that it heard the approval: terminals differ (PA00P015 2.2.8 against chapter 4)."""
        if self._settings.reverses_by_itself:
            self._take_back(approved)
        else:
            self._capture(approved)

    def _take_back(self, approved: Transaction) -> None:
        approved.state = REVERSED
        self._ledger.book(approved.cents, CAPTURED, reverses=approved)
        report("reversed", **approved.as_report())

    def _fail(self, code: int) -> None:
        self._ask(messages.bare_status(code))
        self._ask(messages.abort(code))

    # --- Talking -----------------------------------------------------------------------------------------

    def _print(self, transaction: Transaction) -> None:
        if not self._settings.prints or not (self._configuration or 0) & 0x80:
            return
        leaky = self._settings.leaky
        self._print_text(messages.receipt_lines(transaction, for_customer=False, leaky=leaky), 1)
        self._print_text(messages.receipt_lines(transaction, for_customer=True, leaky=leaky), 2)

    def _print_text(self, lines: list[str], receipt_type: int) -> None:
        if self._blocks:
            self._ask(messages.print_block(lines, receipt_type))
        else:
            for line in messages.print_lines(lines):
                self._ask(line)

    def _ask(self, apdu: bytes, patience: float | None = None) -> int | None:
        """Say something and wait for the answer: 0 for accepted, a code, or None when none comes."""
        if not self._line.send(apdu):
            return None
        until = time.monotonic() + (_T3_ANSWER / self._hurry if patience is None else patience)
        while (left := until - time.monotonic()) > 0:
            answer = self._listen(left)
            if answer is not None:
                return answer
        return None

    def _listen(self, seconds: float) -> int | None:
        """Hear one thing: an answer is returned; a command in mid-payment is told off; a person is obeyed."""
        try:
            raw = self._line.receive(seconds)
        except Woken:
            self._obey()
            return None
        if raw is None:
            return None
        command, _data = messages.split(raw)
        if command >> 8 == 0x80:
            return 0
        if command >> 8 == 0x84:
            return command & 0xFF
        if command == 0x06B0 and self._waiting:
            self._abort_wanted = True
            self._line.send(messages.ACCEPT)
        else:
            self._line.send(messages.refuse(NOT_POSSIBLE))
        return None
