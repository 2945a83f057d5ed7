"""Taking personal data out of what is held, and leaving the rest: money, times and counts still add up.

A request keeps its code, its state, its fees and the years of birth. Its journal entries keep their number and digest,
so that a kiosk that sends one again is still told that it is known; what they said about people is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from backend.accounts.models import AuditEntry
from backend.fleet.models import Municipality
from backend.privacy.models import Retention
from backend.requests.models import DeadLetter, Request, StoredEntry
from kiosk.domain.request_states import ENDED

ERASED = "erased"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run of the retention did."""

    requests: int
    letters: int


def retention_of(municipality: Municipality) -> Retention:
    """The municipality's terms, or the defaults."""
    return Retention.objects.filter(pk=municipality.pk).first() or Retention(municipality=municipality)


def due(municipality: Municipality, now: datetime) -> Iterable[Request]:
    """The requests whose time is over, the oldest first."""
    terms = retention_of(municipality)
    last = Coalesce(Max("changes__at"), "made_at")
    rows = Request.objects.filter(municipality=municipality, erased_at__isnull=True).annotate(last=last)
    ended = Q(state__in=ENDED, last__lt=now - timedelta(days=terms.ended_days))
    idle = Q(last__lt=now - timedelta(days=terms.idle_days))
    return rows.filter(ended | idle).exclude(cases__closed_at__isnull=True, cases__isnull=False).order_by("made_at")


def sweep(municipality: Municipality, now: datetime) -> Swept:
    """Erase all that is due. Requests with an open case wait until it is decided."""
    count = 0
    for request in list(due(municipality, now)[:_AT_ONCE]):
        erase(request, now)
        count += 1
    terms = retention_of(municipality)
    letters = DeadLetter.objects.filter(
        kiosk__municipality=municipality, received_at__lt=now - timedelta(days=terms.idle_days)
    ).exclude(raw=ERASED)
    return Swept(count, letters.update(raw=ERASED))


def forget_audit(municipality: Municipality, now: datetime) -> int:
    """Delete the lines of the audit log whose time is over. The web server's own role may not: the owner's does it."""
    begin = now - timedelta(days=retention_of(municipality).audit_days)
    return AuditEntry.objects.filter(municipality=municipality, at__lt=begin).delete()[0]


@transaction.atomic
def erase(request: Request, now: datetime) -> None:
    """Take a person out of one request and of its journal entries. A second time changes nothing."""
    request = Request.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.erased_at is not None:
        return
    for name in ("national_number", "surname", "first_names", "card_number", "search_name", "search_number"):
        setattr(request, name, "")
    request.qr, request.parent_digest, request.contents, request.erased_at = "", "", {}, now
    request.save()
    for child in request.children.all():
        child.first_name, child.birth_date, child.birth_known = "", child.birth_date.replace(month=1, day=1), "year"
        child.circumstances = {}
        child.save(update_fields=["first_name", "birth_date", "birth_known", "circumstances"])
    for entry in _entries(request):
        body = _without_people(entry.kind, entry.body)
        if body != entry.body:
            entry.body = body
            entry.save(update_fields=["body"])
    letters = DeadLetter.objects.filter(kiosk=request.kiosk_id, raw__contains=str(request.pk))
    letters.update(raw=ERASED)


def _entries(request: Request) -> Iterable[StoredEntry]:
    mine = Q(visit_id=request.visit_id) if request.visit_id else Q(body__ticket_id=str(request.pk))
    kinds = ("request_made", "ticket_issued")
    return [
        row
        for row in StoredEntry.objects.filter(mine, kiosk=request.kiosk_id, kind__in=kinds)
        if row.body.get("ticket_id") == str(request.pk)
    ]


def _without_people(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    if kind == "ticket_issued":
        return body | {"qr": "", "contents": {}}
    children = [
        child | {"first_name": "", "birth_date": f"{child['birth_date'][:4]}-01-01", "circumstances": {}}
        for child in body.get("children", ())
    ]
    return body | {"parent": None, "children": children}
