"""Whether the parts of a profile fit each other: what the single values cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kiosk.domain.circumstances import Papers
from kiosk.domain.profiles.check_conditions import condition_faults
from kiosk.domain.profiles.check_tariffs import fee_faults, tariff_faults
from kiosk.domain.profiles.faults import ProfileFault, one_of, shown
from kiosk.domain.quote import Reason
from kiosk.domain.things import NOTICES, OTHER, PRINTED, THINGS

if TYPE_CHECKING:
    from kiosk.domain.profiles.conditions import When
    from kiosk.domain.profiles.profile import BringRule, Desk, NotEligible, NoticeRule, Printed, Procedure, Profile

OFFICIAL = ("nl", "fr", "de")  # of Belgium (Constitution, article 4); texts may be in others besides
NAMED_PROCEDURES = ("normal", "urgent", "super-urgent")  # the catalogue has words for these


def check(profile: Profile) -> list[ProfileFault]:
    """Every fault, in the order of the file's blocks."""
    faults: list[ProfileFault] = []
    for part in (
        _names,
        _desks,
        _sources,
        _words,
        _services,
        _shared,
        _refusals,
        _procedures,
        tariff_faults,
        fee_faults,
    ):
        faults.extend(part(profile))
    return faults


def _names(profile: Profile) -> Iterator[ProfileFault]:
    for index, language in enumerate(profile.languages, 1):
        if language not in OFFICIAL:
            yield ProfileFault(f"languages[{index}]", shown(language), one_of("an official language", OFFICIAL))
    yield from _twice("languages", profile.languages)
    yield from _twice("desks", [desk.id for desk in profile.desks])
    yield from _twice("card_types", [*profile.card_types.sold, *profile.card_types.desk_only])
    yield from _twice("tariffs", [tariff.id for tariff in profile.tariffs])
    yield from _twice("payment.places", profile.payment.places)
    yield from _twice("payment.means", profile.payment.means)
    for index, days in enumerate(profile.closing_days, 1):
        place = f"closing_days[{index}].until"
        if days.until is not None and days.until < days.first:
            yield ProfileFault(place, str(days.until), f"must not be before the first day, {days.first}")
        if days.until is not None and (days.until - days.first).days > 366:
            yield ProfileFault(place, str(days.until), f"must be within a year of the first day, {days.first}")


def _desks(profile: Profile) -> Iterator[ProfileFault]:
    for index, desk in enumerate(profile.desks, 1):
        for weekday, hours in desk.hours.items():
            place = f"desks[{index}].hours.{weekday}"
            for number, stretch in enumerate(hours, 1):
                if stretch.start >= stretch.end:
                    yield ProfileFault(f"{place}[{number}]", str(stretch), "must end after its start")
            for number, (earlier, later) in enumerate(pairwise(hours), 2):
                if later.start < earlier.end:
                    right = f"must begin after the hours before it end, {earlier.end:%H:%M}"
                    yield ProfileFault(f"{place}[{number}]", str(later), right)


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
            yield ProfileFault(f"{place}.source", shown(source), one_of("a source", profile.sources, source))


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
    if not any(rules.at_kiosk for rules in profile.services.values()):
        yield ProfileFault("services", "", "at least one must have at_kiosk = true, or the kiosk has nothing to offer")
    for service, rules in profile.services.items():
        place = f"services.{service}"
        if rules.desk not in desks:
            yield ProfileFault(f"{place}.desk", shown(rules.desk), one_of("a desk", desks, rules.desk))
        if rules.appointment and rules.slot is None:
            yield ProfileFault(f"{place}.slot", "", "an appointment needs its minutes, such as { base = 20 }")
        if rules.below_age is not None and rules.below_age <= rules.from_age:
            yield ProfileFault(f"{place}.below_age", str(rules.below_age), f"must be above from_age, {rules.from_age}")
        for index, name in enumerate(rules.procedures, 1):
            if name not in profile.procedures:
                yield ProfileFault(
                    f"{place}.procedures[{index}]", shown(name), one_of("a procedure", profile.procedures, name)
                )
        if not rules.free and not rules.procedures:
            yield ProfileFault(f"{place}.procedures", "", "a service that is not free needs at least one procedure")
        for index, item in enumerate(rules.checklist, 1):
            yield from _code(f"{place}.checklist[{index}]", item.code, item.text, THINGS)
            yield from condition_faults(profile, f"{place}.checklist[{index}].when", item.when, service)
        for index, notice in enumerate(rules.notices, 1):
            yield from _code(f"{place}.notices[{index}]", notice.code, notice.text, NOTICES)
            yield from condition_faults(profile, f"{place}.notices[{index}].when", notice.when, service)


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
    services = [service for service in when.services or profile.services if service in profile.services]
    each = [[*condition_faults(profile, place, when, service)] for service in services]
    if each and all(each):  # in one of its services it can hold
        yield from each[0]


