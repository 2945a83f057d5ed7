"""A quote as JSON for programs and as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.domain.circumstances import Question
from kiosk.domain.profile import Profile
from kiosk.domain.quote import ChecklistItem, Grounds, Longest, Notice, Quote, Ready, Request, age_on
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
                "name": terms.procedure_name(t, offer.procedure, asked.profile),
                "fee_cents": offer.fee_cents,
                "open": offer.open,
                "open_until": offer.open_until,
                "collect_at": offer.collect_at,
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
            "checklist": _items_json(asked, answer.collection.checklist),
            "warnings": _notices_json(asked, answer.collection.notices),
            **_grounds(answer.collection.grounds),
        },
        "warnings": _notices_json(asked, answer.notices),
        "printed_on_card": _notices_json(asked, answer.printed),
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


def _ready_json(ready: Ready | None) -> dict[str, Any]:
    """A promised hour as a moment, an estimate as a day; `ready_from` is the earlier end of "2 to 3 weeks"."""
    if ready is None:
        return {"ready_at": None, "ready_exact": False, "ready_from": None}
    return {
        "ready_at": ready.at.isoformat() if ready.exact else ready.at.date().isoformat(),
        "ready_exact": ready.exact,
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


# --- Lines -------------------------------------------------------------------------------------------


def as_lines(asked: Asked) -> list[str]:
    """What a person reads at a shell."""
    answer, t, several = asked.answer, asked.t, len(asked.requests) > 1
    lines = [f"{asked.profile.name}, version {asked.profile.version}"]
    if answer.reason is not None:
        which = f"child {(answer.child or 0) + 1}: " if several else ""
        lines.append(f"no: {which}{terms.reason_text(t, answer.reason)} ({answer.reason})")
        return [*lines, asked.way_on(), *_rests_on(asked)]
    lines += [_child_line(asked, index, request) for index, request in enumerate(asked.requests)]
    lines.append(f"total: {t.money(answer.total_cents)}")
    if answer.payment is not None:
        means = f" by {', '.join(answer.payment.means)}" if answer.payment.means else ""
        lines.append(f"pay at the {' or the '.join(answer.payment.places)}{means}")
    product = f': "{answer.appointment_as}"' if answer.appointment_as else ""
    lines.append(f"by appointment{product}" if answer.appointment_needed else "no appointment needed")
    lines += ["bring:", *_item_lines(asked, answer.checklist)]
    if answer.collection is not None:
        how = "by appointment" if answer.collection.appointment else "no appointment needed"
        lines.append(f"collect at {answer.collection.desk}, {how}; bring:")
        lines += _item_lines(asked, answer.collection.checklist)
        lines += _notice_lines(asked, answer.collection.notices)
    for title, notices in (("to know:", answer.notices), ("printed on the card:", answer.printed)):
        if notices:
            lines += [title, *_notice_lines(asked, notices)]
    if asked.questions:
        lines += ["still to ask:", *(f"  {questions.question_text(t, question)}" for question in asked.questions)]
    return [*lines, *_rests_on(asked)]


def _child_line(asked: Asked, index: int, request: Request) -> str:
    answer, t = asked.answer, asked.t
    words = [f"child {index + 1}, {asked.age(request)} years"]
    if request.card_type is not None and asked.profile.services[request.service].card_type:
        words.append(terms.card_type_name(t, request.card_type))
    words += [
        f"{terms.procedure_name(t, offer.procedure, asked.profile)}: {t.money(offer.fee_cents)}"
        for offer in answer.procedures[index]
        if offer.procedure == request.procedure
    ]
    words.append(_ready_words(answer.ready[index], t))
    words.append(_validity_words(answer.validity[index], t))
    fingerprints = answer.fingerprints[index]
    if fingerprints is not None:
        words.append("fingerprints" if fingerprints else "no fingerprints")
    return ", ".join(filter(None, words))


def _ready_words(ready: Ready | None, t: Texts) -> str:
    if ready is None:
        return ""
    if ready.exact:
        return f"ready {t.day(ready.at)} from {t.time(ready.at)}"
    if ready.not_before is not None:
        return f"ready between {t.day(ready.not_before)} and {t.day(ready.at)}"
    return f"ready around {t.day(ready.at)}"


def _validity_words(longest: Longest | None, t: Texts) -> str:
    if longest is None:
        return ""
    until = f"valid until {t.day_with_year(longest.until)} at most ({terms.limit_text(t, longest.limited_by)})"
    not_known = " or ".join(terms.limit_text(t, limit) for limit in longest.not_known)
    return f"{until}; {not_known} may end it earlier" if not_known else until


def _item_lines(asked: Asked, items: Sequence[ChecklistItem]) -> list[str]:
    return [f"  {terms.checklist_text(asked.t, item, asked.desk_language)}{_whom(asked, item)}" for item in items]


def _notice_lines(asked: Asked, notices: Sequence[Notice]) -> list[str]:
    return [f"  {terms.notice_text(asked.t, note, (), asked.desk_language)}{_whom(asked, note)}" for note in notices]


def _whom(asked: Asked, thing: ChecklistItem | Notice) -> str:
    """For which children, where it is not for all of them."""
    if not 0 < len(thing.children) < len(asked.requests):
        return ""
    return f" (child {', '.join(str(index + 1) for index in thing.children)})"


def _rests_on(asked: Asked) -> list[str]:
    """The rule and the source of the answer, and the laws that the municipality names."""
    grounds = asked.answer.grounds
    if grounds is None:
        return []
    source = asked.profile.sources[grounds.source]
    laws = [terms.own_words(asked.t, law.text, asked.desk_language) for law in asked.answer.legal_base]
    return [f"rule: {grounds.rule}; source: {source.title}, read on {source.read_on}", *(f"law: {law}" for law in laws)]
