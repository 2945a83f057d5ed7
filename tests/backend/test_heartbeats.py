"""What is kept of a heartbeat, and the work that some heartbeats do for all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.fleet.chores import Chores
from backend.fleet.models import Kiosk
from tests.backend.kiosks import BOTH, TestKiosk

ENGINES = BOTH


def _beat(kiosk: TestKiosk, sent_at: datetime, queue_depth: int = 0) -> Kiosk:
    beat = {"sent_at": sent_at.isoformat(), "version": "1.2", "queue_depth": queue_depth, "screen": "welcome"}
    assert kiosk.post("/heartbeat", beat).status_code == 200
    return Kiosk.objects.get(pk=kiosk.id)


def test_a_heartbeat_is_kept_with_the_moment_at_which_it_was_heard(kiosk: TestKiosk) -> None:
    before = datetime.now(UTC)
    row = _beat(kiosk, before)
    assert row.last_seen is not None and row.last_seen >= before
    assert (row.heartbeat["version"], row.heartbeat["screen"]) == ("1.2", "welcome")


def test_told_all_counts_from_the_latest_moment_and_never_from_the_future(kiosk: TestKiosk) -> None:
    now = datetime.now(UTC)
    assert _beat(kiosk, now - timedelta(minutes=5), queue_depth=3).synced_at is None
    assert _beat(kiosk, now - timedelta(minutes=4)).synced_at == now - timedelta(minutes=4)
    assert _beat(kiosk, now - timedelta(minutes=9)).synced_at == now - timedelta(minutes=4)
    ahead = _beat(kiosk, now + timedelta(seconds=20)).synced_at
    assert ahead is not None and ahead < now + timedelta(seconds=20)


def test_chores_are_done_once_in_their_time_and_an_error_does_not_end_them() -> None:
    moment, done = [0.0], list[datetime]()

    def fails(now: datetime) -> None:
        raise OSError("no")

    chores = Chores(10, done.append, clock=lambda: moment[0])
    broken = Chores(10, fails, clock=lambda: moment[0])
    start = datetime.now(UTC)
    for second in range(0, 25, 5):
        moment[0] = second
        chores.do_if_due(start + timedelta(seconds=second))
        broken.do_if_due(start)
    assert done == [start, start + timedelta(seconds=10), start + timedelta(seconds=20)]
