"""How long the watch takes for one look at the whole fleet, on PostgreSQL: judging, alerts, notices, paper.

Simulated kiosks in towns of twenty say every half minute how they are; a share of them is in trouble, and stays so for
some minutes. Each town has somebody to tell. The watch looks every fifteen seconds, so a look that takes longer than
that falls behind. What the kiosks say is written between the looks and is not measured. Some kiosks have two months of
samples behind them: as many as are forecast in these looks, for all of them would be ninety million rows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from tests.backend.postgresql import PrivatePostgreSQL
from tests.bench.towns import KIOSKS_IN_A_TOWN

BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LOOK, BEAT = timedelta(seconds=15), timedelta(seconds=30)
MOST_SECONDS = 5.0  # of a look at the median: a third of the time until the next


class Fleet:
    """Kiosks and towns in the database. Needs a started Django."""

    def __init__(self, kiosks: int, troubled: float, random: Random):
        from backend import administration
        from backend.fleet.models import Kiosk, Municipality
        from backend.watch.models import Recipient
        from backend.watch.simulation import SimulatedKiosk, draw_trouble

        administration.migrate()
        towns = [Municipality(id=f"town-{n}", name=f"Town {n}") for n in range(-(-kiosks // KIOSKS_IN_A_TOWN))]
        Municipality.objects.bulk_create(towns)
        Recipient.objects.bulk_create(
            Recipient(municipality=town, channel="mail", target=f"kiosks@{town.pk}.example") for town in towns
        )
        rows = [
            Kiosk(
                municipality=towns[number // KIOSKS_IN_A_TOWN],
                name=f"kiosk {number}",
                public_key=f"{number:043d}",
                key_id=f"{number:011d}",
                enrolled_at=BEGIN - timedelta(days=70),
            )
            for number in range(kiosks)
        ]
        Kiosk.objects.bulk_create(rows, batch_size=2000)
        self.simulated: dict[UUID, SimulatedKiosk] = {}
        for number, row in enumerate(rows):
            kiosk = self.simulated[row.pk] = SimulatedKiosk(number, left_mm=random.randrange(20_000, 80_000))
            kiosk.last_visit = BEGIN
        chosen = random.sample(list(self.simulated), round(troubled * kiosks))
        self.troubles = {key: draw_trouble(random)[1] for key in chosen}

    def samples(self, kiosks: int) -> None:
        """Two months of a sample in ten minutes, for so many: a roll a week."""
        from django.db import connection

        with connection.cursor() as cursor:
            for key in list(self.simulated)[:kiosks]:
                cursor.execute(
                    "INSERT INTO watch_sample (kiosk_id, at, paper_left_mm)"
                    " SELECT %s, at, 80000 - (extract(epoch FROM at)::bigint / 600 %% 1008) * 75"
                    " FROM generate_series(%s - interval '62 days', %s, interval '10 minutes') AS at",
                    [key, BEGIN, BEGIN],
                )

    def trouble(self, begins: bool) -> None:
        """Something breaks at the chosen, or all is mended."""
        from backend.watch.simulation import Trouble

        for key, trouble in self.troubles.items():
            self.simulated[key].trouble = trouble if begins else Trouble()

    def beat(self, now: datetime) -> None:
        """What each says now lies in its row, as a heartbeat leaves it there."""
        from django.db import connection

        said = [
            (now, beat.model_dump_json(), key) for key, one in self.simulated.items() if (beat := one.heartbeat(now))
        ]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE fleet_kiosk SET last_seen = %s, heartbeat = %s WHERE id = %s", said)


def main(argv: list[str] | None = None) -> int:
    """Measure, and print. Returns 1 where a look took too long."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--kiosks", type=int, default=10_000)
    parser.add_argument("--troubled", type=float, default=0.1, help="the share of kiosks in trouble (default 0.1)")
    parser.add_argument("--minutes", type=int, default=4, help="of trouble, and as many after it (default 4)")
    arguments = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="loket-bench-") as data,
        PrivatePostgreSQL(shared_buffers="512MB") as database,
    ):
        os.environ.update(
            LOKET_DATA=data, LOKET_DATABASE=database.create("loket"), DJANGO_SETTINGS_MODULE="backend.settings"
        )
        import django

        from backend import preparation

        preparation.compile_texts(Path(data))
        django.setup()
        fleet = Fleet(arguments.kiosks, arguments.troubled, Random(7))
        return _measure(fleet, arguments.minutes)


def _measure(fleet: Fleet, minutes: int) -> int:
    from django.db import connection

    from backend.watch import rounds

    looks = range(int(timedelta(minutes=minutes) / LOOK))
    fleet.samples(rounds.FORECASTS_A_LOOK * (2 * len(looks) + len(looks)))
    now, worst = BEGIN, 0.0
    print(f"{len(fleet.simulated):,} kiosks, {len(fleet.troubles):,} of them in trouble")
    for name, begins in (("well", None), ("in trouble", True), ("mended", False)):
        if begins is not None:
            fleet.trouble(begins)
        seconds, busy, raised, cleared = [], [], 0, 0
        for number in looks:
            now += LOOK
            if number % int(BEAT / LOOK) == 0:
                fleet.beat(now)
            begin, busy_before = time.perf_counter(), time.process_time()
            looked = rounds.look(now)
            seconds.append(time.perf_counter() - begin)
            busy.append(time.process_time() - busy_before)
            raised, cleared = raised + looked.raised, cleared + looked.cleared
        worst = max(worst, statistics.median(seconds))
        print(
            f"{name:>11}: {len(seconds)} looks, median {statistics.median(seconds):.2f} s,"
            f" longest {max(seconds):.2f} s (processor of the watch: {statistics.median(busy):.2f} s),"
            f" {raised} alerts raised, {cleared} cleared",
            flush=True,
        )
    connection.close()
    return 0 if worst <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
