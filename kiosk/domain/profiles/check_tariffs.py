"""Whether every fee is set, once, by a tariff that can count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

from kiosk.domain.card_types import GROUPS, CardType
from kiosk.domain.circumstances import NOT_ASKED, Circumstances
from kiosk.domain.profiles.conditions import possible_answers
from kiosk.domain.profiles.faults import ProfileFault, one_of, shown
from kiosk.domain.quote import Service

if TYPE_CHECKING:
    from kiosk.domain.profiles.profile import Profile, Tariff

LAST_AGE = 18  # a service without an upper age is looked at for children only


def tariff_faults(profile: Profile) -> Iterator[ProfileFault]:
    """What single tariffs name that is not there."""
    for index, tariff in enumerate(profile.tariffs, 1):
        place = f"tariffs[{index}]"
        yield from _types(profile, place, tariff)
        for name in tariff.fees:
            offering = [service for service, rules in profile.services.items() if name in rules.procedures]
            if name not in profile.procedures:
                right = one_of("a procedure", profile.procedures, name)
                yield ProfileFault(f"{place}.fees.{name}", shown(name), right)
            elif not set(offering) & set(tariff.services):
                right = "none of its services has this procedure, so this fee would never count"
                yield ProfileFault(f"{place}.fees.{name}", str(tariff.fees[name]), right)
        for number, service in enumerate(tariff.services, 1):
            rules = profile.services.get(service)
            at = f"{place}.services[{number}]"
            if rules is None:
                yield ProfileFault(at, shown(str(service)), one_of("a service", profile.services))
            elif rules.free:
                yield ProfileFault(at, shown(str(service)), "is a free service, so no fee counts for it")
        if tariff.below_age is not None and tariff.below_age <= tariff.from_age:
            yield ProfileFault(
                f"{place}.below_age", str(tariff.below_age), f"must be above from_age, {tariff.from_age}"
            )


def _types(profile: Profile, place: str, tariff: Tariff) -> Iterator[ProfileFault]:
    named = (*profile.card_types.sold, *profile.card_types.desk_only)
    for number, card_type in enumerate(tariff.card_types, 1):
        at = f"{place}.card_types[{number}]"
        if card_type not in named:
            yield ProfileFault(at, shown(str(card_type)), one_of("a type of [card_types]", named))
        elif card_type in profile.card_types.desk_only:
            right = "has a fee here, so it belongs in card_types.sold and not in desk_only"
            yield ProfileFault(at, shown(str(card_type)), right)
    for number, group in enumerate(tariff.groups, 1):
        if group not in {GROUPS[card_type] for card_type in profile.card_types.sold}:
            right = "no type of this group is in card_types.sold, so this fee would never count"
            yield ProfileFault(f"{place}.groups[{number}]", shown(str(group)), right)


def fee_faults(profile: Profile) -> Iterator[ProfileFault]:
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
    """What misses alike, or claims alike, is told once: with the card types, and the youngest age.

    A fee that begins later than the first for the same procedure is missing until then.
    """
    missing: dict[tuple[int, str, str], list[str]] = {}
    claimed: dict[tuple[str, date], list[str]] = {}
    setting = [tariff for tariff in tariffs if procedure in tariff.fees and service in tariff.services]
    first = min((tariff.start for tariff in setting), default=None)
    hangs_on = {question for tariff in setting for question in tariff.questions}
    for card_type in types:
        told: set[object] = set()
        for age, known in product(ages, possible_answers(hangs_on, service, NOT_ASKED)):
            covering = [tariff for tariff in setting if tariff.covers(service, card_type, procedure, age, known)]
            begins = min((tariff.start for tariff in covering), default=None)
            if begins != first or begins is None:
                until = f", from {first} until {begins}" if begins is not None else ""
                if until not in told:
                    told.add(until)
                    missing.setdefault((age, _answered(known), until), []).append(card_type or "")
            for start in {tariff.start for tariff in covering}:
                same = ", ".join(sorted(shown(tariff.id) for tariff in covering if tariff.start == start))
                if same.count(",") and (same, start) not in told:
                    told.add((same, start))
                    claimed.setdefault((same, start), []).append(card_type or "")
    for (age, answered, until), those in missing.items():
        right = f"no fee for {_what(service, those, procedure)}, for a child of {age}{answered}{until}"
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
