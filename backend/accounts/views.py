"""The door, the accounts of a municipality, and the audit log."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta

from allauth.account import views as allauth_account
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts import access, audit
from backend.accounts.access import page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.forms import AccountForm
from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import Area, Role
from backend.console.paging import paged


@login_not_required
def log_in(request: HttpRequest) -> HttpResponseBase:
    """allauth's login, with the municipalities' own logins beside it, where the form may lead."""
    doors = settings.ENVIRONMENT.single_sign_on
    view = allauth_account.LoginView.as_view(template_name="account/login.html", extra_context={"doors": doors})
    response = view(request)
    if doors:
        response._csp_update = {"form-action": sorted({door.origin for door in doors})}
    return response


@page(Area.STAFF)
@require_GET
def staff(request: HttpRequest) -> HttpResponse:
    """Who has an account."""
    by = staff_of(request)
    people = access.rows(by, Staff.objects.select_related("municipality")).order_by("municipality", "username")
    authenticators = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    people = people.annotate(has_second_factor=Exists(authenticators))
    return render(request, "accounts/staff.html", {"people": people, "everywhere": by.role == Role.PLATFORM})


@page(Area.STAFF)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make an account; its password is shown once."""
    by = staff_of(request)
    form = AccountForm(request.POST or None, by=by)
    context = {"heading": _("New account"), "form": form}
    if request.method == "POST" and form.is_valid():
        one = form.save(commit=False)
        context |= {"password": _fresh_password(one), "heading": one.username, "form": AccountForm(instance=one, by=by)}
        one.save()
        note(request, Act.STAFF_CHANGED, one, municipality=one.municipality, role=one.role)
    return render(request, "accounts/form.html", context)


@page(Area.STAFF)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, key: int) -> HttpResponse:
    """Another role, a new password, or an end. Nobody changes the account they are logged in with here."""
    by = staff_of(request)
    one = access.one(by, Staff.objects.select_related("municipality"), key)
    if one == by or (one.role == Role.PLATFORM and by.role != Role.PLATFORM):
        raise PermissionDenied
    context: dict[str, object] = {"heading": one.username, "one": one}
    deed = request.POST.get("do", "")
    if deed:
        context["password"] = _do(one, deed)
        note(request, Act.STAFF_CHANGED, one, municipality=one.municipality, what=deed)
        form = AccountForm(instance=one, by=by)
    else:
        form = AccountForm(request.POST or None, instance=one, by=by)
        if request.method == "POST" and form.is_valid():
            form.save()
            _log_out_everywhere(one)
            note(request, Act.STAFF_CHANGED, one, municipality=one.municipality, role=one.role)
            return redirect("accounts:staff")
    return render(request, "accounts/form.html", context | {"form": form})


def _do(one: Staff, deed: str) -> str | None:
    """Returns a password, where there is a new one. Raises PermissionDenied for a deed that there is not."""
    password = None
    if deed == "password":
        password = _fresh_password(one)
    elif deed == "second-factor":
        Authenticator.objects.filter(user=one).delete()
    elif deed in ("close", "open"):
        one.is_active = deed == "open"
    else:
        raise PermissionDenied
    one.save()
    _log_out_everywhere(one)
    return password


def _fresh_password(one: Staff) -> str:
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    one.set_password(password)
    return password


def _log_out_everywhere(one: Staff) -> None:
    for session in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(one.pk):
            session.delete()


@page(Area.AUDIT)
@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who looked at what, newest first."""
    chosen = {name: request.GET.get(name, "")[:150] for name in ("who", "act", "day")}
    entries = access.rows(staff_of(request), AuditEntry.objects.all())
    if chosen["who"]:
        entries = entries.filter(who=chosen["who"].strip())
    if chosen["act"]:
        entries = entries.filter(act=chosen["act"])
    day = _day(chosen["day"])
    if day is not None:
        begin = timezone.make_aware(datetime.combine(day, time()))
        entries = entries.filter(at__gte=begin, at__lt=begin + timedelta(days=1))
    acts = [(act.value, words) for act, words in audit.WORDS.items()]
    return render(request, "accounts/audit.html", {**paged(request, entries), "acts": acts, "chosen": chosen})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
