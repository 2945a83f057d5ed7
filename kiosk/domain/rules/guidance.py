"""What to bring and what to know, for the children of one visit together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from kiosk.domain.circumstances import Circumstances
from kiosk.domain.profiles.conditions import Case
from kiosk.domain.profiles.profile import Lapse, Profile, ServiceRules
from kiosk.domain.quote import BirthKnown, ChecklistItem, Collection, Notice, Place, Request, Service, age_on
from kiosk.domain.rules.dates import months_later, years_later
from kiosk.domain.things import CHILD, FINGERPRINTS, NOTICES, THINGS
from kiosk.domain.working_days import local_day

COMPULSORY_FROM = 12  # from this age every foreigner must hold a residence document (law of 15 December 1980)

_Thing = TypeVar("_Thing", bound=ChecklistItem | Notice)

# That a card ends on its date needs no notice.
_LAPSES: dict[Lapse, str] = {Lapse.MOVE: "lapses-on-move", Lapse.NAME: "lapses-on-name"}


def cases_of(
    profile: Profile, requests: Sequence[Request], known: Sequence[Circumstances], applies_at: datetime
) -> dict[Service, list[Case]]:
    """The children of each service on the day of the visit to the desk; nearly always one service."""
    day = local_day(applies_at)
    cases: dict[Service, list[Case]] = {}
    for index, (request, circumstances) in enumerate(zip(requests, known, strict=True)):
        rules = profile.services[request.service]
        age = age_on(request.child.birth_date, day)
        case = Case(index, request, age, request.service, circumstances, rules.applicants)
        cases.setdefault(request.service, []).append(case)
    return cases


def must_come(case: Case, rules: ServiceRules) -> bool:
    """Whether the child itself has to come to the desk."""
    return rules.child_present and case.age >= rules.child_present_from_age


def checklist(profile: Profile, service: Service, cases: Sequence[Case]) -> list[ChecklistItem]:
    """In the profile's order, the children themselves first."""
    rules = profile.services[service]
    coming = profile.grounds(f"services.{service}.child_present", rules.source)
    items = [ChecklistItem(CHILD, (case.index,), grounds=coming) for case in cases if must_come(case, rules)]
    for grounds, rule in profile.bring_rules(service):
        for case in cases:
            still_open = rule.when.open_conditions(case)
            if still_open is not None:
                children = (case.index,) if THINGS[rule.code].per_child else ()
                optional = rule.optional or bool(still_open)
                items.append(ChecklistItem(rule.code, children, optional, rule.text, still_open, grounds))
    return items


def notices(profile: Profile, service: Service, cases: Sequence[Case], day: date) -> list[Notice]:
    """In the profile's order, and behind them what follows from ages, birth dates and the rules of validity."""
    told = []
    for grounds, rule in profile.notice_rules(service):
        for case in cases:
            still_open = rule.when.open_conditions(case)
            if still_open is not None:
                children = (case.index,) if NOTICES[rule.code] else ()
                told.append(Notice(rule.code, children, rule.text, still_open, grounds))
    rules = profile.services[service]
    place = f"services.{service}"
    for case in cases:
        if _turning(case, rules, day):
            told.append(
                Notice("turning-12", (case.index,), grounds=profile.grounds(f"{place}.below_age", rules.source))
            )
        if case.request.child.birth_known is not BirthKnown.DAY and case.service is case.request.service:
            told.append(Notice("age-at-desk", (case.index,), grounds=profile.grounds(place, rules.source)))
    return [*told, *(_of_validity(profile, service) if rules.card_type else ())]


def _turning(case: Case, rules: ServiceRules, day: date) -> bool:
    """Whether the child is about to become too old for the card under 12."""
    if rules.below_age != COMPULSORY_FROM or not rules.card_type:
        return False
    return (
        day
        < years_later(case.request.child.birth_date, COMPULSORY_FROM)
        <= months_later(day, rules.soon_too_old_months)
    )


def _of_validity(profile: Profile, service: Service) -> list[Notice]:
    place, validity = profile.validity_of(service)
    codes = {"not-beyond-permit": "not_beyond_permit"} if validity.not_beyond_permit else {}
    codes |= {_LAPSES[lapse]: "lapses_on" for lapse in validity.lapses_on if lapse in _LAPSES}
    return [Notice(code, grounds=profile.grounds(f"{place}.{key}", validity.source)) for code, key in codes.items()]


def printed(profile: Profile, cases: Iterable[Case]) -> tuple[Notice, ...]:
    """What stands on each card in place of a signature."""
    found = []
    for index, rule in enumerate(profile.printed, 1):
        grounds = profile.grounds(f"printed[{index}]", rule.source)
        for case in cases:
            still_open = rule.when.open_conditions(case)
            if still_open is not None:
                found.append(Notice(rule.code, (case.index,), rule.text, still_open, grounds))
    return merged_notices(found)


def fingerprints(profile: Profile, case: Case) -> bool | None:
    """Whether fingerprints are taken; None where that hangs on an answer, or the municipality says nothing of them."""
    verdicts = [
        rule.when.open_conditions(case) for _, rule in profile.notice_rules(case.service) if rule.code in FINGERPRINTS
    ]
    if () in verdicts:
        return True
    return False if verdicts and all(verdict is None for verdict in verdicts) else None


def collection(profile: Profile, cases: Sequence[Case], day: date, places: Sequence[Place | None]) -> Collection | None:
    """How the finished cards are collected; `places` are those of the procedures, None where it is the usual desk."""
    rules = profile.services.get(Service.COLLECTION)
    if rules is None:
        return None
    collecting = [replace(case, service=Service.COLLECTION, applicants=rules.applicants) for case in cases]
    usual = profile.place(rules.desk)
    each = [(case.index, place or usual) for case, place in zip(cases, places, strict=True)]
    together = each[0][1] if all(place == each[0][1] for _, place in each) else usual
    return Collection(
        appointment=rules.appointment,
        child_present=any(must_come(case, rules) for case in collecting),
        desk=next(iter(together.name.values())),
        checklist=merged_items(checklist(profile, Service.COLLECTION, collecting)),
        notices=merged_notices(notices(profile, Service.COLLECTION, collecting, day)),
        grounds=profile.grounds(f"services.{Service.COLLECTION}", rules.source),
        place=together,
        elsewhere=tuple((index, place) for index, place in each if place != together),
    )


def merged_items(items: Sequence[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    """Each thing once, for all children it is for; and not as "if …" where it is needed anyway."""
    merged = _merged(items, lambda item: (item.code, item.optional, item.only_if, *sorted(item.text.items())))
    return tuple(item for item in merged if not any(_covers(other, item) for other in merged))


def _covers(other: ChecklistItem, item: ChecklistItem) -> bool:
    same = other is not item and other.code == item.code and other.text == item.text
    return same and item.optional and not other.optional and set(other.children) >= set(item.children)


def merged_notices(told: Sequence[Notice]) -> tuple[Notice, ...]:
    """Each thing once, for all children it is about."""
    return _merged(told, lambda notice: (notice.code, notice.only_if, *sorted(notice.text.items())))


def _merged(things: Sequence[_Thing], key: Callable[[_Thing], object]) -> tuple[_Thing, ...]:
    alike: dict[object, list[_Thing]] = {}
    for thing in things:
        alike.setdefault(key(thing), []).append(thing)
    return tuple(
        replace(same[0], children=tuple(sorted({child for thing in same for child in thing.children})))
        for same in alike.values()
    )
