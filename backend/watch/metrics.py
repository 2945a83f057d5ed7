"""What Prometheus may read: the backend, and through it every kiosk. All from the database, so any process may answer.

A value that is not known has no sample; `loket_kiosk_part_level` says so (2), and is never missing for a kiosk.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.fleet.models import Kiosk
from backend.requests.models import DeadLetter
from backend.watch import beats, rounds
from backend.watch.models import Alert, ConsoleOrder, Notice, Round
from kiosk.domain.fleet.condition import Beat, Level, Part, worst

LEVELS = {level: number for number, level in enumerate(Level)}  # 0 good, 1 watch, 2 unknown, 3 bad
_OF = ["municipality", "kiosk", "name"]


class Fleet(Collector):
    """Collects anew at each scrape."""

    def __init__(self, now: datetime):
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        kiosks = list(Kiosk.objects.filter(revoked_at__isnull=True).select_related("paper"))
        cases = rounds.open_cases()
        level = GaugeMetricFamily("loket_kiosk_level", "Worst part: 0 good, 1 watch, 2 unknown, 3 bad.", labels=_OF)
        parts = GaugeMetricFamily("loket_kiosk_part_level", "0 good, 1 watch, 2 unknown, 3 bad.", labels=[*_OF, "part"])
        up = GaugeMetricFamily("loket_kiosk_up", "1 while it is heard.", labels=_OF)
        numbers = {name: GaugeMetricFamily(name, help_text, labels=_OF) for name, help_text in _NUMBERS.items()}
        for kiosk in kiosks:
            of = [kiosk.municipality_id, str(kiosk.pk), kiosk.name]
            judged = rounds.judged(kiosk, self._now, cases.get(kiosk.pk, 0))
            beat = beats.beat_of(kiosk)
            heard = judged[Part.LINE].level in (Level.GOOD, Level.WATCH)
            up.add_metric(of, float(heard))
            level.add_metric(of, LEVELS[worst(judged)])
            for part, one in judged.items():
                parts.add_metric([*of, part.value], LEVELS[one.level])
            for name, value in _numbers_of(beat, self._now, heard, cases.get(kiosk.pk, 0)).items():
                if value is not None:
                    numbers[name].add_metric(of, value)
        yield from (level, parts, up, *numbers.values())
        yield from self._backend()

    def _backend(self) -> Iterator[Metric]:
        alerts = GaugeMetricFamily("loket_alerts_open", "Raised and not cleared.", labels=["municipality", "part"])
        rows = Alert.objects.filter(raised_at__isnull=False, cleared_at__isnull=True)
        for town, part, count in rows.values_list("municipality", "part").annotate(count=Count("pk")):
            alerts.add_metric([town, part], count)
        yield alerts
        notices = Notice.objects.filter(sent_at__isnull=True)
        held = Kiosk.objects.aggregate(held=Sum("entries_held"))["held"] or 0
        for name, help_text, value in (
            ("loket_notices_waiting", "Mails and webhooks not sent yet.", notices.filter(given_up_at=None).count()),
            ("loket_notices_given_up", "Not sent within a day.", notices.exclude(given_up_at=None).count()),
            ("loket_orders_waiting", "Orders no kiosk has taken.", _waiting_orders(self._now)),
            ("loket_entries_held", "Entries of all kiosks' records.", held),
            ("loket_dead_letters", "Entries put aside.", DeadLetter.objects.filter(resolved_at=None).count()),
        ):
            yield GaugeMetricFamily(name, help_text, value=value)
        looked = GaugeMetricFamily("loket_watch_last_look_timestamp_seconds", "When the watch last looked.")
        memory = Round.objects.filter(looked_at__isnull=False).first()
        if memory is not None and memory.looked_at is not None:
            looked.add_metric([], memory.looked_at.timestamp())
        yield looked


_NUMBERS = {
    "loket_kiosk_last_heard_timestamp_seconds": "When it was last heard, by the backend's clock.",
    "loket_kiosk_in_service": "1 while it serves.",
    "loket_kiosk_paper_left_metres": "Paper in the printer.",
    "loket_kiosk_queue_depth": "Entries that wait for the backend.",
    "loket_kiosk_queue_age_seconds": "Age of the oldest of them; 0 when none waits.",
    "loket_kiosk_dead_letters": "Entries that the backend refused.",
    "loket_kiosk_open_cases": "Cases that people have to decide.",
    "loket_kiosk_clock_offset_seconds": "The backend's clock minus the kiosk's.",
    "loket_kiosk_cpu_percent": "Load of the processors.",
    "loket_kiosk_memory_percent": "Memory in use.",
    "loket_kiosk_temperature_celsius": "The hottest zone.",
    "loket_kiosk_disk_free_bytes": "Room on the disk of the record.",
    "loket_kiosk_frame_age_seconds": "How old the last picture was at the last heartbeat.",
}


def _numbers_of(beat: Beat, now: datetime, heard: bool, cases: int) -> dict[str, float | None]:
    report = beat.report
    values: dict[str, float | None] = dict.fromkeys(_NUMBERS)
    values["loket_kiosk_last_heard_timestamp_seconds"] = beat.heard_at.timestamp() if beat.heard_at else None
    if not heard or beat.heard_at is None:
        return values  # what it said minutes ago is not known to hold
    waits = report.oldest_entry_at
    age = (beat.heard_at - waits).total_seconds() if waits else 0.0 if beat.queue_depth == 0 else None
    frame = report.last_frame_at
    return values | {
        "loket_kiosk_in_service": None if beat.in_service is None else float(beat.in_service),
        "loket_kiosk_paper_left_metres": None if report.paper_left_mm is None else report.paper_left_mm / 1000,
        "loket_kiosk_queue_depth": beat.queue_depth,
        "loket_kiosk_queue_age_seconds": age,
        "loket_kiosk_dead_letters": beat.dead_letters,
        "loket_kiosk_open_cases": None if report.open_cases is None else max(report.open_cases, cases),
        "loket_kiosk_clock_offset_seconds": report.clock_offset_seconds,
        "loket_kiosk_cpu_percent": report.cpu_percent,
        "loket_kiosk_memory_percent": report.memory_percent,
        "loket_kiosk_temperature_celsius": report.temperature_celsius,
        "loket_kiosk_disk_free_bytes": report.disk_free_bytes,
        "loket_kiosk_frame_age_seconds": max(0.0, (beat.heard_at - frame).total_seconds()) if frame else None,
    }


def _waiting_orders(now: datetime) -> int:
    return ConsoleOrder.objects.filter(taken_at=None, answered_at=None, expires_at__gt=now).count()


@login_not_required
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """For a Prometheus that shows the token: `Authorization: Bearer …`. Closed where no token is set."""
    token = settings.METRICS_TOKEN
    if not token:
        return HttpResponse(status=404)
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode(), token.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Fleet(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@login_not_required
@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@login_not_required
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Whether calls can be served: the database answers and is up to date."""
    from backend import administration

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        migrated = administration.is_migrated()
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    if not migrated:
        return JsonResponse({"status": "the database is not up to date"}, status=503)
    return JsonResponse({"status": "ready"})
