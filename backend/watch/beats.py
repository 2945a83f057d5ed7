"""What is kept of heartbeats: the last one of each kiosk, as the rules judge it, and a sample in ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.fleet.models import Kiosk
from backend.watch.models import Alert, HourFigures, Notice, Sample
from kiosk.domain.fleet.condition import Beat
from kiosk.domain.fleet.heartbeat import read_report
from kiosk.domain.wire import Heartbeat

SAMPLE_MINUTES = 10
# Ten minutes for two months is 9,000 small rows a kiosk: what a forecast of weeks needs.
SAMPLES_KEPT = timedelta(days=62)
HOURS_KEPT = timedelta(days=400)  # a year beside the year before

_sampled: dict[UUID, datetime] = {}  # the ten minutes of which this process has seen a sample of each kiosk


def keep_sample(kiosk_id: UUID, beat: Heartbeat, now: datetime) -> None:
    """Keep the first heartbeat of these ten minutes."""
    bucket = bucket_of(now)
    if _sampled.get(kiosk_id) == bucket:  # the table's own rule decides; this only spares it most of the questions
        return
    Sample.objects.bulk_create([sample_of(kiosk_id, beat, now)], ignore_conflicts=True)
    _sampled[kiosk_id] = bucket


def sample_of(kiosk_id: UUID, beat: Heartbeat, now: datetime) -> Sample:
    """What of a heartbeat is worth keeping; a value that could not be read is not known."""
    report, _ = read_report(beat.report)
    return Sample(
        kiosk_id=kiosk_id,
        at=bucket_of(now),
        in_service=beat.in_service,
        paper_left_mm=report.paper_left_mm,
        queue_depth=beat.queue_depth,
        cpu_percent=report.cpu_percent,
        memory_percent=report.memory_percent,
        temperature_celsius=report.temperature_celsius,
        disk_free_bytes=report.disk_free_bytes,
        clock_offset_seconds=report.clock_offset_seconds,
        faults=None if report.faults is None else ",".join(report.faults)[:300],
    )


def bucket_of(moment: datetime) -> datetime:
    """The beginning of its ten minutes."""
    return moment.replace(minute=moment.minute - moment.minute % SAMPLE_MINUTES, second=0, microsecond=0)


def beat_of(kiosk: Kiosk) -> Beat:
    """The last heartbeat as the rules judge it. A kiosk that was never heard is a beat without a moment."""
    said: dict[str, Any] = kiosk.heartbeat
    if not said:
        return Beat(heard_at=None)
    report, _ = read_report(said.get("report"))
    return Beat(
        heard_at=kiosk.last_seen,
        in_service=said.get("in_service"),
        version=said.get("version", ""),
        queue_depth=said.get("queue_depth"),
        dead_letters=said.get("dead_letters"),
        report=report,
        profile=said.get("profile", ""),
        profile_problem=said.get("profile_problem", ""),
    )


def unreadable(kiosk: Kiosk) -> tuple[str, ...]:
    """The names of what its last heartbeat said and nobody could read."""
    return read_report(kiosk.heartbeat.get("report"))[1]


def prune(now: datetime) -> dict[str, int]:
    """Take out what is older than it is kept. Returns how many rows of each."""
    old: dict[str, Any] = {
        "samples": Sample.objects.filter(at__lt=now - SAMPLES_KEPT),
        "hours": HourFigures.objects.filter(hour__lt=now - HOURS_KEPT),
        "alerts": Alert.objects.filter(cleared_at__lt=now - HOURS_KEPT),
        "notices": Notice.objects.filter(made_at__lt=now - SAMPLES_KEPT),
    }
    return {name: rows.delete()[0] for name, rows in old.items()}
