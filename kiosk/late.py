"""When people may say that a payment is not paid, and what an approval that comes afterwards is.

A terminal that still waits for a card can take money for a request that is on record as not paid. So that decision
waits until the terminal is surely out of the payment; and an approval that comes all the same, after the terminal's
own no, after a look-up or after people, is a new open case. When the disk does not take the case, nothing more is sold
until it does: what the terminal said is kept beside the record (`kiosk.reserve`) and written down at the next start.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from kiosk.domain.record.entries import CaseOpened, Entry, EntryBody, PaymentUnknown, Receipt
from kiosk.journal import Journal, JournalError
from kiosk.journal.denied import denied_by, late_case
from kiosk.reserve import Reserve
from kiosk.visit.events import ApprovedLate

log = structlog.get_logger(__name__)

_TIMED_OUT = "no-answer"  # the driver's word for a terminal that was silent for too long


class LateMoney:
    """One kiosk's. Each call is safe from any thread.

    `may_be_in` gets when a payment was sent, and whether the driver gave up on its silence: whether the terminal
    may still be in it. `recorded` hears each entry that became durable, and `told` what it means for a visit. `owes`
    hears whether something was told that the disk has not taken.
    """

    def __init__(
        self,
        journal: Journal,
        may_be_in: Callable[[datetime, bool], bool],
        reserve: Reserve,
        now: Callable[[], datetime],
        recorded: Callable[[EntryBody], None] = lambda _body: None,
        told: Callable[[ApprovedLate], None] = lambda _event: None,
        owes: Callable[[bool], None] = lambda _holds: None,
    ):
        self._journal = journal
        self._may_be_in = may_be_in
        self._reserve = reserve
        self._now = now
        self._recorded = recorded
        self._told = told
        self._owes = owes
        self._lock = threading.RLock()
        self._unwritten: list[Receipt] = []
        self._kept = ""  # what the reserve holds

    def begin(self) -> None:
        """At start-up, before anything is asked of the terminal: what an earlier run could not write down."""
        with self._lock:
            self._kept = self._reserve.read()
            if self._kept:
                self._unwritten = _receipts(self._kept)
                log.warning("late_approvals_of_an_earlier_run", count=len(self._unwritten))
            self.write_down()

    def too_early(self, case_id: UUID) -> bool:
        """Whether the terminal may still be in the payment of this case, so that nobody can know how it ends."""
        cases = self._journal.entries(kinds=["case_opened"])
        opened = next((entry for entry in cases if _opens(entry, case_id)), None)
        if opened is None or opened.visit_id is None or not isinstance(opened.body, CaseOpened):
            return False
        payment_id = opened.body.payment_id
        entries = [e for e in self._journal.entries(opened.visit_id) if getattr(e.body, "payment_id", 0) == payment_id]
        sent = [entry.at for entry in entries if entry.body.kind == "payment_sent"]
        timed_out = any(isinstance(e.body, PaymentUnknown) and e.body.reason == _TIMED_OUT for e in entries)
        return bool(sent) and self._may_be_in(sent[-1], timed_out)

    def take(self, receipt: Receipt) -> None:
        """An approval for which no payment waits, before it is refused: a case, if it is of one that is "not paid"."""
        with self._lock:
            self._unwritten.append(receipt)
            self.write_down()

    def write_down(self) -> None:
        """Write down what is not on the disk yet, if the disk takes it by now."""
        with self._lock:
            try:
                while self._unwritten:
                    self._open_case(self._unwritten[0])
                    del self._unwritten[0]
            except JournalError as problem:
                log.error("late_approval_not_recorded", problem=str(problem), count=len(self._unwritten))
                self._keep(_text(self._unwritten))
            else:
                self._keep("")
                self._reserve.take_place()
            # Told under the lock: what is heard last must be what holds.
            self._owes(bool(self._unwritten))

    def _keep(self, text: str) -> None:
        if text != self._kept and self._reserve.write(text):
            self._kept = text

    def _open_case(self, receipt: Receipt) -> None:
        denied = denied_by(self._journal, receipt, self._now())
        if denied is None:  # in doubt still, a case already, or known
            log.warning("late_approval", cents=receipt.cents, receipt=receipt.receipt_number)
            return
        late, case = late_case(denied, receipt)
        self._journal.append_all((late, case), denied.visit_id)
        log.error("approved_after_not_paid", cents=receipt.cents, payment=str(denied.intent.payment_id))
        self._told(  # first: who stands there must not read "not paid" once more
            ApprovedLate(
                denied.visit_id,
                denied.intent.payment_id,
                case.case_id,
                denied.intent.cents,
                case.reason,
                denied.request,
            )
        )
        for body in (late, case):
            self._recorded(body)


def _text(receipts: list[Receipt]) -> str:
    """For the reserve, which is small: without the lines that a printer would print."""
    bare = [receipt.model_copy(update={"text": (), "merchant_text": ()}) for receipt in receipts]
    return json.dumps([receipt.model_dump(mode="json", exclude_defaults=True) for receipt in bare])


def _receipts(text: str) -> list[Receipt]:
    """What the reserve holds. Where it was torn, that there was one: which payment it was of, the record tells."""
    try:
        return [Receipt.model_validate(each) for each in json.loads(text)]
    except (ValueError, ValidationError, TypeError):
        log.error("reserve_damaged")
        return [Receipt()]


def _opens(entry: Entry, case_id: UUID) -> bool:
    return isinstance(entry.body, CaseOpened) and entry.body.case_id == case_id and entry.body.about == "payment"
