"""The table of the facts sheet, 2.9."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hardware.terminal.outcome import PaymentOutcome, Reason, TransactionReceipt
from hardware.terminal.zvt.look_up import Question, judge

PAID, NOT_PAID, UNKNOWN = PaymentOutcome.PAID, PaymentOutcome.NOT_PAID, PaymentOutcome.UNKNOWN
STARTED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
QUESTION = Question(1234, "52000017", 230, 41, STARTED, STARTED + timedelta(minutes=4))
OURS = TransactionReceipt(
    amount_cents=1234,
    receipt_number=231,
    trace_number=42,
    terminal_id="52000017",
    time=STARTED + timedelta(minutes=1),
    result_code=0,
)
BEFORE = replace(OURS, receipt_number=230, trace_number=41, time=STARTED - timedelta(hours=1))


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        pytest.param(OURS, PAID, id="a new approval of our amount in our time is ours"),
        pytest.param(BEFORE, NOT_PAID, id="the one remembered from before means that ours never was"),
        pytest.param(replace(BEFORE, amount_cents=999), NOT_PAID, id="... whatever its amount"),
        pytest.param(replace(OURS, result_code=5), NOT_PAID, id="a new declined one is ours, declined"),
        pytest.param(
            replace(OURS, receipt_number=232, trace_number=43, reversal_of_trace=42), NOT_PAID, id="ours, taken back"
        ),
        pytest.param(
            replace(OURS, receipt_number=232, trace_number=43, reversal_of_trace=41),
            UNKNOWN,
            id="another one, taken back",
        ),
        pytest.param(None, UNKNOWN, id="no transaction proves nothing"),
        pytest.param(replace(OURS, amount_cents=1235), UNKNOWN, id="another amount is another sale"),
        pytest.param(replace(OURS, amount_cents=None), UNKNOWN, id="no amount proves nothing"),
        pytest.param(replace(OURS, amount_cents=1, result_code=5), UNKNOWN, id="another sale, declined"),
        pytest.param(replace(OURS, terminal_id="52000018"), UNKNOWN, id="another terminal"),
        pytest.param(replace(OURS, terminal_id=None), UNKNOWN, id="no terminal id proves nothing"),
        pytest.param(replace(OURS, time=None), UNKNOWN, id="no time proves nothing"),
        pytest.param(replace(OURS, time=STARTED - timedelta(minutes=6)), UNKNOWN, id="before our time"),
        pytest.param(replace(OURS, time=STARTED + timedelta(hours=1)), UNKNOWN, id="after our time"),
        pytest.param(replace(OURS, time=STARTED - timedelta(minutes=4)), PAID, id="clocks may differ by minutes"),
        pytest.param(replace(OURS, result_code=None), UNKNOWN, id="no result proves nothing"),
        pytest.param(replace(OURS, receipt_number=230), UNKNOWN, id="numbers that contradict each other"),
        pytest.param(replace(OURS, receipt_number=None), PAID, id="the trace alone can be new"),
        pytest.param(replace(OURS, receipt_number=1, trace_number=1), PAID, id="numbers may wrap"),
    ],
)
def test_what_the_terminal_remembers_is_judged(found: TransactionReceipt | None, outcome: PaymentOutcome) -> None:
    answer = judge(QUESTION, found)
    assert answer.outcome is outcome
    assert answer.evidence
    assert answer.reason is (Reason.NO_PROOF if outcome is UNKNOWN else Reason.LOOKED_UP)


def test_without_a_memory_from_before_a_transaction_in_our_time_is_ours() -> None:
    empty = replace(QUESTION, last_receipt=None, last_trace=None)
    assert judge(empty, OURS).outcome is PAID
    assert judge(empty, BEFORE).outcome is UNKNOWN


def test_our_own_trace_tells_whose_reversal_it_is() -> None:
    reversal = replace(OURS, receipt_number=232, trace_number=43, reversal_of_trace=42)
    assert judge(replace(QUESTION, own_trace=42), reversal).outcome is NOT_PAID
    assert judge(replace(QUESTION, own_trace=40), reversal).outcome is UNKNOWN
