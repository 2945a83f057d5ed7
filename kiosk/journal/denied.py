"""Payments on record as not paid, and what a terminal says of them all the same.

A terminal can approve after its own no: the host was slow, or the customer's stop came too late. It is told to take the
money back, and terminals differ in whether they do. So such a payment is in doubt again, and people decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID, uuid4

from kiosk.domain.record.entries import (
    CaseClosed,
    CaseOpened,
    Entry,
    EntryBody,
    PaymentApprovedLate,
    PaymentIntent,
    PaymentNotPaid,
    Receipt,
    RequestMade,
)
from kiosk.domain.working_days import BRUSSELS
from kiosk.journal.journal import Journal

# The driver's limit of one command: a terminal cannot be in a payment for longer.
LONGEST_PAYMENT = timedelta(minutes=15)
# Before 80 00 the driver waits no longer for the answer to an authorisation (T3, PA00P016): what comes late in that
# time is of the payment before.
_BEFORE_ACCEPTED = timedelta(seconds=10)
# A terminal remembers its last transaction at least for a day's work; what is older, the end of day has told.
_LATELY = timedelta(hours=24)
_LOOKED_AT = 8  # payments back; an approval that comes late is of the last one, or of the one before


@dataclass(frozen=True, slots=True)
class Denied:
    """A payment on record as not paid. `said` tells by whom; `request` what it was for."""

    visit_id: UUID
    intent: PaymentIntent
    sent_at: datetime
    own_trace: int | None
    said: str
    request: RequestMade | None


def denied_by(journal: Journal, receipt: Receipt, now: datetime) -> Denied | None:
    """Of which payment on record as not paid this approval is, for which no payment waits.

    None where it is of none: of one that is in doubt still or a case already, a repeat of what is known, or nothing of
    ours. The terminal is in one payment at a time, so it is of the last one; or of the one before, where the last one
    has not been accepted yet or is decided. Raises JournalError.
    """
    payments = _payments(journal)
    if any(p.state in (_State.PAID, _State.REVERSED) and _same(p.receipt, receipt) for p in payments):
        return None
    for place, payment in enumerate(payments):
        if place and now - payment.sent_at > LONGEST_PAYMENT:
            return None
        earlier = _is_earlier(payment.intent, receipt)
        if payment.state is _State.DENIED:
            return None if earlier else payment.denied
        undecided = payment.state in (_State.OPEN, _State.CASE)
        just_sent = payment.state is _State.OPEN and not payment.lost and now - payment.sent_at < _BEFORE_ACCEPTED
        if undecided and not (earlier or just_sent):
            return None
    return None


def denied_lately(journal: Journal, now: datetime) -> Denied | None:
    """The last payment, where it is on record as not paid and the terminal may have had more to say since.

    While the kiosk was off nobody heard it: at start-up it is asked. Raises JournalError.
    """
    for payment in _payments(journal, 1):
        if payment.state is _State.DENIED and not payment.late and now - payment.sent_at < _LATELY:
            return payment.denied
    return None


def late_case(denied: Denied, receipt: Receipt, *, found_afterwards: bool = False) -> tuple[EntryBody, CaseOpened]:
    """What is written down of it, in one transaction: that it is in doubt again, and that people decide."""
    evidence = f"{denied.said} ({_evidence(receipt)})"
    if found_afterwards:
        reason = f"asked anew, the terminal has this payment as paid, after {evidence}"
    else:
        reason = f"the terminal approved this payment after {evidence}; it was told to take the money back"
    payment_id = denied.intent.payment_id
    late = PaymentApprovedLate(
        payment_id=payment_id, receipt=receipt, reason=denied.said, found_afterwards=found_afterwards
    )
    case = CaseOpened(
        case_id=uuid4(), about="payment", ticket_id=denied.intent.ticket_id, payment_id=payment_id, reason=reason
    )
    return late, case


def _evidence(receipt: Receipt) -> str:
    told = {
        "cents": receipt.cents,
        "receipt": receipt.receipt_number,
        "trace": receipt.trace_number,
        "terminal": receipt.terminal_id,
        "at": receipt.at and receipt.at.astimezone(BRUSSELS).isoformat(timespec="seconds"),
    }
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None) or "without any number"


# --- what the record says of a payment ---------------------------------------------------------------------


class _State(Enum):
    OPEN = auto()  # no end is known: its look-up decides
    CASE = auto()  # people decide
    PAID = auto()
    REVERSED = auto()
    DENIED = auto()


_OUTCOMES = {"paid": _State.PAID, "not-paid": _State.DENIED, "reversed": _State.REVERSED}


@dataclass(slots=True)
class _Payment:
    visit_id: UUID
    sent_at: datetime
    intent: PaymentIntent
    state: _State = _State.OPEN
    said: str = ""
    receipt: Receipt | None = None
    request: RequestMade | None = None
    lost: bool = False  # its answer
    late: bool = False  # this was seen before
    cases: set[UUID] = field(default_factory=set)

    @property
    def denied(self) -> Denied:
        own_trace = self.receipt.trace_number if self.receipt else None
        return Denied(self.visit_id, self.intent, self.sent_at, own_trace, self.said, self.request)


def _payments(journal: Journal, most: int = _LOOKED_AT) -> list[_Payment]:
    """The last ones that were sent, the newest first."""
    sent = journal.newest(["payment_sent"], most)
    if not sent:
        return []
    closed = journal.entries(kinds=["case_closed"], after=sent[-1].sequence)
    read = (_read(entry, journal.entries(entry.visit_id), closed) for entry in sent)
    return [payment for payment in read if payment is not None]


def _read(sent: Entry, visit: Iterable[Entry], closed: Iterable[Entry]) -> _Payment | None:
    payment_id = getattr(sent.body, "payment_id", None)
    payment: _Payment | None = None
    requests: dict[UUID, RequestMade] = {}
    story = {entry.sequence: entry for entry in (*visit, *closed)}
    for _, entry in sorted(story.items()):
        body = entry.body
        if isinstance(body, RequestMade):
            requests[body.ticket_id] = body
        elif isinstance(body, PaymentIntent) and body.payment_id == payment_id and sent.visit_id is not None:
            payment = _Payment(sent.visit_id, sent.at, body, request=requests.get(body.ticket_id))
        elif payment is not None and isinstance(body, CaseClosed) and body.case_id in payment.cases:
            payment.cases.discard(body.case_id)
            if body.outcome is not None:
                payment.state = _OUTCOMES[body.outcome]
                payment.said = "it had been closed as not paid" + (f" by {body.by}" if body.by else "")
        elif payment is not None and getattr(body, "payment_id", None) == payment_id:
            _tell(payment, body)
    if payment is not None and payment.cases:
        payment.state = _State.CASE
    return payment


def _tell(payment: _Payment, body: EntryBody) -> None:
    match body.kind:
        case "payment_approved":
            payment.receipt = body.receipt
        case "payment_unknown":
            payment.lost = True
        case "payment_paid":
            payment.state, payment.receipt = _State.PAID, body.receipt
        case "payment_not_paid":
            payment.state, payment.said = _State.DENIED, _own_word(body)
        case "payment_approved_late":
            payment.late = True
        case "payment_reversing":
            payment.state = _State.OPEN
        case "payment_reversed":
            payment.state = _State.REVERSED
        case "payment_not_reversed":
            payment.state = _State.PAID
        case "case_opened" if body.about == "payment":
            payment.cases.add(body.case_id)
        case _:
            pass


def _own_word(body: PaymentNotPaid) -> str:
    if body.found_afterwards:
        return "a look-up had shown it as not paid"
    return f'it had said "{body.reason}"' + (f" (result {body.result_code})" if body.result_code is not None else "")


def _is_earlier(intent: PaymentIntent, receipt: Receipt) -> bool:
    """Whether this is what the terminal remembered before the payment: a repeat of an older transaction."""
    pairs = ((intent.last_receipt, receipt.receipt_number), (intent.last_trace, receipt.trace_number))
    told = [before == now for before, now in pairs if before is not None and now is not None]
    return bool(told) and all(told)


def _same(known: Receipt | None, receipt: Receipt) -> bool:
    """Whether both are of one transaction. Numbers may begin again after an end of day, so the time counts too."""
    if known is None:
        return False
    names = ("receipt_number", "trace_number", "terminal_id", "at", "cents")
    told = [name for name in names if getattr(known, name) is not None and getattr(receipt, name) is not None]
    numbered = {"receipt_number", "trace_number"} & set(told)
    return bool(numbered) and all(getattr(known, name) == getattr(receipt, name) for name in told)
