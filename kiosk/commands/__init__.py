"""The `kiosk` command's words, one module each.

A module has `add_arguments(parser)` and `run(arguments) -> int`. Bad input raises `BadInput` with one
sentence; the command prints it and exits with 2. `--json` prints one JSON object on stdout.
"""

from __future__ import annotations

import json
from typing import Any


class BadInput(Exception):
    """The user gave something that cannot be used; the message is one clear line that says what would be right."""


def print_json(value: Any) -> None:
    """One JSON object on stdout; dates, enums and the like as their text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
