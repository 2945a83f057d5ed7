"""The heartbeat hangs on a picture that was drawn and shown, and on nothing else that goes on in its process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from kivy.base import EventLoop
from kivy.clock import Clock

from kiosk.domain.fleet.heartbeat import BEAT_EVERY_SECONDS
from kiosk.ui.pulse import watch_frames
from kiosk.ui.stage import Stage
from kiosk.vitals.frames import Frames
from tests.kiosk.sync.fakes import START
from tests.kiosk.sync.fakes import Clock as KioskClock


class Screen:
    """A screen whose picture stands still, in Kivy's own loop; `beats` are the moments of its heartbeats."""

    def __init__(self) -> None:
        self.clock = KioskClock()
        self.beats: list[float] = []
        self.frames = Frames(self.clock, lambda: self.clock().timestamp(), self._beat)
        self.end = watch_frames(self.frames.drawn, every=0.0)  # asks in each turn of the loop

    def _beat(self) -> None:
        self.beats.append((self.clock() - START) / timedelta(seconds=1))

    def turn(self, times: int = 1) -> None:
        """The loop as it turns: clocks, and a picture where one is asked for."""
        for _ in range(times):
            EventLoop.idle()

    def hang(self, times: int = 1) -> None:
        """The loop turns, clocks run, and nothing reaches the glass."""
        for _ in range(times):
            Clock.tick()


@pytest.fixture
def screen(stage: Stage) -> Iterator[Screen]:
    screen = Screen()
    yield screen
    screen.end()


def test_a_picture_that_stands_still_is_drawn_anew_and_each_half_minute_one_of_them_beats(screen: Screen) -> None:
    for _ in range(4):
        screen.turn(3)
        screen.clock.later(seconds=BEAT_EVERY_SECONDS / 2)
    assert screen.beats == [0, 30]
    assert screen.frames.last == START + timedelta(seconds=45)


def test_without_a_picture_there_is_no_beat_however_long_the_loop_turns(screen: Screen) -> None:
    screen.hang(50)
    assert screen.beats == [] and screen.frames.last is None
    screen.turn(2)
    assert screen.beats == [0]
    screen.clock.later(minutes=10)
    screen.hang(50)
    assert screen.beats == [0] and screen.frames.last == START
    screen.turn(2)
    assert screen.beats == [0, 600]


def test_who_does_not_ask_gets_no_picture_of_a_screen_that_stands_still(screen: Screen) -> None:
    screen.turn(3)
    screen.end()
    screen.turn(3)  # what was asked for before
    drawn: list[object] = []
    flips = EventLoop.window.fbind("on_flip", drawn.append)
    screen.turn(20)
    EventLoop.window.unbind_uid("on_flip", flips)
    assert drawn == []  # so the pulse is what keeps a still kiosk heard
