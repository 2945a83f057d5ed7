"""Who may open what: every member of staff has one role, and a role opens areas of the console."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does in the town hall. The platform's people run the service for several municipalities."""

    DESK = "desk", _("Desk")
    KIOSK_STAFF = "kiosk-staff", _("Kiosk staff")
    FINANCE = "finance", _("Finance")
    MANAGER = "manager", _("Manager")
    PLATFORM = "platform", _("Platform")


class Area(StrEnum):
    """A part of the console. A view belongs to one (`backend.accounts.access.page`)."""

    DESK = "desk"
    REQUESTS = "requests"
    CASES = "cases"
    APPOINTMENTS = "appointments"
    KIOSKS = "kiosks"
    TARIFFS = "tariffs"
    MONEY = "money"
    AUDIT = "audit"
    PRIVACY = "privacy"
    STAFF = "staff"


# The platform's people keep machines and accounts going in every municipality, and see nobody's personal data.
AREAS: dict[Role, frozenset[Area]] = {
    Role.DESK: frozenset({Area.DESK, Area.REQUESTS, Area.APPOINTMENTS}),
    Role.KIOSK_STAFF: frozenset({Area.KIOSKS}),
    Role.FINANCE: frozenset({Area.MONEY, Area.CASES}),
    Role.MANAGER: frozenset(Area),
    Role.PLATFORM: frozenset({Area.KIOSKS, Area.TARIFFS, Area.STAFF, Area.AUDIT}),
}

# They can give rights, or take them: a password alone is not enough.
SECOND_FACTOR = frozenset({Role.MANAGER, Role.PLATFORM})
