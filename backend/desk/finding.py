"""From what was scanned or typed to one answer. The answers are enumerated, and there is no default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.appointments.booking import next_appointment_of_ticket
from backend.appointments.models import Appointment
from backend.fleet.keys import EnrolledKeys
from backend.fleet.models import Kiosk, Municipality
from backend.requests.models import DeskPayment, OpenCase, Payment, Request, StateChange
from backend.requests.standing import Standing, standing_of
from kiosk.domain.request_states import RequestState
from kiosk.domain.tickets import signature as ticket_signature
from kiosk.domain.tickets.claims import Claims, CodeError, normalise
from kiosk.domain.tickets.signature import RefusalReason

MAX_TEXT = 700  # a QR text of ours has at most 600 characters; a scanner may add a prefix
_LONGEST_TYPED_CODE = 20  # more is no code that somebody typed, but some other barcode


class Result(StrEnum):
    """What the desk is told."""

    PAID = "paid"
    NOTHING_TO_PAY = "nothing-to-pay"
    READY = "ready"  # the card is here: hand it over
    NOT_READY = "not-ready"  # sent off, and the card is not here yet
    USED = "used"  # collected already
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    NOT_PAID = "not-paid"
    OPEN_CASE = "open-case"
    NOT_ARRIVED = "not-arrived"  # a genuine ticket whose request the kiosk has not sent yet
    UNKNOWN_CODE = "unknown-code"
    MISTYPED = "mistyped"
    AMBIGUOUS = "ambiguous"
    WRONG_MUNICIPALITY = "wrong-municipality"
    BAD_SIGNATURE = "bad-signature"
    UNKNOWN_KIOSK = "unknown-kiosk"
    REVOKED_KIOSK = "revoked-kiosk"
    DAMAGED = "damaged"
    NOT_A_TICKET = "not-a-ticket"


_REFUSED: dict[RefusalReason, Result] = {
    RefusalReason.NOT_A_TICKET: Result.NOT_A_TICKET,
    RefusalReason.UNKNOWN_VERSION: Result.NOT_A_TICKET,
    RefusalReason.DAMAGED: Result.DAMAGED,
    RefusalReason.UNKNOWN_KEY: Result.UNKNOWN_KIOSK,
    RefusalReason.BAD_SIGNATURE: Result.BAD_SIGNATURE,
    RefusalReason.REVOKED_KEY: Result.REVOKED_KIOSK,
    RefusalReason.MALFORMED_CLAIMS: Result.DAMAGED,
    RefusalReason.WRONG_KIOSK: Result.BAD_SIGNATURE,
}
# What is over, or waits for the card, is so whatever the money says.
_BY_STATE: dict[str, Result] = {
    RequestState.COLLECTED: Result.USED,
    RequestState.CANCELLED: Result.CANCELLED,
    RequestState.REFUNDED: Result.REFUNDED,
}
_ON_ITS_WAY = (RequestState.SUBMITTED, RequestState.IN_PRODUCTION, RequestState.CODES_SENT)
_BY_MONEY: dict[Standing, Result] = {
    Standing.NOTHING_TO_PAY: Result.NOTHING_TO_PAY,
    Standing.PAID: Result.PAID,
    Standing.NOT_PAID: Result.NOT_PAID,
    Standing.GIVEN_BACK: Result.NOT_PAID,
    Standing.OPEN_CASE: Result.OPEN_CASE,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer, and all that the page shows with it. `claims` is what a scanned ticket said, verified."""

    result: Result
    request: Request | None = None
    appointment: Appointment | None = None
    payments: tuple[Payment, ...] = ()
    cases: tuple[OpenCase, ...] = ()
    changes: tuple[StateChange, ...] = ()
    desk_payments: tuple[DeskPayment, ...] = ()
    claims: Claims | None = None
    kiosk: str = ""  # the name of the kiosk that signed `claims`
    municipality: str = ""  # the name of the one that issued the ticket, where it is another
    requests: tuple[Request, ...] = ()  # where one code fits several
    typed: str = ""  # what cannot be a code, to compare it with the ticket

    @property
    def last_change(self) -> StateChange | None:
        """Who moved the request to where it is; None where it is as the kiosk sent it."""
        return next((change for change in reversed(self.changes) if change.undone_at is None), None)

    @property
    def paid_at_desk(self) -> DeskPayment | None:
        """The payment that was noted at a desk and counts."""
        return next((one for one in reversed(self.desk_payments) if one.undone_at is None and one.cents > 0), None)


def find(text: str, municipality: Municipality) -> Finding:
    """Look up a scanned QR text or a typed code, for a desk of this municipality. Raises nothing."""
    text = text.strip()[:MAX_TEXT]
    if ":" in text or len(text) > _LONGEST_TYPED_CODE:
        return _by_ticket(text, municipality)
    return _by_code(text, municipality)


def _by_ticket(text: str, municipality: Municipality) -> Finding:
    claims = ticket_signature.verify(text, EnrolledKeys())
    if isinstance(claims, ticket_signature.Refusal):
        return Finding(_REFUSED[claims.reason])
    if claims.municipality != municipality.pk:
        other = Municipality.objects.filter(pk=claims.municipality).first()
        return Finding(Result.WRONG_MUNICIPALITY, municipality=other.name if other else claims.municipality)
    request = Request.objects.filter(pk=claims.ticket_id, municipality=municipality).first()
    if request is None:
        return Finding(Result.NOT_ARRIVED, claims=claims, kiosk=Kiosk.objects.get(pk=claims.kiosk).name)
    return judge(request, claims)


def _by_code(text: str, municipality: Municipality) -> Finding:
    try:
        code = normalise(text)
    except CodeError:
        return Finding(Result.MISTYPED, typed=text)
    found = tuple(Request.objects.filter(ticket_code=code, municipality=municipality).order_by("-made_at")[:10])
    if len(found) == 1:
        return judge(found[0])
    if found:
        return Finding(Result.AMBIGUOUS, requests=found)
    if Request.objects.filter(ticket_code=code).exists():
        return Finding(Result.WRONG_MUNICIPALITY)
    return Finding(Result.UNKNOWN_CODE)


def judge(request: Request, claims: Claims | None = None) -> Finding:
    """The answer about a request that was found."""
    standing = standing_of(request)
    return Finding(
        _result(request, standing),
        request=request,
        appointment=next_appointment_of_ticket(request.ticket_id),
        payments=tuple(request.payments.order_by("changed_at")),
        cases=tuple(request.cases.order_by("opened_at")),
        changes=tuple(request.changes.all()),
        desk_payments=tuple(request.desk_payments.all()),
        claims=claims,
    )


def _result(request: Request, standing: Standing) -> Result:
    over = _BY_STATE.get(request.state)
    if over is not None:
        return over
    if not standing.settled:
        return _BY_MONEY[standing]
    if request.state in _ON_ITS_WAY:
        return Result.NOT_READY
    return Result.READY if request.state == RequestState.READY else _BY_MONEY[standing]
