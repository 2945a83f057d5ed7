"""The console's pages about requests, and about the cases that people have to decide."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts import access
from backend.accounts.access import page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.console.paging import paged
from backend.desk.answer import answer_of
from backend.desk.finding import judge
from backend.desk.words import STATES
from backend.requests import cases, evidence, searching
from backend.requests.models import OpenCase, Request
from kiosk.domain.record.entries import CaseOutcome

_PRIVACY = "desk-privacy"
LONGEST_DECISION = 500
OUTCOMES = (
    ("paid", _("the money was taken")),
    ("not-paid", _("no money was taken")),
    ("reversed", _("it was given back")),
)


@page(Area.REQUESTS)
@require_http_methods(["GET", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """All requests, newest first, by state; or by code, name or number, which come by POST."""
    hidden = request.session.get(_PRIVACY, True)
    mine = access.rows(staff_of(request), Request.objects.select_related("kiosk").prefetch_related("children"))
    context: dict[str, object] = {"hidden": hidden, "states": STATES.items()}
    if request.method == "POST":
        answer = searching.search(mine, request.POST.get("question", ""), limit=100)
        note(request, Act.REQUESTS_SEARCHED, how=answer.by.value, found=len(answer.rows))
        return render(request, "requests/list.html", context | {"rows": answer.rows, "answer": answer})
    state = request.GET.get("state", "")
    rows = mine.filter(state=state) if state in STATES else mine
    context |= {"state": state, **paged(request, rows.order_by("-made_at"))}
    note(request, Act.REQUESTS_SEARCHED, how="list")
    return render(request, "requests/list.html", context | {"rows": context["page"]})


@page(Area.REQUESTS)
@require_GET
def one(request: HttpRequest, key: UUID) -> HttpResponse:
    """One request with all that happened to it."""
    row = access.one(staff_of(request), Request.objects.select_related("municipality", "kiosk"), key)
    note(request, Act.REQUEST_SEEN, row)
    answer = answer_of(judge(row), timezone.now())
    journal = evidence.of_request(row)
    context = {"answer": answer, "found": answer.found, "r": row, "journal": journal}
    return render(request, "requests/one.html", context | {"hidden": request.session.get(_PRIVACY, True)})


@page(Area.CASES)
@require_GET
def open_cases(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the oldest first; and what was decided, the newest first."""
    mine = access.rows(staff_of(request), OpenCase.objects.select_related("kiosk", "request", "payment"))
    waiting = mine.filter(closed_at__isnull=True).order_by("opened_at")[:200]
    closed = paged(request, mine.filter(closed_at__isnull=False).order_by("-closed_at"))
    return render(request, "requests/cases.html", {"waiting": waiting, **closed})


@page(Area.CASES)
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, key: UUID) -> HttpResponse:
    """One case with its evidence, and the decision, which is told to the kiosk with its next heartbeat."""
    rows = OpenCase.objects.select_related("kiosk", "request__municipality", "request__kiosk", "payment")
    row = access.one(staff_of(request), rows, key)
    complaint = _decide(request, row) if request.method == "POST" else None
    if request.method == "POST" and complaint is None:
        return redirect("requests:case", key)
    note(request, Act.CASE_SEEN, row)
    context = {"case": row, "evidence": evidence.of_case(row), "outcomes": OUTCOMES, "complaint": complaint}
    return render(request, "requests/case.html", context | {"typed": request.POST.get("decision", "")})


def _decide(request: HttpRequest, row: OpenCase) -> object | None:
    """None once it is decided, else what is wrong with the answer."""
    decision = " ".join(request.POST.get("decision", "").split())
    outcome = request.POST.get("outcome", "") or None
    about_money = row.payment_id is not None
    if not decision or len(decision) > LONGEST_DECISION:
        return _("Say in a few words what you found out, and where.")
    if about_money and outcome not in get_args(CaseOutcome):
        return _("Say what became of the money.")
    if request.POST.get("sure") != "yes":
        return _("Confirm that you have looked at the evidence.")
    by = staff_of(request).get_username()
    if not cases.decide(row, decision, outcome if about_money else None, by, timezone.now()):
        return _("This case was decided meanwhile.")
    note(request, Act.CASE_DECIDED, row, outcome=outcome or "none")
    messages.success(request, _("Decided. The kiosk hears of it with its next heartbeat."))
    return None
