"""One look at the whole fleet: all kiosks judged, alerts followed, people told, paper forecast. The clock is handed in.

A fleet that falls silent at once is one thing that is wrong and not two hundred: where three or more kiosks of a
municipality are all silent, that is one alert of the municipality. Nor is a kiosk blamed for the watch's own absence:
after a pause each gets its three minutes anew.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet, Window
from django.db.models.functions import Lag, TruncDate

from backend.appointments.models import ClosingDay
from backend.fleet.models import Kiosk
from backend.requests.models import OpenCase
from backend.watch import beats, telling
from backend.watch.alerts import Changes
from backend.watch.models import Alert, PaperForecast, Round, Sample
from backend.watch.paper import BRUSSELS, Sampled, forecast, usage_of
from kiosk.domain.fleet.condition import LIMITS, Judged, Level, Part, judge

log = logging.getLogger("backend.watch")

LOOK_EVERY = timedelta(seconds=15)
PAUSE = timedelta(seconds=90)  # six looks missed: the watch itself was away
FEWEST_FOR_ALL = 3  # of two kiosks, both may well be off
FORECAST_EVERY = timedelta(minutes=30)
FORECASTS_A_LOOK = 40  # 10,000 kiosks in an hour, and no look longer than a second for it
PRUNE_EVERY = timedelta(hours=6)
_IN_HAND = 500  # rows that are read at once

Due = tuple[datetime, UUID]  # since when a forecast is due, and of which kiosk


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look came to."""

    kiosks: int
    raised: int
    cleared: int


def look(now: datetime) -> Looked:
    """Look once. Two watches at the same time look one after the other."""
    with transaction.atomic():
        Round.objects.get_or_create(pk=1)
        memory = Round.objects.select_for_update().get(pk=1)
        if memory.looked_at is None or not timedelta(0) <= now - memory.looked_at <= PAUSE:
            memory.heard_since = now
        memory.looked_at = now
        prune = memory.pruned_at is None or now - memory.pruned_at >= PRUNE_EVERY
        memory.pruned_at = now if prune else memory.pruned_at
        memory.save()
        kiosks, due, changed = _follow(memory.heard_since or now, now)
        forecast_some(due, now)
        changed.write()
        telling.tell(changed, now)
        telling.remind(now)
        telling.summarise(now)
    if prune:
        beats.prune(now)
    for alert in changed.raised:
        log.warning("alert raised: %s %s %s", alert.kiosk_id or alert.municipality_id, alert.part, alert.why)
    for alert in changed.cleared:
        log.info("alert cleared: %s %s", alert.kiosk_id or alert.municipality_id, alert.part)
    return Looked(kiosks, len(changed.raised), len(changed.cleared))


def judged(kiosk: Kiosk, now: datetime, cases: int) -> dict[Part, Judged]:
    """One kiosk as it is now, with what the backend knows besides."""
    paper = getattr(kiosk, "paper", None)
    return judge(beats.beat_of(kiosk), now, day_need_mm=paper.day_need_mm if paper else None, cases=cases)


def open_cases(kiosks: list[Kiosk] | None = None) -> dict[object, int]:
    """How many cases wait for a decision at each kiosk."""
    rows = OpenCase.objects.filter(closed_at__isnull=True)
    if kiosks is not None:
        rows = rows.filter(kiosk__in=kiosks)
    return dict(rows.values_list("kiosk").annotate(count=Count("pk")))


