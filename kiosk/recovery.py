"""Start-up after a crash: close what was interrupted, ask the terminal for what is in doubt.

While a payment is in doubt no card is sold. The terminal may still be starting when the kiosk does, so it
is asked again at intervals; when it cannot say, a case is opened and people decide.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from kiosk.devices.timing import STANDARD
from kiosk.domain.entries import (
    CaseOpened,
    PaymentIntent,
    PaymentNotPaid,
    PaymentPaid,
    Receipt,
)
from kiosk.journal import InDoubt, Journal, JournalError, releases, ticket_case, unfinished
from kiosk.visit import events as e

log = structlog.get_logger(__name__)

MOST_TRIES = 3


class Recovery:
    """The payments in doubt of earlier runs. `settled` is called when the last of them is decided."""

    def __init__(
        self,
        journal: Journal,
        ask: Callable[[PaymentIntent, datetime], None],
        later: Callable[[float, Callable[[], None]], None],
        settled: Callable[[], None] = lambda: None,
        ask_again: float = STANDARD.recovery_ask_again,
    ):
        self._journal = journal
        self._ask = ask
        self._later = later
        self._settled = settled
        self._ask_again = ask_again
        self._doubts: dict[UUID, InDoubt] = {}
        self._tries: dict[UUID, int] = {}

    @property
    def pending(self) -> bool:
        """Whether a payment is still in doubt."""
        return bool(self._doubts)

    def begin(self) -> None:
        """Read the journal, close interrupted visits, and ask for the rest. Raises JournalError."""
        found = unfinished(self._journal)
        for visit in found.interrupted:
            for body in visit.closing:
                self._journal.append(body, visit.visit_id)
            log.info("visit_was_interrupted", visit=str(visit.visit_id))
        for doubt in found.in_doubt:
            self._doubts[doubt.intent.payment_id] = doubt
            self._tries[doubt.intent.payment_id] = 0
            log.warning("payment_in_doubt", payment=str(doubt.intent.payment_id))
        self._ask_next()

    def take(self, answer: e.PaymentEnded) -> bool:
        """The answer of a look-up. False: not about a payment of an earlier run."""
        doubt = self._doubts.get(answer.payment_id)
        if doubt is None:
            return False
        try:
            decided = self._decide(doubt, answer)
        except JournalError:
            log.error("recovery_not_recorded", exc_info=True)
            decided = False
        if decided:
            del self._doubts[answer.payment_id]
            if not self._doubts:
                self._settled()
            self._ask_next()
        else:
            self._later(self._ask_again, self._ask_next)
        return True

    def _ask_next(self) -> None:
        """One question at a time: there is one terminal."""
        for doubt in self._doubts.values():
            self._tries[doubt.intent.payment_id] += 1
            self._ask(doubt.intent, doubt.sent_at)
            return

    def _decide(self, doubt: InDoubt, answer: e.PaymentEnded) -> bool:
        payment_id, visit_id = answer.payment_id, doubt.visit_id
        match answer.outcome:
            case e.Outcome.PAID:
                receipt = answer.receipt or Receipt(cents=doubt.intent.cents)
                self._journal.append(
                    PaymentPaid(payment_id=payment_id, receipt=receipt, found_afterwards=True), visit_id
                )
                delivered = self._journal.entries(visit_id, kinds=["ticket_delivered"])
                if not delivered:
                    self._journal.append(ticket_case(doubt.intent.ticket_id, payment_id), visit_id)
            case e.Outcome.NOT_PAID:
                self._journal.append(
                    PaymentNotPaid(payment_id=payment_id, reason="looked-up", found_afterwards=True), visit_id
                )
                for release in releases(self._journal.entries(visit_id)):
                    self._journal.append(release, visit_id)
            case e.Outcome.UNKNOWN:
                if self._tries[payment_id] < MOST_TRIES:
                    return False
                self._journal.append(
                    CaseOpened(
                        case_id=uuid4(),
                        about="payment",
                        ticket_id=doubt.intent.ticket_id,
                        payment_id=payment_id,
                        reason=answer.reason or "the terminal could not say",
                    ),
                    visit_id,
                )
        log.info("payment_decided", payment=str(payment_id), outcome=answer.outcome.value)
        return True
