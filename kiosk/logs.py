"""Log lines: one JSON object each, and never a person in them.

A log leaves the kiosk, is kept, and is read by people who have no business with who came to the counter. So
every line passes `without_people` last, whoever wrote it: this program, a library through `logging`, or a
traceback. It works in three nets, for no single one is whole:

- values under a key that names something personal or secret are dropped, at any depth;
- a value that is not plain data is replaced by the name of its type, for the `repr` of a record is the record;
- national numbers and bank card numbers are taken out of running text, known by their check digits.

What it cannot know is a name in running text. So an event is a fixed sentence, and what varies goes in keys.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REMOVED = "[removed]"
LOG_FILE = "kiosk.jsonl"

PERSONAL_KEYS = frozenset(
    {
        # Of the card's holder, in the words of kiosk.domain and hardware.smartcard.
        "address", "birth_date", "birth_known", "birth_location", "birth_place", "card_number", "chip_number",
        "first_letter_third_name", "first_name", "first_names", "holder", "identity", "initial",
        "municipality_name", "name", "national_number", "nationality", "noble_condition", "parent", "person", "photo",
        "postal_code", "sex", "special_status", "street", "street_and_number", "surname", "third_name", "zip_code",
        # Of the children and the request.
        "child", "children", "circumstances", "request", "claims", "qr", "ticket",
        # Of a payment: the receipt holds the card's number, masked or not.
        "lines", "masked_pan", "pan", "receipt", "receipt_text", "text", "track_1", "track_2", "track_3", "tracks",
        # Raw answers of devices and bodies of calls may hold any of these.
        "apdu", "body", "content", "data", "payload", "raw", "response",
        # Secrets.
        "authorization", "code", "cookie", "key", "password", "pin", "private_key", "puk", "secret", "token",
    }
)  # fmt: skip

_NATIONAL_NUMBER = re.compile(r"(?<!\d)(\d{2})[. ]?(\d{2})[. ]?(\d{2})[- ]?(\d{3})[. ]?(\d{2})(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")  # 12 to 19 digits: ISO/IEC 7812


def configure(folder: Path | None = None, level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logging of this process to `folder`/kiosk.jsonl, or to `stream` (stderr) where there is no folder.

    The file may be renamed by logrotate at any time: the next line opens a new one. Raises OSError where the
    file cannot be opened. It replaces every handler that was there before.
    """
    handler: logging.Handler
    if folder is None:
        handler = logging.StreamHandler(stream or sys.stderr)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.WatchedFileHandler(folder / LOG_FILE, encoding="utf-8")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    last: list[Processor] = [
        structlog.processors.format_exc_info,  # the plain traceback: it shows no local variables
        without_people,
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:  # also a library's: what it writes would not pass the nets
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "PIL"):  # a line for each call or picture says nothing of the kiosk
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            *last,  # here too: a handler that a library hangs beside ours later sees what this hands on
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def without_people(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog processor: the same line without personal data and secrets."""
    return {str(key): _plain(value) for key, value in line.items() if not _is_personal(key)}


def _is_personal(key: object) -> bool:
    return str(key).lower().replace("-", "_") in PERSONAL_KEYS


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case Enum():
            return _plain(value.value)
        case int():
            return value if _without_numbers(str(value)) == str(value) else REMOVED
        case str():
            return _without_numbers(value)
        case UUID() | datetime() | date() | time() | timedelta():
            return str(value)
        case Path():
            return _without_numbers(str(value))
        case Mapping():
            return without_people(None, "", dict(value))
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
        case Sequence() | set() | frozenset():
            return [_plain(item) for item in value]
        case BaseException():
            return _without_numbers(f"{type(value).__name__}: {value}")
        case _:
            return f"<{type(value).__name__}>"


def _without_numbers(text: str) -> str:
    text = _NATIONAL_NUMBER.sub(lambda found: REMOVED if _is_national("".join(found.groups())) else found[0], text)
    return _BANK_CARD.sub(lambda found: REMOVED if _passes_luhn(found[0]) else found[0], text)


def _is_national(digits: str) -> bool:
    """Check digits of a Belgian national or BIS number: 97 minus the rest, with a 2 before it for births from 2000."""
    head, check = digits[:9], int(digits[9:])
    return check in (97 - int(head) % 97, 97 - int("2" + head) % 97)


def _passes_luhn(text: str) -> bool:
    digits = [int(letter) for letter in reversed(text) if letter.isdigit()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
