"""Frames, devices and starts: what a kiosk says of itself besides its machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.fleet.heartbeat import DeviceState, Restart
from kiosk.vitals.devices import DeviceBoard
from kiosk.vitals.frames import Frames
from kiosk.vitals.starts import START_FILE, Starts
from tests.kiosk.sync.fakes import START, Clock


def test_a_beat_hangs_on_a_frame_and_comes_every_half_minute() -> None:
    clock, beats = Clock(), []
    frames = Frames(clock, lambda: clock().timestamp(), lambda: beats.append(clock()))
    assert frames.last is None
    for _ in range(13):
        frames.drawn()
        clock.later(seconds=5)
    assert [(beat - START).total_seconds() for beat in beats] == [0, 30, 60]


def test_no_frame_no_beat_and_the_last_frame_stays_where_it_was() -> None:
    clock, beats = Clock(), []
    frames = Frames(clock, lambda: clock().timestamp(), lambda: beats.append(clock()))
    frames.drawn()
    clock.later(minutes=10)
    assert (frames.last, len(beats)) == (START, 1)
    frames.drawn()
    assert len(beats) == 2


def test_since_is_when_a_device_came_into_its_state() -> None:
    clock = Clock()
    board = DeviceBoard(clock)
    assert board.report("printer").state is DeviceState.UNKNOWN and board.report("printer").since is None
    board.state("printer", DeviceState.READY)
    clock.later(minutes=5)
    board.state("printer", DeviceState.READY)
    assert board.report("printer").since == START
    board.state("printer", DeviceState.TROUBLE, "paper-out")
    assert board.report("printer").since == clock()


def test_errors_are_those_of_the_last_hour() -> None:
    clock = Clock()
    board = DeviceBoard(clock)
    board.use("reader", worked=False)
    clock.later(minutes=50)
    board.use("reader", worked=True)
    assert (board.report("reader").uses, board.report("reader").errors) == (2, 1)
    clock.later(minutes=11)
    assert (board.report("reader").uses, board.report("reader").errors) == (1, 0)


def run(folder: Path, boot: str | None, end: str = "") -> Restart | None:
    starts = Starts(folder, boot)
    if end:
        starts.ending(ordered=end == "ordered")
    return starts.reason


def test_each_start_knows_why(tmp_path: Path) -> None:
    assert run(tmp_path, "boot-1", "stopped") is Restart.FIRST
    assert run(tmp_path, "boot-1", "ordered") is Restart.STOPPED
    assert run(tmp_path, "boot-1") is Restart.ORDERED
    assert run(tmp_path, "boot-1") is Restart.CRASHED
    assert run(tmp_path, "boot-2") is Restart.POWER


def test_an_ordered_restart_stays_one_when_the_program_ends(tmp_path: Path) -> None:
    starts = Starts(tmp_path, "boot-1")
    starts.ending(ordered=True)
    starts.ending()
    assert run(tmp_path, "boot-1") is Restart.ORDERED


@pytest.mark.parametrize("rubbish", [b"", b"{", b'{"end": "sideways"}', b"\xff\xfe"])
def test_a_note_that_cannot_be_read_is_no_reason(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / START_FILE).write_bytes(rubbish)
    assert run(tmp_path, "boot-1") is None


def test_without_a_boot_id_nobody_can_say(tmp_path: Path) -> None:
    run(tmp_path, "boot-1")
    assert run(tmp_path, None) is None


def test_a_disk_that_refuses_does_not_keep_a_kiosk_from_starting(tmp_path: Path) -> None:
    assert run(tmp_path / "not there", "boot-1", "stopped") is Restart.FIRST
