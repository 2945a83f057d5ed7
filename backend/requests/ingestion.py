"""How a batch of journal entries is taken in: every entry kept, the same batch twice changes nothing.

One that cannot be applied becomes a dead letter with its reason and never blocks the rest. The whole batch is one
transaction: its answer is sent after the disk has it.

A batch is first taken at its word: all that is new in it is written and applied together, in one savepoint. Nearly
every batch is good, and costs a tenth of what it costs to take each entry by itself. When anything in it cannot be
applied, the savepoint is undone and each entry gets one of its own.
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

from django.db import DataError, IntegrityError, transaction
from pydantic import ValidationError

from backend.fleet.models import Kiosk
from backend.requests import projection
from backend.requests.models import DeadLetter, StoredEntry
from backend.requests.problems import CannotApply
from backend.requests.rows import Rows
from backend.watch import figures
from kiosk.domain.entries import Entry, VisitStarted
from kiosk.domain.wire import EntryAnswer, EntryOutcome, RejectReason, SequenceGap, Stored

_MAX_SEQUENCE = 2**63 - 1
_MAX_GAPS = 100

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


@transaction.atomic
def ingest(
    kiosk_id: UUID, batch_id: UUID, raw_entries: Sequence[dict[str, Any]], now: datetime
) -> tuple[tuple[EntryAnswer, ...], Stored]:
    """Take in a batch. One answer per entry, in the same order, and what is held of this kiosk now."""
    # One upload of a kiosk after the other. NO KEY: who only names the kiosk in a row of theirs need not wait.
    locked = Kiosk.objects.select_for_update(no_key=True, of=("self",))
    kiosk = locked.select_related("municipality__lookupkey").get(pk=kiosk_id)
    letters = DeadLetter.objects.filter(kiosk=kiosk)
    batch = [_Received.of(raw) for raw in raw_entries]
    together = _take_together(kiosk, batch_id, batch, now)
    told = together or [_take_alone(kiosk, batch_id, one, now) for one in batch]
    answers = tuple(
        EntryAnswer(position=position, id=entry and entry.id, outcome=outcome, reason=reason)
        for position, (entry, outcome, reason) in enumerate(told)
    )
    accepted = sum(answer.outcome is EntryOutcome.ACCEPTED for answer in answers)
    if accepted:
        figures.count(kiosk.pk, [entry for entry, outcome, _ in told if entry and outcome is EntryOutcome.ACCEPTED])
    if together and kiosk.entries_held == kiosk.contiguous_to and not letters.exists():
        return answers, Stored(entries=kiosk.entries_held, dead_letters=0, contiguous_to=kiosk.contiguous_to, gaps=())
    if accepted:
        _try_again(kiosk, now)
    return answers, stored(kiosk)


def stored(kiosk: Kiosk) -> Stored:
    """What is held of this kiosk, and which numbers are missing."""
    gaps = _gaps(kiosk)
    return Stored(
        entries=kiosk.entries_held,
        dead_letters=DeadLetter.objects.filter(kiosk=kiosk, resolved_at__isnull=True).count(),
        contiguous_to=kiosk.contiguous_to,
        gaps=gaps,
    )


def _take_together(kiosk: Kiosk, batch_id: UUID, batch: list[_Received], now: datetime) -> list[_Answer] | None:
    """The answers, where every entry is new and good; None, and nothing done, where it is not so."""
    entries = [one.entry for one in batch if one.entry is not None]
    if not batch or len({entry.sequence for entry in entries}) < len(batch):
        return None
    rows = [_row(kiosk, batch_id, one.entry, one.digest, now) for one in batch if one.entry is not None]
    touched = Rows(kiosk, frozenset(e.visit_id for e in entries if e.visit_id and isinstance(e.body, VisitStarted)))
    try:
        with transaction.atomic():
            StoredEntry.objects.bulk_create(rows)  # one that is known already is refused by the table
            for entry in entries:
                projection.apply(touched, entry)
            touched.flush()
    except (CannotApply, IntegrityError, DataError, OverflowError, ValueError):
        return None
    numbers = sorted(entry.sequence for entry in entries)
    if numbers == list(range(kiosk.contiguous_to + 1, kiosk.contiguous_to + 1 + len(numbers))):
        kiosk.contiguous_to = numbers[-1]  # what lies beyond them is looked for in `_gaps`
    _count(kiosk, len(rows))
    return [(entry, *_ACCEPTED) for entry in entries]


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


def _count(kiosk: Kiosk, more: int) -> None:
    kiosk.entries_held += more
    kiosk.save(update_fields=["entries_held", "contiguous_to"])


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
