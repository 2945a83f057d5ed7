"""What a kiosk will say, in its own words: the same rules and the same catalogue as on its screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import ChecklistItem, Notice, Quote, Request
from kiosk.domain.rules import procedure_offers, quote
from kiosk.text import Texts, terms, texts


@dataclass(frozen=True, slots=True)
class Said:
    """The kiosk's answer, ready to be shown."""

    eligible: bool
    why: str
    way_on: str
    total_cents: int
    procedures: tuple[tuple[str, int, bool], ...]
    ready: str
    bring: tuple[str, ...]
    know: tuple[str, ...]
    collect: tuple[str, ...]
    appointment: bool
    rule: str
    source: str


def say(profile: Profile, request: Request, at: datetime, language: str) -> Said:
    """The answer for one child at a moment, in a language. Raises ValueError for a moment without a zone."""
    t, desk = texts(language), profile.languages[0]
    answer = quote(profile, [request], at)
    if not answer.eligible and answer.reason is not None:
        way_on = terms.own_words(t, answer.way_on, desk) if answer.way_on else ""
        return _said(profile, answer, t, desk, request, at, terms.reason_text(t, answer.reason), way_on)
    return _said(profile, answer, t, desk, request, at, "", "")


def _said(
    profile: Profile, answer: Quote, t: Texts, desk: str, request: Request, at: datetime, why: str, way_on: str
) -> Said:
    child = request.child
    offers = procedure_offers(profile, request.service, request.card_type, child.birth_date, at, at)
    collection = answer.collection
    ready = answer.ready[0]
    grounds = answer.grounds
    return Said(
        eligible=answer.eligible,
        why=why,
        way_on=way_on,
        total_cents=answer.total_cents,
        procedures=tuple((terms.procedure_name(t, one.procedure, one.name), one.fee_cents, one.open) for one in offers),
        ready="" if ready is None else t.day(ready.at) + (f", {t.time(ready.at)}" if ready.exact else ""),
        bring=_items(t, answer.checklist, desk),
        know=_notices(t, answer.notices, desk),
        collect=(*_items(t, collection.checklist, desk), *_notices(t, collection.notices, desk)) if collection else (),
        appointment=answer.appointment_needed,
        rule=grounds.rule if grounds is not None else "",
        source=profile.sources[grounds.source].title if grounds is not None else "",
    )


def _items(t: Texts, items: tuple[ChecklistItem, ...], desk: str) -> tuple[str, ...]:
    return tuple(terms.checklist_text(t, item, desk) for item in items)


def _notices(t: Texts, notices: tuple[Notice, ...], desk: str) -> tuple[str, ...]:
    return tuple(terms.notice_text(t, notice, (), desk) for notice in notices)
