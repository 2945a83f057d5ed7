"""Municipality profiles: `check FILE` says whether one is valid, or names each fault with its place.

`schema` prints the JSON Schema that editors complete and check profiles with.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kiosk.commands import BadInput, print_json
from kiosk.domain.profile import ProfileFaults
from kiosk.domain.profile_schema import profile_schema
from kiosk.profiles import ProfileNotFound, find_profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`check FILE [--json]` and `schema`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="valid, or each fault with its place")
    check.add_argument("file", help="a profile's .toml file, or the id of one that comes with the product")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    actions.add_parser("schema", help="the JSON Schema of a profile, for editors")


def run(arguments: argparse.Namespace) -> int:
    """0 valid, 1 with each fault on its line, 2 where the file cannot be read."""
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
    if arguments.json:
        print_json({"valid": True, "profile": profile.id, "profile_version": profile.version, "faults": []})
    else:
        print(f"valid: {profile.name} ({profile.id}), version {profile.version}")
    return 0
