"""All fees of a profile on one list, so that those who wrote it see at a glance what will be charged.

It is worked out by the same rule that a visit pays by, day by day on which a tariff begins; so a fee in euros where
cents are meant, or a tariff that replaces more than it should, cannot hide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from kiosk.domain.card_types import CardType
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Service
from kiosk.domain.rules.dates import years_later
from kiosk.domain.rules.fees import fee_for
from kiosk.domain.working_days import BRUSSELS

GROWN_UP = 18  # a service without an upper age is listed for children


@dataclass(frozen=True, slots=True)
class Price:
    """What one service costs for some card types and ages. `below_age` is None where the service has no upper age.

    `cents` by procedure; in `at_most` are those whose fee hangs on an answer of the parent, and may be lower.
    """

    service: Service
    start: date
    card_types: tuple[CardType, ...]
    from_age: int
    below_age: int | None
    cents: dict[str, int]
    at_most: frozenset[str]


def price_list(profile: Profile, today: date) -> tuple[Price, ...]:
    """What counts today, and what will count from each later day on which a tariff begins."""
    starts = sorted({tariff.start for tariff in profile.tariffs})
    current = max((start for start in starts if start <= today), default=None)
    return tuple(
        price
        for service, rules in profile.services.items()
        if rules.at_kiosk and not rules.free
        for start in starts
        if start >= (current or start) and (start == current or _begins(profile, service, start))
        for price in _prices(profile, service, start)
    )


def _begins(profile: Profile, service: Service, start: date) -> bool:
    return any(tariff.start == start and service in tariff.services for tariff in profile.tariffs)


def _prices(profile: Profile, service: Service, start: date) -> Iterator[Price]:
    rules = profile.services[service]
    types: tuple[CardType | None, ...] = profile.card_types.sold if rules.card_type else (None,)
    oldest = rules.below_age or max(GROWN_UP, rules.from_age + 1)
    columns = {
        kind: [_fees(profile, service, kind, age, start) for age in range(rules.from_age, oldest)] for kind in types
    }
    alike: dict[str, list[CardType | None]] = {}
    for kind, column in columns.items():
        alike.setdefault(repr(column), []).append(kind)
    for kinds in alike.values():
        ages = enumerate(columns[kinds[0]], rules.from_age)
        for fees, band in groupby(ages, key=lambda row: row[1]):
            those = [age for age, _ in band]
            if fees:
                yield Price(
                    service,
                    start,
                    tuple(kind for kind in kinds if kind is not None),
                    those[0],
                    those[-1] + 1 if those[-1] + 1 < oldest else rules.below_age,
                    {procedure: cents for procedure, (cents, _) in fees.items()},
                    frozenset(procedure for procedure, (_, at_most) in fees.items() if at_most),
                )


def _fees(
    profile: Profile, service: Service, kind: CardType | None, age: int, start: date
) -> dict[str, tuple[int, bool]]:
    at = datetime.combine(start, time(12), BRUSSELS)
    born = years_later(start, -age)
    found = {
        procedure: fee_for(profile, service, kind, procedure, born, at)
        for procedure in profile.services[service].procedures
    }
    return {procedure: (fee.cents, fee.at_most) for procedure, fee in found.items() if fee is not None}
