"""The desk's one page: a field that always has the focus, and one big answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from backend.accounts.models import Staff
from backend.desk.finding import MAX_TEXT, find
from backend.desk.models import LookUp
from backend.desk.words import WORDS


@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Show the field; after a scan or a typed code, the answer too. The text comes by POST, never in an address."""
    staff = request.user
    assert isinstance(staff, Staff)  # the middleware lets nobody else in
    context: dict[str, object] = {"max_text": MAX_TEXT, "municipality": staff.municipality}
    text = request.POST.get("ticket", "").strip()
    if text and staff.municipality is not None:
        found = find(text, staff.municipality)
        LookUp.objects.create(staff=staff, at=timezone.now(), result=found.result.value, request=found.request)
        context |= {"found": found, "words": WORDS[found.result]}
    return render(request, "desk/look_up.html", context)
