"""The desk's one page: a field that always has the focus, and one big answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from backend.accounts.access import municipality_of, page
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.desk.finding import MAX_TEXT, find
from backend.desk.words import WORDS


@page(Area.DESK)
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Show the field; after a scan or a typed code, the answer too. The text comes by POST, never in an address."""
    municipality = municipality_of(request)
    context: dict[str, object] = {"max_text": MAX_TEXT}
    text = request.POST.get("ticket", "").strip()
    if text:
        found = find(text, municipality)
        note(request, Act.TICKET_LOOKED_UP, found.request, result=found.result.value)
        context |= {"found": found, "words": WORDS[found.result]}
    return render(request, "desk/look_up.html", context)
