"""What the rules answer: who may ask, what it costs, when it is ready, what to bring.

Several children are given by repeating --birth-date; --card-type and --procedure then count for all children when
given once, or for each in turn. A time without a zone is Belgian time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from kiosk.commands import BadInput, print_json
from kiosk.domain.card_types import CardType
from kiosk.domain.profile import Profile, ProfileFaults
from kiosk.domain.quote import ChecklistItem, Child, Notice, Quote, Ready, Request, Service, age_on
from kiosk.domain.rules import quote
from kiosk.domain.working_days import BRUSSELS, local_day
from kiosk.profiles import DEMO_PROFILE, ProfileNotFound, find_profile
from kiosk.text import LANGUAGES, Texts, terms, texts

# Outside these years a date is a slip of the pen, and the calendar of holidays says nothing of use.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The request, as the options of one line."""
    add = parser.add_argument
    add("--municipality", default=DEMO_PROFILE, metavar="ID_OR_FILE", help="default: %(default)s")
    add("--service", default=Service.APPLICATION.value, help=f"{', '.join(Service)}; default: %(default)s")
    add("--birth-date", action="append", required=True, metavar="YYYY-MM-DD", help="one for each child")
    add("--card-type", action="append", default=[], metavar="LETTER", help=", ".join(CardType))
    add("--procedure", action="append", default=[], help="normal, urgent, …; default: the service's first")
    add("--at", metavar="YYYY-MM-DDTHH:MM", help="when the parent asks and pays; default: now")
    add("--applies-at", metavar="YYYY-MM-DDTHH:MM", help="when the request is made at the desk; default: --at")
    add("--permit-until", metavar="YYYY-MM-DD", help="the end of the legal representative's own permit")
    add("--language", default="en", choices=list(LANGUAGES), help="of the words; default: %(default)s")
    add("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0 eligible, 1 not; BadInput for what cannot be understood."""
    profile = _profile(arguments.municipality)
    requests = _requests(profile, arguments)
    at = _moment("--at", arguments.at) if arguments.at else datetime.now(BRUSSELS)
    applies_at = _moment("--applies-at", arguments.applies_at) if arguments.applies_at else at
    if applies_at < at:
        raise BadInput(f"--applies-at {arguments.applies_at} is before --at: a request is made at the desk afterwards")
    permit_until = _day("--permit-until", arguments.permit_until) if arguments.permit_until else None
    answer = quote(profile, requests, at, applies_at, permit_until=permit_until)
    t = texts(arguments.language)
    if arguments.json:
        print_json(_as_json(profile, requests, answer, at, applies_at, t))
    else:
        print("\n".join(_as_lines(profile, requests, answer, at, t)))
    return 0 if answer.eligible else 1


# --- Reading the line --------------------------------------------------------------------------------


def _profile(name: str) -> Profile:
    try:
        return find_profile(name)
    except ProfileNotFound as problem:
        raise BadInput(str(problem)) from None
    except ProfileFaults as wrong:
        raise BadInput(
            f"the profile {name} has {len(wrong.faults)} fault(s); `kiosk municipality check {name}` names them"
        ) from None


def _requests(profile: Profile, arguments: argparse.Namespace) -> list[Request]:
    days = [_day("--birth-date", text) for text in arguments.birth_date]
    try:
        service = Service(arguments.service)
    except ValueError:
        raise BadInput(f"there is no service {arguments.service!r}; there are {', '.join(Service)}") from None
    rules = profile.services.get(service)
    card_types = [_card_type(profile, text) for text in _for_each("--card-type", arguments.card_type, len(days))]
    if rules is not None and rules.card_type and not arguments.card_type:
        raise BadInput(f"--card-type is missing: {', '.join(profile.card_types.sold)}")
    first = rules.procedures[0] if rules is not None and rules.procedures else None
    procedures = _for_each("--procedure", arguments.procedure, len(days))
    return [
        Request(Child(f"{number}", day), service, card_type, procedure or first)
        for number, (day, card_type, procedure) in enumerate(zip(days, card_types, procedures, strict=True), 1)
    ]


def _for_each(option: str, values: Sequence[str], children: int) -> list[str | None]:
    if not values:
        return [None] * children
    if len(values) not in (1, children):
        raise BadInput(
            f"{option} is given {len(values)} times for {children} birth dates; give it once, or once for each"
        )
    return [*values] if len(values) == children else [values[0]] * children


def _card_type(profile: Profile, text: str | None) -> CardType | None:
    if text is None:
        return None
    try:
        return CardType(text.upper())
    except ValueError:
        known = ", ".join((*profile.card_types.sold, *profile.card_types.desk_only))
        raise BadInput(f"there is no card type {text!r}; {profile.name} knows {known}") from None


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such day; write it as 2022-05-04") from None
    return _in_our_years(option, text, day)


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such time; write it as 2026-11-23T14:30") from None
    if len(text) <= len("2026-11-23"):
        raise BadInput(f"{option} {text}: the clock time is missing; write it as {text}T14:30")
    _in_our_years(option, text, moment.date())
    # By way of UTC, a time in the hour that the clock skips in March becomes the one that it shows instead.
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=BRUSSELS)
    return local.astimezone(UTC).astimezone(BRUSSELS)


