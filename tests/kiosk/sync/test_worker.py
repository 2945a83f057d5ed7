"""The worker: in order, nothing lost, nothing raised into the kiosk."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from kiosk.domain import wire
from kiosk.journal.journal import JournalError
from kiosk.sync.client import SyncProblem
from kiosk.sync.worker import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, SyncWorker
from tests.kiosk.sync.fakes import START, Bench, no_line, problem


def test_what_was_recorded_is_uploaded_in_order_and_marked(bench: Bench) -> None:
    bench.record(250)
    bench.worker.round()
    assert list(bench.town.held.values()) == list(range(1, 251))
    assert bench.town.calls.count("/entries") == 3
    assert (bench.journal.queue_depth(), bench.journal.acknowledged_count()) == (0, 250)
    assert bench.worker.state.online_since == START


def test_without_a_line_everything_stays_queued_and_nothing_is_raised(bench: Bench) -> None:
    bench.town.trouble = no_line
    bench.record(3)
    for _ in range(20):
        bench.worker.round()
        bench.clock.later(minutes=10)
    state = bench.worker.state
    assert (state.online, state.problem, state.queue_depth) == (False, SyncProblem.UNREACHABLE, 3)
    assert state.offline_since == START  # since when, not since the last attempt
    bench.town.trouble = None
    bench.worker.round()
    assert (bench.worker.state.online, bench.worker.state.problem, bench.journal.queue_depth()) == (True, None, 0)


def test_before_the_first_answer_online_and_offline_are_not_known(bench: Bench) -> None:
    assert (bench.worker.state.online_since, bench.worker.state.offline_since) == (None, None)


def test_waits_double_up_to_a_longest_and_start_anew_after_an_answer(bench: Bench) -> None:
    bench.town.trouble = no_line
    waits = [bench.worker.round() for _ in range(12)]
    assert waits[:4] == [FIRST_WAIT_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    bench.town.trouble = None
    bench.worker.round()
    bench.town.trouble = no_line
    bench.record()
    assert bench.worker.round() == FIRST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (problem(403, wire.Refusal.REVOKED), SyncProblem.REVOKED),
        (problem(401, wire.Refusal.UNKNOWN_KIOSK), SyncProblem.REVOKED),
        (problem(401, wire.Refusal.BAD_SIGNATURE), SyncProblem.REFUSED),
        (problem(503, wire.Refusal.BUSY), SyncProblem.SERVER_ERROR),
        (httpx.Response(500, text="oops"), SyncProblem.SERVER_ERROR),
        (httpx.Response(502, text="<html>Bad gateway"), SyncProblem.SERVER_ERROR),
        (httpx.Response(200, text="<html>Log in to the guest network"), SyncProblem.SERVER_ERROR),
        (httpx.Response(302, headers={"location": "http://portal"}), SyncProblem.SERVER_ERROR),
        (httpx.Response(422, text="<html>a proxy's own opinion"), SyncProblem.SERVER_ERROR),
    ],
)
def test_every_refusal_keeps_the_queue(bench: Bench, answer: httpx.Response, expected: SyncProblem) -> None:
    bench.town.trouble = lambda request: answer
    bench.record(2)
    bench.worker.round()
    assert (bench.worker.state.problem, bench.journal.queue_depth(), bench.journal.dead_letters()) == (expected, 2, 0)


def test_a_wrong_clock_is_reported_with_how_wrong_it_is(bench: Bench) -> None:
    bench.town.trouble = lambda request: problem(401, wire.Refusal.CLOCK_SKEW, START)
    bench.clock.later(days=-400)
    bench.worker.round()
    state = bench.worker.state
    assert (state.problem, state.clock_offset_seconds) == (SyncProblem.CLOCK_SKEW, 400 * 86400)


def test_a_dead_letter_is_put_aside_and_the_rest_goes_on(bench: Bench) -> None:
    bench.town.reject = {2: wire.RejectReason.CONTRADICTION}
    bench.record(3)
    bench.worker.round()
    state = bench.worker.state
    assert (state.queue_depth, state.dead_letters, bench.journal.acknowledged_count()) == (0, 1, 2)


def test_one_entry_that_fails_every_batch_is_found_and_put_aside(bench: Bench) -> None:
    bench.town.poison = 37
    bench.record(120)
    bench.worker.round()
    assert sorted(bench.town.held.values()) == [number for number in range(1, 121) if number != 37]
    assert (bench.journal.queue_depth(), bench.journal.dead_letters()) == (0, 1)


def test_the_worker_keeps_slots_in_stock_and_renews_them(bench: Bench) -> None:
    bench.worker.round()
    assert (bench.worker.state.free_slots, len(bench.town.leases)) == (20, 1)
    bench.worker.round()
    assert len(bench.town.leases) == 1
    bench.clock.later(minutes=30)
    bench.worker.round()
    assert len(bench.town.leases) == 2


def test_a_small_town_is_not_asked_again_and_again_for_slots_it_has_not(bench: Bench) -> None:
    bench.town.slots = 2
    for _ in range(5):
        bench.worker.round()
        bench.clock.later(seconds=30)
    assert len(bench.town.leases) == 1


def test_a_time_that_the_backend_leases_no_more_is_offered_no_more(bench: Bench) -> None:
    bench.worker.round()
    bench.town.slots = 15
    bench.clock.later(minutes=30)
    bench.worker.round()
    assert bench.worker.state.free_slots == 15


def test_slots_are_leased_after_all_bookings_were_told(bench: Bench) -> None:
    bench.record()
    bench.worker.round()
    assert bench.town.calls == ["/entries", "/heartbeat", "/slots/lease"]
    assert bench.town.beats[0].queue_depth == 0


def test_a_clock_put_back_by_years_does_not_silence_the_kiosk(bench: Bench) -> None:
    bench.worker.round()
    bench.clock.later(days=-3000)
    bench.worker.round()
    assert len(bench.town.beats) == 2


def test_a_refusing_disk_is_a_state_and_not_an_end(bench: Bench) -> None:
    bench.record()
    bench.journal._connection.execute("PRAGMA query_only=ON")  # as a file system that went read-only
    bench.worker.round()
    assert bench.worker.state.journal_problem and bench.journal.queue_depth() == 1
    bench.journal._connection.execute("PRAGMA query_only=OFF")
    bench.worker.round()
    assert (bench.worker.state.journal_problem, bench.journal.queue_depth(), len(bench.town.held)) == (None, 0, 1)


def test_in_its_thread_it_wakes_at_once_and_drains(bench: Bench) -> None:
    bench.worker.start()
    assert bench.worker.drain(10)
    bench.record(5)
    assert bench.worker.drain(10)  # far sooner than the half minute of a poll
    assert len(bench.town.held) == 5
    bench.record()
    bench.town.trouble = no_line
    assert not bench.worker.drain(0.05)
    assert bench.worker.stop()


def test_state_changes_are_told_once(bench: Bench) -> None:
    bench.town.trouble = no_line
    for _ in range(5):
        bench.worker.round()
    assert [state.problem for state in bench.states] == [SyncProblem.UNREACHABLE]


def test_a_backend_that_is_back_is_found_by_the_next_round_though_nothing_waits(bench: Bench) -> None:
    bench.worker.round()
    bench.town.trouble = no_line
    bench.record()
    bench.worker.round()
    bench.town.trouble = None
    bench.journal.acknowledge([entry.id for entry in bench.journal.outbox()])
    bench.worker.round()  # no heartbeat and no lease is due yet
    assert bench.worker.state.online


def paced(bench: Bench) -> SyncWorker:
    return SyncWorker(
        bench.journal, bench.client, jitter=lambda: 1.0, now=bench.clock, paced=True, journal_errors=(JournalError,)
    )


def test_a_beat_of_the_screen_goes_at_once(bench: Bench) -> None:
    worker = paced(bench)
    worker.round()
    bench.clock.later(seconds=30)
    worker.round()
    assert len(bench.town.beats) == 1  # half a minute is the screen's to say
    worker.beat()
    worker.round()
    assert len(bench.town.beats) == 2


def test_without_a_frame_the_kiosk_still_says_that_it_lives(bench: Bench) -> None:
    worker = paced(bench)
    worker.round()
    bench.clock.later(seconds=46)
    worker.round()
    assert len(bench.town.beats) == 2


def test_the_clocks_difference_is_measured_with_each_heartbeat(bench: Bench) -> None:
    assert bench.worker.clock_offset is None
    bench.town.ahead = timedelta(seconds=7)
    bench.worker.round()
    assert bench.worker.clock_offset == pytest.approx(7.0)
