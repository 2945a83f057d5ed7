"""The way in: to the first page that somebody's role opens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.access import staff_of
from backend.console.navigation import entries_of


def home(request: HttpRequest) -> HttpResponse:
    """Go to the first entry of the navigation; an account that opens nothing is told whom to ask."""
    entries = entries_of(staff_of(request))
    if not entries:
        return render(request, "console/nothing.html", status=403)
    return redirect(entries[0].url)
