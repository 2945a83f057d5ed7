"""The desk's page, and what its forms do.

Every deed is a POST to a request's random id; what is scanned, typed or searched is in a body, never in an address.
The page's script asks for the part that changed (`X-Loket-Part`); a browser without the script gets the whole page.
"""

from __future__ import annotations

import json
from functools import partial
from uuid import UUID

from allauth.core import ratelimit
from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import condition, require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from backend.accounts import access
from backend.accounts.access import municipality_of, page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.desk import camera, offline, scans
from backend.desk.answer import answer_of
from backend.desk.finding import MAX_TEXT, Finding, find, judge
from backend.requests import progress, searching
from backend.requests.models import Request
from backend.requests.progress import ProgressProblem, ProgressRefused
from kiosk.domain.request_states import RequestState

_MAY_SCAN = csp_update({"script-src": [SELF], "connect-src": [SELF], "worker-src": [SELF]})
_PART = "X-Loket-Part"
_PRIVACY = "desk-privacy"

REFUSALS = {
    ProgressProblem.NOT_NEXT: _("Somebody moved this request on meanwhile. What holds now is above."),
    ProgressProblem.NOT_PAID: _("It is not paid yet. Take the payment first."),
    ProgressProblem.OPEN_CASE: _("The payment is not certain. A manager decides the open case first."),
    ProgressProblem.NOTHING_DUE: _("Nothing is due for this request."),
    ProgressProblem.TOO_LATE: _("It is too late to undo this. A manager can help."),
    ProgressProblem.ERASED: _("The personal data of this request have been erased."),
}


@_MAY_SCAN
@page(Area.DESK)
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Show the field; after a scan or a typed code, the answer too."""
    text = request.POST.get("ticket", "").strip()
    if not text:
        return _show(request, None)
    scans.retry_waiting(staff_of(request), timezone.now())
    found = find(text, municipality_of(request))
    note(request, Act.TICKET_LOOKED_UP, found.request, result=found.result.value)
    return _show(request, found)


@_MAY_SCAN
@page(Area.DESK)
@require_POST
def open_request(request: HttpRequest, key: UUID) -> HttpResponse:
    """The answer about one request of a list."""
    found = judge(_one(request, key))
    note(request, Act.REQUEST_SEEN, found.request)
    return _show(request, found)


@_MAY_SCAN
@page(Area.DESK)
@require_POST
def move(request: HttpRequest, key: UUID) -> HttpResponse:
    """Move a request on. Without `sure` nothing happens yet: what will is shown, to be confirmed."""
    row = _one(request, key)
    to = _state(request.POST.get("to", ""))
    ticked = [code[:60] for code in request.POST.getlist("step")[:20]]
    if to is None:
        return _show(request, judge(row), problem=ProgressProblem.NOT_NEXT)
    if request.POST.get("sure") != "yes":
        return _show(request, judge(row), wanted=to, ticked=ticked)
    now = timezone.now()
    missing = [
        step.code for step in answer_of(judge(row), now).steps(to) if not step.optional and step.code not in ticked
    ]
    try:
        progress.move(row, to, by=staff_of(request), now=now, done=ticked, missing=missing)
    except ProgressRefused as refused:
        return _show(request, judge(_one(request, key)), problem=refused.problem)
    note(request, Act.STEP_TAKEN, row, state=to.value)
    return _show(request, judge(_one(request, key)), done=True)


@_MAY_SCAN
@page(Area.DESK)
@require_POST
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take back the last step, within minutes."""
    row = _one(request, key)
    deed = partial(progress.undo, row, by=staff_of(request), now=timezone.now())
    try:
        change = deed()
    except ProgressRefused as refused:
        return _show(request, judge(_one(request, key)), problem=refused.problem)
    note(request, Act.STEP_UNDONE, row, state=change.state)
    return _show(request, judge(_one(request, key)))


@_MAY_SCAN
@page(Area.DESK)
@require_POST
def pay(request: HttpRequest, key: UUID) -> HttpResponse:
    """Note a payment at the desk, once it is confirmed; or take the note back."""
    row, by, now = _one(request, key), staff_of(request), timezone.now()
    means = request.POST.get("means", "")
    if means != "undo" and request.POST.get("sure") != "yes":
        return _show(request, judge(row), paying=means if means in progress.DESK_MEANS else "")
    try:
        if means == "undo":
            progress.undo_payment(row, by=by, now=now)
        else:
            progress.take_payment(row, means, by=by, now=now)
    except ProgressRefused as refused:
        return _show(request, judge(_one(request, key)), problem=refused.problem)
    note(request, Act.DESK_PAYMENT, row, means=means, cents=row.total_cents)
    return _show(request, judge(_one(request, key)))


