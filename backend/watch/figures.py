"""What visits came to, hour by hour: counted once, when their entries are taken in, and without anybody in them.

`HourFigures.counts`: `started`, `finished`; `abandoned` by the situation on which the visit ended; `steps`, for each
step a histogram of how long it took (`EDGES`); `payments` by outcome; `errors` by kind. The hour is that of the
kiosk's own clock at the end of the visit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from backend.requests.models import StoredEntry
from backend.statements import table
from backend.watch.models import HourFigures
from kiosk.domain.record.entries import Entry, VisitClosed

# Seconds: upper ends of the histogram's columns; one more holds what took longer.
EDGES = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900)

# A step lasts from the first of these entries to the first after it of those.
STEPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "choose": ("visit_started", frozenset({"request_made"})),
    "pay": ("payment_sent", frozenset({"payment_paid", "payment_not_paid", "payment_unknown"})),
    "print": ("print_started", frozenset({"ticket_delivered", "print_failed"})),
    "take": ("ticket_delivered", frozenset({"visit_closed"})),
}
PAYMENTS = {
    "payment_paid": "paid",
    "payment_not_paid": "not-paid",
    "payment_unknown": "unknown",
    "payment_reversed": "reversed",
    "payment_due": "at-the-desk",
}
ERRORS = frozenset(
    {
        "card_refused",
        "print_failed",
        "payment_unknown",
        "payment_approved_late",
        "payment_not_reversed",
        "day_not_closed",
    }
)
_VISITS_ENTRIES = 200  # a visit is some twenty entries; those of staff may lie between

Counts = dict[str, Any]


def count(kiosk_id: UUID, entries: Sequence[Entry]) -> None:
    """Count entries that were taken in. Each once, in the transaction that stores them, under the kiosk's lock."""
    closed = [entry for entry in entries if isinstance(entry.body, VisitClosed) and entry.visit_id is not None]
    moments = _moments(kiosk_id, closed) if closed else {}
    hours: dict[datetime, list[Counts]] = defaultdict(list)
    for entry in entries:
        if counts := _counts_of(entry, moments):
            hours[hour_of(entry.at)].append(counts)
    for hour, many in hours.items():
        add(kiosk_id, hour, merged(many))


def _counts_of(entry: Entry, moments: Mapping[UUID, Sequence[tuple[str, datetime]]]) -> Counts:
    body, counts = entry.body, Counts()
    if body.kind in ERRORS:
        counts["errors"] = {body.kind: 1}
    if body.kind in PAYMENTS:
        counts["payments"] = {PAYMENTS[body.kind]: 1}
    if body.kind == "visit_started":
        counts["started"] = 1
    if isinstance(body, VisitClosed):
        if body.reason == "completed":
            counts["finished"] = 1
        else:
            counts["abandoned"] = {body.situation[:40]: 1}
        counts["steps"] = steps_of(moments.get(entry.visit_id, ()) if entry.visit_id else ())
    return counts


def add(kiosk_id: UUID, at: datetime, counts: Counts) -> None:
    """Add to the figures of an hour. Who adds to those of a kiosk has its row locked."""
    figures = table(HourFigures)
    row = figures.get(kiosk_id=kiosk_id, hour=hour_of(at))
    if row is None:
        figures.insert([HourFigures(kiosk_id=kiosk_id, hour=hour_of(at), counts=merged([counts]))])
        return
    row.counts = merged((row.counts, counts))
    figures.update(row, ("counts",))


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def merged(many: Iterable[Counts]) -> Counts:
    """The sum of several counts."""
    total: Counts = {}
    for counts in many:
        for name, value in counts.items():
            total[name] = _sum(total.get(name), value)
    return total


def _sum(one: Any, other: Any) -> Any:
    if one is None:
        return other
    if isinstance(other, dict):
        return {key: _sum(one.get(key), other[key]) if key in other else one[key] for key in {**one, **other}}
    if isinstance(other, list):
        return [a + b for a, b in zip(one, other, strict=True)]
    return one + other


def _moments(kiosk_id: UUID, closed: Sequence[Entry]) -> dict[UUID, list[tuple[str, datetime]]]:
    """The kinds and moments of these visits' entries, found by the kiosk's own count."""
    numbers = [entry.sequence for entry in closed]
    visits = [("visit_id", entry.visit_id) for entry in closed]
    rows = table(StoredEntry).values(
        ("visit_id", "kind", "at"),
        f"kiosk_id = %s AND sequence > %s AND sequence <= %s AND visit_id IN ({', '.join(['%s'] * len(visits))})"
        " ORDER BY sequence",
        (
            ("kiosk_id", kiosk_id),
            ("sequence", max(0, min(numbers) - _VISITS_ENTRIES)),
            ("sequence", max(numbers)),
            *visits,
        ),
    )
    found: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    for visit, kind, at in rows:
        found[visit].append((kind, at))
    return found


def steps_of(moments: Sequence[tuple[str, datetime]]) -> dict[str, list[int]]:
    """A histogram of one visit for each step that it went through."""
    found = {}
    for name, (begin, ends) in STEPS.items():
        since = next((at for kind, at in moments if kind == begin), None)
        until = next((at for kind, at in moments if kind in ends and since is not None and at >= since), None)
        if since is not None and until is not None:
            found[name] = histogram([until - since])
    return found


def histogram(lengths: Iterable[timedelta]) -> list[int]:
    """How many took as long as each column says."""
    columns = [0] * (len(EDGES) + 1)
    for length in lengths:
        columns[bisect_right(EDGES, length.total_seconds())] += 1
    return columns


def quantile(columns: Sequence[int], part: float) -> float | None:
    """Seconds below which this part of them was, within the column by straight line; None of none."""
    total = sum(columns)
    if not total:
        return None
    wanted, seen = part * total, 0
    for (low, high), number in zip(pairwise((0, *EDGES, EDGES[-1] * 2)), columns, strict=True):
        if seen + number >= wanted and number:
            return low + (high - low) * (wanted - seen) / number
        seen += number
    return float(EDGES[-1] * 2)


def by_hour(kiosk_id: UUID, since: datetime, until: datetime) -> list[tuple[datetime, Counts]]:
    """The hours of a kiosk in order; an hour in which nothing happened has no row."""
    rows = HourFigures.objects.filter(kiosk_id=kiosk_id, hour__gte=since, hour__lt=until).order_by("hour")
    return list(rows.values_list("hour", "counts"))


def total(hours: Iterable[tuple[datetime, Counts]]) -> Counts:
    """All of them together."""
    return merged(counts for _, counts in hours)


def most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The largest first."""
    return Counter(counts).most_common()
