"""How staff get in: name and password, a second factor, or the municipality's own login (OpenID Connect).

allauth does the work; here is what is ours about it. Nobody signs up. A municipality's own login
(`backend.environment.SingleSignOn`) says who somebody is and in which groups; the groups give the role, anew at every
login, so that who leaves the municipality's directory is out here too.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import Staff
from backend.environment import SingleSignOn
from backend.fleet.models import Municipality

log = logging.getLogger("backend.accounts")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by managers, not by whoever comes by."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just logged in is not asked for the password again, to set up the second factor say."""
        records = get_authentication_records(context.request, context.request.user)
        fresh = any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))

    def add_message(self, *_: Any, **__: Any) -> None:
        """Nothing: the page that follows says it."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of authenticator apps lie encrypted in the database, with a key made from Django's secret."""

    def encrypt(self, text: str) -> str:
        """The text as a Fernet token."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again. Raises cryptography.fernet.InvalidToken when the secret is another."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second-factor:" + settings.SECRET_KEY.encode()).digest()))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Accounts of a municipality's own login: made at the first login, with the role that the groups give."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever the municipality's login lets in, and `pre_social_login` has let pass."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Give the account its municipality and role, or turn it away."""
        door = _door(sociallogin)
        said = sociallogin.account.extra_data
        claims = {**(said.get("id_token") or {}), **(said.get("userinfo") or {})}
        role = door.role_of(claims.get(door.groups_claim))
        municipality = Municipality.objects.filter(pk=door.municipality).first()
        staff: Staff = sociallogin.user
        if role is None or municipality is None:
            if staff.pk is not None:
                Staff.objects.filter(pk=staff.pk).update(is_active=False)
            raise ImmediateHttpResponse(render(request, "accounts/no_role.html", {"door": door}, status=403))
        staff.municipality, staff.role, staff.is_active = municipality, role, True
        if staff.pk is not None:
            staff.save(update_fields=["municipality", "role", "is_active"])

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Staff:
        """A name that no account made here can have: the municipality's own, behind an @."""
        staff: Staff = super().populate_user(request, sociallogin, data)
        name = (data.get("username") or data.get("email") or sociallogin.account.uid).partition("@")[0]
        staff.username = f"{name[:80]}@{sociallogin.account.provider[:60]}"
        if Staff.objects.filter(username=staff.username).exists():  # another person of the same name
            staff.username = f"{sociallogin.account.uid[:80]}@{sociallogin.account.provider[:60]}"
        return staff

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Staff:
        """As it is, without a password."""
        staff: Staff = sociallogin.user
        staff.set_unusable_password()
        sociallogin.save(request)
        return staff

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        """One page in our words: the municipality's login did not answer, or was broken off."""
        raise ImmediateHttpResponse(render(request, "accounts/no_answer.html", status=502))


def if_it_answers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A step of the municipality's login that says in words when that cannot be reached."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except requests.RequestException as problem:
            log.warning("a municipality's own login did not answer: %s", type(problem).__name__)
            return render(request, "accounts/no_answer.html", status=502)

    return guarded


def _door(sociallogin: SocialLogin) -> SingleSignOn:
    doors: tuple[SingleSignOn, ...] = settings.ENVIRONMENT.single_sign_on
    return next(door for door in doors if door.id == sociallogin.account.provider)


def second_factor_required(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: who needs a second factor and has none yet can do nothing but make one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        staff = request.user
        if (
            not isinstance(staff, Staff)
            or not staff.needs_second_factor
            or request.path.startswith(_MEANWHILE)
            or is_mfa_enabled(staff)
            or _had_one_elsewhere(request, staff)
        ):
            return get_response(request)
        return redirect(reverse("mfa_activate_totp"))

    return middleware


_MEANWHILE = ("/account/", "/static/", "/api/")


def _had_one_elsewhere(request: HttpRequest, staff: Staff) -> bool:
    """Whether this session began at a municipality's login that asks for a second factor itself."""
    trusted = {door.id for door in settings.ENVIRONMENT.single_sign_on if door.second_factor}
    return any(record.get("provider") in trusted for record in get_authentication_records(request, staff))