def _follow(watching_since: datetime, now: datetime) -> tuple[int, list[Due], Changes]:
    """All kiosks, town by town, so that never more than one town is held: how many, who is to be forecast, alerts."""
    cases = open_cases()
    open_alerts: dict[object, dict[str, Alert]] = defaultdict(dict)
    for alert in Alert.objects.filter(cleared_at__isnull=True).select_related("municipality", "kiosk"):
        open_alerts[alert.kiosk_id or alert.municipality_id][alert.part] = alert
    back = dict(
        Alert.objects.filter(kiosk__isnull=True, cleared_at__gt=now - timedelta(days=1))
        .values_list("municipality")
        .annotate(last=Max("cleared_at"))
    )
    changed, due, count = Changes(), list[Due](), 0
    rows = Kiosk.objects.filter(revoked_at__isnull=True).select_related("municipality", "paper")
    for town, of_town in groupby(rows.order_by("municipality").iterator(_IN_HAND), lambda row: row.municipality_id):
        fleet = [(kiosk, judged(kiosk, now, cases.get(kiosk.pk, 0))) for kiosk in of_town]
        count += len(fleet)
        due += [(made, kiosk.pk) for kiosk, _ in fleet if (made := _forecast_of(kiosk, now)) is not None]
        heard = [one for one in fleet if one[0].heartbeat]
        silent = [parts[Part.LINE].level is Level.BAD for _, parts in heard]
        grace = max(watching_since, back.get(town, watching_since))
        away = now - grace < LIMITS.offline
        all_silent = len(heard) >= FEWEST_FOR_ALL and all(silent)
        back_now = _of_the_town(changed, fleet[0][0], all_silent and not away, open_alerts[town].get("line"), now)
        away = away or back_now
        for kiosk, parts in fleet:
            if parts[Part.LINE].level is Level.BAD and (all_silent or away):
                parts = {part: one for part, one in parts.items() if part is Part.CASES}
            changed.follow(kiosk, parts, open_alerts[kiosk.pk], now)
    return count, due, changed


def _of_the_town(changed: Changes, one_of_it: Kiosk, silent: bool, alert: Alert | None, now: datetime) -> bool:
    """The alert of a whole municipality. Whether it is just over."""
    if silent and alert is None:
        town = one_of_it.municipality
        changed.raise_it(Alert(municipality=town, part=Part.LINE.value, why="all-silent", began_at=now), now)
    elif alert is not None and not silent:
        changed.clear(alert, now)
        return True
    return False


# --- Paper -----------------------------------------------------------------------------------------------


def forecast_some(due: list[Due], now: datetime, most: int = FORECASTS_A_LOOK) -> int:
    """Forecast anew for those whose forecast is oldest, or whose roll is another. Returns for how many."""
    chosen = Kiosk.objects.filter(pk__in=[key for _, key in sorted(due)[:most]])
    closed: dict[str, set[date]] = defaultdict(set)
    for town, day in ClosingDay.objects.filter(day__gte=now.date()).values_list("municipality", "day"):
        closed[town].add(day)
    for kiosk in chosen:
        left = beats.beat_of(kiosk).report.paper_left_mm
        said = forecast(
            left, usage_of(samples_of(kiosk, now), days_seen(kiosk, now)), now, closed[kiosk.municipality_id]
        )
        PaperForecast.objects.update_or_create(
            kiosk=kiosk,
            defaults={
                "made_at": now,
                "left_mm": left,
                "day_need_mm": said.day_need_mm if said else None,
                "earliest": said.earliest if said else None,
                "likely": said.likely if said else None,
                "latest": said.latest if said else None,
                "days_seen": said.days_seen if said else 0,
            },
        )
    return len(chosen)


def samples_of(kiosk: Kiosk, now: datetime) -> list[Sampled]:
    """What was left in its printer, over the weeks that are kept; the first, and then each that says something else."""
    before = Window(Lag("paper_left_mm", default=-1), order_by="at")
    changed = _known(kiosk, now).annotate(before=before).exclude(before=F("paper_left_mm"))
    return list(changed.order_by("at").values_list("at", "paper_left_mm"))


def days_seen(kiosk: Kiosk, now: datetime) -> list[date]:
    """On which days (Europe/Brussels) it said what was left."""
    days = _known(kiosk, now).annotate(day=TruncDate("at", tzinfo=BRUSSELS))
    return list(days.order_by().values_list("day", flat=True).distinct())


def _known(kiosk: Kiosk, now: datetime) -> QuerySet[Sample]:
    kept = Sample.objects.filter(kiosk=kiosk, at__gt=now - beats.SAMPLES_KEPT, at__lte=now)
    return kept.filter(paper_left_mm__isnull=False)


def _forecast_of(kiosk: Kiosk, now: datetime) -> datetime | None:
    """Since when a new forecast is due; None: not yet."""
    made: PaperForecast | None = getattr(kiosk, "paper", None)
    if made is None:
        return kiosk.enrolled_at
    left = (kiosk.heartbeat.get("report") or {}).get("paper_left_mm")
    refilled = isinstance(left, int) and (made.left_mm is None or left > made.left_mm)
    return made.made_at if refilled or now - made.made_at >= FORECAST_EVERY else None
