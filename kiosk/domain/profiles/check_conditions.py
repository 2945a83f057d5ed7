"""Conditions of a profile that can never hold: what hangs on them would never be shown, so it is a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiosk.domain.card_types import GROUPS, CardType
from kiosk.domain.circumstances import Loss, Nationality
from kiosk.domain.profiles.conditions import nationalities
from kiosk.domain.profiles.faults import ProfileFault, one_of, shown
from kiosk.domain.quote import Service

if TYPE_CHECKING:
    from kiosk.domain.profiles.conditions import When
    from kiosk.domain.profiles.profile import Profile, ServiceRules

_NEVER = "or it would never be shown"


def condition_faults(profile: Profile, place: str, when: When, service: Service) -> Iterator[ProfileFault]:
    """What is wrong with a condition of something that counts for this service."""
    rules = profile.services[service]
    yield from _of_cards(profile, place, when, service)
    yield from _of_ages(place, when, rules)
    yield from _of_losses(place, when, service)
    for index, name in enumerate(when.procedures, 1):
        if name not in rules.procedures:
            right = one_of("a procedure of this service", rules.procedures, name)
            yield ProfileFault(f"{place}.procedures[{index}]", shown(name), right)
    for index, role in enumerate(when.roles, 1):
        if role not in rules.applicants:
            right = one_of("one of applicants", rules.applicants)
            yield ProfileFault(f"{place}.roles[{index}]", shown(str(role)), right)
    if Nationality.BELGIAN in when.nationalities:
        right = 'must be "eu" or "third-country": a Belgian child gets no residence card; see [[not_eligible]]'
        yield ProfileFault(f"{place}.nationalities", '"belgian"', right)


def _of_cards(profile: Profile, place: str, when: When, service: Service) -> Iterator[ProfileFault]:
    rules = profile.services[service]
    if not (when.groups or when.card_types):
        return
    # A collection that is only described is that of a card whose type is known.
    if not rules.card_type and not (service is Service.COLLECTION and not rules.at_kiosk):
        right = "this service does not ask for a card type, so this would never be shown"
        yield ProfileFault(place, "a condition on card types", right)
        return
    sold = profile.card_types.sold
    met = [kind for kind in sold if _fits(kind, when)]
    for index, kind in enumerate(when.card_types, 1):
        if kind not in sold:
            right = one_of("a type of card_types.sold", sold) + f", {_NEVER}"
            yield ProfileFault(f"{place}.card_types[{index}]", shown(str(kind)), right)
    for index, group in enumerate(when.groups, 1):
        if group not in {GROUPS[kind] for kind in sold}:
            yield ProfileFault(
                f"{place}.groups[{index}]", shown(str(group)), f"must have a card type in sold, {_NEVER}"
            )
    if when.groups and when.card_types and not met:
        right = f"must have a card type that is in one of groups too, {_NEVER}"
        yield ProfileFault(f"{place}.card_types", "a list", right)
    wanted = set(when.nationalities) - {Nationality.BELGIAN}
    if met and wanted and not any(nationalities(kind) & wanted for kind in met):
        yield ProfileFault(f"{place}.nationalities", "a list", f"no holder of these cards has this, {_NEVER}")


def _fits(kind: CardType, when: When) -> bool:
    return (not when.groups or GROUPS[kind] in when.groups) and (not when.card_types or kind in when.card_types)


def _of_ages(place: str, when: When, rules: ServiceRules) -> Iterator[ProfileFault]:
    if when.from_age is not None and when.below_age is not None and when.below_age <= when.from_age:
        yield ProfileFault(f"{place}.below_age", str(when.below_age), f"must be above from_age, {when.from_age}")
    if when.from_age is not None and rules.below_age is not None and when.from_age >= rules.below_age:
        right = f"must be below the age at which the service ends, {rules.below_age}, {_NEVER}"
        yield ProfileFault(f"{place}.from_age", str(when.from_age), right)
    if when.below_age is not None and when.below_age <= rules.from_age:
        right = f"must be above the age at which the service begins, {rules.from_age}, {_NEVER}"
        yield ProfileFault(f"{place}.below_age", str(when.below_age), right)


def _of_losses(place: str, when: When, service: Service) -> Iterator[ProfileFault]:
    """A duplicate is for a card that was lost or stolen, and a card that is gone cannot be brought."""
    if service is Service.DUPLICATE and when.loss == (Loss.NO,):
        right = f'must be "lost" or "stolen" for a duplicate, {_NEVER}'
        yield ProfileFault(f"{place}.loss", '"no"', right)
    gone = service is Service.DUPLICATE or (when.loss and Loss.NO not in when.loss)
    if gone and when.previous_card is True:
        right = f"a card that was lost or stolen is not there any more; leave it out, {_NEVER}"
        yield ProfileFault(f"{place}.previous_card", "true", right)
    if when.loss == (Loss.NO,) and when.recovered is True:
        right = f"only a card that was lost or stolen can be found again; leave it out, {_NEVER}"
        yield ProfileFault(f"{place}.recovered", "true", right)
