"""What the simulated terminal remembers: the truth about money, against which a kiosk's journal is checked.

It outlives a restart of the simulated terminal. With a file it also outlives the simulator's process: each booking is
written before the terminal says anything about it, and a test reads it with `read_store`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")

APPROVED = "approved"  # by the host, not yet acknowledged by the till
CAPTURED = "captured"  # the customer pays
DECLINED = "declined"
REVERSED = "reversed"  # the customer does not pay after all

PAYMENT, REVERSAL, REFUND = "payment", "reversal", "refund"


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
    kind: str = PAYMENT

    def as_report(self) -> dict[str, Any]:
        """As it is told on the side channel."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_report(cls, told: dict[str, Any]) -> Transaction:
        """What `as_report` told."""
        return cls(**(told | {"at": datetime.fromisoformat(told["at"])}))


class Ledger:
    """All transactions since the last end of day, what was closed before, and the last ones for "repeat receipt"."""

    def __init__(self, receipt: int, trace: int, store: Path | None = None) -> None:
        """The numbers of the last transaction before the first. A `store` that is there already is taken up.

        Raises OSError when the store cannot be read, ValueError when it is none.
        """
        self._receipt, self._trace = receipt, trace
        self._store = store
        self.transactions: list[Transaction] = []
        self.closed: list[Transaction] = []
        self.last: Transaction | None = None
        self.last_success: Transaction | None = None
        self.clock_off = timedelta()
        if store is not None and store.exists():
            self._take_up(store)

    def now(self) -> datetime:
        """What the terminal's clock shows."""
        return (datetime.now(BRUSSELS) + self.clock_off).replace(microsecond=0)

    def book(
        self, cents: int, state: str, result: int = 0, reverses: Transaction | None = None, kind: str = PAYMENT
    ) -> Transaction:
        """A new transaction with the next numbers; they wrap as on a real terminal (9999 → 1)."""
        self._receipt = self._receipt % 9999 + 1
        self._trace = self._trace % 999_999 + 1
        booked = Transaction(
            cents,
            self._receipt,
            self._trace,
            state,
            result,
            self.now(),
            reverses.trace if reverses else None,
            REVERSAL if reverses else kind,
        )
        self.transactions.append(booked)
        self.last = booked
        if state != DECLINED:
            self.last_success = booked
        self._save()
        return booked

    def change(self, transaction: Transaction, state: str, cents: int | None = None) -> None:
        """A transaction becomes something else, durably."""
        transaction.state = state
        transaction.cents = transaction.cents if cents is None else cents
        self._save()

    def find(self, receipt: int) -> Transaction | None:
        """The payment with this receipt number, if it is still in the ledger."""
        payments = (t for t in self.transactions if t.receipt == receipt and t.kind == PAYMENT)
        return next(payments, None)

    @property
    def captured(self) -> list[Transaction]:
        """What customers pay."""
        return [t for t in self.transactions if t.state == CAPTURED and t.kind == PAYMENT]

    @property
    def refunded(self) -> list[Transaction]:
        """What customers got back by a refund."""
        return [t for t in self.transactions if t.state == CAPTURED and t.kind == REFUND]

    def close_day(self) -> tuple[int, int]:
        """Empty the turnover store: how many payments there were, and their total in cents less refunds."""
        captured, refunded = self.captured, self.refunded
        self.closed += self.transactions
        self.transactions.clear()
        self._save()
        return len(captured), sum(t.cents for t in captured) - sum(t.cents for t in refunded)

    def everything(self) -> list[Transaction]:
        """All transactions there ever were, also of closed days."""
        return [*self.closed, *self.transactions]

    def _save(self) -> None:
        if self._store is None:
            return
        told = {
            "receipt": self._receipt,
            "trace": self._trace,
            "closed": [t.as_report() for t in self.closed],
            "transactions": [t.as_report() for t in self.transactions],
        }
        fresh = self._store.with_name(f".{self._store.name}.new")
        fresh.write_text(json.dumps(told), encoding="utf-8")
        os.replace(fresh, self._store)

    def _take_up(self, store: Path) -> None:
        told = _told(store)
        self._receipt, self._trace = int(told["receipt"]), int(told["trace"])
        self.closed = [Transaction.from_report(each) for each in told["closed"]]
        self.transactions = [Transaction.from_report(each) for each in told["transactions"]]
        for each in self.everything():
            self.last = each
            self.last_success = each if each.state != DECLINED else self.last_success


def read_store(store: Path) -> list[Transaction]:
    """All transactions in a terminal's file, also of closed days, in the order in which they were booked.

    Raises OSError when it is not there, ValueError when it is none.
    """
    told = _told(store)
    return [Transaction.from_report(each) for each in (*told["closed"], *told["transactions"])]


def _told(store: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(store.read_text(encoding="utf-8"))
    except json.JSONDecodeError as problem:
        raise ValueError(f"{store} holds no turnover store") from problem
    return told
