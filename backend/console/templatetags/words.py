"""Filters that turn the domain's words, cents and moments into text of the page's language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from django import template
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.accounts import audit
from backend.console.entry_words import ENTRIES
from backend.desk.words import STATE_TONES, STATES
from backend.requests.models import Request

register = template.Library()

_BRUSSELS = ZoneInfo("Europe/Brussels")
_LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_GB"}

_WORDS = {
    "application": _("New card"),
    "duplicate": _("Card lost or stolen"),
    "collection": _("Collecting a card"),
    "certificates": _("Activating certificates"),
    "card-from-12": _("Card from 12 years"),
    "normal": _("normal"),
    "urgent": _("urgent"),
    "intended": _("begun, no money asked for"),
    "sent": _("asked for, no answer"),
    "approved": _("approved, not completed"),
    "paid": _("paid"),
    "not-paid": _("not paid"),
    "unknown": _("not known whether paid"),
    "reversing": _("being given back"),
    "reversed": _("given back"),
    "card": _("bank card"),
    "cash": _("cash"),
    "transfer": _("bank transfer"),
    "payment": _("payment"),
    "day": _("end of day"),
    "ticket": _("ticket"),
    "booked": _("booked"),
    "arrived": _("arrived"),
    "no-show": _("missed"),
    "cancelled": _("cancelled"),
    "offline": _("without a line"),
    "result": _("answer"),
    "state": _("state"),
    "what": _("what"),
    "role": _("role"),
    "means": _("means"),
    "cents": _("cents"),
    "found": _("found"),
    "rows": _("rows"),
    "outcome": _("outcome"),
    "reason": _("reason"),
    "certain": _("certain"),
    "copy_mark": _("marked as a copy"),
    "receipt_number": _("receipt"),
    "trace_number": _("trace"),
    "last_receipt": _("receipt before"),
    "result_code": _("result code"),
    "count": _("count"),
    "found_afterwards": _("found afterwards"),
    "how": _("how"),
    "True": _("yes"),
    "False": _("no"),
    "nl": _("Dutch"),
    "fr": _("French"),
    "en": _("English"),
}


@register.filter
def word(code: object) -> str:
    """The name of a service, procedure, state or language; a code without a name stands for itself."""
    return str(_WORDS.get(str(code), code))


@register.filter
def act(code: str) -> str:
    """What somebody did, of the audit log."""
    known = audit.Act(code) if code in set(audit.Act) else None
    return str(audit.WORDS[known]) if known else code


@register.filter
def euro(cents: int) -> str:
    """2400 → € 24,00"""
    return format_currency(cents / 100, "EUR", locale=_locale())


@register.filter
def day(moment: date | datetime) -> str:
    """wo 25 november 2026"""
    return format_date(_local_day(moment), "EEE d MMMM y", locale=_locale())


@register.filter
def birth_day(moment: date) -> str:
    """25/11/2019"""
    return moment.strftime("%d/%m/%Y")


@register.filter
def clock(moment: datetime) -> str:
    """14:30, in Belgium."""
    return moment.astimezone(_BRUSSELS).strftime("%H:%M")


def _local_day(moment: date | datetime) -> date:
    return moment.astimezone(_BRUSSELS).date() if isinstance(moment, datetime) else moment


def _locale() -> Locale:
    return Locale.parse(_LOCALES.get(get_language() or "", "nl_BE"))


@register.filter
def state(code: str) -> str:
    """How far a request is."""
    return str(STATES.get(code, code))


@register.filter
def state_tone(code: str) -> str:
    """The tone of a state's tag."""
    return str(STATE_TONES.get(code, ""))


@register.filter
def initials(request: Request) -> str:
    """A parent's name for a screen that others may see: E. A."""
    parts = [part for part in (request.surname, request.first_names) if part]
    return " ".join(f"{part[0].upper()}." for part in parts) or "–"


@register.filter
def second(moment: datetime) -> str:
    """25/11 14:30:07, in Belgium: where seconds count."""
    return moment.astimezone(_BRUSSELS).strftime("%d/%m %H:%M:%S")


@register.filter
def entry(kind: str) -> str:
    """A kind of journal entry, in words."""
    return str(ENTRIES.get(kind, kind))


@register.filter
def weekday(number: int) -> str:
    """maandag, for 0."""
    return str(WEEKDAYS[number]).capitalize()


@register.filter
def appointment_tone(code: str) -> str:
    """The tone of an appointment's tag."""
    return {"arrived": "go", "no-show": "stop", "cancelled": "nothing"}.get(code, "")
