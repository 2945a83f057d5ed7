"""What a kiosk does around a payment, against a simulated terminal in its own process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hardware.simulators.process import SimulatorProcess
from hardware.terminal import outcome as out
from hardware.terminal.outcome import Message, PaymentOutcome
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.timing import Timing

CENTS = 4550

# Waits that only a silent terminal makes felt. Long enough for a busy machine, short enough for a test.
SHORT = Timing(
    acknowledgement=0.8,
    answer=0.8,
    completion=1.2,
    goods_wait=5,  # divided by the simulator's hurry there
    quiet_after_abort=0.05,
    busy_poll=0.05,
    busy_patience=0.1,
)


def arrange(simulator: SimulatorProcess, action: str, **details: Any) -> None:
    """Make the terminal so, and wait until it is."""
    simulator.do(action, **details)
    simulator.wait_for("obeyed")


class Till:
    """What a kiosk does around a payment: remembers, confirms, shows, and acts for the person at the terminal."""

    def __init__(self, terminal: ZvtTerminal, simulator: SimulatorProcess) -> None:
        self.terminal = terminal
        self.simulator = simulator
        self.before = terminal.prepare()
        self.started = datetime.now(UTC)
        self.messages: list[Message] = []
        self.approved: list[out.TransactionReceipt] = []
        self.sent = 0

    def pay(self, *, when_asked: Callable[[], Any], confirm: bool = True) -> out.PaymentResult:
        def show(progress: out.Progress) -> None:
            self.messages.append(progress.message)
            if progress.message is Message.PRESENT_CARD:
                when_asked()

        def approve(receipt: out.TransactionReceipt) -> bool:
            self.approved.append(receipt)
            return confirm

        def sent() -> None:
            self.sent += 1

        return self.terminal.pay(CENTS, on_approved=approve, on_message=show, on_sent=sent)

    def does(self, action: str, **details: Any) -> Callable[[], Any]:
        return lambda: self.simulator.do(action, **details)

    def look_up(self) -> out.LookUp:
        return self.terminal.look_up(
            CENTS,
            self.before.terminal_id,
            self.before.last_receipt,
            self.before.last_trace,
            self.started,
            datetime.now(UTC),
        )

    def ledger(self) -> list[dict[str, Any]]:
        self.simulator.do("ledger")
        entries: list[dict[str, Any]] = self.simulator.wait_for("ledger")["entries"]
        return entries

    def states(self) -> list[str]:
        return [entry["state"] for entry in self.ledger() if entry["reverses_trace"] is None]


def remembers_one(till: Till) -> None:
    """An earlier customer's payment, so that the terminal has something to remember."""
    assert till.pay(when_asked=till.does("tap")).outcome is PaymentOutcome.PAID
    till.before = till.terminal.prepare()
    till.started = datetime.now(UTC)
