"""What is known of an open case from three sides: the kiosk's journal, the terminal, and what the backend holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Q

from backend.requests.models import OpenCase, Payment, Request, StoredEntry, TerminalDay

MOST = 60
# Nobody's name is needed to judge where money or paper is.
_TOLD = (
    "cents",
    "count",
    "reason",
    "result_code",
    "certain",
    "found_afterwards",
    "copy_mark",
    "last_receipt",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the journal: its kind, and what it says about money and paper."""

    at: datetime
    sequence: int
    kind: str
    said: tuple[tuple[str, object], ...]
    applied: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The three sides of a case. `days` are the ends of day of the same terminal around it."""

    journal: tuple[Line, ...]
    payments: tuple[Payment, ...]
    days: tuple[TerminalDay, ...]
    request: Request | None


def of_request(request: Request) -> tuple[Line, ...]:
    """What a kiosk recorded about a request, in order, without the request itself."""
    mine = Q(visit_id=request.visit_id) if request.visit_id else Q(body__ticket_id=str(request.pk))
    payments = [str(payment.pk) for payment in request.payments.all()]
    later = Q(kind__startswith="payment_", body__payment_id__in=payments) if payments else Q(pk=None)
    rows = StoredEntry.objects.filter(mine | later, kiosk=request.kiosk_id).order_by("sequence")
    return tuple(_lines(rows.iterator()))


def of_case(case: OpenCase) -> Evidence:
    """All that helps to decide."""
    days = TerminalDay.objects.filter(kiosk=case.kiosk_id, ended_at__gte=case.opened_at).order_by("began_at")
    if case.about == "day":
        days = TerminalDay.objects.filter(kiosk=case.kiosk_id, began_at__lte=case.opened_at).order_by("-began_at")
    if case.request is None:
        around = StoredEntry.objects.filter(kiosk=case.kiosk_id, kind__startswith="day_", at__lte=case.opened_at)
        journal = tuple(reversed(tuple(_lines(around.order_by("-sequence")[:10]))))
        return Evidence(journal, (), tuple(days[:3]), None)
    payments = tuple(case.request.payments.order_by("changed_at"))
    return Evidence(of_request(case.request), payments, tuple(days[:3]), case.request)


def _lines(rows: Iterable[StoredEntry]) -> Iterator[Line]:
    for row in islice(rows, MOST):
        said = tuple((name, row.body[name]) for name in _TOLD if row.body.get(name) not in (None, "", False))
        receipt = row.body.get("receipt") or {}
        told = tuple((name, receipt[name]) for name in ("receipt_number", "trace_number", "cents") if receipt.get(name))
        yield Line(row.at, row.sequence, row.kind, (*said, *told), row.applied)