@_MAY_SCAN
@page(Area.DESK)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """A list by code, name or number; names are shown or hidden by the switch."""
    question = request.POST.get("question", "")
    answer = searching.search(access.rows(staff_of(request), Request.objects.prefetch_related("children")), question)
    note(request, Act.REQUESTS_SEARCHED, how=answer.by.value, found=len(answer.rows))
    context = {"list": answer, "hidden": request.session.get(_PRIVACY, True)}
    if request.headers.get(_PART):
        return render(request, "desk/list.html", context)
    return _whole_page(request, context | {"question": question})


@page(Area.DESK)
@require_POST
def privacy(request: HttpRequest) -> HttpResponse:
    """Hide names in lists, or show them; it lasts as long as the login."""
    hide = request.POST.get("hide") == "yes"
    request.session[_PRIVACY] = hide
    if not hide:
        note(request, Act.NAMES_SHOWN)
    return HttpResponse(status=204) if request.headers.get(_PART) else redirect("desk:look-up")


@page(Area.DESK)
@require_POST
def read_picture(request: HttpRequest) -> JsonResponse:
    """The text of the QR code that a desk's camera sees; empty for none. Nothing of the picture is kept or noted."""
    if not ratelimit.consume(request, action="desk_picture"):
        return JsonResponse({"problem": "too many"}, status=429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > camera.MAX_BYTES:
        return JsonResponse({"problem": "too large"}, status=413)
    try:
        return JsonResponse({"text": camera.read_code(request.body)})
    except camera.NoPicture:
        return JsonResponse({"problem": "no picture"}, status=422)


# --- Without a line ----------------------------------------------------------------------------------


@page(Area.DESK)
@require_GET
@condition(etag_func=lambda request: offline.keys_tag(municipality_of(request)))
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys of this municipality's kiosks, with which the page checks tickets by itself."""
    response = HttpResponse(offline.keys_of(municipality_of(request)), content_type="application/jwk-set+json")
    response["Cache-Control"] = "no-cache"
    return response


@page(Area.DESK)
@require_POST
def send_scans(request: HttpRequest) -> JsonResponse:
    """Scans that were kept without a line. Each gets its own answer; the same scan twice changes nothing."""
    try:
        sent = scans.Scans.model_validate_json(request.body)
    except ValidationError:
        return JsonResponse({"problem": "not valid"}, status=422)
    by, now = staff_of(request), timezone.now()
    scans.retry_waiting(by, now)
    rows = scans.take_in(sent.scans, by, now)
    return JsonResponse({"answers": [offline.answer_of_scan(row) for row in rows]})


@require_GET
@csp_update({"connect-src": [SELF]})
@page(Area.DESK)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which keeps the page itself for when there is no line. No answer is ever kept."""
    response = HttpResponse(offline.worker_script(), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


# --- The page ----------------------------------------------------------------------------------------


def _show(request: HttpRequest, found: Finding | None, **said: object) -> HttpResponse:
    now = timezone.now()
    context: dict[str, object] = {"answer": answer_of(found, now, **said) if found is not None else None}
    problem = said.get("problem")
    if isinstance(problem, ProgressProblem):
        context["complaint"] = REFUSALS[problem]
    if request.headers.get(_PART):
        return render(request, "desk/answer.html", context)
    return _whole_page(request, context)


def _whole_page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    own = {
        "max_text": MAX_TEXT,
        "hidden": request.session.get(_PRIVACY, True),
        "offline": json.dumps(offline.words(staff_of(request), municipality_of(request))),
    }
    response = render(request, "desk/look_up.html", own | context)
    response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


def _one(request: HttpRequest, key: UUID) -> Request:
    return access.one(staff_of(request), Request.objects.select_related("municipality", "kiosk"), key)


def _state(text: str) -> RequestState | None:
    try:
        return RequestState(text)
    except ValueError:
        return None
