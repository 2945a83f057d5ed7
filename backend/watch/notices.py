"""Notices in the console: a short sentence for who stands before a kiosk, in the kiosk's languages, for a time."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts import audit
from backend.accounts.access import municipality_of, page, rows, staff_of
from backend.accounts.roles import Area
from backend.editions import publishing
from backend.fleet.models import Kiosk, Municipality
from backend.tariffs.profiles import profile_of
from kiosk.domain.wire import MAX_NOTICE_CHARACTERS, MAX_NOTICE_KIOSKS, Notice
from kiosk.text import LANGUAGES

LONGEST = timedelta(days=366)  # what is to be said for longer belongs into the rules
_TEXT = "text-"
# Marks that turn the reading direction around for what follows: with them a sentence can look like another.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _moment(**attributes: str) -> forms.DateTimeInput:
    return forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", **attributes})


class NoticeForm(forms.Form):
    """A field for each language that kiosks offer; the official ones are needed, others are left out when empty."""

    first = forms.DateTimeField(label=_("From"), widget=_moment())
    until = forms.DateTimeField(label=_("Until"), widget=_moment())
    kiosks = forms.MultipleChoiceField(
        label=_("On which kiosks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: on all."),
    )

    def __init__(self, official: tuple[str, ...], kiosks: list[Kiosk], now: datetime, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._now = now
        self.fields["kiosks"].choices = [(str(kiosk.pk), kiosk.name) for kiosk in kiosks]  # type: ignore[attr-defined]
        texts = {
            _TEXT + language: forms.CharField(
                label=LANGUAGES[language],
                max_length=MAX_NOTICE_CHARACTERS,
                required=language in official,
                widget=forms.TextInput(attrs={"lang": language, "dir": "auto", "autocomplete": "off"}),
            )
            for language in dict.fromkeys((*official, *LANGUAGES))
        }
        self.fields = texts | self.fields

    def clean(self) -> dict[str, Any]:
        """A time that is not over, and sentences of ordinary characters."""
        said: dict[str, Any] = super().clean() or {}
        first, until = said.get("first"), said.get("until")
        if first and until and until <= first:
            self.add_error("until", _("It has to end after it begins."))
        elif until and until <= self._now:
            self.add_error("until", _("This is over already."))
        elif first and until and until - first > LONGEST:
            self.add_error("until", _("A notice is shown for a year at most."))
        for name in [name for name in said if name.startswith(_TEXT)]:
            if any(
                unicodedata.category(letter) in ("Cc", "Cs", "Co") or letter in _DIRECTIONS for letter in said[name]
            ):
                self.add_error(name, _("There is a character in it that cannot be shown."))
        if len(said.get("kiosks", ())) > MAX_NOTICE_KIOSKS:
            self.add_error("kiosks", _("Too many. Choose none for all."))
        return said

    def notice(self) -> Notice:
        """What was written. Only of a form that is valid."""
        said = self.cleaned_data
        texts = {name.removeprefix(_TEXT): " ".join(text.split()) for name, text in said.items() if name[:5] == _TEXT}
        return Notice(
            texts={language: text for language, text in texts.items() if text},
            first=said["first"],
            until=said["until"],
            kiosks=tuple(map(UUID, said["kiosks"])),
        )


@page(Area.KIOSKS)
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """What the municipality's kiosks show, now or later, and by POST one more."""
    town, now = municipality_of(request), timezone.now()
    machines = list(rows(staff_of(request), Kiosk.objects.filter(revoked_at__isnull=True)).order_by("name"))
    form = NoticeForm(_official(town), machines, now, request.POST or None, initial=_from_now(now))
    if request.method == "POST" and form.is_valid():
        try:
            edition = publishing.add_notice(town, form.notice(), by=staff_of(request), now=now)
        except publishing.TooManyAtOnce:
            form.add_error(None, _("There are two notices for this time already. Withdraw one first."))
        except publishing.EditionUnusable:
            form.add_error(None, _("There are too many notices. Withdraw one first."))
        else:
            audit.note(request, audit.Act.NOTICE_CHANGED, edition, what="written")
            messages.success(request, _("Handed out: kiosks take it with their next heartbeat."))
            return redirect("watch:notices")
    names = {kiosk.pk: kiosk.name for kiosk in machines}
    listed = [
        {
            "key": publishing.key_of(notice),
            "notice": notice,
            "texts": list(notice.texts.items()),
            "kiosks": ", ".join(names.get(key, "–") for key in notice.kiosks),
            "shown": notice.first <= now,
        }
        for notice in sorted(publishing.notices_of(town.pk, now), key=lambda notice: notice.first)
    ]
    return render(request, "watch/notices.html", {"form": form, "listed": listed})


@page(Area.KIOSKS)
@require_POST
def notice_withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """One that kiosks show no more."""
    town = municipality_of(request)
    if not publishing.withdraw_notice(town, key, by=staff_of(request), now=timezone.now()):
        raise Http404
    audit.note(request, audit.Act.NOTICE_CHANGED, what="withdrawn")
    messages.success(request, _("Withdrawn: kiosks take it away with their next heartbeat."))
    return redirect("watch:notices")


def _official(town: Municipality) -> tuple[str, ...]:
    """Whatever else a kiosk offers, the municipality speaks these."""
    profile = profile_of(town)
    official = tuple(one for one in profile.languages if one in LANGUAGES) if profile is not None else ()
    return official or tuple(LANGUAGES)[:1]


def _from_now(now: datetime) -> dict[str, datetime]:
    return {"first": timezone.localtime(now), "until": timezone.localtime(now + timedelta(days=1))}