def _in_our_years(option: str, text: str, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(f"{option} {text}: the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return day


# --- The answer --------------------------------------------------------------------------------------


def _as_json(
    profile: Profile, requests: Sequence[Request], answer: Quote, at: datetime, applies_at: datetime, t: Texts
) -> dict[str, Any]:
    """`ready_at` is when all cards are ready and `valid_until` when the first one ends; `children` has each one's."""
    known_ready = [ready for ready in answer.ready if ready is not None]
    all_ready = max(known_ready, key=lambda ready: ready.at) if len(known_ready) == len(requests) else None
    sources = {tariff.id: tariff.source for tariff in profile.tariffs}
    return {
        "eligible": answer.eligible,
        "reason": answer.reason,
        "reason_text": terms.reason_text(t, answer.reason) if answer.reason else None,
        "way_on": terms.reason_way_on(t, answer.reason, profile.phone) if answer.reason else None,
        "child": answer.child,
        "fees": [
            {"child": line.child, "cents": line.cents, "rule": line.rule, "source": sources.get(line.rule)}
            for line in answer.fees
        ],
        "total_cents": answer.total_cents,
        "procedures": [
            {
                "child": index,
                "procedure": offer.procedure,
                "name": terms.procedure_name(t, offer.procedure, profile),
                "fee_cents": offer.fee_cents,
                "open": offer.open,
                "open_until": offer.open_until,
                **_ready_json(offer.ready),
            }
            for index, offers in enumerate(answer.procedures)
            for offer in offers
        ],
        **_ready_json(all_ready),
        "valid_until": min((day for day in answer.valid_until if day is not None), default=None),
        "checklist": _items_json(answer.checklist, profile, t),
        "collection": None
        if answer.collection is None
        else {
            "appointment": answer.collection.appointment,
            "child_present": answer.collection.child_present,
            "desk": answer.collection.desk,
            "checklist": _items_json(answer.collection.checklist, profile, t),
        },
        "warnings": [
            {
                "code": notice.code,
                "children": notice.children,
                "text": terms.notice_text(t, notice, (), profile.languages[0]),
            }
            for notice in answer.notices
        ],
        "appointment_needed": answer.appointment_needed,
        "children": [
            {
                "birth_date": request.child.birth_date,
                "age": age_on(request.child.birth_date, local_day(at)),
                "card_type": request.card_type,
                "procedure": request.procedure,
                "fee_cents": sum(line.cents for line in answer.fees if line.child == index),
                **_ready_json(answer.ready[index]),
                "valid_until": answer.valid_until[index],
            }
            for index, request in enumerate(requests)
        ],
        "at": at.isoformat(),
        "applies_at": applies_at.isoformat(),
        "profile": profile.id,
        "profile_version": profile.version,
    }


def _ready_json(ready: Ready | None) -> dict[str, Any]:
    """A promised hour as a moment, an estimate as a day."""
    if ready is None:
        return {"ready_at": None, "ready_exact": False}
    when = ready.at.isoformat() if ready.exact else ready.at.date().isoformat()
    return {"ready_at": when, "ready_exact": ready.exact}


def _items_json(items: Sequence[ChecklistItem], profile: Profile, t: Texts) -> list[dict[str, Any]]:
    return [
        {
            "code": item.code,
            "children": item.children,
            "optional": item.optional,
            "text": terms.checklist_text(t, item, profile.languages[0]),
        }
        for item in items
    ]


def _as_lines(profile: Profile, requests: Sequence[Request], answer: Quote, at: datetime, t: Texts) -> list[str]:
    lines = [f"{profile.name}, version {profile.version}"]
    if answer.reason is not None:
        which = f"child {(answer.child or 0) + 1}: " if len(requests) > 1 else ""
        lines.append(f"no: {which}{terms.reason_text(t, answer.reason)} ({answer.reason})")
        return [*lines, terms.reason_way_on(t, answer.reason, profile.phone)]
    for index, request in enumerate(requests):
        age = age_on(request.child.birth_date, local_day(at))
        words = [f"child {index + 1}, {age} years"]
        if request.card_type is not None and profile.services[request.service].card_type:
            words.append(terms.card_type_name(t, request.card_type))
        words += [
            f"{terms.procedure_name(t, offer.procedure, profile)}: {t.money(offer.fee_cents)}"
            for offer in answer.procedures[index]
            if offer.procedure == request.procedure
        ]
        words.append(_ready_words(answer.ready[index], t))
        end = answer.valid_until[index]
        words.append(f"valid until {t.day_with_year(end)} at most" if end is not None else "")
        lines.append(", ".join(filter(None, words)))
    lines.append(f"total: {t.money(answer.total_cents)}")
    lines.append("by appointment" if answer.appointment_needed else "no appointment needed")
    lines.append("bring:")
    lines += [
        f"  {terms.checklist_text(t, item, profile.languages[0])}{_whom(item, requests)}" for item in answer.checklist
    ]
    if answer.collection is not None:
        how = "by appointment" if answer.collection.appointment else "no appointment needed"
        lines.append(f"collect at {answer.collection.desk}, {how}; bring:")
        lines += [f"  {terms.checklist_text(t, item, profile.languages[0])}" for item in answer.collection.checklist]
    if answer.notices:
        lines.append("to know:")
        for notice in answer.notices:
            lines.append(f"  {terms.notice_text(t, notice, (), profile.languages[0])}{_whom(notice, requests)}")
    return lines


def _ready_words(ready: Ready | None, t: Texts) -> str:
    if ready is None:
        return ""
    return f"ready {t.day(ready.at)} from {t.time(ready.at)}" if ready.exact else f"ready around {t.day(ready.at)}"


def _whom(thing: ChecklistItem | Notice, requests: Sequence[Request]) -> str:
    """For which children, where it is not for all of them."""
    if not 0 < len(thing.children) < len(requests):
        return ""
    return f" (child {', '.join(str(index + 1) for index in thing.children)})"