def _known_services(profile: Profile, place: str, when: When) -> Iterator[ProfileFault]:
    for index, service in enumerate(when.services, 1):
        if service not in profile.services:
            right = one_of("a service of this profile", profile.services)
            yield ProfileFault(f"{place}.services[{index}]", shown(str(service)), right)


def _refusals(profile: Profile) -> Iterator[ProfileFault]:
    for index, said in enumerate(profile.not_eligible, 1):
        place = f"not_eligible[{index}].papers"
        if said.papers and said.reason is not Reason.PAPERS_NOT_ELIGIBLE:
            yield ProfileFault(place, "a list", f'only goes with reason = "{Reason.PAPERS_NOT_ELIGIBLE}"')
        if Papers.RESIDENCE in said.papers:
            yield ProfileFault(place, shown(str(Papers.RESIDENCE)), "is what a card is given for, so it is no reason")
        if any(_says_all_of(other, said) for other in profile.not_eligible[: index - 1]):
            right = "the same is said above; the first that fits counts, so this one never would"
            yield ProfileFault(f"not_eligible[{index}].reason", shown(str(said.reason)), right)


def _says_all_of(earlier: NotEligible, later: NotEligible) -> bool:
    """Whether an entry leaves nothing to say for a later one."""
    papers = set(later.papers or Papers) - {Papers.RESIDENCE}
    return earlier.reason is later.reason and set(earlier.papers or Papers) >= papers


def _code(place: str, code: str, text: Mapping[str, str], known: Mapping[str, object]) -> Iterator[ProfileFault]:
    if code not in known:
        yield ProfileFault(f"{place}.code", shown(code), one_of("a code", known, code))
    elif code == OTHER and not text:
        yield ProfileFault(f"{place}.text", "", f'the code "{OTHER}" needs words of its own')


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
            yield ProfileFault(
                f"{place}.collect_at", shown(procedure.collect_at), one_of("a desk", desks, procedure.collect_at)
            )
        if delivery.working_days is None and delivery.weeks is None and (delivery.exact or delivery.collect_from):
            yield ProfileFault(f"{place}.delivery", "", "an hour or a promise needs working_days or weeks")
        if delivery.exact and delivery.at_most:
            yield ProfileFault(f"{place}.delivery", "both", "give either exact or at_most")
        if delivery.exact and delivery.collect_from is None:
            yield ProfileFault(f"{place}.delivery.collect_from", "", 'an exact promise needs its hour, such as "14:00"')
        yield from _cut_off(profile, name, procedure)


def _cut_off(profile: Profile, name: str, procedure: Procedure) -> Iterator[ProfileFault]:
    """Within the opening hours of the desks that take such requests; before the hour at which the card is ready."""
    place, cut_off, delivery = f"procedures.{name}.cut_off", procedure.cut_off, procedure.delivery
    if delivery.working_days == 0 and delivery.collect_from is not None:
        if cut_off is None:
            right = "a card of the same day needs a cut-off before its hour, such as"
            yield ProfileFault(place, "", f'{right} "{delivery.collect_from:%H:%M}"')
        elif cut_off > delivery.collect_from:
            right = f'must not be after the hour at which the card is ready, "{delivery.collect_from:%H:%M}"'
            yield ProfileFault(place, f'"{cut_off:%H:%M}"', right)
    if cut_off is None:
        return
    taking = dict.fromkeys(rules.desk for rules in profile.services.values() if name in rules.procedures)
    for desk in (desk for desk in profile.desks if desk.id in taking and desk.hours):
        stretches = [stretch for hours in desk.hours.values() for stretch in hours]
        if not any(stretch.start < cut_off <= stretch.end for stretch in stretches):
            right = f'must be within the opening hours of the desk "{desk.id}" on some day: {_week(desk)}'
            yield ProfileFault(place, f'"{cut_off:%H:%M}"', right)


def _week(desk: Desk) -> str:
    """Each stretch of a desk's week once."""
    return ", ".join(
        sorted({f"{stretch.start:%H:%M}-{stretch.end:%H:%M}" for day in desk.hours.values() for stretch in day})
    )
