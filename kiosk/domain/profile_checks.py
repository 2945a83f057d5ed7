"""Whether the parts of a profile fit each other: what the single values cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Papers
from kiosk.domain.conditions import possible_answers
from kiosk.domain.profile_faults import ProfileFault, shown
from kiosk.domain.quote import Reason, Service
from kiosk.domain.things import NOTICES, OTHER, PRINTED, THINGS

if TYPE_CHECKING:
    from kiosk.domain.conditions import When
    from kiosk.domain.profile import BringRule, NoticeRule, Printed, Profile, ServiceRules, Tariff

LAST_AGE = 18  # a service without an upper age is looked at for children only
OFFICIAL = ("nl", "fr", "de")  # of Belgium (Constitution, article 4); texts may be in others besides
NAMED_PROCEDURES = ("normal", "urgent", "super-urgent")  # the catalogue has words for these


def check(profile: Profile) -> list[ProfileFault]:
    """Every fault, in the order of the file's blocks."""
    faults: list[ProfileFault] = []
    for part in (_names, _sources, _words, _services, _shared, _refusals, _procedures, _tariffs, _fees):
        faults.extend(part(profile))
    return faults


def _names(profile: Profile) -> Iterator[ProfileFault]:
    for index, language in enumerate(profile.languages, 1):
        if language not in OFFICIAL:
            yield ProfileFault(f"languages[{index}]", shown(language), _one_of("an official language", OFFICIAL))
    yield from _twice("languages", profile.languages)
    yield from _twice("desks", [desk.id for desk in profile.desks])
    yield from _twice("card_types", [*profile.card_types.sold, *profile.card_types.desk_only])
    yield from _twice("tariffs", [tariff.id for tariff in profile.tariffs])
    for index, desk in enumerate(profile.desks, 1):
        for weekday, hours in desk.hours.items():
            for number, stretch in enumerate(hours, 1):
                if stretch.start >= stretch.end:
                    place = f"desks[{index}].hours.{weekday}[{number}]"
                    yield ProfileFault(
                        place, f'"{stretch.start:%H:%M}-{stretch.end:%H:%M}"', "must end after its start"
                    )
    for index, days in enumerate(profile.closing_days, 1):
        place = f"closing_days[{index}].until"
        if days.until is not None and days.until < days.first:
            yield ProfileFault(place, str(days.until), f"must not be before the first day, {days.first}")
        if days.until is not None and (days.until - days.first).days > 366:
            yield ProfileFault(place, str(days.until), f"must be within a year of the first day, {days.first}")


def _twice(place: str, values: Sequence[str]) -> Iterator[ProfileFault]:
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield ProfileFault(place, shown(str(value)), "must be there only once")


def _sources(profile: Profile) -> Iterator[ProfileFault]:
    named = {
        "card_types": profile.card_types.source,
        "validity": profile.validity.source,
        "payment": profile.payment.source,
        **{f"desks[{index}]": desk.source for index, desk in enumerate(profile.desks, 1)},
        **{f"services.{service}": rules.source for service, rules in profile.services.items()},
        **{f"procedures.{name}": procedure.source for name, procedure in profile.procedures.items()},
        **{f"tariffs[{index}]": tariff.source for index, tariff in enumerate(profile.tariffs, 1)},
        **{f"legal_base[{index}]": law.source for index, law in enumerate(profile.legal_base, 1)},
        **{f"not_eligible[{index}]": said.source for index, said in enumerate(profile.not_eligible, 1)},
        **{place: rule.source for place, rule in _rules(profile)},
    }
    for service, rules in profile.services.items():
        if rules.validity is not None:
            named[f"services.{service}.validity"] = rules.validity.source
    for place, source in named.items():
        if source is not None and source not in profile.sources:
            yield ProfileFault(f"{place}.source", shown(source), _one_of("a source", profile.sources))


def _rules(profile: Profile) -> Iterator[tuple[str, BringRule | NoticeRule | Printed]]:
    """Every rule with a code, with its place."""
    for service, rules in profile.services.items():
        for index, item in enumerate(rules.checklist, 1):
            yield f"services.{service}.checklist[{index}]", item
        for index, notice in enumerate(rules.notices, 1):
            yield f"services.{service}.notices[{index}]", notice
    yield from ((f"checklist[{index}]", item) for index, item in enumerate(profile.checklist, 1))
    yield from ((f"notices[{index}]", notice) for index, notice in enumerate(profile.notices, 1))
    yield from ((f"printed[{index}]", item) for index, item in enumerate(profile.printed, 1))


