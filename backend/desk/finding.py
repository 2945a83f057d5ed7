"""From what was scanned or typed to one answer. The answers are enumerated, and there is no default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.appointments.booking import next_appointment_of_ticket
from backend.appointments.models import Appointment
from backend.fleet.keys import EnrolledKeys
from backend.fleet.models import Kiosk, Municipality
from backend.requests.models import OpenCase, Payment, PaymentState, Request
from kiosk.domain import ticket_signature
from kiosk.domain.ticket_signature import RefusalReason
from kiosk.domain.tickets import Claims, CodeError, normalise

MAX_TEXT = 700  # a QR text of ours has at most 600 characters; a scanner may add a prefix
_LONGEST_TYPED_CODE = 20  # more is no code that somebody typed, but some other barcode


class Result(StrEnum):
    """What the desk is told."""

    PAID = "paid"
    NOTHING_TO_PAY = "nothing-to-pay"
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
# Money may have moved, and nobody can say yet.
_IN_DOUBT = (PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN, PaymentState.REVERSING)


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer, and all that the page shows with it. `claims` is what a scanned ticket said, verified."""

    result: Result
    request: Request | None = None
    appointment: Appointment | None = None
    payments: tuple[Payment, ...] = ()
    cases: tuple[OpenCase, ...] = ()
    claims: Claims | None = None
    kiosk: str = ""  # the name of the kiosk that signed `claims`
    municipality: str = ""  # the name of the one that issued the ticket, where it is another
    requests: tuple[Request, ...] = ()  # where one code fits several
    typed: str = ""  # what cannot be a code, to compare it with the ticket


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
    return _judge(request, claims)


def _by_code(text: str, municipality: Municipality) -> Finding:
    try:
        code = normalise(text)
    except CodeError:
        return Finding(Result.MISTYPED, typed=text)
    found = tuple(Request.objects.filter(ticket_code=code, municipality=municipality).order_by("-made_at")[:10])
    if len(found) == 1:
        return _judge(found[0], None)
    if found:
        return Finding(Result.AMBIGUOUS, requests=found)
    if Request.objects.filter(ticket_code=code).exists():
        return Finding(Result.WRONG_MUNICIPALITY)
    return Finding(Result.UNKNOWN_CODE)


def _judge(request: Request, claims: Claims | None) -> Finding:
    payments = tuple(request.payments.order_by("changed_at"))
    cases = tuple(request.cases.order_by("opened_at"))
    return Finding(
        _money(request, payments, cases),
        request=request,
        appointment=next_appointment_of_ticket(request.ticket_id),
        payments=payments,
        cases=cases,
        claims=claims,
    )


def _money(request: Request, payments: tuple[Payment, ...], cases: tuple[OpenCase, ...]) -> Result:
    if any(case.closed_at is None for case in cases) or any(payment.state in _IN_DOUBT for payment in payments):
        return Result.OPEN_CASE
    if request.total_cents == 0:
        return Result.NOTHING_TO_PAY
    paid = sum(payment.cents for payment in payments if payment.state == PaymentState.PAID)
    return Result.PAID if paid >= request.total_cents else Result.NOT_PAID
