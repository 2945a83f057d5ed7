"""Nothing that is missing reads as healthy, and no level flips to and fro around one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.fleet.condition import LIMITS, Beat, Level, Part, judge, urgency, worst
from kiosk.domain.fleet.heartbeat import REPORTED, DeviceReport, DeviceState, Expiry, Report, Restart, read_report

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
READY = DeviceReport(state=DeviceState.READY, since=NOW - timedelta(hours=2), uses=20, errors=0)
WELL = Report(
    boot_id="b0",
    uptime_seconds=9000.0,
    started_at=NOW - timedelta(hours=2),
    restart=Restart.POWER,
    last_frame_at=NOW - timedelta(seconds=3),
    last_visit_at=NOW - timedelta(minutes=8),
    reader=READY,
    terminal=READY,
    printer=READY,
    paper_left_mm=60_000,
    faults=(),
    open_cases=0,
    clock_offset_seconds=0.2,
    cpu_percent=12.0,
    memory_percent=40.0,
    temperature_celsius=51.0,
    undervoltage=False,
    disk_free_bytes=20_000_000_000,
    disk_total_bytes=32_000_000_000,
    disk_writes=True,
    expiring=(),
    pending_update="",
)
BEAT = Beat(NOW - timedelta(seconds=10), True, "0.1.0", queue_depth=0, dead_letters=0, report=WELL)


def of(**changes: object) -> Beat:
    return replace(BEAT, report=WELL.model_copy(update=changes))


def test_a_kiosk_that_said_everything_and_is_well_is_good_in_every_part() -> None:
    parts = judge(BEAT, NOW)
    assert set(parts) == set(Part)
    assert {part: judged for part, judged in parts.items() if judged.level is not Level.GOOD} == {}


@pytest.mark.parametrize("name", sorted(REPORTED))
def test_a_value_that_is_missing_makes_the_kiosk_unknown(name: str) -> None:
    assert worst(judge(of(**{name: None}), NOW)) is Level.UNKNOWN


@pytest.mark.parametrize("name", ["in_service", "queue_depth", "dead_letters", "version"])
def test_so_does_one_of_the_heartbeat_itself(name: str) -> None:
    beat = replace(BEAT, **{name: "" if name == "version" else None})
    assert worst(judge(beat, NOW)) is Level.UNKNOWN


@given(st.sets(st.sampled_from(sorted(REPORTED)), min_size=1))
def test_whatever_is_missing_nothing_else_gets_better_for_it(names: set[str]) -> None:
    order = list(Level)
    before, after = judge(BEAT, NOW), judge(of(**dict.fromkeys(names)), NOW)
    assert all(order.index(after[part].level) >= order.index(before[part].level) for part in Part)
    assert worst(after) is not Level.GOOD


@given(st.dictionaries(st.sampled_from(sorted(Report.model_fields)), st.sampled_from([None, "x", -1, [], {}, True])))
def test_a_report_out_of_shape_is_read_as_far_as_it_goes_and_never_as_well(rubbish: dict[str, object]) -> None:
    raw = WELL.model_dump(mode="json", exclude_none=True)
    report, unreadable = read_report(raw | rubbish)
    for name in set(unreadable) & REPORTED:
        assert getattr(report, name) is None
        assert worst(judge(replace(BEAT, report=report), NOW)) is not Level.GOOD


def test_a_board_without_a_sensor_says_so_and_is_well() -> None:
    assert worst(judge(of(undervoltage=None, temperature_celsius=None), NOW)) is Level.UNKNOWN
    told = of(undervoltage=None, temperature_celsius=None, without=("undervoltage", "temperature_celsius"))
    assert worst(judge(told, NOW)) is Level.GOOD


def test_what_a_newer_kiosk_says_besides_does_no_harm() -> None:
    report, unreadable = read_report(WELL.model_dump(mode="json", exclude_none=True) | {"version": 2, "smell": "roses"})
    assert unreadable == () and worst(judge(replace(BEAT, report=report), NOW)) is Level.GOOD


def test_a_kiosk_that_is_not_heard_is_known_in_nothing_but_that() -> None:
    parts = judge(BEAT, NOW + LIMITS.offline)
    assert parts[Part.LINE].level is Level.BAD
    assert {judged.level for part, judged in parts.items() if part is not Part.LINE} == {Level.UNKNOWN}
    assert judge(BEAT, NOW + LIMITS.offline, cases=1)[Part.CASES].level is Level.BAD


def test_a_kiosk_that_was_never_heard_is_not_known() -> None:
    assert {judged.level for judged in judge(Beat(None), NOW).values()} == {Level.UNKNOWN}


@pytest.mark.parametrize(
    ("part", "good", "watch", "bad"),
    [
        (Part.PAPER, {"paper_left_mm": 18_000}, {"paper_left_mm": 12_000}, {"paper_left_mm": 11_999}),
        (Part.CLOCK, {"clock_offset_seconds": -4.9}, {"clock_offset_seconds": -19.0}, {"clock_offset_seconds": 20.0}),
        (Part.DISK, {"disk_free_bytes": 4 * 10**9}, {"disk_free_bytes": 3 * 10**9}, {"disk_free_bytes": 10**9}),
        (Part.MACHINE, {"temperature_celsius": 71.0}, {"temperature_celsius": 72.0}, {"temperature_celsius": 80.0}),
        (
            Part.READER,
            {"reader": READY.model_copy(update={"errors": 2})},
            {"reader": READY.model_copy(update={"errors": 3})},
            {"reader": READY.model_copy(update={"errors": 6})},
        ),
        (
            Part.SCREEN,
            {"last_frame_at": NOW - timedelta(seconds=70)},
            {"last_frame_at": NOW - timedelta(seconds=90)},
            {"last_frame_at": NOW - timedelta(seconds=131)},
        ),
        (
            Part.KEYS,
            {"expiring": (Expiry(name="backend", at=NOW + timedelta(days=50)),)},
            {"expiring": (Expiry(name="backend", at=NOW + timedelta(days=40)),)},
            {"expiring": (Expiry(name="backend", at=NOW + timedelta(days=13)),)},
        ),
    ],
)
def test_between_good_and_bad_is_a_band(part: Part, good: dict, watch: dict, bad: dict) -> None:
    assert [judge(of(**changes), NOW)[part].level for changes in (good, watch, bad)] == [
        Level.GOOD,
        Level.WATCH,
        Level.BAD,
    ]


def test_a_queue_is_judged_by_its_age_and_not_by_its_length() -> None:
    waiting = replace(of(oldest_entry_at=NOW - timedelta(minutes=1)), queue_depth=400)
    assert judge(waiting, NOW)[Part.QUEUE].level is Level.GOOD
    assert judge(waiting, NOW + timedelta(minutes=9))[Part.QUEUE].level is Level.UNKNOWN  # not heard meanwhile
    old = replace(of(oldest_entry_at=NOW - timedelta(minutes=11)), queue_depth=1)
    assert judge(old, NOW)[Part.QUEUE].level is Level.BAD
    assert judge(replace(BEAT, queue_depth=1), NOW)[Part.QUEUE].level is Level.UNKNOWN


def test_a_silent_terminal_is_bad_and_one_that_nobody_asked_is_not_known() -> None:
    silent = DeviceReport(state=DeviceState.UNKNOWN, detail="silent", since=NOW, uses=9, errors=9)
    assert judge(of(terminal=silent), NOW)[Part.TERMINAL].level is Level.BAD
    assert judge(of(terminal=DeviceReport()), NOW)[Part.TERMINAL].level is Level.UNKNOWN


def test_one_bad_card_of_two_says_nothing_of_the_reader() -> None:
    assert judge(of(reader=READY.model_copy(update={"uses": 2, "errors": 1})), NOW)[Part.READER].level is Level.GOOD


def test_closed_by_people_or_by_the_hour_is_no_fault() -> None:
    closed = replace(of(faults=("closed",)), in_service=False)
    assert judge(closed, NOW)[Part.SERVICE].level is Level.WATCH
    broken = replace(of(faults=("closed", "printer")), in_service=False)
    assert judge(broken, NOW)[Part.SERVICE].level is Level.BAD


def test_the_most_urgent_kiosk_comes_first() -> None:
    gone, low, unknown = judge(BEAT, NOW + LIMITS.offline), judge(of(paper_left_mm=0), NOW), judge(of(reader=None), NOW)
    well = judge(BEAT, NOW)
    both = judge(of(paper_left_mm=0, disk_writes=False), NOW)

    assert urgency(both) < urgency(gone) < urgency(low) < urgency(unknown) < urgency(well)
