"""Municipality profiles: `check FILE` says whether one is valid, with its fees, or names each fault with its place.

`schema` prints the JSON Schema that editors complete and check profiles with.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby

from kiosk.commands import BadInput, print_json
from kiosk.domain.profiles.price_list import Price, price_list
from kiosk.domain.profiles.profile import Profile, ProfileFaults
from kiosk.domain.profiles.schema import profile_schema
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import ProfileNotFound, find_profile
from kiosk.text import texts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`check FILE [--json]` and `schema`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="valid, or each fault with its place")
    check.add_argument("file", help="a profile's .toml file, or the id of one that comes with the product")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    actions.add_parser("schema", help="the JSON Schema of a profile, for editors")


def run(arguments: argparse.Namespace) -> int:
    """0 valid, with its fees as they will be charged; 1 with each fault; 2 where the file cannot be read."""
    if arguments.action == "schema":
        print_json(profile_schema())
        return 0
    try:
        profile = find_profile(arguments.file)
    except ProfileNotFound as problem:
        raise BadInput(str(problem)) from None
    except ProfileFaults as wrong:
        if arguments.json:
            print_json({"valid": False, "faults": [asdict(fault) for fault in wrong.faults]})
        else:
            print(*wrong.faults, sep="\n")
        return 1
    prices = price_list(profile, datetime.now(BRUSSELS).date())
    if arguments.json:
        listed = [
            {
                "service": price.service,
                "from": price.start,
                "card_types": price.card_types,
                "from_age": price.from_age,
                "below_age": price.below_age,
                "cents": price.cents,
                "at_most": sorted(price.at_most),
            }
            for price in prices
        ]
        valid = {"valid": True, "profile": profile.id, "profile_version": profile.version, "faults": []}
        print_json({**valid, "fees": listed})
    else:
        print(f"valid: {profile.name} ({profile.id}), version {profile.version}")
        print(*_price_lines(profile, prices), sep="\n")
    return 0


def _price_lines(profile: Profile, prices: Sequence[Price]) -> Iterator[str]:
    """The fees in euros, to be compared with the council's decision."""
    t = texts("en")
    for (service, start), those in groupby(prices, key=lambda price: (price.service, price.start)):
        yield f"{service}, from {t.day_with_year(start)}:"
        for price in those:
            rules = profile.services[service]
            whom = [", ".join(price.card_types)] if price.card_types else []
            if (price.from_age, price.below_age) != (rules.from_age, rules.below_age):
                below = f" to below {price.below_age}" if price.below_age is not None else ""
                whom.append(f"from {price.from_age}{below}")
            fees = ", ".join(
                f"{name} {t.money(cents)}{' at most' if name in price.at_most else ''}"
                for name, cents in price.cents.items()
            )
            yield f"  {', '.join(whom) or 'all'}: {fees}"
