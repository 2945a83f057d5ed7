"""Join the municipal backend with a one-time code from its console. Safe to repeat with the same code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.commands import BadInput, print_json
from kiosk.config import ConfigFault, load
from kiosk.domain.wire import Refusal
from kiosk.sync.client import BackendClient, SyncError
from kiosk.sync.enrol import IdentityFileError, enrol
from kiosk.sync.keys import KeyFileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--config FILE CODE`, and `--json`."""
    parser.add_argument("--config", type=Path, metavar="FILE", required=True, help="the kiosk's configuration")
    parser.add_argument("code", help="the one-time code")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0 when the kiosk is enrolled; 1, with a line on stderr, when the backend or the key file says no."""
    try:
        config = load(arguments.config)
    except ConfigFault as problem:
        raise BadInput(str(problem)) from None
    try:
        with BackendClient(config.backend.url, attempts=1) as client:
            identity = enrol(client, arguments.code, config.kiosk.name, config.backend.key_file)
    except SyncError as problem:
        said = _WHAT_TO_DO.get(problem.refusal) if problem.refusal is not None else None
        said = said.format(key=config.backend.key_file) if said is not None else str(problem)
        print(f"kiosk enrol: {said}", file=sys.stderr)
        return 1
    except (KeyFileError, IdentityFileError) as problem:
        print(f"kiosk enrol: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        print_json({"kiosk_id": identity.kiosk_id, "municipality": identity.municipality})
    else:
        print(f"enrolled as kiosk {identity.kiosk_id} of {identity.municipality}; the key is {config.backend.key_file}")
    return 0


_ANOTHER = "make a new one in the backend's console"
_WHAT_TO_DO = {
    Refusal.WRONG_CODE: "the backend does not know this code: look at it once more",
    Refusal.CODE_EXPIRED: f"this code's time is over: {_ANOTHER}",
    Refusal.CODE_USED: f"another kiosk has used this code: {_ANOTHER}",
    Refusal.NO_TRIES_LEFT: f"this code was tried wrongly too often: {_ANOTHER}",
    Refusal.TOO_MANY: "too many wrong codes came from this address: wait a minute",
    Refusal.KEY_KNOWN: "this kiosk's key has joined with an earlier code, and the answer was lost: give that code once"
    " more, or move {key} away to join as a new kiosk",
}
