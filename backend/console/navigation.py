"""What stands in the navigation, for whom. A new page of the console gets a line here, or it is not found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Staff
from backend.accounts.roles import Area


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go: the area that it belongs to, its address by name, its words, and its icon in `icons.svg`."""

    area: Area
    url_name: str
    label: Promise
    icon: str

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.url_name)


ENTRIES: tuple[Entry, ...] = (
    Entry(Area.DESK, "desk:look-up", _("Pickup desk"), "scan"),
    Entry(Area.REQUESTS, "requests:requests", _("Requests"), "list"),
    Entry(Area.CASES, "requests:cases", _("Open cases"), "case"),
    Entry(Area.APPOINTMENTS, "appointments:week", _("Appointments"), "calendar"),
    Entry(Area.KIOSKS, "watch:fleet", _("Kiosks"), "kiosk"),
    Entry(Area.MONEY, "money:money", _("Money"), "money"),
    Entry(Area.TARIFFS, "tariffs:tariffs", _("Tariffs and rules"), "rules"),
    Entry(Area.PRIVACY, "privacy:privacy", _("Personal data"), "shield"),
    Entry(Area.STAFF, "accounts:staff", _("Staff"), "people"),
    Entry(Area.AUDIT, "accounts:audit", _("Audit log"), "eye"),
)


def entries_of(staff: Staff) -> list[Entry]:
    """What this member of staff may open, in the order of the navigation."""
    return [entry for entry in ENTRIES if entry.area in staff.areas]


def console(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the navigation, and where in it we are."""
    staff = getattr(request, "user", None)
    if not isinstance(staff, Staff):
        return {}
    return {"navigation": entries_of(staff), "here": getattr(request, "console_area", None)}
