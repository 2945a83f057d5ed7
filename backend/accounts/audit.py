"""The record of every look at personal data and of every deed that counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import AuditEntry, Staff
from backend.fleet.models import Municipality


class Act(StrEnum):
    """What somebody did. The words are in `WORDS`."""

    TICKET_LOOKED_UP = "ticket-looked-up"
    REQUESTS_SEARCHED = "requests-searched"
    REQUEST_SEEN = "request-seen"
    NAMES_SHOWN = "names-shown"
    STEP_TAKEN = "step-taken"
    STEP_UNDONE = "step-undone"
    DESK_PAYMENT = "desk-payment"
    CASE_SEEN = "case-seen"
    CASE_DECIDED = "case-decided"
    APPOINTMENTS_SEEN = "appointments-seen"
    APPOINTMENT_CHANGED = "appointment-changed"
    MONEY_EXPORTED = "money-exported"
    PERSON_SEARCHED = "person-searched"
    PERSON_EXPORTED = "person-exported"
    PERSON_ERASED = "person-erased"
    RETENTION_CHANGED = "retention-changed"
    PROFILE_CHANGED = "profile-changed"
    KIOSK_CHANGED = "kiosk-changed"
    STAFF_CHANGED = "staff-changed"
    ALERT_HANDLED = "alert-handled"
    ALERT_ROUTE_CHANGED = "alert-route-changed"
    KIOSK_ORDERED = "kiosk-ordered"
    NOTICE_CHANGED = "notice-changed"


WORDS: dict[Act, Promise] = {
    Act.TICKET_LOOKED_UP: _("looked up a ticket"),
    Act.REQUESTS_SEARCHED: _("searched the requests"),
    Act.REQUEST_SEEN: _("opened a request"),
    Act.NAMES_SHOWN: _("showed names"),
    Act.STEP_TAKEN: _("moved a request on"),
    Act.STEP_UNDONE: _("undid a step"),
    Act.DESK_PAYMENT: _("noted a payment at the desk"),
    Act.CASE_SEEN: _("opened a case"),
    Act.CASE_DECIDED: _("decided a case"),
    Act.APPOINTMENTS_SEEN: _("opened the calendar"),
    Act.APPOINTMENT_CHANGED: _("changed an appointment"),
    Act.MONEY_EXPORTED: _("exported payments"),
    Act.PERSON_SEARCHED: _("searched for a person"),
    Act.PERSON_EXPORTED: _("exported what is held on a person"),
    Act.PERSON_ERASED: _("erased a person"),
    Act.RETENTION_CHANGED: _("changed how long data are kept"),
    Act.PROFILE_CHANGED: _("changed the rules"),
    Act.KIOSK_CHANGED: _("changed a kiosk"),
    Act.STAFF_CHANGED: _("changed an account"),
    Act.ALERT_HANDLED: _("handled an alert"),
    Act.ALERT_ROUTE_CHANGED: _("changed who is told of alerts"),
    Act.KIOSK_ORDERED: _("gave a kiosk an order"),
    Act.NOTICE_CHANGED: _("wrote or withdrew a notice"),
}


def note(
    by: HttpRequest | Staff,
    act: Act,
    about: Model | None = None,
    *,
    municipality: Municipality | None = None,
    at: datetime | None = None,
    **details: str | int | bool,
) -> AuditEntry:
    """Write down who did what with which row. `municipality`: whose row, where it is not the member of staff's own.

    `details` are words of ours and counts, never what was typed or who somebody is.
    """
    staff = by.user if isinstance(by, HttpRequest) else by
    assert isinstance(staff, Staff)
    return AuditEntry.objects.create(
        at=at or timezone.now(),
        staff=staff,
        who=staff.get_username(),
        municipality=municipality or staff.municipality,
        act=act.value,
        about=about._meta.model_name or "" if about is not None else "",
        about_id=str(about.pk) if about is not None else "",
        details=details,
    )
