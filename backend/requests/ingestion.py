"""How a batch of journal entries is taken in: every entry kept, the same batch twice changes nothing.

Each entry stands alone in a savepoint. One that cannot be applied becomes a dead letter with its reason and
never blocks the rest. The whole batch is one transaction: its answer is sent after the disk has it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from kiosk.domain.entries import Entry
from kiosk.domain.wire import EntryAnswer, EntryOutcome, RejectReason, SequenceGap, Stored

_MAX_SEQUENCE = 2**63 - 1
_MAX_GAPS = 100


@transaction.atomic
def ingest(
    kiosk: Kiosk, batch_id: UUID, raw_entries: Sequence[dict[str, Any]], now: datetime
) -> tuple[tuple[EntryAnswer, ...], Stored]:
    """Take in a batch. One answer per entry, in the same order, and what is held of this kiosk now."""
    # One upload of a kiosk after the other. NO KEY: who only names the kiosk in a row of theirs need not wait.
    kiosk = Kiosk.objects.select_for_update(no_key=True, of=("self",)).select_related("municipality").get(pk=kiosk.pk)
    answers = []
    for position, raw in enumerate(raw_entries):
        entry, outcome, reason = _take_in(kiosk, batch_id, raw, now)
        answers.append(EntryAnswer(position=position, id=entry and entry.id, outcome=outcome, reason=reason))
    if any(answer.outcome is EntryOutcome.ACCEPTED for answer in answers):
        _try_again(kiosk, now)
    return tuple(answers), stored(kiosk)


def stored(kiosk: Kiosk) -> Stored:
    """What is held of this kiosk, and which numbers are missing."""
    gaps = _gaps(kiosk)
    return Stored(
        entries=StoredEntry.objects.filter(kiosk=kiosk).count(),
        dead_letters=DeadLetter.objects.filter(kiosk=kiosk, resolved_at__isnull=True).count(),
        contiguous_to=kiosk.contiguous_to,
        gaps=gaps,
    )


def _take_in(
    kiosk: Kiosk, batch_id: UUID, raw: dict[str, Any], now: datetime
) -> tuple[Entry | None, EntryOutcome, RejectReason | None]:
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    digest = sha256(text.encode()).hexdigest()
    entry = _read(raw)
    if entry is None:
        reason = _bury(kiosk, None, raw, text, digest, RejectReason.UNREADABLE, now)
        return None, EntryOutcome.REJECTED, reason
    known = StoredEntry.objects.filter(pk=entry.id).first()
    if known is not None:
        if known.kiosk_id == kiosk.pk and known.digest == digest:
            return _answer_again(known, entry)
        return entry, EntryOutcome.REJECTED, _bury(kiosk, None, raw, text, digest, RejectReason.ID_REUSED, now)
    if StoredEntry.objects.filter(kiosk=kiosk, sequence=entry.sequence).exists():
        return entry, EntryOutcome.REJECTED, _bury(kiosk, None, raw, text, digest, RejectReason.SEQUENCE_TAKEN, now)
    return _store(kiosk, batch_id, raw, text, digest, entry, now)


def _read(raw: dict[str, Any]) -> Entry | None:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError:
        return None
    return entry if entry.sequence <= _MAX_SEQUENCE and entry.at.utcoffset() is not None else None


def _answer_again(known: StoredEntry, entry: Entry) -> tuple[Entry, EntryOutcome, RejectReason | None]:
    if known.applied:
        return entry, EntryOutcome.DUPLICATE, None
    return entry, EntryOutcome.REJECTED, RejectReason(known.dead_letter.reason)


def _store(
    kiosk: Kiosk, batch_id: UUID, raw: dict[str, Any], text: str, digest: str, entry: Entry, now: datetime
) -> tuple[Entry, EntryOutcome, RejectReason | None]:
    try:
        with transaction.atomic():
            row = StoredEntry.objects.create(
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
    except (DataError, OverflowError, ValueError):  # a NUL or an unpaired surrogate in a text, a number too large
        reason = _bury(kiosk, None, raw, text, digest, RejectReason.NOT_STORABLE, now)
        return entry, EntryOutcome.REJECTED, reason
    problem = _apply(kiosk, entry)
    if problem is None:
        return entry, EntryOutcome.ACCEPTED, None
    row.applied = False
    row.save(update_fields=["applied"])
    return entry, EntryOutcome.REJECTED, _bury(kiosk, row, raw, text, digest, problem, now)


def _apply(kiosk: Kiosk, entry: Entry) -> RejectReason | None:
    try:
        with transaction.atomic():
            projection.apply(kiosk, entry)
    except CannotApply as problem:
        return problem.reason
    except IntegrityError:  # a rule of the tables: an id that exists, an appointment with two times
        return RejectReason.CONTRADICTION
    except (DataError, OverflowError, ValueError):
        return RejectReason.NOT_STORABLE
    return None


def _bury(
    kiosk: Kiosk,
    entry: StoredEntry | None,
    raw: dict[str, Any],
    text: str,
    digest: str,
    reason: RejectReason,
    now: datetime,
) -> RejectReason:
    sequence = raw.get("sequence")
    countable = isinstance(sequence, int) and not isinstance(sequence, bool) and 0 < sequence <= _MAX_SEQUENCE
    letter, _ = DeadLetter.objects.get_or_create(
        kiosk=kiosk,
        digest=digest,
        defaults={
            "entry": entry,
            "sequence": sequence if countable else None,
            "raw": text,
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
