"""What the simulated terminal remembers: the truth about money, against which a kiosk's journal is checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")

APPROVED = "approved"  # by the host, not yet acknowledged by the till
CAPTURED = "captured"  # the customer pays
DECLINED = "declined"
REVERSED = "reversed"  # the customer does not pay after all


@dataclass
class Transaction:
    """One line of the ledger. A reversal is a line of its own with `reverses_trace`."""

    cents: int
    receipt: int
    trace: int
    state: str
    result: int
    at: datetime
    reverses_trace: int | None = None

    def as_report(self) -> dict[str, Any]:
        """As it is told on the side channel."""
        return asdict(self) | {"at": self.at.isoformat()}


class Ledger:
    """All transactions since the last end of day, and the last one for "repeat receipt"."""

    def __init__(self, receipt: int, trace: int) -> None:
        """The numbers of the last transaction before the first."""
        self._receipt, self._trace = receipt, trace
        self.transactions: list[Transaction] = []
        self.last: Transaction | None = None

    def book(self, cents: int, state: str, result: int = 0, reverses: Transaction | None = None) -> Transaction:
        """A new transaction with the next numbers; they wrap as on a real terminal (9999 → 1)."""
        self._receipt = self._receipt % 9999 + 1
        self._trace = self._trace % 999_999 + 1
        booked = Transaction(
            cents,
            self._receipt,
            self._trace,
            state,
            result,
            datetime.now(BRUSSELS).replace(microsecond=0),
            reverses.trace if reverses else None,
        )
        self.transactions.append(booked)
        self.last = booked
        return booked

    def find(self, receipt: int) -> Transaction | None:
        """The payment with this receipt number, if it is still in the ledger."""
        payments = (t for t in self.transactions if t.receipt == receipt and t.reverses_trace is None)
        return next(payments, None)

    @property
    def captured(self) -> list[Transaction]:
        """What customers pay."""
        return [t for t in self.transactions if t.state == CAPTURED and t.reverses_trace is None]

    def close_day(self) -> tuple[int, int]:
        """Forget all, as after an end of day: how many payments there were, and their total in cents."""
        captured = self.captured
        self.transactions.clear()
        return len(captured), sum(t.cents for t in captured)
