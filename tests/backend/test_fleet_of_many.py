"""Two hundred kiosks, a sixth of them in trouble: every fault is raised once and cleared once, and nothing else is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from backend.fleet.models import Municipality
from backend.watch import living, rounds
from backend.watch.models import Alert, Sample
from backend.watch.simulation import TROUBLES, SimulatedKiosk, Trouble
from tests.backend.kiosks import BOTH

ENGINES = BOTH
START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # at night: nobody comes, no paper goes
KIOSKS, BEAT = 200, timedelta(seconds=30)

# What each trouble is to be told as. A printer with its cover open keeps the kiosk out of service besides.
PARTS = {
    "offline": {"line"},
    "frozen": {"screen"},
    "terminal": {"terminal"},
    "printer": {"printer", "service"},
    "reader": {"reader"},
    "queue": {"queue"},
    "case": {"cases"},
    "disk": {"disk"},
    "clock": {"clock"},
    "machine": {"machine"},
    "unknown": {"paper", "disk"},
}


def test_a_fleet_of_two_hundred_with_faults(town: Municipality) -> None:
    fleet = living.fill(town, KIOSKS, days=0, seed=3, now=START)
    for kiosk in fleet.kiosks.values():
        kiosk.trouble, kiosk.left_mm = Trouble(), 60_000
    fleet.random.random = lambda: 1.0  # type: ignore[method-assign]  # nothing breaks or is mended by chance
    now = START

    def run(minutes: float) -> None:
        nonlocal now
        for _ in range(int(minutes * 2)):
            now += BEAT
            fleet.beat(now)
            rounds.look(now)

    run(4)  # the watch has just begun: it blames nobody for the time before
    assert Alert.objects.count() == 0
    expected: Counter[tuple[object, str]] = Counter()
    in_trouble: list[SimulatedKiosk] = []
    for (key, kiosk), (name, trouble, _) in zip(list(fleet.kiosks.items()), TROUBLES * 3, strict=False):
        kiosk.trouble = trouble
        in_trouble.append(kiosk)
        expected.update((key, part) for part in PARTS[name])
    run(11)
    raised = Counter(Alert.objects.filter(raised_at__isnull=False).values_list("kiosk", "part"))
    assert raised == expected
    for kiosk in in_trouble:
        kiosk.trouble = Trouble()
    run(6)
    assert Counter(Alert.objects.filter(cleared_at__isnull=False).values_list("kiosk", "part")) == expected
    assert Alert.objects.filter(cleared_at__isnull=True).count() == 0
    assert Sample.objects.count() <= KIOSKS * 4  # one in ten minutes, however often they beat
