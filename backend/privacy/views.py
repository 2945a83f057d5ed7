"""The pages about retention, and about one person's data. A national number comes by POST only."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.access import municipality_of, page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.privacy import erasure, person
from backend.privacy.models import Retention
from backend.requests.models import Request
from kiosk.domain.request_states import ENDED

_ON_A_PAGE = 200  # so many are erased within seconds, before the proxy or the person gives up


class RetentionForm(forms.ModelForm):
    """How long data are kept."""

    class Meta:
        """Of a municipality."""

        model = Retention
        fields = ("ended_days", "idle_days", "audit_days")
        labels = {
            "ended_days": _("Days after a request has ended"),
            "idle_days": _("Days after the last step of one that never ended"),
            "audit_days": _("Days of the audit log"),
        }


@page(Area.PRIVACY)
@require_http_methods(["GET", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """How long data are kept, and how many requests are due."""
    municipality, now = municipality_of(request), timezone.now()
    terms = erasure.retention_of(municipality)
    form = RetentionForm(request.POST or None, instance=terms)
    if request.method == "POST" and form.is_valid():
        form.save()
        note(request, Act.RETENTION_CHANGED, **{name: form.cleaned_data[name] for name in form.Meta.fields})
        messages.success(request, _("Saved."))
        return redirect("privacy:privacy")
    due = erasure.due(municipality, now).count()
    erased = Request.objects.filter(municipality=municipality, erased_at__isnull=False).count()
    return render(request, "privacy/privacy.html", {"form": form, "due": due, "erased": erased})


@page(Area.PRIVACY)
@require_POST
def sweep(request: HttpRequest) -> HttpResponse:
    """Erase now what is due, the oldest first; a timer erases all of it every night."""
    municipality, now = municipality_of(request), timezone.now()
    swept = erasure.sweep(municipality, now, most=_ON_A_PAGE)
    note(request, Act.PERSON_ERASED, how="retention", rows=swept.requests)
    if swept.whole:
        messages.success(request, _("Erased: %(n)s requests.") % {"n": swept.requests})
    else:
        left = erasure.due(municipality, now).count()
        said = _("Erased: %(n)s requests. Still due: %(left)s. The rest is erased tonight, or when you press again.")
        messages.success(request, said % {"n": swept.requests, "left": left})
    return redirect("privacy:privacy")


@page(Area.PRIVACY)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What is held on a person: how many requests, and what may be done."""
    found = person.requests_of(staff_of(request), request.POST.get("number", ""))
    note(request, Act.PERSON_SEARCHED, found=len(found))
    context = {"found": found, "number": request.POST.get("number", "")[:20]}
    context["open"] = [row for row in found if row.state not in ENDED and row.erased_at is None]
    return render(request, "privacy/person.html", context)


@page(Area.PRIVACY)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """All that is held on a person, as a file."""
    staff, now = staff_of(request), timezone.now()
    found = person.requests_of(staff, request.POST.get("number", ""))
    for row in found:
        note(request, Act.PERSON_EXPORTED, row)
    response = JsonResponse(person.export(staff, found, now), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="loket-{now:%Y%m%d-%H%M}.json"'
    return response


@page(Area.PRIVACY)
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase a person's requests that have ended; what still runs stays, and is said."""
    found = person.requests_of(staff_of(request), request.POST.get("number", ""))
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Confirm that the person was identified and asked for this."))
        return redirect("privacy:privacy")
    now = timezone.now()
    ended = [row for row in found if row.state in ENDED and not row.cases.filter(closed_at__isnull=True).exists()]
    for row in ended:
        erasure.erase(row, now)
        note(request, Act.PERSON_ERASED, row)
    kept = len(found) - len(ended)
    messages.success(
        request, _("Erased: %(n)s requests. Kept, because they still run: %(kept)s.") % {"n": len(ended), "kept": kept}
    )
    return redirect("privacy:privacy")
