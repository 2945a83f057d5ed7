"""Taking in the scans that a desk kept while it had no line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.accounts.audit import Act, note
from backend.accounts.models import Staff
from backend.desk.models import DeskScan
from backend.requests import progress
from backend.requests.models import Request
from backend.requests.progress import ProgressProblem, ProgressRefused
from kiosk.domain.request_states import RequestState

MAX_SCANS = 200
_OLDEST = timedelta(days=60)
_Outcome = DeskScan.Outcome


class Scan(BaseModel):
    """One scan, as the page kept it: no name, no number, only the ticket's random id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    ticket: UUID
    at: AwareDatetime
    action: Literal["seen", "arrived", "collected"]
    done: tuple[Annotated[str, Field(max_length=60)], ...] = Field(default=(), max_length=20)


class Scans(BaseModel):
    """What the page sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scans: tuple[Scan, ...] = Field(max_length=MAX_SCANS)


def take_in(scans: Sequence[Scan], by: Staff, now: datetime) -> list[DeskScan]:
    """Keep every scan, once, and do what it says. A scan that is here already is answered as it was."""
    return [_take_in(scan, by, now) for scan in sorted(scans, key=lambda scan: scan.at)]


def _take_in(scan: Scan, by: Staff, now: datetime) -> DeskScan:
    known = DeskScan.objects.filter(pk=scan.id, municipality=by.municipality).first()
    if known is not None:
        return known
    row = DeskScan(
        id=scan.id,
        municipality=by.municipality,
        ticket_id=scan.ticket,
        action=scan.action,
        at=min(max(scan.at, now - _OLDEST), now),  # a desk's clock that is ahead makes no future
        received_at=now,
        staff=by,
        who=by.get_username(),
    )
    try:
        with transaction.atomic():
            _do(row, by, scan.done)
            row.save(force_insert=True)
    except IntegrityError:  # sent twice at the same moment, or another municipality's number
        known = DeskScan.objects.filter(pk=scan.id, municipality=by.municipality).first()
        row.outcome, row.problem = _Outcome.REFUSED, "known"
        return known or row
    note(by, Act.TICKET_LOOKED_UP, row.request, result=row.outcome, offline=True)
    return row


def retry_waiting(by: Staff, now: datetime) -> None:
    """Scans whose requests have arrived meanwhile. They count for whoever made them."""
    waiting = DeskScan.objects.select_related("staff").filter(municipality=by.municipality, outcome=_Outcome.WAITING)
    for row in waiting.order_by("at")[:MAX_SCANS]:
        if Request.objects.filter(pk=row.ticket_id).exists():
            with transaction.atomic():
                _do(row, row.staff or by, ())
                row.save()


def _do(row: DeskScan, by: Staff, done: Sequence[str]) -> None:
    """Fill in the outcome."""
    request = Request.objects.filter(pk=row.ticket_id, municipality=row.municipality).first()
    row.request = request
    if request is None:
        row.outcome = _Outcome.WAITING
    elif row.action == "seen":
        row.outcome = _Outcome.NOTED
    else:
        row.outcome, row.problem = _move(request, RequestState(row.action), row, by, done)


def _move(
    request: Request, to: RequestState, row: DeskScan, by: Staff, done: Sequence[str]
) -> tuple[DeskScan.Outcome, str]:
    try:
        with transaction.atomic():
            progress.move(request, to, by=by, now=row.at, done=["offline", *done])
    except ProgressRefused as refused:
        if refused.problem is ProgressProblem.NOT_NEXT and refused.state == to:
            return _Outcome.DOUBLE, ""
        return _Outcome.REFUSED, refused.problem.value
    return _Outcome.TAKEN, ""
