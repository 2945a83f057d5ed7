"""Start-up's questions to the terminal, and what their answers leave in the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.domain.appointments import Slot
from kiosk.domain.entries import PaymentIntent, PaymentSent, PaymentUnknown, SlotBooked, VisitStarted
from kiosk.journal import Journal
from kiosk.recovery import MOST_TRIES, Recovery
from kiosk.visit import events as e

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TICKET, PAYMENT = uuid4(), uuid4()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A kiosk that lost its power while the terminal was asked for money."""
    journal, visit = Journal(tmp_path / "journal.sqlite3", now=lambda: NOW), uuid4()
    journal.add_slots([Slot(NOW + timedelta(days=1), "slot", 30, "desk")], NOW + timedelta(days=2))
    for body in (
        VisitStarted(language="nl"),
        SlotBooked(slot_id="slot", start=NOW + timedelta(days=1), minutes=30, desk="desk", ticket_id=TICKET),
        PaymentIntent(payment_id=PAYMENT, ticket_id=TICKET, cents=1200),
        PaymentSent(payment_id=PAYMENT),
        PaymentUnknown(payment_id=PAYMENT, reason="silence"),
    ):
        journal.append(body, visit)
    return journal


class Terminal:
    """Counts what it is asked, and keeps the later calls."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []
        self.later: list[Callable[[], None]] = []

    def look_up(self, intent: PaymentIntent, started_at: datetime) -> None:
        self.asked.append(intent.payment_id)

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        self.later.append(call)


def begun(journal: Journal) -> tuple[Recovery, Terminal]:
    terminal = Terminal()
    recovery = Recovery(journal, terminal.look_up, terminal.call_later)
    recovery.begin()
    return recovery, terminal


def answer(outcome: e.Outcome) -> e.PaymentEnded:
    return e.PaymentEnded(PAYMENT, outcome, found_afterwards=True)


def test_a_payment_proved_not_paid_gives_the_appointment_back(journal: Journal) -> None:
    recovery, terminal = begun(journal)
    assert terminal.asked == [PAYMENT] and recovery.pending and not journal.free_slots(NOW)
    assert recovery.take(answer(e.Outcome.NOT_PAID))
    assert not recovery.pending
    assert [slot.id for slot in journal.free_slots(NOW)] == ["slot"]


def test_a_payment_proved_paid_keeps_the_appointment_and_asks_people_for_the_ticket(journal: Journal) -> None:
    recovery, _ = begun(journal)
    recovery.take(answer(e.Outcome.PAID))
    assert [entry.body.kind for entry in journal.entries()][-2:] == ["payment_paid", "case_opened"]
    assert (journal.open_cases("ticket"), journal.open_cases("payment")) == (1, 0)
    assert not journal.free_slots(NOW)


def test_a_terminal_that_cannot_say_is_asked_again_before_people_are(journal: Journal) -> None:
    recovery, terminal = begun(journal)
    for _ in range(MOST_TRIES - 1):
        recovery.take(answer(e.Outcome.UNKNOWN))
        assert recovery.pending
        terminal.later.pop()()
    recovery.take(answer(e.Outcome.UNKNOWN))
    assert not recovery.pending and len(terminal.asked) == MOST_TRIES
    assert journal.open_cases("payment") == 1
    assert not begun(journal)[0].pending  # people decide it now: the next start does not ask again


def test_the_answer_for_a_payment_of_this_run_is_not_recoverys(journal: Journal) -> None:
    recovery, _ = begun(journal)
    assert not recovery.take(e.PaymentEnded(uuid4(), e.Outcome.PAID))
