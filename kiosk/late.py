"""When people may say that a payment is not paid, and what an approval that comes afterwards is.

A terminal that still waits for a card can take money for a request that is on record as not paid. So that decision
waits until the terminal is surely out of the payment; and an approval that comes all the same is a new open case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from kiosk.domain.entries import CaseClosed, CaseOpened, Entry, EntryBody, PaymentUnknown, Receipt
from kiosk.journal import Journal, JournalError

log = structlog.get_logger(__name__)

_TIMED_OUT = "no-answer"  # the driver's word for a terminal that was silent for too long


class LateMoney:
    """One kiosk's. Each call is safe from any thread.

    `may_be_in` gets when a payment was sent, and whether the driver gave up on its silence: whether the terminal
    may still be in it. `recorded` hears each entry that became durable.
    """

    def __init__(
        self,
        journal: Journal,
        may_be_in: Callable[[datetime, bool], bool],
        recorded: Callable[[EntryBody], None] = lambda _body: None,
    ):
        self._journal = journal
        self._may_be_in = may_be_in
        self._recorded = recorded

    def too_early(self, case_id: UUID) -> bool:
        """Whether the terminal may still be in the payment of this case, so that nobody can know how it ends."""
        opened = next((entry for entry in self._cases() if _opens(entry, case_id)), None)
        if opened is None or opened.visit_id is None or not isinstance(opened.body, CaseOpened):
            return False
        payment_id = opened.body.payment_id
        entries = [e for e in self._journal.entries(opened.visit_id) if getattr(e.body, "payment_id", 0) == payment_id]
        sent = [entry.at for entry in entries if entry.body.kind == "payment_sent"]
        timed_out = any(isinstance(e.body, PaymentUnknown) and e.body.reason == _TIMED_OUT for e in entries)
        return bool(sent) and self._may_be_in(sent[-1], timed_out)

    def take(self, receipt: Receipt) -> None:
        """An approval for which no payment waits: a case, if it is of one that people have closed as not paid."""
        try:
            case, visit_id = self._case_about(receipt)
            if case is None:
                log.warning("late_approval", cents=receipt.cents)
                return
            self._journal.append(case, visit_id)
        except JournalError as problem:  # the terminal is told to take the money back in any case
            log.error("late_approval_not_recorded", cents=receipt.cents, problem=str(problem))
            return
        log.error("approved_after_not_paid", cents=receipt.cents, payment=str(case.payment_id))
        self._recorded(case)

    def _case_about(self, receipt: Receipt) -> tuple[CaseOpened | None, UUID | None]:
        cases = self._cases()
        sent = self._journal.entries(kinds=["payment_sent"])
        if not sent or sent[-1].body.kind != "payment_sent":
            return None, None
        payment_id = sent[-1].body.payment_id  # the terminal is in one payment at a time: the last one
        mine = {
            entry.body.case_id: entry.body
            for entry in cases
            if isinstance(entry.body, CaseOpened)
            and (entry.body.about, entry.body.payment_id) == ("payment", payment_id)
        }
        closed = {e.body.case_id: e.body.outcome for e in cases if isinstance(e.body, CaseClosed)}
        last = list(mine.values())[-1] if mine else None
        if last is None or closed.get(last.case_id) != "not-paid":
            return None, None  # in doubt still, a case already, or known to be paid
        reason = (
            "the terminal approved this payment after it had been closed as not paid"
            f" (receipt {receipt.receipt_number}, trace {receipt.trace_number}); it was told to take the money back"
        )
        return last.model_copy(update={"case_id": uuid4(), "reason": reason}), sent[-1].visit_id

    def _cases(self) -> list[Entry]:
        return self._journal.entries(kinds=["case_opened", "case_closed"])


def _opens(entry: Entry, case_id: UUID) -> bool:
    return isinstance(entry.body, CaseOpened) and entry.body.case_id == case_id and entry.body.about == "payment"
