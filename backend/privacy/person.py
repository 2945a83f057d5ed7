"""What is held on one person, in a municipality: found by the national number, given out whole (GDPR, article 15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from backend.accounts import access
from backend.accounts.models import AuditEntry, Staff
from backend.appointments.models import Appointment
from backend.desk.models import DeskScan
from backend.requests.models import Request, StoredEntry
from backend.requests.searching import digits

_NATIONAL_NUMBER = 11


def requests_of(staff: Staff, number: str) -> list[Request]:
    """The requests of a national number, however it is written; none for anything else."""
    wanted = digits(number)
    if len(wanted) != _NATIONAL_NUMBER:
        return []
    mine = access.rows(staff, Request.objects.select_related("municipality", "kiosk"))
    return list(mine.filter(search_number=wanted).order_by("made_at"))


def export(staff: Staff, requests: Sequence[Request], now: datetime) -> dict[str, Any]:
    """All that is held, as it is held."""
    return {
        "made_at": now,
        "municipality": requests[0].municipality.name if requests else "",
        "requests": [_request(staff, request) for request in requests],
    }


def _request(staff: Staff, request: Request) -> dict[str, Any]:
    looks = access.rows(staff, AuditEntry.objects.all()).filter(about_id=str(request.pk))
    appointments = access.rows(staff, Appointment.objects.select_related("desk")).filter(ticket_id=request.pk)
    scans = access.rows(staff, DeskScan.objects.all()).filter(ticket_id=request.pk)
    entries = StoredEntry.objects.filter(kiosk=request.kiosk_id, visit_id=request.visit_id).order_by("sequence")
    return {
        **_fields(request, without=("search_name", "search_number", "parent_digest")),
        "kiosk": request.kiosk.name,
        "children": [_fields(child) for child in request.children.all()],
        "payments": [_fields(payment) for payment in request.payments.all()],
        "payments_at_the_desk": [_fields(payment) for payment in request.desk_payments.all()],
        "cases": [_fields(case) for case in request.cases.all()],
        "steps": [_fields(change) for change in request.changes.all()],
        "appointments": [_fields(one) | {"desk": one.desk.name} for one in appointments],
        "scans_without_a_line": [_fields(scan) for scan in scans],
        "looked_at": [{"at": look.at, "who": look.who, "act": look.act} for look in looks.order_by("at")],
        "journal": [_fields(entry, without=("digest", "batch_id")) for entry in entries] if request.visit_id else [],
    }


def _fields(row: Model, without: Sequence[str] = ()) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in without]
    return {name: getattr(row, name) for name in names}
