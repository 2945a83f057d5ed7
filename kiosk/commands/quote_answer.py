"""A quote as JSON for programs. The keys are stable; the words among them are in the language that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.domain.circumstances import Question
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import ChecklistItem, Grounds, Longest, Notice, Place, Quote, Ready, Request, age_on
from kiosk.domain.working_days import local_day
from kiosk.text import Texts, questions, terms


@dataclass(frozen=True, slots=True)
class Asked:
    """A quote with what was asked for, and the words to say it in. `questions`: what would still matter."""

    profile: Profile
    requests: Sequence[Request]
    answer: Quote
    questions: Sequence[Question]
    at: datetime
    applies_at: datetime
    t: Texts

    @property
    def desk_language(self) -> str:
        """The language of the municipality's desk."""
        return self.profile.languages[0]

    def age(self, request: Request) -> int:
        """A child's age at the kiosk, as the rules count it."""
        today = local_day(self.at)
        return age_on(request.child.birth_date_counted(today), today)

    def way_on(self) -> str:
        """What to do after a no."""
        answer = self.answer
        if answer.reason is None:
            return ""
        return terms.reason_way_on(self.t, answer.reason, self.profile.phone, answer.way_on, self.desk_language)


def as_json(asked: Asked) -> dict[str, Any]:
    """`ready_at` is when all cards are ready and `valid_until` when the first one ends; `children` has each one's.

    Every part of the answer has its `rule`, a place in the profile or a tariff's id, and its `source`, a key of
    `sources`.
    """
    answer, t = asked.answer, asked.t
    known_ready = [ready for ready in answer.ready if ready is not None]
    all_ready = max(known_ready, key=lambda ready: ready.at) if len(known_ready) == len(asked.requests) else None
    return {
        "eligible": answer.eligible,
        "reason": answer.reason,
        "reason_text": terms.reason_text(t, answer.reason) if answer.reason else None,
        "way_on": asked.way_on() or None,
        "child": answer.child,
        **_grounds(answer.grounds),
        "fees": [
            {
                "child": line.child,
                "cents": line.cents,
                "at_most": line.at_most,
                "rule": line.rule,
                "source": line.grounds.source if line.grounds is not None else None,
            }
            for line in answer.fees
        ],
        "total_cents": answer.total_cents,
        "procedures": [
            {
                "child": index,
                "procedure": offer.procedure,
                "name": terms.procedure_name(t, offer.procedure, offer.name),
                "fee_cents": offer.fee_cents,
                "at_most": offer.at_most,
                "open": offer.open,
                "open_until": offer.open_until,
                "collect_at": _place_json(asked, offer.collect_at),
                **_ready_json(offer.ready),
                **_grounds(offer.grounds),
            }
            for index, offers in enumerate(answer.procedures)
            for offer in offers
        ],
        **_ready_json(all_ready),
        "valid_until": min((day for day in answer.valid_until if day is not None), default=None),
        "checklist": _items_json(asked, answer.checklist),
        "collection": None
        if answer.collection is None
        else {
            "appointment": answer.collection.appointment,
            "child_present": answer.collection.child_present,
            "desk": answer.collection.desk,
            "place": _place_json(asked, answer.collection.place),
            "elsewhere": [
                {"child": index, **(_place_json(asked, place) or {})} for index, place in answer.collection.elsewhere
            ],
            "checklist": _items_json(asked, answer.collection.checklist),
            "warnings": _notices_json(asked, answer.collection.notices),
            **_grounds(answer.collection.grounds),
        },
        "warnings": _notices_json(asked, answer.notices),
        "printed_on_card": _notices_json(asked, answer.printed),
        "place": _place_json(asked, answer.place),
        "appointment_needed": answer.appointment_needed,
        "appointment_as": answer.appointment_as or None,
        "payment": None
        if answer.payment is None
        else {"places": answer.payment.places, "means": answer.payment.means, **_grounds(answer.payment.grounds)},
        "legal_base": [
            {"text": terms.own_words(t, law.text, asked.desk_language), **_grounds(law.grounds)}
            for law in answer.legal_base
        ],
        "questions": [
            {"question": question, "text": questions.question_text(t, question)} for question in asked.questions
        ],
        "children": [_child_json(asked, index, request) for index, request in enumerate(asked.requests)],
        "at": asked.at.isoformat(),
        "applies_at": asked.applies_at.isoformat(),
        "profile": answer.profile_id,
        "profile_version": answer.profile_version,
        "sources": {
            name: {"title": source.title, "read_on": source.read_on, "url": source.url}
            for name, source in asked.profile.sources.items()
        },
    }


def _child_json(asked: Asked, index: int, request: Request) -> dict[str, Any]:
    answer = asked.answer
    return {
        "birth_date": request.child.birth_date,
        "birth_known": request.child.birth_known,
        "age": asked.age(request),
        "card_type": request.card_type,
        "procedure": request.procedure,
        "fee_cents": sum(line.cents for line in answer.fees if line.child == index),
        **_ready_json(answer.ready[index]),
        "valid_until": answer.valid_until[index],
        "validity": _validity_json(answer.validity[index]),
        "fingerprints": answer.fingerprints[index],
    }


def _grounds(grounds: Grounds | None) -> dict[str, str | None]:
    if grounds is None:
        return {"rule": None, "source": None}
    return {"rule": grounds.rule, "source": grounds.source}


def _validity_json(longest: Longest | None) -> dict[str, Any] | None:
    if longest is None:
        return None
    return {
        "until": longest.until,
        "limited_by": longest.limited_by,
        "not_known": longest.not_known,
        **_grounds(longest.grounds),
    }


def _place_json(asked: Asked, place: Place | None) -> dict[str, str] | None:
    """A desk, by its name in the language that was asked for."""
    if place is None:
        return None
    return {"desk": terms.own_words(asked.t, place.name), "address": place.address}


def _ready_json(ready: Ready | None) -> dict[str, Any]:
    """A promised hour as a moment, an estimate as a day; `ready_from` is the earlier end of "2 to 3 weeks"."""
    if ready is None:
        return {"ready_at": None, "ready_exact": False, "ready_at_most": False, "ready_from": None}
    return {
        "ready_at": ready.at.isoformat() if ready.exact else ready.at.date().isoformat(),
        "ready_exact": ready.exact,
        "ready_at_most": ready.at_most,
        "ready_from": ready.not_before.date().isoformat() if ready.not_before is not None else None,
    }


def _only_if(thing: ChecklistItem | Notice) -> dict[str, Any]:
    return {condition.question: condition.answers for condition in thing.only_if}


def _items_json(asked: Asked, items: Sequence[ChecklistItem]) -> list[dict[str, Any]]:
    return [
        {
            "code": item.code,
            "children": item.children,
            "optional": item.optional,
            "only_if": _only_if(item),
            "text": terms.checklist_text(asked.t, item, asked.desk_language),
            **_grounds(item.grounds),
        }
        for item in items
    ]


def _notices_json(asked: Asked, notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [
        {
            "code": notice.code,
            "children": notice.children,
            "only_if": _only_if(notice),
            "text": terms.notice_text(asked.t, notice, (), asked.desk_language),
            **_grounds(notice.grounds),
        }
        for notice in notices
    ]
