"""What the two calls do that make nearly all of the load. How they come in is elsewhere (`urls`, `door`)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from backend.appointments import leases
from backend.editions.models import Edition
from backend.fleet import tokens
from backend.fleet.chores import Chores
from backend.fleet.models import Kiosk
from backend.requests import cases, ingestion
from backend.requests.models import OpenCase
from backend.watch import beats, orders
from backend.watch.models import ConsoleOrder
from kiosk.domain import wire

# Every ten seconds: so little has gathered by then that whoever does it is not late for it.
_CHORES = Chores(10, tokens.forget_expired_tokens, leases.take_back_expired)

_NUL = "\\u0000"  # as JSON writes it

# A heartbeat is one change of one row: no index covers what it writes, and what the kiosk is to be told is asked
# along with it, out of an index that holds nothing but that.
_KIOSK, _CASE, _EDITION = Kiosk._meta.db_table, OpenCase._meta.db_table, Edition._meta.db_table
_ORDER = ConsoleOrder._meta.db_table
_LATEST = f"""
    (SELECT e.digest FROM {_EDITION} AS e WHERE e.municipality_id = {_KIOSK}.municipality_id AND e.kind = '{{kind}}'
     ORDER BY e.id DESC LIMIT 1)
"""
_NOTE = f"""
    UPDATE {_KIOSK} SET last_seen = %s, heartbeat = %s, synced_at = {{synced}} WHERE id = {{whose}}
    RETURNING EXISTS (SELECT 1 FROM {_CASE} AS c
                      WHERE c.kiosk_id = {_KIOSK}.id AND c.closed_at IS NOT NULL AND c.kiosk_closed_at IS NULL),
              EXISTS (SELECT 1 FROM {_ORDER} AS o
                      WHERE o.kiosk_id = {_KIOSK}.id AND o.answered_at IS NULL AND o.taken_at IS NULL),
              {_LATEST.format(kind=wire.EditionKind.PROFILE)}, {_LATEST.format(kind=wire.EditionKind.NOTICES)}
"""
_WAITING, _ALL_TOLD = "synced_at", "CASE WHEN synced_at > %s THEN synced_at ELSE %s END"
_NOTES = {synced: _NOTE.format(synced=synced, whose="%s") for synced in (_WAITING, _ALL_TOLD)}
# PostgreSQL spends the token and keeps the heartbeat in one statement, whose commit does not wait for the disk: nobody
# erases anything because a heartbeat was answered, and the next one says all of it again.
_SPEND_AND_NOTE = {
    synced: f"WITH spent AS ({tokens.SPEND})"
    f" {_NOTE.format(synced=synced, whose='(SELECT kiosk_id FROM spent)').rstrip()}, {tokens.SOON}"
    for synced in (_WAITING, _ALL_TOLD)
}


def signed_heartbeat(signed: tokens.Signed, beat: wire.Heartbeat, *, now: datetime) -> wire.HeartbeatAnswer:
    """A heartbeat whose token is not spent yet. Raises TokenRefused."""
    if not tokens.commits_alone():
        return heartbeat(signed.spend(), beat, now=now)
    synced, values = _kept(beat, now)
    row = _row(_SPEND_AND_NOTE[synced], [*signed.values(), *values])
    if row is None:
        raise signed.refused()
    return _answer(signed.caller, beat, now, *row[:-1])


def heartbeat(caller: tokens.Caller, beat: wire.Heartbeat, *, now: datetime) -> wire.HeartbeatAnswer:
    """Keep what the kiosk says of itself, and tell it what it has not recorded yet."""
    synced, values = _kept(beat, now)
    row = _row(_NOTES[synced], [*values, caller.database_id])
    return _answer(caller, beat, now, *(row or (False, False, None, None)))


def _kept(beat: wire.Heartbeat, now: datetime) -> tuple[str, list[Any]]:
    moment = connection.ops.adapt_datetimefield_value
    said = beat.model_dump_json()
    if _NUL in said:
        said = json.dumps(_without_nul(beat.model_dump(mode="json")), ensure_ascii=False)
    values: list[Any] = [moment(now), said]
    if beat.queue_depth:
        return _WAITING, values
    return _ALL_TOLD, [*values, *[moment(min(beat.sent_at, now))] * 2]


def _without_nul(said: Any) -> Any:
    """The same with U+FFFD for each NUL, which PostgreSQL keeps in no text: it costs a letter, not the heartbeat."""
    if isinstance(said, str):
        return said.replace("\x00", "\ufffd")
    if isinstance(said, list):
        return [_without_nul(one) for one in said]
    if isinstance(said, dict):
        return {_without_nul(name): _without_nul(value) for name, value in said.items()}
    return said


def _row(statement: str, values: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _answer(
    caller: tokens.Caller,
    beat: wire.Heartbeat,
    now: datetime,
    waiting: bool,
    ordered: bool,
    profile: str | None,
    notices: str | None,
) -> wire.HeartbeatAnswer:
    decisions = cases.decisions_for(caller.id) if waiting else ()
    given = orders.waiting_for(caller.id, now) if ordered else ()
    beats.keep_sample(caller.id, beat, now)
    _CHORES.do_if_due(now)
    return wire.HeartbeatAnswer(server_time=now, profile=profile, notices=notices, decisions=decisions, orders=given)


def upload(caller: tokens.Caller, batch: wire.EntryBatch, *, now: datetime) -> wire.BatchAnswer:
    """Take in journal entries, each with its own answer."""
    answers, stored = ingestion.ingest(caller.id, batch.batch_id, batch.entries, now)
    return wire.BatchAnswer(batch_id=batch.batch_id, answers=answers, stored=stored)
