"""How a kiosk comes and goes, in the console: a one-time code for a new one, and the end of one that is not trusted."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backend import administration
from backend.accounts import audit
from backend.accounts.access import one, page, rows, staff_of
from backend.accounts.models import Staff
from backend.accounts.roles import Area, Role
from backend.fleet import enrolment
from backend.fleet.models import EnrolmentCode, Kiosk

MINUTES = 30
MOST_OPEN = 20  # codes of a municipality that nobody has used yet


def _manager(request: HttpRequest) -> Staff:
    staff = staff_of(request)
    if staff.role != Role.MANAGER or staff.municipality is None:
        raise PermissionDenied
    return staff


@page(Area.KIOSKS)
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The codes that are open, and by POST a new one, which is shown this once."""
    staff, now = _manager(request), timezone.now()
    still = rows(staff, EnrolmentCode.objects.filter(used_by=None, expires_at__gt=now, tries_left__gt=0))
    code = ""
    if request.method == "POST":
        if still.count() >= MOST_OPEN:
            messages.error(request, _("There are twenty open codes already. Wait until they end, or take one back."))
        else:
            assert staff.municipality is not None
            code, row = enrolment.new_code(staff.municipality, now=now, minutes=MINUTES)
            audit.note(staff, audit.Act.KIOSK_CHANGED, row, what="code-made")
    context = {"code": code, "minutes": MINUTES, "codes": still.order_by("expires_at"), "tries": enrolment.TRIES}
    return render(request, "watch/join.html", context)


@page(Area.KIOSKS)
@require_POST
def code_withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """A code that is good no more."""
    staff = _manager(request)
    row = one(staff, EnrolmentCode.objects.filter(used_by=None), key)
    EnrolmentCode.objects.filter(pk=row.pk).update(tries_left=0)
    audit.note(staff, audit.Act.KIOSK_CHANGED, row, what="code-withdrawn")
    return redirect("watch:join")


@page(Area.KIOSKS)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """The end of a kiosk, after its name was typed: nothing that it signs is accepted from then on."""
    staff = _manager(request)
    kiosk = one(staff, Kiosk.objects.select_related("municipality"), key)
    if kiosk.revoked_at is not None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("name", "").strip() == kiosk.name:
            administration.revoke(str(kiosk.pk))
            audit.note(staff, audit.Act.KIOSK_CHANGED, kiosk, what="revoked")
            messages.success(request, _("The kiosk is not trusted any more; its free times are free for everybody."))
            return redirect("watch:fleet")
        messages.error(request, _("That is not the name of this kiosk. Nothing was changed."))
    return render(request, "watch/revoke.html", {"kiosk": kiosk})
