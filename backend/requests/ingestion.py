"""How a batch of journal entries is taken in: every entry kept, the same batch twice changes nothing.

One that cannot be applied becomes a dead letter with its reason and never blocks the rest. The whole batch is one
transaction: its answer is sent after the disk has it.

A batch is first taken at its word: all of it is new, and is written and applied together. Nearly every batch is good,
and costs a tenth of what it costs to take each entry by itself. When anything in it is known already or cannot be
applied, that transaction is undone, and in another one each entry gets a savepoint of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from pydantic import ValidationError

from backend.fleet.models import Kiosk, Municipality
from backend.requests import projection
from backend.requests.models import DeadLetter, LookUpKey, StoredEntry
from backend.requests.problems import CannotApply
from backend.requests.rows import Rows
from backend.statements import table
from backend.watch import figures
from kiosk.domain.record.entries import Entry, VisitStarted
from kiosk.domain.wire import EntryAnswer, EntryOutcome, RejectReason, SequenceGap, Stored

_MAX_SEQUENCE = 2**63 - 1
_MAX_GAPS = 100

_KIOSK = f"""
    SELECT k.municipality_id, k.contiguous_to, k.entries_held, l.key FROM {Kiosk._meta.db_table} AS k
    LEFT JOIN {LookUpKey._meta.db_table} AS l ON l.municipality_id = k.municipality_id WHERE k.id = %s
"""
_HELD = f"""
    UPDATE {Kiosk._meta.db_table} SET contiguous_to = %s, entries_held = %s WHERE id = %s
    RETURNING EXISTS (SELECT 1 FROM {DeadLetter._meta.db_table} AS d WHERE d.kiosk_id = {Kiosk._meta.db_table}.id)
