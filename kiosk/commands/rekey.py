"""Give this kiosk a new key. What the old one signed stays good; a kiosk that is running takes the new one at its next
start, within a week. Safe to repeat."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.commands import BadInput, print_json
from kiosk.config import ConfigFault, load
from kiosk.sync.client import BackendClient, SyncError
from kiosk.sync.enrol import IdentityFileError, change_key, load_identity
from kiosk.sync.keys import KeyFileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, and `--json`."""
    parser.add_argument("--config", type=Path, metavar="FILE", required=True, help="the kiosk's configuration")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0 when the new key is in place; 1, with a line on stderr, when the backend or the key file says no."""
    try:
        config = load(arguments.config)
    except ConfigFault as problem:
        raise BadInput(str(problem)) from None
    try:
        identity = load_identity(config.backend.key_file)
        if identity is None:
            print("kiosk rekey: this kiosk is not enrolled", file=sys.stderr)
            return 1
        with BackendClient(config.backend.url, identity) as client:
            answer = change_key(client, config.backend.key_file)
    except (SyncError, KeyFileError, IdentityFileError) as problem:
        print(f"kiosk rekey: {problem}", file=sys.stderr)
        return 1
    days = max((answer.old_key_until - datetime.now(UTC)).days, 0)
    if arguments.json:
        print_json({"key_id": answer.key_id, "old_key_until": answer.old_key_until.isoformat()})
    else:
        print(f"the key is {answer.key_id} now; restart a kiosk that is running within {days} days")
    return 0