def _words(profile: Profile) -> Iterator[ProfileFault]:
    words: dict[str, Mapping[str, str]] = {}
    for index, desk in enumerate(profile.desks, 1):
        words[f"desks[{index}].name"] = desk.name or {"": ""}
    for index, days in enumerate(profile.closing_days, 1):
        words[f"closing_days[{index}].why"] = days.why
    for index, law in enumerate(profile.legal_base, 1):
        words[f"legal_base[{index}].text"] = law.text or {"": ""}
    for name, procedure in profile.procedures.items():
        words[f"procedures.{name}.name"] = procedure.name
    for index, said in enumerate(profile.not_eligible, 1):
        words[f"not_eligible[{index}].text"] = said.text
    words |= {f"{place}.text": rule.text for place, rule in _rules(profile)}
    for place, text in words.items():
        for language in profile.languages:
            if text and not text.get(language, "").strip():
                yield ProfileFault(
                    f"{place}.{language}", "", f'the words in the official language "{language}" are missing'
                )


def _services(profile: Profile) -> Iterator[ProfileFault]:
    desks = [desk.id for desk in profile.desks]
    for service, rules in profile.services.items():
        place = f"services.{service}"
        if rules.desk not in desks:
            yield ProfileFault(f"{place}.desk", shown(rules.desk), _one_of("a desk", desks))
        if rules.appointment and rules.slot is None:
            yield ProfileFault(f"{place}.slot", "", "an appointment needs its minutes, such as { base = 20 }")
        if rules.below_age is not None and rules.below_age <= rules.from_age:
            yield ProfileFault(f"{place}.below_age", str(rules.below_age), f"must be above from_age, {rules.from_age}")
        for index, name in enumerate(rules.procedures, 1):
            if name not in profile.procedures:
                yield ProfileFault(
                    f"{place}.procedures[{index}]", shown(name), _one_of("a procedure", profile.procedures)
                )
        if not rules.free and not rules.procedures:
            yield ProfileFault(f"{place}.procedures", "", "a service that is not free needs at least one procedure")
        for index, item in enumerate(rules.checklist, 1):
            yield from _code(f"{place}.checklist[{index}]", item.code, item.text, THINGS)
            yield from _when(f"{place}.checklist[{index}].when", item.when, rules)
        for index, notice in enumerate(rules.notices, 1):
            yield from _code(f"{place}.notices[{index}]", notice.code, notice.text, NOTICES)
            yield from _when(f"{place}.notices[{index}].when", notice.when, rules)


def _shared(profile: Profile) -> Iterator[ProfileFault]:
    """The lists that count for several services, and what is printed on cards."""
    for index, item in enumerate(profile.checklist, 1):
        yield from _code(f"checklist[{index}]", item.code, item.text, THINGS)
        yield from _shared_when(profile, f"checklist[{index}].when", item.when)
    for index, notice in enumerate(profile.notices, 1):
        yield from _code(f"notices[{index}]", notice.code, notice.text, NOTICES)
        yield from _shared_when(profile, f"notices[{index}].when", notice.when)
    for index, mark in enumerate(profile.printed, 1):
        yield from _code(f"printed[{index}]", mark.code, mark.text, dict.fromkeys(sorted(PRINTED)))
        yield from _known_services(profile, f"printed[{index}].when", mark.when)


def _shared_when(profile: Profile, place: str, when: When) -> Iterator[ProfileFault]:
    yield from _known_services(profile, place, when)
    for service in when.services or tuple(profile.services):
        if service in profile.services:
            yield from _when(place, when, profile.services[service])


def _known_services(profile: Profile, place: str, when: When) -> Iterator[ProfileFault]:
    for service in when.services:
        if service not in profile.services:
            right = _one_of("a service of this profile", profile.services)
            yield ProfileFault(f"{place}.services", shown(str(service)), right)


