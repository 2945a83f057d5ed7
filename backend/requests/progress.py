"""Moving a request on, and undoing it within minutes; taking money at the desk. Who and when is always kept.

What may follow what is `kiosk.domain.request_states`. The row of the request is locked, so that two desks that hand
over the same card at the same moment are told apart: the second one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from backend.accounts.models import Staff
from backend.requests.models import DeskPayment, Payment, Request, StateChange
from backend.requests.standing import Standing, standing_of
from kiosk.domain.request_states import NEEDS_MONEY, RequestState, following, may_follow

UNDO_WITHIN = timedelta(minutes=15)
DESK_MEANS = ("card", "cash", "transfer")


class ProgressProblem(StrEnum):
    """Why nothing was changed."""

    NOT_NEXT = "not-next"  # this state does not follow the one that the request has now
    NOT_PAID = "not-paid"
    OPEN_CASE = "open-case"
    NOTHING_DUE = "nothing-due"
    TOO_LATE = "too-late"  # nothing to undo, or it is too long ago
    ERASED = "erased"  # personal data are gone: nothing can be handed over any more


class ProgressRefused(Exception):
    """Nothing was changed; `problem` says why, and `state` how far the request is."""

    def __init__(self, problem: ProgressProblem, state: str):
        super().__init__(f"{problem.value} ({state})")
        self.problem = problem
        self.state = state


def may_become(request: Request) -> tuple[RequestState, ...]:
    """What staff may do next, the usual thing first. A refund is for money that was paid."""
    standing = standing_of(request)
    return tuple(
        state
        for state in following(request.service, RequestState(request.state))
        if state is not RequestState.REFUNDED
        or (request.state == RequestState.CANCELLED and standing in (Standing.PAID, Standing.GIVEN_BACK))
    )


@transaction.atomic
def move(
    request: Request,
    to: RequestState,
    *,
    by: Staff,
    now: datetime,
    done: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> StateChange:
    """Move a request on. `done` and `missing`: the steps that were ticked, and not. Raises ProgressRefused."""
    request = _locked(request)
    if request.erased_at is not None:
        raise ProgressRefused(ProgressProblem.ERASED, request.state)
    if to not in may_become(request):
        raise ProgressRefused(ProgressProblem.NOT_NEXT, request.state)
    if to in NEEDS_MONEY:
        _need_settled(request)
    if to is RequestState.REFUNDED:
        _give_back(request, by, now)
    change = StateChange.objects.create(
        request=request,
        before=request.state,
        state=to.value,
        at=now,
        by=by,
        who=by.get_username(),
        done=list(done),
        missing=list(missing),
    )
    _set(request, to.value)
    return change


@transaction.atomic
def undo(request: Request, *, by: Staff, now: datetime) -> StateChange:
    """Take back the last change, if it is minutes old. Raises ProgressRefused."""
    request = _locked(request)
    change = request.changes.filter(undone_at__isnull=True).order_by("at", "id").last()
    if change is None or change.by_id is None or now - change.at > UNDO_WITHIN or change.state != request.state:
        raise ProgressRefused(ProgressProblem.TOO_LATE, request.state)
    change.undone_at, change.undone_by = now, by.get_username()
    change.save(update_fields=["undone_at", "undone_by"])
    if change.state == RequestState.REFUNDED:
        request.desk_payments.filter(cents__lt=0, at=change.at).update(undone_at=now, undone_by=by.get_username())
    _set(request, change.before)
    return change


def can_be_undone(change: StateChange | None, now: datetime) -> bool:
    """Whether this last change is somebody's, and minutes old."""
    return (
        change is not None and change.by_id is not None and change.undone_at is None and now - change.at <= UNDO_WITHIN
    )


@transaction.atomic
def take_payment(request: Request, means: str, *, by: Staff, now: datetime) -> DeskPayment:
    """Note that the whole amount was paid at the desk. Never where it was paid or may have been: ProgressRefused."""
    request = _locked(request)
    standing = standing_of(request)
    if standing is Standing.OPEN_CASE:
        raise ProgressRefused(ProgressProblem.OPEN_CASE, request.state)
    if standing.settled or means not in DESK_MEANS or request.state in (RequestState.CANCELLED, RequestState.REFUNDED):
        raise ProgressRefused(ProgressProblem.NOTHING_DUE, request.state)
    return DeskPayment.objects.create(
        request=request, cents=request.total_cents, means=means, at=now, by=by, who=by.get_username()
    )


@transaction.atomic
def undo_payment(request: Request, *, by: Staff, now: datetime) -> DeskPayment:
    """Take back the note of a payment at the desk, if it is minutes old and nothing rests on it. ProgressRefused."""
    request = _locked(request)
    paid = request.desk_payments.filter(undone_at__isnull=True, cents__gt=0).order_by("at", "id").last()
    if paid is None or now - paid.at > UNDO_WITHIN or request.changes.filter(at__gt=paid.at).exists():
        raise ProgressRefused(ProgressProblem.TOO_LATE, request.state)
    paid.undone_at, paid.undone_by = now, by.get_username()
    paid.save(update_fields=["undone_at", "undone_by"])
    return paid


def refunded_at_kiosk(payment: Payment, at: datetime) -> None:
    """The kiosk gave the money back, because no ticket could be had: the request is over."""
    request = _locked(payment.request)
    if may_follow(request.service, RequestState(request.state), RequestState.REFUNDED):
        StateChange.objects.create(
            request=request,
            before=request.state,
            state=RequestState.REFUNDED.value,
            at=at,
            who=request.kiosk.name,
        )
        _set(request, RequestState.REFUNDED.value)


def _need_settled(request: Request) -> None:
    standing = standing_of(request)
    if not standing.settled:
        doubt = standing is Standing.OPEN_CASE
        raise ProgressRefused(ProgressProblem.OPEN_CASE if doubt else ProgressProblem.NOT_PAID, request.state)


def _give_back(request: Request, by: Staff, now: datetime) -> None:
    if standing_of(request) is Standing.PAID:  # else the kiosk gave it back already
        DeskPayment.objects.create(
            request=request, cents=-request.total_cents, means="transfer", at=now, by=by, who=by.get_username()
        )


def _locked(request: Request) -> Request:
    return Request.objects.select_for_update(of=("self",)).get(pk=request.pk)


def _set(request: Request, state: str) -> None:
    request.state = state
    request.save(update_fields=["state"])
