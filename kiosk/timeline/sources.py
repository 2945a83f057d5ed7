"""Reads the journal and the log for a stretch of time, and changes neither."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from kiosk.domain.record.entries import PERSONAL_KINDS
from kiosk.timeline.events import Moment, of_entry, of_log_line

# What the devices did just before a visit's first entry and just after its last belongs to its story.
AROUND = timedelta(seconds=10)

MOST_LINE = 64 * 1024  # a longer line of the log is no line of ours


class Unreadable(Exception):
    """A journal or log that cannot be read: which, and why, in one line."""


class NoSuchTicket(Exception):
    """No entry of this journal has that ticket code."""


@dataclass(frozen=True, slots=True)
class Selection:
    """From when to when (aware, both ends in), and of which visit; a visit's own ends count where there is one."""

    since: datetime
    until: datetime
    visit_id: UUID | None = None


def timeline(journal: Path, log: Path | None, selection: Selection) -> list[Moment]:
    """Everything in the selection, in order of time; at the same moment the record comes first. Raises Unreadable."""
    with closing(_open(journal)) as connection:
        if selection.visit_id is not None:
            selection = _stretch(connection, selection)
        moments = list(_entries(connection, selection))
    if log is not None:
        moments += _lines(log, selection)
    return sorted(moments, key=lambda moment: (moment.at, not moment.recorded, moment.sequence or 0))


def find_ticket(journal: Path, code: str) -> UUID:
    """The visit that issued a ticket, by its code as on paper. Raises NoSuchTicket, Unreadable."""
    with closing(_open(journal)) as connection:
        rows = _all(
            connection,
            "SELECT visit_id FROM entries WHERE kind = 'ticket_issued' AND visit_id IS NOT NULL"
            " AND json_extract(body, '$.ticket_code') = ?",
            (code,),
        )
    if not rows:
        raise NoSuchTicket(code)
    return UUID(rows[0][0])


def _open(journal: Path) -> sqlite3.Connection:
    if not journal.is_file():
        raise Unreadable(f"there is no journal {journal}")
    try:
        return sqlite3.connect(f"{journal.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    except sqlite3.Error as problem:
        raise Unreadable(f"{journal} cannot be opened: {problem}") from problem


def _all(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> list[Any]:
    try:
        return connection.execute(statement, values).fetchall()
    except sqlite3.Error as problem:
        raise Unreadable(f"this is no journal of a kiosk, or it is damaged: {problem}") from problem


def _stretch(connection: sqlite3.Connection, selection: Selection) -> Selection:
    """From a visit's first to its last entry, with a little around them; of no time where it has none."""
    first, last = _all(
        connection, "SELECT MIN(at), MAX(at) FROM entries WHERE visit_id = ?", (str(selection.visit_id),)
    )[0]
    if first is None:
        return Selection(selection.since, selection.since - AROUND, selection.visit_id)
    return Selection(datetime.fromisoformat(first) - AROUND, datetime.fromisoformat(last) + AROUND, selection.visit_id)


def _entries(connection: sqlite3.Connection, selection: Selection) -> Iterator[Moment]:
    """The visit's own entries and the kiosk's, not another visit's."""
    rows = _all(
        connection,
        "SELECT sequence, at, kind, visit_id, CASE WHEN erased_at IS NULL THEN body END FROM entries"
        " WHERE at >= ? AND at < ? AND (? IS NULL OR visit_id = ? OR visit_id IS NULL) ORDER BY sequence",
        (
            _as_stored(selection.since),
            _as_stored(selection.until + timedelta(seconds=1)),
            _text(selection.visit_id),
            _text(selection.visit_id),
        ),
    )
    for sequence, at, kind, visit_id, body in rows:
        moment = datetime.fromisoformat(at)
        if not selection.since <= moment <= selection.until:
            continue  # text compares to the second only
        known = None if kind in PERSONAL_KINDS or body is None else _object(body)
        yield of_entry(moment, kind, known, UUID(visit_id) if visit_id else None, sequence)


def _lines(log: Path, selection: Selection) -> Iterator[Moment]:
    """Lines of the log. What is no line of ours (half of one at the end, another program's) is passed over."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            while text := file.readline(MOST_LINE):
                line = _object(text)
                at = _moment(line.get("at"))
                if at is not None and selection.since <= at <= selection.until:
                    told = of_log_line(at, line)
                    if told is not None:
                        yield told
    except OSError as problem:
        raise Unreadable(f"{log} cannot be read: {problem.strerror}") from problem


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def _as_stored(moment: datetime) -> str:
    """As the journal writes moments, to the second; the text of a later fraction is greater than that of its second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def _text(visit_id: UUID | None) -> str | None:
    return str(visit_id) if visit_id else None
