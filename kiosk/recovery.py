"""Start-up after a crash: close what was interrupted, ask the terminal for what is in doubt.

While a payment is in doubt no card is sold. The terminal may still be starting when the kiosk does, so it
is asked again at intervals; when it cannot say, a case is opened and people decide. A parent who may still be about
finds a slip. A last payment that is on record as not paid is asked after once more: a terminal that approved it after
all said so to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from kiosk.devices.timing import STANDARD
from kiosk.domain.record.entries import (
    CaseOpened,
    EntryBody,
    PaymentNotPaid,
    PaymentPaid,
    PaymentReversed,
    PrintStarted,
    Receipt,
    RequestMade,
)
from kiosk.journal import InDoubt, Journal, JournalError, releases, ticket_case, unfinished
from kiosk.journal.denied import Denied, denied_lately, late_case
from kiosk.visit import events as e
from kiosk.visit.effects import PrintSlip, SlipAbout

log = structlog.get_logger(__name__)

MOST_TRIES = 3

# After this nobody stands at the kiosk any more, and a slip would lie there for anybody.
SLIP_WITHIN = timedelta(minutes=30)


class Recovery:
    """The payments and reversals in doubt of earlier runs.

    `ask` puts the question to the terminal, and `take` gets its answer. `settled` is called when the last of them is
    decided, `recorded` with each entry that was written. `print_slip` prints what a parent needs in place of a ticket.
    """

    def __init__(
        self,
        journal: Journal,
        ask: Callable[[InDoubt], None],
        later: Callable[[float, Callable[[], None]], None],
        settled: Callable[[], None] = lambda: None,
        ask_again: float = STANDARD.recovery_ask_again,
        recorded: Callable[[EntryBody], None] = lambda _body: None,
        print_slip: Callable[[PrintSlip], None] = lambda _slip: None,
        now: Callable[[], datetime] | None = None,
    ):
        self._journal = journal
        self._ask = ask
        self._later = later
        self._settled = settled
        self._ask_again = ask_again
        self._recorded = recorded
        self._print_slip = print_slip
        self._now = now
        self._doubts: dict[UUID, InDoubt] = {}
        self._tries: dict[UUID, int] = {}
        self._denied: dict[UUID, Denied] = {}  # of `_doubts`, those that are on record as not paid

    @property
    def pending(self) -> bool:
        """Whether a payment is still in doubt."""
        return bool(self._doubts)

    def begin(self) -> None:
        """Read the journal, close interrupted visits, and ask for the rest. Raises JournalError."""
        found = unfinished(self._journal)
        for visit in found.interrupted:
            self._record(visit.visit_id, *visit.closing)
            if visit.ticket_owed:
                self._slip(visit.visit_id, SlipAbout.TICKET_MISSING, "the visit was interrupted")
            log.info("visit_was_interrupted", visit=str(visit.visit_id))
        for doubt in found.in_doubt:
            self._doubts[doubt.intent.payment_id] = doubt
            self._tries[doubt.intent.payment_id] = 0
            log.warning("payment_in_doubt", payment=str(doubt.intent.payment_id), reversal=doubt.reversing is not None)
        denied = denied_lately(self._journal, self._now()) if self._now is not None else None
        if denied is not None:
            payment_id = denied.intent.payment_id
            self._doubts[payment_id] = InDoubt(denied.visit_id, denied.intent, denied.sent_at, denied.own_trace)
            self._tries[payment_id] = 0
            self._denied[payment_id] = denied
        self._ask_next()

    def take(self, answer: e.PaymentEnded | e.ReversalEnded) -> bool:
        """The answer of a look-up or of a reversal. False: not about a payment of an earlier run."""
        doubt = self._doubts.get(answer.payment_id)
        if doubt is None:
            return False
        try:
            decided = self._decided(doubt, answer)
        except JournalError:
            log.error("recovery_not_recorded", exc_info=True)
            decided = False
        if decided:
            log.info("payment_decided", payment=str(answer.payment_id), outcome=answer.outcome.value)
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
            self._ask(doubt)
            return

    def _decided(self, doubt: InDoubt, answer: e.PaymentEnded | e.ReversalEnded) -> bool:
        if isinstance(answer, e.ReversalEnded):
            return self._decide_reversal(doubt, answer)
        denied = self._denied.get(answer.payment_id)
        return self._decide(doubt, answer) if denied is None else self._confirm(denied, answer)

    def _confirm(self, denied: Denied, answer: e.PaymentEnded) -> bool:
        """What is on record as not paid stays so, unless the terminal remembers it as paid: then people decide."""
        if not self._still_denied(answer.payment_id):
            return True  # heard in the meantime, and a case already
        if answer.outcome is e.Outcome.PAID:
            bodies = late_case(denied, answer.receipt or Receipt(cents=denied.intent.cents), found_afterwards=True)
            self._record(denied.visit_id, *bodies)
            self._slip(denied.visit_id, SlipAbout.PAYMENT_UNKNOWN, bodies[1].reason)
            return True
        silent = answer.outcome is e.Outcome.UNKNOWN and answer.receipt is None
        return not silent or self._tries[answer.payment_id] >= MOST_TRIES

    def _still_denied(self, payment_id: UUID) -> bool:
        assert self._now is not None
        denied = denied_lately(self._journal, self._now())
        return denied is not None and denied.intent.payment_id == payment_id

    def _decide(self, doubt: InDoubt, answer: e.PaymentEnded) -> bool:
        payment_id, visit_id = answer.payment_id, doubt.visit_id
        match answer.outcome:
            case e.Outcome.PAID:
                receipt = answer.receipt or Receipt(cents=doubt.intent.cents)
                paid = PaymentPaid(payment_id=payment_id, receipt=receipt, found_afterwards=True)
                if self._journal.entries(visit_id, kinds=["ticket_delivered"]):
                    self._record(visit_id, paid)
                else:
                    case = ticket_case(doubt.intent.ticket_id, payment_id)
                    self._record(visit_id, paid, case)
                    self._slip(visit_id, SlipAbout.TICKET_MISSING, case.reason)
            case e.Outcome.NOT_PAID:
                not_paid = PaymentNotPaid(payment_id=payment_id, reason="looked-up", found_afterwards=True)
                self._record(visit_id, not_paid, *releases(self._journal.entries(visit_id)))
            case e.Outcome.UNKNOWN:
                if self._tries[payment_id] < MOST_TRIES:
                    return False
                self._open_case(doubt, answer.reason or "the terminal could not say")
        return True

    def _decide_reversal(self, doubt: InDoubt, answer: e.ReversalEnded) -> bool:
        """It was asked for once, so a "no" now does not say what became of it then: only a "yes" decides."""
        if answer.outcome is e.ReversalOutcome.REVERSED:
            reversed_ = PaymentReversed(payment_id=answer.payment_id, receipt=answer.receipt, found_afterwards=True)
            self._record(doubt.visit_id, reversed_, *releases(self._journal.entries(doubt.visit_id)))
            return True
        if not answer.asked and self._tries[answer.payment_id] < MOST_TRIES:
            return False
        self._open_case(doubt, f"the money was to go back, and the terminal says: {answer.reason}")
        return True

    def _open_case(self, doubt: InDoubt, reason: str) -> None:
        case = CaseOpened(
            case_id=uuid4(),
            about="payment",
            ticket_id=doubt.intent.ticket_id,
            payment_id=doubt.intent.payment_id,
            reason=reason,
        )
        self._record(doubt.visit_id, case)
        self._slip(doubt.visit_id, SlipAbout.PAYMENT_UNKNOWN, reason)

    def _slip(self, visit_id: UUID, about: SlipAbout, reason: str) -> None:
        """Where the request is known still, and its parent may be about."""
        made = self._journal.entries(visit_id, kinds=["request_made"])
        if self._now is None or not made or not isinstance(made[-1].body, RequestMade):
            return
        now = self._now()
        if not timedelta(0) <= now - made[-1].at <= SLIP_WITHIN:
            return
        request = made[-1].body
        self._record(visit_id, PrintStarted(ticket_id=request.ticket_id, document="slip", copy_mark=False))
        self._print_slip(PrintSlip(request, now, reason, uuid4(), about))

    def _record(self, visit_id: UUID, *bodies: EntryBody) -> None:
        """What belongs together is there after the next power cut as a whole, or not at all."""
        self._journal.append_all(bodies, visit_id)
        for body in bodies:
            self._recorded(body)
