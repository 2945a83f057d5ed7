"""Where the money of a request is: what kiosks and desks recorded, in one word."""

from __future__ import annotations

from enum import StrEnum

from backend.requests.models import PaymentState, Request


class Standing(StrEnum):
    """Whether the desk may go on."""

    NOTHING_TO_PAY = "nothing-to-pay"
    PAID = "paid"
    NOT_PAID = "not-paid"
    OPEN_CASE = "open-case"  # money may have moved, and nobody can say yet
    GIVEN_BACK = "given-back"

    @property
    def settled(self) -> bool:
        """Whether nothing is owed and nothing is in doubt."""
        return self in (Standing.NOTHING_TO_PAY, Standing.PAID)


_IN_DOUBT = (PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN, PaymentState.REVERSING)


def standing_of(request: Request) -> Standing:
    """What holds now. A case that is open, or a payment in doubt, goes before everything else."""
    payments = request.payments.all()
    if any(case.closed_at is None for case in request.cases.all()) or any(one.state in _IN_DOUBT for one in payments):
        return Standing.OPEN_CASE
    if request.total_cents == 0:
        return Standing.NOTHING_TO_PAY
    at_desk = [one for one in request.desk_payments.all() if one.undone_at is None]
    paid = sum(one.cents for one in payments if one.state == PaymentState.PAID) + sum(one.cents for one in at_desk)
    if paid >= request.total_cents:
        return Standing.PAID
    gave_back = any(one.state == PaymentState.REVERSED for one in payments) or any(one.cents < 0 for one in at_desk)
    return Standing.GIVEN_BACK if gave_back else Standing.NOT_PAID
