"""Start-up's questions to the terminal, and what their answers leave in the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.domain.appointments import Slot
from kiosk.domain.record.entries import (
    CaseClosed,
    CaseOpened,
    Entry,
    EntryBody,
    PaymentApprovedLate,
    PaymentIntent,
    PaymentNotPaid,
    PaymentPaid,
    PaymentReversing,
    PaymentSent,
    PaymentUnknown,
    Receipt,
    RequestMade,
    SlotBooked,
    VisitStarted,
)
from kiosk.journal import InDoubt, Journal
from kiosk.recovery import MOST_TRIES, Recovery
from kiosk.visit import events as e
from kiosk.visit.effects import PrintSlip, SlipAbout
from tests.towns import TOWN

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TICKET, PAYMENT = uuid4(), uuid4()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A kiosk that lost its power while the terminal was asked for money."""
    journal, visit = Journal(tmp_path / "journal.sqlite3", now=lambda: NOW), uuid4()
    journal.add_slots([Slot(NOW + timedelta(days=1), "slot", 30, "desk")], NOW + timedelta(days=2))
    for body in (
        VisitStarted(language="nl"),
        RequestMade(
            ticket_id=TICKET,
            ticket_code="K7M-3QX-Q",
            language="nl",
            service="application",
            parent=None,
            children=(),
            total_cents=1200,
            municipality=TOWN,
            profile_version="1",
        ),
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

    def look_up(self, doubt: InDoubt) -> None:
        self.asked.append(doubt.intent.payment_id)

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        self.later.append(call)


def begun(journal: Journal, slips: list[PrintSlip] | None = None) -> tuple[Recovery, Terminal]:
    terminal = Terminal()
    keep = [] if slips is None else slips
    recovery = Recovery(journal, terminal.look_up, terminal.call_later, print_slip=keep.append, now=lambda: NOW)
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
    slips: list[PrintSlip] = []
    recovery, _ = begun(journal, slips)
    recovery.take(answer(e.Outcome.PAID))
    assert [entry.body.kind for entry in journal.entries()][-3:] == ["payment_paid", "case_opened", "print_started"]
    assert [(slip.about, slip.request.ticket_code) for slip in slips] == [(SlipAbout.TICKET_MISSING, "K7M-3QX-Q")]
    assert (journal.open_cases("ticket"), journal.open_cases("payment")) == (1, 0)
    assert not journal.free_slots(NOW)


def test_a_terminal_that_cannot_say_is_asked_again_before_people_are(journal: Journal) -> None:
    slips: list[PrintSlip] = []
    recovery, terminal = begun(journal, slips)
    for _ in range(MOST_TRIES - 1):
        recovery.take(answer(e.Outcome.UNKNOWN))
        assert recovery.pending
        terminal.later.pop()()
    recovery.take(answer(e.Outcome.UNKNOWN))
    assert not recovery.pending and len(terminal.asked) == MOST_TRIES
    assert journal.open_cases("payment") == 1
    assert [slip.about for slip in slips] == [SlipAbout.PAYMENT_UNKNOWN]
    assert not begun(journal)[0].pending  # people decide it now: the next start does not ask again


def test_the_answer_for_a_payment_of_this_run_is_not_recoverys(journal: Journal) -> None:
    recovery, _ = begun(journal)
    assert not recovery.take(e.PaymentEnded(uuid4(), e.Outcome.PAID))


def test_after_the_parent_has_gone_no_slip_lies_about(journal: Journal) -> None:
    slips: list[PrintSlip] = []
    terminal = Terminal()
    later = NOW + timedelta(hours=9)
    recovery = Recovery(journal, terminal.look_up, terminal.call_later, print_slip=slips.append, now=lambda: later)
    recovery.begin()
    recovery.take(answer(e.Outcome.PAID))
    assert journal.open_cases("ticket") == 1 and not slips


@pytest.fixture
def giving_back(journal: Journal) -> Journal:
    """The power went while the terminal was asked for the money back."""
    visit = journal.entries()[0].visit_id
    journal.append(PaymentPaid(payment_id=PAYMENT, receipt=Receipt(cents=1200, receipt_number=7)), visit)
    journal.append(PaymentReversing(payment_id=PAYMENT, reason="no ticket"), visit)
    return journal


def reversal(outcome: e.ReversalOutcome, asked: bool = True) -> e.ReversalEnded:
    return e.ReversalEnded(PAYMENT, outcome, "words", asked=asked)


def test_a_reversal_that_was_interrupted_and_is_done_gives_the_appointment_back(giving_back: Journal) -> None:
    recovery, terminal = begun(giving_back)
    assert terminal.asked == [PAYMENT]
    assert recovery.take(reversal(e.ReversalOutcome.REVERSED)) and not recovery.pending
    assert [slot.id for slot in giving_back.free_slots(NOW)] == ["slot"]
    assert not giving_back.open_cases() and giving_back.entries(kinds=["payment_reversed"])


@pytest.mark.parametrize("outcome", [e.ReversalOutcome.NOT_REVERSED, e.ReversalOutcome.UNKNOWN])
def test_a_no_to_a_second_question_does_not_say_what_the_first_one_did(
    giving_back: Journal, outcome: e.ReversalOutcome
) -> None:
    recovery, _ = begun(giving_back)
    recovery.take(reversal(outcome))
    assert not recovery.pending and giving_back.open_cases("payment") == 1
    assert not giving_back.free_slots(NOW)


def test_a_terminal_that_cannot_be_asked_for_the_reversal_is_asked_again(giving_back: Journal) -> None:
    recovery, terminal = begun(giving_back)
    recovery.take(reversal(e.ReversalOutcome.NOT_REVERSED, asked=False))
    assert recovery.pending and not giving_back.open_cases()
    terminal.later.pop()()
    assert recovery.take(reversal(e.ReversalOutcome.REVERSED)) and not recovery.pending


def test_a_decision_of_the_backend_closes_a_case_once(journal: Journal) -> None:
    recovery, terminal = begun(journal)
    for _ in range(MOST_TRIES):
        recovery.take(answer(e.Outcome.UNKNOWN))
        if terminal.later:
            terminal.later.pop()()
    (opened,) = journal.entries(kinds=["case_opened"])
    decision = CaseClosed(case_id=opened.body.case_id, decision="seen", outcome="paid", by="An")  # type: ignore[union-attr]
    assert journal.close_case(decision) and not journal.close_case(decision)
    assert journal.open_cases("payment") == 0
    (closed,) = journal.entries(kinds=["case_closed"])
    assert closed.visit_id == opened.visit_id
    assert not journal.close_case(CaseClosed(case_id=uuid4(), decision="of another kiosk"))


def test_a_payment_found_paid_is_on_disk_together_with_the_case_about_its_ticket(journal: Journal) -> None:
    """A power cut between the two would leave a capture of which nobody knows that its ticket never came out."""
    recovery, _ = begun(journal)
    written: list[list[str]] = []
    append_all = journal.append_all

    def watched(bodies: Iterable[EntryBody], visit_id: UUID | None = None) -> list[Entry]:
        bodies = tuple(bodies)
        written.append([body.kind for body in bodies])
        return append_all(bodies, visit_id)

    journal.append_all = watched  # type: ignore[method-assign]
    recovery.take(answer(e.Outcome.PAID))
    assert written[0] == ["payment_paid", "case_opened"]


# --- on record as not paid --------------------------------------------------------------------------------


@pytest.fixture
def denied(journal: Journal) -> Journal:
    """The terminal had said no, and the kiosk lost its power."""
    visit = journal.entries()[-1].visit_id
    journal.append(PaymentNotPaid(payment_id=PAYMENT, reason="declined", result_code=5), visit)
    return journal


def test_a_payment_that_the_terminal_approved_after_its_no_while_the_kiosk_was_off_is_a_case(denied: Journal) -> None:
    slips: list[PrintSlip] = []
    recovery, terminal = begun(denied, slips)
    assert terminal.asked == [PAYMENT] and recovery.pending
    receipt = Receipt(cents=1200, receipt_number=231, trace_number=42)
    assert recovery.take(e.PaymentEnded(PAYMENT, e.Outcome.PAID, receipt=receipt, found_afterwards=True))
    assert not recovery.pending and denied.open_cases("payment") == 1
    late, case = (entry.body for entry in denied.entries(kinds=["payment_approved_late", "case_opened"]))
    assert isinstance(late, PaymentApprovedLate) and isinstance(case, CaseOpened)
    assert (late.receipt, late.found_afterwards) == (receipt, True)
    assert 'asked anew, the terminal has this payment as paid, after it had said "declined"' in case.reason
    assert "receipt 231, trace 42" in case.reason
    assert [slip.about for slip in slips] == [SlipAbout.PAYMENT_UNKNOWN]
    again, terminal = begun(denied)
    assert not terminal.asked and not again.pending


def test_a_no_that_the_terminal_confirms_stays_as_it_is(denied: Journal) -> None:
    recovery, terminal = begun(denied)
    before = denied.entries()
    assert recovery.take(answer(e.Outcome.NOT_PAID))
    assert not recovery.pending and denied.entries() == before and not terminal.later


def test_a_silent_terminal_is_asked_again_about_its_no_and_then_believed(denied: Journal) -> None:
    recovery, terminal = begun(denied)
    before = denied.entries()
    for _ in range(MOST_TRIES - 1):
        recovery.take(answer(e.Outcome.UNKNOWN))
        assert recovery.pending
        terminal.later.pop()()
    recovery.take(answer(e.Outcome.UNKNOWN))
    assert terminal.asked == [PAYMENT] * MOST_TRIES
    assert not recovery.pending and denied.entries() == before


def test_a_memory_that_proves_nothing_makes_no_case_of_a_no(denied: Journal) -> None:
    recovery, terminal = begun(denied)
    other = Receipt(cents=999, receipt_number=240)
    recovery.take(e.PaymentEnded(PAYMENT, e.Outcome.UNKNOWN, receipt=other, found_afterwards=True))
    assert not recovery.pending and not denied.open_cases() and not terminal.later


def test_a_no_of_more_than_a_day_ago_is_not_asked_after(denied: Journal) -> None:
    terminal = Terminal()
    recovery = Recovery(denied, terminal.look_up, terminal.call_later, now=lambda: NOW + timedelta(hours=25))
    recovery.begin()
    assert not terminal.asked and not recovery.pending


def test_what_was_heard_while_the_terminal_was_asked_is_one_case(denied: Journal) -> None:
    recovery, _ = begun(denied)
    visit = denied.entries()[-1].visit_id
    receipt = Receipt(cents=1200, receipt_number=231)
    case = CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=PAYMENT, reason="late")
    denied.append_all((PaymentApprovedLate(payment_id=PAYMENT, receipt=receipt, reason="declined"), case), visit)
    recovery.take(e.PaymentEnded(PAYMENT, e.Outcome.PAID, receipt=receipt, found_afterwards=True))
    assert denied.open_cases("payment") == 1 and not recovery.pending


def test_a_second_payment_that_is_paid_without_a_ticket_is_a_case_beside_that_of_the_first(denied: Journal) -> None:
    visit, second = denied.entries()[-1].visit_id, uuid4()
    case = CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=PAYMENT, reason="late")
    receipt = Receipt(cents=1200, receipt_number=231)
    for body in (
        PaymentIntent(payment_id=second, ticket_id=TICKET, cents=1200),
        PaymentSent(payment_id=second),
        PaymentApprovedLate(payment_id=PAYMENT, receipt=receipt, reason="declined"),
        case,
        PaymentPaid(payment_id=second, receipt=Receipt(cents=1200, receipt_number=232)),
    ):
        denied.append(body, visit)
    begun(denied)
    assert (denied.open_cases("payment"), denied.open_cases("ticket")) == (1, 1)
