"""Money that went back, is due at the desk, or is in doubt; and days at the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backend.requests import cases
from backend.requests.models import OpenCase, Payment, Request, TerminalDay
from kiosk.domain import wire
from kiosk.domain.record import entries
from kiosk.domain.record.entries import CaseOutcome
from tests.backend.kiosks import Story, TestKiosk, outcomes


def _paid(kiosk: TestKiosk) -> tuple[Story, UUID]:
    story = Story(kiosk)
    assert set(outcomes(kiosk.upload([*story.asks(), *story.pays()]))) == {"accepted"}
    return story, Payment.objects.get().id


def test_a_reversal_is_followed_to_its_end(kiosk: TestKiosk) -> None:
    _, payment = _paid(kiosk)
    kiosk.upload([kiosk.entry(entries.PaymentReversing(payment_id=payment, reason="no ticket"))])
    assert Payment.objects.get().state == "reversing"
    kiosk.upload([kiosk.entry(entries.PaymentReversed(payment_id=payment, receipt=entries.Receipt(receipt_number=7)))])
    row = Payment.objects.get()
    assert (row.state, row.reversal_receipt["receipt_number"]) == ("reversed", 7)
    again = kiosk.upload([kiosk.entry(entries.PaymentReversing(payment_id=payment, reason="once more"))])
    assert outcomes(again) == ["contradiction"]


def test_a_reversal_that_the_terminal_refuses_leaves_the_payment_paid(kiosk: TestKiosk) -> None:
    _, payment = _paid(kiosk)
    kiosk.upload(
        [
            kiosk.entry(entries.PaymentReversing(payment_id=payment, reason="no ticket")),
            kiosk.entry(entries.PaymentNotReversed(payment_id=payment, reason="not possible", result_code=0xB5)),
        ]
    )
    assert Payment.objects.get().state == "paid"


def test_what_is_due_at_the_desk_is_known_and_is_the_whole_amount(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload(story.asks())
    request = Request.objects.get()
    wrong = kiosk.entry(entries.PaymentDue(ticket_id=request.ticket_id, cents=request.total_cents - 1))
    right = kiosk.entry(entries.PaymentDue(ticket_id=request.ticket_id, cents=request.total_cents))
    assert outcomes(kiosk.upload([wrong, right])) == ["contradiction", "accepted"]
    assert Request.objects.get().due_at is not None


@pytest.mark.parametrize(
    ("outcome", "state"), [("paid", "paid"), ("not-paid", "not-paid"), ("reversed", "reversed"), (None, "unknown")]
)
def test_what_staff_decide_reaches_the_kiosk_and_comes_back_in_its_record(
    kiosk: TestKiosk, outcome: CaseOutcome | None, state: str
) -> None:
    story = Story(kiosk)
    kiosk.upload(story.asks())
    payment, case, ticket = uuid4(), uuid4(), Request.objects.get().ticket_id
    for body in (
        entries.PaymentIntent(payment_id=payment, ticket_id=ticket, cents=2400),
        entries.PaymentSent(payment_id=payment),
        entries.PaymentUnknown(payment_id=payment, reason="silence"),
        entries.CaseOpened(case_id=case, about="payment", ticket_id=ticket, payment_id=payment, reason="silence"),
    ):
        kiosk.upload([kiosk.entry(body)])
    now = datetime.now(UTC)
    beat = {"sent_at": now.isoformat(), "version": "1", "queue_depth": 0}
    assert wire.HeartbeatAnswer.model_validate(kiosk.post("/heartbeat", beat).json()).decisions == ()
    row = OpenCase.objects.get()
    assert cases.decide(row, "asked the bank", outcome, "An", now)
    assert not cases.decide(row, "asked again", "paid", "Bert", now), "what is decided stays decided"
    (told,) = wire.HeartbeatAnswer.model_validate(kiosk.post("/heartbeat", beat).json()).decisions
    assert (told.case_id, told.decision, told.outcome, told.by) == (case, "asked the bank", outcome, "An")
    assert Payment.objects.get().state == "unknown", "the kiosk's record decides"
    closed = entries.CaseClosed(case_id=case, decision=told.decision, outcome=told.outcome, by=told.by)
    assert outcomes(kiosk.upload([kiosk.entry(closed)])) == ["accepted"]
    assert Payment.objects.get().state == state
    assert wire.HeartbeatAnswer.model_validate(kiosk.post("/heartbeat", beat).json()).decisions == ()


@pytest.mark.parametrize(("outcome", "state"), [("paid", "paid"), ("not-paid", "not-paid"), (None, "unknown")])
def test_a_payment_approved_after_a_no_is_unknown_with_its_evidence_until_staff_decide(
    kiosk: TestKiosk, outcome: CaseOutcome | None, state: str
) -> None:
    kiosk.upload(Story(kiosk).asks())
    payment, case, ticket = uuid4(), uuid4(), Request.objects.get().ticket_id
    receipt = entries.Receipt(cents=2400, receipt_number=231, trace_number=42)
    late = entries.PaymentApprovedLate(payment_id=payment, receipt=receipt, reason='it had said "declined" (result 5)')
    reason = "the terminal approved this payment after all"
    told = kiosk.upload(
        [
            kiosk.entry(body)
            for body in (
                entries.PaymentIntent(payment_id=payment, ticket_id=ticket, cents=2400),
                entries.PaymentSent(payment_id=payment),
                entries.PaymentNotPaid(payment_id=payment, reason="declined", result_code=5),
                late,
                entries.CaseOpened(case_id=case, about="payment", ticket_id=ticket, payment_id=payment, reason=reason),
            )
        ]
    )
    assert outcomes(told) == ["accepted"] * 5
    row = Payment.objects.get()
    assert (row.state, row.receipt["receipt_number"], row.reason) == ("unknown", 231, late.reason)
    assert OpenCase.objects.get().reason == reason
    assert outcomes(kiosk.upload([kiosk.entry(late)])) == ["contradiction"], "of what is not on record as not paid"
    closed = entries.CaseClosed(case_id=case, decision="asked the bank", outcome=outcome, by="An")
    assert outcomes(kiosk.upload([kiosk.entry(closed)])) == ["accepted"]
    assert Payment.objects.get().state == state


def test_a_day_that_does_not_add_up_is_a_case_without_a_request(kiosk: TestKiosk) -> None:
    day = uuid4()
    answer = kiosk.upload(
        [
            kiosk.entry(entries.DayClosing(day_id=day, cents=2400, count=1)),
            kiosk.entry(entries.DayClosed(day_id=day, cents=1200, count=1, text=("DAGAFSLUITING",))),
            kiosk.entry(entries.CaseOpened(case_id=uuid4(), about="day", reason="24.00 against 12.00")),
        ]
    )
    assert outcomes(answer) == ["accepted"] * 3
    row = TerminalDay.objects.get()
    assert (row.journal_cents, row.terminal_cents, row.text) == (2400, 1200, "DAGAFSLUITING")
    assert OpenCase.objects.get().request is None
    assert outcomes(kiosk.upload([kiosk.entry(entries.DayClosed(day_id=uuid4()))])) == ["out-of-order"]
