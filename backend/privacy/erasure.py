"""Taking personal data out of what is held, and leaving the rest: money, times and counts still add up.

A request keeps its code, its state, its fees and the years of birth. Its journal entries keep their number and digest,
so that a kiosk that sends one again is still told that it is known; what they said about people is taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, TruncYear

from backend.accounts.models import AuditEntry
from backend.fleet.models import Municipality
from backend.privacy.models import Retention
from backend.requests.models import DeadLetter, Request, RequestedChild, StoredEntry
from kiosk.domain.request_states import ENDED

ERASED = "erased"
_AT_ONCE = 100  # rows of a transaction: some ten milliseconds


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run of the retention did. `whole`: nothing that was due is left."""

    requests: int
    letters: int
    whole: bool = True


def _never() -> bool:
    return False


def retention_of(municipality: Municipality) -> Retention:
    """The municipality's terms, or the defaults."""
    return Retention.objects.filter(pk=municipality.pk).first() or Retention(municipality=municipality)


def due(municipality: Municipality, now: datetime) -> QuerySet[Request]:
    """The requests whose time is over, the oldest first."""
    terms = retention_of(municipality)
    last = Coalesce(Max("changes__at"), "made_at")
    rows = Request.objects.filter(municipality=municipality, erased_at__isnull=True).annotate(last=last)
    ended = Q(state__in=ENDED, last__lt=now - timedelta(days=terms.ended_days))
    idle = Q(last__lt=now - timedelta(days=terms.idle_days))
    open_case = Q(cases__closed_at__isnull=True, cases__isnull=False)
    return rows.filter(ended | idle).exclude(open_case).order_by("made_at", "pk")


def sweep(
    municipality: Municipality, now: datetime, most: int | None = None, stop: Callable[[], bool] = _never
) -> Swept:
    """Erase all that is due, or the oldest `most` of it. Requests with an open case wait until it is decided.

    A transaction takes a few requests, so nobody waits for a long one, and a run that is cut off has lost nothing: the
    next goes on from there. `stop` is asked before each.
    """
    count, rows = 0, due(municipality, now)
    while page := list(rows.values_list("made_at", "pk")[:_AT_ONCE]):
        page = page if most is None else page[: most - count]
        if stop() or not page:
            return Swept(count, 0, whole=False)
        count += _erase_due(municipality, [pk for _, pk in page], now)
        # By place and not by "what is still due": one that cannot be erased after all is passed once.
        made_at, pk = page[-1]
        rows = due(municipality, now).filter(Q(made_at__gt=made_at) | Q(made_at=made_at, pk__gt=pk))
    letters = _erase_letters(municipality, now, stop)
    return Swept(count, letters, whole=not stop())


@transaction.atomic
def _erase_due(municipality: Municipality, keys: Sequence[UUID], now: datetime) -> int:
    locked = Request.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    list(locked.values_list("pk"))
    still = list(due(municipality, now).filter(pk__in=keys))  # somebody may have taken one up since it was read
    _erase_people(still, now)
    return len(still)


def _erase_letters(municipality: Municipality, now: datetime, stop: Callable[[], bool]) -> int:
    count, begin = 0, now - timedelta(days=retention_of(municipality).idle_days)
    rows = DeadLetter.objects.filter(kiosk__municipality=municipality, received_at__lt=begin).exclude(raw=ERASED)
    while not stop() and (page := list(rows.values_list("pk", flat=True)[:_AT_ONCE])):
        count += DeadLetter.objects.filter(pk__in=page).update(raw=ERASED)
    return count


def forget_audit(municipality: Municipality, now: datetime, stop: Callable[[], bool] = _never) -> int:
    """Delete the lines of the audit log whose time is over. The web server's own role may not: the owner's does it."""
    count, begin = 0, now - timedelta(days=retention_of(municipality).audit_days)
    rows = AuditEntry.objects.filter(municipality=municipality, at__lt=begin).order_by("pk")
    while not stop() and (page := list(rows.values_list("pk", flat=True)[:_AT_ONCE])):
        count += AuditEntry.objects.filter(pk__in=page).delete()[0]
    return count


@transaction.atomic
def erase(request: Request, now: datetime) -> None:
    """Take a person out of one request and of its journal entries. A second time changes nothing."""
    rows = Request.objects.select_for_update(of=("self",)).filter(pk=request.pk, erased_at__isnull=True)
    _erase_people(list(rows), now)


_PEOPLE = ("national_number", "surname", "first_names", "card_number", "search_name", "search_number")
_TICKET = ("qr", "parent_digest")


def _erase_people(requests: Sequence[Request], now: datetime) -> None:
    """Of requests that are locked; a handful of statements, however many they are."""
    if not requests:
        return
    keys = [request.pk for request in requests]
    Request.objects.filter(pk__in=keys).update(**dict.fromkeys((*_PEOPLE, *_TICKET), ""), contents={}, erased_at=now)
    RequestedChild.objects.filter(request__in=keys).update(
        first_name="", birth_date=TruncYear("birth_date"), birth_known="year", circumstances={}
    )
    changed = []
    for entry in _entries(requests):
        body = _without_people(entry.kind, entry.body)
        if body != entry.body:
            entry.body = body
            changed.append(entry)
    StoredEntry.objects.bulk_update(changed, ["body"])
    named = reduce(or_, (Q(kiosk=request.kiosk_id, raw__contains=str(request.pk)) for request in requests))
    DeadLetter.objects.filter(named).update(raw=ERASED)


def _entries(requests: Sequence[Request]) -> list[StoredEntry]:
    kiosk_of = {str(request.pk): request.kiosk_id for request in requests}
    visits = {request.visit_id for request in requests if request.visit_id}
    apart = [str(request.pk) for request in requests if not request.visit_id]
    mine = Q(visit_id__in=visits) | Q(body__ticket_id__in=apart) if apart else Q(visit_id__in=visits)
    rows = StoredEntry.objects.filter(
        mine, kiosk__in=set(kiosk_of.values()), kind__in=("request_made", "ticket_issued")
    )
    return [row for row in rows if kiosk_of.get(row.body.get("ticket_id", "")) == row.kiosk_id]


def _without_people(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    if kind == "ticket_issued":
        return body | {"qr": "", "contents": {}}
    children = [
        child | {"first_name": "", "birth_date": f"{child['birth_date'][:4]}-01-01", "circumstances": {}}
        for child in body.get("children", ())
    ]
    return body | {"parent": None, "children": children}
