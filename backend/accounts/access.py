"""The one way in which views are kept to a role, and rows to a municipality.

A view of the console is wrapped in `page(Area.…)`; a queryset goes through `rows`, or `one` for a single row. Models
say how they lead to a municipality: `municipality_path`, such as `kiosk__municipality`; a model without that cannot
be asked for. Platform staff see the models that say `open_to_platform`, of all municipalities, and no others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from backend.accounts.models import Staff
from backend.accounts.roles import Area, Role
from backend.fleet.models import Municipality

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponseBase]


def page(area: Area) -> Callable[[View], View]:
    """A view for those whose role opens this area; others get 403, and those without a login the door."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if area not in staff_of(request).areas:
                raise PermissionDenied
            request.console_area = area  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.area = area  # type: ignore[attr-defined]
        return guarded

    return wrap


def staff_of(request: HttpRequest) -> Staff:
    """Who asks. Raises PermissionDenied for nobody; the login middleware lets no such request through."""
    if not isinstance(request.user, Staff):
        raise PermissionDenied
    return request.user


def municipality_of(request: HttpRequest) -> Municipality:
    """Whose desk this is. Raises PermissionDenied for an account of no municipality."""
    municipality = staff_of(request).municipality
    if municipality is None:
        raise PermissionDenied
    return municipality


def rows(staff: Staff, wanted: QuerySet[M]) -> QuerySet[M]:
    """Those of the rows that this member of staff may see: their municipality's."""
    path: str = wanted.model.municipality_path  # type: ignore[attr-defined]
    if staff.role == Role.PLATFORM:
        return wanted if getattr(wanted.model, "open_to_platform", False) else wanted.none()
    return wanted.filter(**{path: staff.municipality_id}) if staff.municipality_id else wanted.none()


def one(staff: Staff, wanted: QuerySet[M], key: object) -> M:
    """A row by its primary key. Raises Http404 where there is none, or it is another municipality's."""
    try:
        found = rows(staff, wanted).filter(pk=key).first()
    except (ValueError, ValidationError, OverflowError):
        found = None
    if found is None:
        raise Http404
    return found
