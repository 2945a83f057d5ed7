"""Filters that say the watch's words in the language of the page."""

from __future__ import annotations

import re
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backend.watch import words
from backend.watch.models import Alert
from kiosk.domain.fleet.orders import OrderKind

register = template.Library()

_RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_TRACKS = {
    "visit": _("Visit"),
    "card": _("Card"),
    "payment": _("Payment"),
    "print": _("Print"),
    "service": _("Service"),
    "line": _("Line"),
}


@register.filter
def part(code: str) -> str:
    """The name of a part."""
    return words.part_word(code)


@register.filter
def said(alert: Alert) -> str:
    """Which part, and what is the matter with it."""
    return words.about(words.part_word(alert.part), words.sentence(alert.part, alert.why, alert.values))


@register.filter
def about(name: str, matter: str) -> str:
    """A part's name and what is the matter with it."""
    return words.about(name, matter)


@register.filter
def metres(mm: object) -> str:
    """12400 → 12,4 m"""
    return words.metres(mm)


@register.filter
def ago(moment: datetime) -> str:
    """How long ago."""
    return words.stretch(max(0.0, (timezone.now() - moment).total_seconds()))


@register.filter
def order_word(kind: str) -> str:
    """The name of an order."""
    return str(words.ORDERS[OrderKind(kind)]) if kind in set(OrderKind) else kind


@register.filter
def answer(detail: str) -> str:
    """What a kiosk said with its answer to an order."""
    return words.answer_words(detail)


@register.filter
def track(name: str) -> str:
    """The name of a track of the timeline."""
    return str(_TRACKS.get(str(name), name))


@register.filter
def underscored(name: str) -> str:
    """visit_started → visit started"""
    return str(name).replace("_", " ")


@register.filter
def shortened(value: object) -> str:
    """Lists with commas, long texts cut; of a random id enough to tell it from its neighbours."""
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if _RANDOM_ID.fullmatch(text):
        return text[:8]
    return text if len(text) <= 80 else text[:79] + "…"
