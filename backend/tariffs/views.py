"""Tariffs and rules: what counts, what a kiosk will say, and handing out another version."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts import access
from backend.accounts.access import page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.editions import publishing
from backend.fleet.models import Municipality
from backend.tariffs import preview
from backend.tariffs.forms import PreviewForm, ProfileForm, first_question
from backend.tariffs.profiles import profile_of, text_as_delivered
from kiosk.domain.profiles.profile import Profile, ProfileFaults, parse_profile
from kiosk.domain.wire import EditionKind


@page(Area.TARIFFS)
@require_GET
def tariffs(request: HttpRequest) -> HttpResponse:
    """The tariffs and what a kiosk says about one child. Platform staff choose a municipality first."""
    municipality = _municipality(request)
    if municipality is None:
        towns = access.rows(staff_of(request), Municipality.objects.order_by("name"))
        return render(request, "tariffs/towns.html", {"towns": towns})
    profile = profile_of(municipality)
    context = {"municipality": municipality, "profile": profile}
    return render(request, "tariffs/tariffs.html", context | (_preview(request, profile) if profile else {}))


@page(Area.TARIFFS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Another version of the rules: looked at with a preview first, handed out when that is confirmed."""
    municipality = _municipality(request)
    if municipality is None:
        raise PermissionDenied
    form = ProfileForm(request.POST or None, initial={"text": _text_of(municipality)})
    context: dict[str, object] = {"municipality": municipality, "form": form}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        try:
            profile = parse_profile(text)
            if request.POST.get("do") == "publish":
                publishing.publish_profile(municipality, text, by=staff_of(request), now=timezone.now())
                note(request, Act.PROFILE_CHANGED, municipality=municipality, version=profile.version[:40])
                messages.success(request, _("Handed out: kiosks take it with their next heartbeat."))
                return redirect(f"{reverse('tariffs:tariffs')}?town={municipality.pk}")
            context |= {"profile": profile} | _preview(request, profile)
        except ProfileFaults as wrong:
            context["faults"] = [str(fault) for fault in wrong.faults]
        except publishing.EditionUnusable as wrong:
            context["faults"] = str(wrong).splitlines()
    return render(request, "tariffs/edit.html", context)


def _preview(request: HttpRequest, profile: Profile) -> dict[str, object]:
    asked = request.GET if "service" in request.GET else None
    form = PreviewForm(profile, get_language() or "nl", asked or first_question(profile))
    if not form.is_valid():
        return {"question": form}
    wanted, at = form.asked(profile)
    return {"question": form, "said": preview.say(profile, wanted, at, form.cleaned_data["language"])}


def _municipality(request: HttpRequest) -> Municipality | None:
    staff = staff_of(request)
    if staff.municipality is not None:
        return staff.municipality
    town = request.GET.get("town", "")
    return access.one(staff, Municipality.objects.all(), town) if town else None


def _text_of(municipality: Municipality) -> str:
    edition = publishing.latest(municipality.pk, EditionKind.PROFILE)
    return edition.text if edition is not None else text_as_delivered(municipality)
