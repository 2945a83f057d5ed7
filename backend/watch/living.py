"""A living fleet for a demonstration: simulated kiosks with weeks behind them, that beat, serve, run out and break.

They come in as real ones do after the door: the same heartbeats, the same figures. Their keys are thrown away, so
nothing that they could sign is believed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import close_old_connections, transaction

from backend.api import calls
from backend.fleet.models import Kiosk, Municipality
from backend.fleet.tokens import Caller
from backend.watch import beats, figures
from backend.watch.figures import Counts
from backend.watch.models import HourFigures, Sample
from backend.watch.simulation import ROLL_MM, SimulatedKiosk, Trouble, Visit, draw_trouble
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import encode_public_key

BEAT_EVERY = 30.0
_HISTORY_STEP = timedelta(minutes=30)
_LOW_MM = 6_000  # somebody comes with a roll before the day is over, most days
_PLACES = ("Hal", "Bibliotheek", "Station", "Dienstencentrum", "Markt", "Sporthal", "Ziekenhuis", "School")
# How often something breaks or is mended, in one beat of one kiosk: an hour or so between the two.
_BREAKS, _MENDS, _REFILLS = 1 / 900, 1 / 60, 1 / 40


@dataclass
class Living:
    """The simulated kiosks of one municipality, by their ids."""

    municipality: Municipality
    kiosks: dict[UUID, SimulatedKiosk]
    random: Random
    last: datetime

    def beat(self, now: datetime) -> int:
        """Time has gone by until now: visits, troubles, and a heartbeat of each. Returns how many were heard."""
        heard = 0
        for key, kiosk in self.kiosks.items():
            self._chance(kiosk)
            for visit in kiosk.visits(self.last, now):
                figures.add(key, visit.at, counts_of(visit))
            beat = kiosk.heartbeat(now)
            if beat is not None:
                calls.heartbeat(Caller(key, self.municipality.pk), beat, now=now)
                heard += 1
        self.last = now
        return heard

    def run(self, clock: Callable[[], datetime], stop: threading.Event) -> None:
        """Beat every half minute until told to stop."""
        while not stop.is_set():
            close_old_connections()
            self.beat(clock())
            stop.wait(BEAT_EVERY)

    def _chance(self, kiosk: SimulatedKiosk) -> None:
        draw = self.random.random()
        if kiosk.trouble == Trouble():
            if draw < _BREAKS:
                _, kiosk.trouble = draw_trouble(self.random)
        elif draw < _MENDS:
            kiosk.trouble = Trouble()
        if kiosk.left_mm < _LOW_MM and self.random.random() < _REFILLS:
            kiosk.refill()


def fill(municipality: Municipality, count: int, days: int, seed: int, now: datetime) -> Living:
    """Make the kiosks with their days behind them. Kiosks that are there from before are taken up again."""
    random = Random(seed)
    known = {row.name: row for row in Kiosk.objects.filter(municipality=municipality, revoked_at__isnull=True)}
    kiosks: dict[UUID, SimulatedKiosk] = {}
    for number in range(count):
        name = f"{_PLACES[number % len(_PLACES)]} {number // len(_PLACES) + 1}"
        simulated = SimulatedKiosk(
            seed * 1000 + number, busy=random.uniform(12, 60), left_mm=random.randrange(20_000, ROLL_MM)
        )
        row = known.get(name)
        with transaction.atomic():
            if row is None:
                row = _enrol(municipality, name, now - timedelta(days=days))
                _history(row, simulated, days, now)
            else:
                left = (row.heartbeat.get("report") or {}).get("paper_left_mm")
                simulated.left_mm = left if isinstance(left, int) else simulated.left_mm
                simulated.last_visit = row.last_seen
        kiosks[row.pk] = simulated
    # Some are in trouble already when somebody looks for the first time.
    for simulated in random.sample(list(kiosks.values()), k=max(1, count // 4)) if count else []:
        _, simulated.trouble = draw_trouble(random)
    return Living(municipality, kiosks, random, now)


def counts_of(visit: Visit) -> Counts:
    """A visit as figures."""
    counts: Counts = {"started": 1}
    if visit.situation is None:
        counts["finished"] = 1
        counts["steps"] = {
            name: figures.histogram([timedelta(seconds=seconds)]) for name, seconds in visit.seconds.items()
        }
    else:
        counts["abandoned"] = {visit.situation: 1}
    if visit.payment:
        counts["payments"] = {visit.payment.replace("_", "-"): 1}
    errors = [visit.error] if visit.error else []
    if visit.payment == "unknown":
        errors.append("payment_unknown")
    if errors:
        counts["errors"] = dict.fromkeys(errors, 1)
    return counts


def _enrol(municipality: Municipality, name: str, at: datetime) -> Kiosk:
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return Kiosk.objects.create(
        municipality=municipality,
        name=name,
        public_key=encode_public_key(raw),
        key_id=key_id_of(raw),
        enrolled_at=at,
        last_seen=at,
    )


def _history(row: Kiosk, simulated: SimulatedKiosk, days: int, now: datetime) -> None:
    moment = beats.bucket_of(now) - timedelta(days=days)
    samples: list[Sample] = []
    hours: dict[datetime, list[Counts]] = {}
    while moment < now:
        until = min(now, moment + _HISTORY_STEP)
        for visit in simulated.visits(moment, until):
            hours.setdefault(figures.hour_of(visit.at), []).append(counts_of(visit))
        if simulated.left_mm < _LOW_MM and simulated.random.random() < 0.2:
            simulated.refill()
        beat = simulated.heartbeat(until)
        if beat is not None and until < now:
            samples.append(beats.sample_of(row.pk, beat, until))
        moment = until
    Sample.objects.bulk_create(samples, ignore_conflicts=True, batch_size=500)
    HourFigures.objects.bulk_create(
        (HourFigures(kiosk=row, hour=hour, counts=figures.merged(many)) for hour, many in hours.items()),
        ignore_conflicts=True,
        batch_size=500,
    )