def _refusals(profile: Profile) -> Iterator[ProfileFault]:
    for index, said in enumerate(profile.not_eligible, 1):
        place = f"not_eligible[{index}].papers"
        if said.papers and said.reason is not Reason.PAPERS_NOT_ELIGIBLE:
            yield ProfileFault(place, "a list", f'only goes with reason = "{Reason.PAPERS_NOT_ELIGIBLE}"')
        if Papers.RESIDENCE in said.papers:
            yield ProfileFault(place, shown(str(Papers.RESIDENCE)), "is what a card is given for, so it is no reason")


def _code(place: str, code: str, text: Mapping[str, str], known: Mapping[str, object]) -> Iterator[ProfileFault]:
    if code not in known:
        yield ProfileFault(f"{place}.code", shown(code), _one_of("a code", known))
    elif code == OTHER and not text:
        yield ProfileFault(f"{place}.text", "", f'the code "{OTHER}" needs words of its own')


def _when(place: str, when: When, rules: ServiceRules) -> Iterator[ProfileFault]:
    if (when.groups or when.card_types) and not rules.card_type:
        right = "this service does not ask for a card type, so this would never be shown"
        yield ProfileFault(place, "a condition on card types", right)
    for name in when.procedures:
        if name not in rules.procedures:
            yield ProfileFault(
                f"{place}.procedures", shown(name), _one_of("a procedure of this service", rules.procedures)
            )
    for role in when.roles:
        if role not in rules.applicants:
            yield ProfileFault(f"{place}.roles", shown(str(role)), _one_of("one of applicants", rules.applicants))
    if when.from_age is not None and when.below_age is not None and when.below_age <= when.from_age:
        yield ProfileFault(f"{place}.below_age", str(when.below_age), f"must be above from_age, {when.from_age}")
    if when.from_age is not None and rules.below_age is not None and when.from_age >= rules.below_age:
        right = f"must be below the age at which the service ends, {rules.below_age}, or it would never be shown"
        yield ProfileFault(f"{place}.from_age", str(when.from_age), right)
    if when.below_age is not None and when.below_age <= rules.from_age:
        right = f"must be above the age at which the service begins, {rules.from_age}, or it would never be shown"
        yield ProfileFault(f"{place}.below_age", str(when.below_age), right)


def _procedures(profile: Profile) -> Iterator[ProfileFault]:
    for name, procedure in profile.procedures.items():
        place = f"procedures.{name}"
        delivery = procedure.delivery
        if delivery.working_days is not None and delivery.weeks is not None:
            yield ProfileFault(f"{place}.delivery", "both", "give either working_days or weeks")
        if delivery.weeks_from is not None and (delivery.weeks is None or delivery.weeks_from >= delivery.weeks):
            right = "is the earlier end of so many weeks, and must be fewer than weeks"
            yield ProfileFault(f"{place}.delivery.weeks_from", str(delivery.weeks_from), right)
        if not procedure.name and name not in NAMED_PROCEDURES:
            yield ProfileFault(
                f"{place}.name", "", f"only {', '.join(NAMED_PROCEDURES)} have words; this needs its own"
            )
        desks = [desk.id for desk in profile.desks]
        if procedure.collect_at is not None and procedure.collect_at not in desks:
            yield ProfileFault(f"{place}.collect_at", shown(procedure.collect_at), _one_of("a desk", desks))
        if delivery.working_days is None and delivery.weeks is None and (delivery.exact or delivery.collect_from):
            yield ProfileFault(f"{place}.delivery", "", "an hour or a promise needs working_days or weeks")
        if delivery.exact and delivery.at_most:
            yield ProfileFault(f"{place}.delivery", "both", "give either exact or at_most")
        if delivery.exact and delivery.collect_from is None:
            yield ProfileFault(f"{place}.delivery.collect_from", "", 'an exact promise needs its hour, such as "14:00"')
        if procedure.cut_off is None:
            continue
        for service, rules in profile.services.items():
            desk = next((desk for desk in profile.desks if desk.id == rules.desk), None)
            if name not in rules.procedures or desk is None or not desk.hours:
                continue
            stretches = [stretch for hours in desk.hours.values() for stretch in hours]
            if not any(stretch.start < procedure.cut_off <= stretch.end for stretch in stretches):
                right = f'must be within the opening hours of the desk "{desk.id}" on some day (services.{service})'
                yield ProfileFault(f"{place}.cut_off", f'"{procedure.cut_off:%H:%M}"', right)