"""

_Answer = tuple[Entry | None, EntryOutcome, RejectReason | None]
_ACCEPTED = (EntryOutcome.ACCEPTED, None)


@dataclass(frozen=True, slots=True)
class _Received:
    """An entry as it came: its text in one order of names, by whose digest it is known again."""

    raw: dict[str, Any]
    text: str
    digest: str
    entry: Entry | None

    @classmethod
    def of(cls, raw: dict[str, Any]) -> _Received:
        text = json.dumps(raw, sort_keys=True, separators=(",", ":"))
        return cls(raw, text, sha256(text.encode()).hexdigest(), _read(raw))


class _NotAllNewAndGood(Exception):
    """The batch cannot be taken at its word."""


def ingest(
    kiosk_id: UUID, batch_id: UUID, raw_entries: Sequence[dict[str, Any]], now: datetime
) -> tuple[tuple[EntryAnswer, ...], Stored]:
    """Take in a batch. One answer per entry, in the same order, and what is held of this kiosk now."""
    batch = [_Received.of(raw) for raw in raw_entries]
    try:
        told, held = _taken_together(kiosk_id, batch_id, batch, now)
    except _NotAllNewAndGood:
        told, held = _taken_one_by_one(kiosk_id, batch_id, batch, now)
    answers = tuple(
        EntryAnswer(position=position, id=entry and entry.id, outcome=outcome, reason=reason)
        for position, (entry, outcome, reason) in enumerate(told)
    )
    return answers, held


def stored(kiosk: Kiosk) -> Stored:
    """What is held of this kiosk, and which numbers are missing."""
    gaps = _gaps(kiosk)
    return Stored(
        entries=kiosk.entries_held,
        dead_letters=DeadLetter.objects.filter(kiosk=kiosk, resolved_at__isnull=True).count(),
        contiguous_to=kiosk.contiguous_to,
        gaps=gaps,
    )


@transaction.atomic
def _taken_together(
    kiosk_id: UUID, batch_id: UUID, batch: list[_Received], now: datetime
) -> tuple[list[_Answer], Stored]:
    """The answers, where every entry is new and good. Raises _NotAllNewAndGood, and nothing is done, where not."""
    entries = [one.entry for one in batch if one.entry is not None]
    if not batch or len({entry.sequence for entry in entries}) < len(batch):
        raise _NotAllNewAndGood
    kiosk = _locked(kiosk_id)
    touched = Rows(kiosk, frozenset(e.visit_id for e in entries if e.visit_id and isinstance(e.body, VisitStarted)))
    try:
        rows = [_row(kiosk, batch_id, one.entry, one.digest, now) for one in batch if one.entry is not None]
        if table(StoredEntry).insert(rows, unless_known=True) < len(rows):
            raise _NotAllNewAndGood
        for entry in entries:
            projection.apply(touched, entry)
        touched.flush()
    except (CannotApply, IntegrityError, DataError, OverflowError, ValueError):
        raise _NotAllNewAndGood from None
    numbers = sorted(entry.sequence for entry in entries)
    if numbers == list(range(kiosk.contiguous_to + 1, kiosk.contiguous_to + 1 + len(numbers))):
        kiosk.contiguous_to = numbers[-1]  # what lies beyond them is looked for in `_gaps`
    letters = _count(kiosk, len(rows))
    figures.count(kiosk.pk, entries)
    told: list[_Answer] = [(entry, *_ACCEPTED) for entry in entries]
    if kiosk.entries_held == kiosk.contiguous_to and not letters:
        return told, Stored(entries=kiosk.entries_held, dead_letters=0, contiguous_to=kiosk.contiguous_to, gaps=())
    _try_again(kiosk, now)
    return told, stored(kiosk)


@transaction.atomic
def _taken_one_by_one(
    kiosk_id: UUID, batch_id: UUID, batch: list[_Received], now: datetime
) -> tuple[list[_Answer], Stored]:
    kiosk = _locked(kiosk_id)
    told = [_take_alone(kiosk, batch_id, one, now) for one in batch]
    if accepted := [entry for entry, outcome, _ in told if entry and outcome is EntryOutcome.ACCEPTED]:
        figures.count(kiosk.pk, accepted)
        _try_again(kiosk, now)
    return told, stored(kiosk)


def _locked(kiosk_id: UUID) -> Kiosk:
    """What this needs to know of the kiosk. One upload of a kiosk after the other: the row is locked."""
    with connection.cursor() as cursor:
        # NO KEY: who only names the kiosk in a row of theirs need not wait.
        lock = " FOR NO KEY UPDATE OF k" if connection.vendor == "postgresql" else ""
        cursor.execute(_KIOSK + lock, [Kiosk._meta.pk.get_db_prep_value(kiosk_id, connection)])
        row = cursor.fetchone()
    if row is None:
        raise Kiosk.DoesNotExist
    municipality_id, contiguous_to, entries_held, key = row
    kiosk = Kiosk.from_db(
        connection.alias,
        ("id", "municipality_id", "contiguous_to", "entries_held"),
        (kiosk_id, municipality_id, contiguous_to, entries_held),
    )
    kiosk.municipality = Municipality.from_db(connection.alias, ("id",), (municipality_id,))
    if key is not None:
        kiosk.municipality.lookupkey = LookUpKey(municipality_id=municipality_id, key=key)
    return kiosk


def _take_alone(kiosk: Kiosk, batch_id: UUID, one: _Received, now: datetime) -> _Answer:
    entry = one.entry
    if entry is None:
        return None, EntryOutcome.REJECTED, _bury(kiosk, None, one, RejectReason.UNREADABLE, now)
    known = StoredEntry.objects.filter(pk=entry.id).first()
    if known is not None:
        if known.kiosk_id == kiosk.pk and known.digest == one.digest:
            return _answer_again(known, entry)
        return entry, EntryOutcome.REJECTED, _bury(kiosk, None, one, RejectReason.ID_REUSED, now)
    if StoredEntry.objects.filter(kiosk=kiosk, sequence=entry.sequence).exists():
        return entry, EntryOutcome.REJECTED, _bury(kiosk, None, one, RejectReason.SEQUENCE_TAKEN, now)
    return _store(kiosk, batch_id, one, entry, now)


def _row(kiosk: Kiosk, batch_id: UUID, entry: Entry, digest: str, now: datetime) -> StoredEntry:
    return StoredEntry(
        id=entry.id,
        kiosk=kiosk,
        sequence=entry.sequence,
        visit_id=entry.visit_id,
        at=entry.at,
        kind=entry.body.kind,
        body=entry.body.model_dump(mode="json"),
        digest=digest,
        batch_id=batch_id,
        received_at=now,
    )


def _count(kiosk: Kiosk, more: int) -> bool:
    """Note how many are held now. Returns whether there is any dead letter of this kiosk."""
    kiosk.entries_held += more
    with connection.cursor() as cursor:
        key = Kiosk._meta.pk.get_db_prep_value(kiosk.pk, connection)
        cursor.execute(_HELD, [kiosk.contiguous_to, kiosk.entries_held, key])
        return bool(cursor.fetchone()[0])


def _read(raw: dict[str, Any]) -> Entry | None:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError:
        return None
    return entry if entry.sequence <= _MAX_SEQUENCE and entry.at.utcoffset() is not None else None


def _answer_again(known: StoredEntry, entry: Entry) -> _Answer:
    if known.applied:
        return entry, EntryOutcome.DUPLICATE, None
    return entry, EntryOutcome.REJECTED, RejectReason(known.dead_letter.reason)


def _store(kiosk: Kiosk, batch_id: UUID, one: _Received, entry: Entry, now: datetime) -> _Answer:
    row = _row(kiosk, batch_id, entry, one.digest, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except (DataError, OverflowError, ValueError):  # a NUL or an unpaired surrogate in a text, a number too large
        return entry, EntryOutcome.REJECTED, _bury(kiosk, None, one, RejectReason.NOT_STORABLE, now)
    _count(kiosk, 1)
    problem = _apply(kiosk, entry)
    if problem is None:
        return entry, *_ACCEPTED
    row.applied = False
    row.save(update_fields=["applied"])
    return entry, EntryOutcome.REJECTED, _bury(kiosk, row, one, problem, now)


def _apply(kiosk: Kiosk, entry: Entry) -> RejectReason | None:
    try:
        with transaction.atomic():
            touched = Rows(kiosk)
            projection.apply(touched, entry)
            touched.flush()
    except CannotApply as problem:
        return problem.reason
    except IntegrityError:  # a rule of the tables: an id that exists, an appointment with two times
        return RejectReason.CONTRADICTION
    except (DataError, OverflowError, ValueError):
        return RejectReason.NOT_STORABLE
    return None


def _bury(kiosk: Kiosk, entry: StoredEntry | None, one: _Received, reason: RejectReason, now: datetime) -> RejectReason:
    sequence = one.raw.get("sequence")
    countable = isinstance(sequence, int) and not isinstance(sequence, bool) and 0 < sequence <= _MAX_SEQUENCE
    letter, _ = DeadLetter.objects.get_or_create(
        kiosk=kiosk,
        digest=one.digest,
        defaults={
            "entry": entry,
            "sequence": sequence if countable else None,
            "raw": one.text,
            "reason": reason.value,
            "received_at": now,
        },
    )
    return RejectReason(letter.reason)


def _try_again(kiosk: Kiosk, now: datetime) -> None:
    """Entries that came before what they speak of: perhaps it is here now."""
    waiting = DeadLetter.objects.filter(
        kiosk=kiosk, resolved_at__isnull=True, reason=RejectReason.OUT_OF_ORDER.value, entry__isnull=False
    ).select_related("entry")
    for letter in waiting.order_by("sequence")[:500]:
        row = letter.entry
        entry = Entry.model_validate(
            {"id": row.id, "sequence": row.sequence, "visit_id": row.visit_id, "at": row.at, "body": row.body}
        )
        problem = _apply(kiosk, entry)
        if problem is None:
            row.applied, letter.resolved_at = True, now
            row.save(update_fields=["applied"])
            figures.count(kiosk.pk, [entry])
        else:
            letter.reason = problem.value
        letter.save(update_fields=["resolved_at", "reason"])


def _gaps(kiosk: Kiosk) -> tuple[SequenceGap, ...]:
    """The missing numbers; moves `contiguous_to` forward over what has arrived."""
    beyond = {"kiosk": kiosk, "sequence__gt": kiosk.contiguous_to}
    arrived = set(StoredEntry.objects.filter(**beyond).values_list("sequence", flat=True))
    arrived |= set(DeadLetter.objects.filter(**beyond).values_list("sequence", flat=True))
    numbers = [kiosk.contiguous_to, *sorted(arrived)]
    gaps = [SequenceGap(first=a + 1, last=b - 1) for a, b in pairwise(numbers) if b - a > 1]
    contiguous = gaps[0].first - 1 if gaps else numbers[-1]
    if contiguous != kiosk.contiguous_to:
        kiosk.contiguous_to = contiguous
        kiosk.save(update_fields=["contiguous_to"])
    return tuple(gaps[:_MAX_GAPS])
