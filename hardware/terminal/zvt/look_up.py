"""Was an earlier payment paid? What the terminal remembers, judged by what was written down before.

"The last transaction" is never simply ours: it may be the one before, a declined one, or another sale. So numbers,
amount and time are compared, and whatever proves neither is UNKNOWN, which people resolve.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from hardware.terminal.outcome import LookUp, PaymentOutcome, TransactionReceipt

# Terminals set their clock from the host, kiosks from NTP; both drift between. Five minutes are more than either, and
# less than the shortest time between two visits' payments of the same amount that would matter.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Question:
    """The payment in doubt. `last_receipt`, `last_trace`: what the terminal remembered before it; times are aware.

    `own_trace` is the trace number of our own transaction, where an approving status told it.
    """

    cents: int
    terminal_id: str | None
    last_receipt: int | None
    last_trace: int | None
    started_at: datetime
    now: datetime
    own_trace: int | None = None


def judge(question: Question, found: TransactionReceipt | None) -> LookUp:
    """PAID, NOT_PAID or UNKNOWN, with the evidence in words."""
    if found is None:
        return LookUp(PaymentOutcome.UNKNOWN, ("the terminal tells of no transaction",))
    evidence: list[str] = []
    foreign = _is_foreign(question, found, evidence)
    if foreign:
        return LookUp(PaymentOutcome.UNKNOWN, tuple(evidence), found)
    age = _age(question, found, evidence)
    if age is _Age.UNCLEAR:
        return LookUp(PaymentOutcome.UNKNOWN, tuple(evidence), found)
    if age is _Age.OLD:
        return LookUp(PaymentOutcome.NOT_PAID, tuple(evidence), found)
    return _judge_new(question, found, evidence)


class _Age(Enum):
    """Whether the transaction is the one remembered from before, a new one, or neither can be said."""

    OLD = auto()
    NEW = auto()
    UNCLEAR = auto()


def _is_foreign(question: Question, found: TransactionReceipt, evidence: list[str]) -> bool:
    if question.terminal_id is not None and found.terminal_id is not None:
        same = question.terminal_id == found.terminal_id
        evidence.append("same terminal" if same else f"another terminal: {found.terminal_id}")
        return not same
    evidence.append("the terminal did not say which one it is")
    return False


def _age(question: Question, found: TransactionReceipt, evidence: list[str]) -> _Age:
    pairs = (
        ("receipt number", question.last_receipt, found.receipt_number),
        ("trace number", question.last_trace, found.trace_number),
    )
    verdicts = set()
    for name, before, after in pairs:
        if after is None or before is None:
            continue
        evidence.append(f"{name} {after}, before it {before}")
        verdicts.add(before == after)
    if not verdicts:
        # Nothing was remembered (a new terminal, or after the end of day): any number at all is a new one, but only
        # the time can tell whether it is ours.
        evidence.append("nothing to compare the numbers with")
        told = found.receipt_number is not None or found.trace_number is not None
        return _Age.NEW if told and found.time is not None else _Age.UNCLEAR
    if len(verdicts) == 2:  # one number moved and the other did not: numbering wrapped or began again
        evidence.append("the numbers contradict each other")
        return _Age.UNCLEAR
    return _Age.OLD if verdicts == {True} else _Age.NEW


def _judge_new(question: Question, found: TransactionReceipt, evidence: list[str]) -> LookUp:
    inside = _inside(question, found, evidence)
    amount_is_ours = found.amount_cents == question.cents
    evidence.append(f"amount {found.amount_cents}, ours {question.cents}")
    if found.reversal_of_trace is not None:
        ours = _reverses_ours(question, found)
        evidence.append(f"takes back trace {found.reversal_of_trace}")
        outcome = PaymentOutcome.NOT_PAID if ours and inside and amount_is_ours else PaymentOutcome.UNKNOWN
        return LookUp(outcome, tuple(evidence), found)
    evidence.append(f"result {found.result_code}")
    identified = found.terminal_id is not None and question.terminal_id is not None
    if not inside or found.result_code is None or not (amount_is_ours or found.amount_cents is None):
        return LookUp(PaymentOutcome.UNKNOWN, tuple(evidence), found)
    if found.result_code != 0:
        return LookUp(PaymentOutcome.NOT_PAID, tuple(evidence), found)
    outcome = PaymentOutcome.PAID if identified and amount_is_ours else PaymentOutcome.UNKNOWN
    return LookUp(outcome, tuple(evidence), found)


def _reverses_ours(question: Question, found: TransactionReceipt) -> bool:
    if question.own_trace is not None:
        return found.reversal_of_trace == question.own_trace
    # Our trace was never told. Then it is ours when it is not the one from before.
    return question.last_trace is not None and found.reversal_of_trace != question.last_trace


def _inside(question: Question, found: TransactionReceipt, evidence: list[str]) -> bool:
    if found.time is None:
        evidence.append("no time")
        return False
    inside = question.started_at - CLOCK_TOLERANCE <= found.time <= question.now + CLOCK_TOLERANCE
    evidence.append(f"{'inside' if inside else 'outside'} the time of the payment")
    return inside