def _tariffs(profile: Profile) -> Iterator[ProfileFault]:
    named = (*profile.card_types.sold, *profile.card_types.desk_only)
    for index, tariff in enumerate(profile.tariffs, 1):
        place = f"tariffs[{index}]"
        for card_type in tariff.card_types:
            if card_type not in named:
                yield ProfileFault(
                    f"{place}.card_types", shown(str(card_type)), _one_of("a type of [card_types]", named)
                )
            elif card_type in profile.card_types.desk_only:
                right = "has a fee here, so it belongs in card_types.sold and not in desk_only"
                yield ProfileFault(f"{place}.card_types", shown(str(card_type)), right)
        for name in tariff.fees:
            if name not in profile.procedures:
                yield ProfileFault(f"{place}.fees.{name}", shown(name), _one_of("a procedure", profile.procedures))
        for service in tariff.services:
            rules = profile.services.get(service)
            if rules is None:
                yield ProfileFault(f"{place}.services", shown(str(service)), _one_of("a service", profile.services))
            elif rules.free:
                yield ProfileFault(
                    f"{place}.services", shown(str(service)), "is a free service, so no fee counts for it"
                )


def _fees(profile: Profile) -> Iterator[ProfileFault]:
    """Missing fees, and two that claim to count from the same day."""
    for service, rules in profile.services.items():
        if rules.free or not rules.at_kiosk:
            continue
        types: Sequence[CardType | None] = profile.card_types.sold if rules.card_type else (None,)
        ages = range(rules.from_age, rules.below_age or max(LAST_AGE, rules.from_age + 1))
        for procedure in rules.procedures:
            yield from _fee(profile.tariffs, service, types, procedure, ages)


def _fee(
    tariffs: Sequence[Tariff],
    service: Service,
    types: Sequence[CardType | None],
    procedure: str,
    ages: Iterable[int],
) -> Iterator[ProfileFault]:
    """What misses alike, or claims alike, is told once: with the card types, and the youngest age."""
    missing: dict[tuple[int, str], list[str]] = {}
    claimed: dict[tuple[str, date], list[str]] = {}
    setting = [tariff for tariff in tariffs if procedure in tariff.fees and service in tariff.services]
    hangs_on = {question for tariff in setting for question in tariff.questions}
    for card_type in types:
        told: set[object] = set()
        for age, known in product(ages, possible_answers(hangs_on, service, NOT_ASKED)):
            covering = [tariff for tariff in setting if tariff.covers(service, card_type, procedure, age, known)]
            if not covering and None not in told:
                told.add(None)
                missing.setdefault((age, _answered(known)), []).append(card_type or "")
            for start in {tariff.start for tariff in covering}:
                same = ", ".join(sorted(shown(tariff.id) for tariff in covering if tariff.start == start))
                if same.count(",") and (same, start) not in told:
                    told.add((same, start))
                    claimed.setdefault((same, start), []).append(card_type or "")
    for (age, answered), those in missing.items():
        right = f"no fee for {_what(service, those, procedure)}, for a child of {age}{answered}"
        yield ProfileFault("tariffs", "", right)
    for (same, start), those in claimed.items():
        right = f"only one of them may set the fee for {_what(service, those, procedure)} from {start}"
        yield ProfileFault("tariffs", same, right)


def _what(service: Service, types: Sequence[str], procedure: str) -> str:
    return " ".join(filter(None, (service, ", ".join(types), procedure)))


def _answered(known: Circumstances) -> str:
    """The answers under which a fee is missing, in the words of a tariff's keys."""
    loss = f', loss = "{known.loss}"' if known.loss is not None else ""
    previous = known.previous_card
    return loss + (f", previous_card = {shown(previous)}" if previous is not None and not loss else "")


def _one_of(what: str, known: Iterable[str]) -> str:
    names = ", ".join(f'"{name}"' for name in known)
    return f"must be {what}: {names}" if names else f"must be {what}, and there is none"
