"""What happened: record, devices, visit, payment and print on one axis of time.

Exits 1 when there is nothing to show.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from kiosk.app import JOURNAL_FILE
from kiosk.commands import BadInput, print_json
from kiosk.config import ConfigFault, load
from kiosk.domain.tickets.claims import CodeError, normalise
from kiosk.logs import LOG_FILE
from kiosk.text.catalogue import BRUSSELS
from kiosk.timeline import Moment, NoSuchTicket, Selection, Unreadable, draw, find_ticket, timeline

STANDARD_STRETCH = 60  # minutes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose record, and which part of it."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the kiosk's configuration, which names both files")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="a journal, or a copy of one")
    parser.add_argument("--log", type=Path, metavar="FILE", help="a log file (kiosk.jsonl) to set beside it")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--ticket", metavar="CODE", help="the visit of this ticket")
    which.add_argument("--visit", metavar="ID", help="this visit")
    which.add_argument(
        "--minutes", type=int, metavar="N", help=f"the last N minutes (without more: {STANDARD_STRETCH})"
    )
    parser.add_argument(
        "--since", metavar="TIME", help="from this moment: 2026-11-22T10:00, Belgian time without a zone"
    )
    parser.add_argument("--until", metavar="TIME", help="up to this moment")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Read, select, draw."""
    journal, log = _files(arguments)
    try:
        selection = _selection(arguments, journal)
        moments = timeline(journal, log, selection)
    except Unreadable as problem:
        raise BadInput(str(problem)) from problem
    if arguments.json:
        print_json({"events": [_as_json(moment) for moment in moments]})
    else:
        print(draw(moments) or "Nothing happened then, as far as this journal and log can tell.")
    return 0 if moments else 1


def _files(arguments: argparse.Namespace) -> tuple[Path, Path | None]:
    journal, log = arguments.journal, arguments.log
    if arguments.config is not None:
        try:
            config = load(arguments.config)
        except ConfigFault as problem:
            raise BadInput(str(problem)) from problem
        journal = journal or config.journal.folder / JOURNAL_FILE
        if log is None and config.logs.folder is not None:
            log = config.logs.folder / LOG_FILE
    if journal is None:
        raise BadInput("name a journal: --config FILE or --journal FILE")
    if log is not None and not log.is_file():
        raise BadInput(f"there is no log {log}")
    return journal, log


def _selection(arguments: argparse.Namespace, journal: Path) -> Selection:
    now = datetime.now(UTC)
    visit = arguments.visit and _visit(arguments.visit)
    if arguments.ticket is not None:
        visit = _visit_of_ticket(journal, arguments.ticket)
    if arguments.minutes is not None and not 1 <= arguments.minutes <= 60 * 24 * 366:
        raise BadInput(f"--minutes should be from 1 to a year's, and is {arguments.minutes}")
    until = _moment("--until", arguments.until) if arguments.until else now
    if arguments.since:
        since = _moment("--since", arguments.since)
    else:
        since = until - timedelta(minutes=arguments.minutes or STANDARD_STRETCH)
    if since > until:
        raise BadInput(f"--since {since.astimezone(BRUSSELS):%Y-%m-%d %H:%M} is after the end of the stretch")
    return Selection(since, until, visit)


def _visit(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is no visit's id; --ticket takes the code on a ticket") from None


def _visit_of_ticket(journal: Path, text: str) -> UUID:
    try:
        return find_ticket(journal, normalise(text))
    except CodeError:
        raise BadInput(f"{text!r} is no ticket code; one looks like K7M-3QX-Q") from None
    except NoSuchTicket as problem:
        raise BadInput(f"this journal has no ticket {problem}") from None


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text!r} is no moment; one looks like 2026-11-22T10:00") from None
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=BRUSSELS)


def _as_json(moment: Moment) -> dict[str, object]:
    return {
        "at": moment.at.astimezone(UTC).isoformat(),
        "track": moment.track,
        "what": moment.what,
        "recorded": moment.recorded,
        "alarming": moment.alarming,
        "visit": moment.visit_id,
        "sequence": moment.sequence,
        "details": dict(moment.details),
    }
