"""The screen's pulse: when a picture was last drawn and shown, and half a minute's beat that hangs on it.

The signal is the frame, not the thread: a loop that turns while nothing reaches the glass would look well. A picture
that stands still is drawn only when something asks for it, so the screen asks for one every `PULSE_SECONDS`, and what
is counted is the flip that follows. Not done: comparing what was drawn; a panel that is switched off still flips.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from kiosk.domain.fleet.heartbeat import BEAT_EVERY_SECONDS

PULSE_SECONDS = 5.0


class Frames:
    """Thread-safe. `beat` is called from the screen's thread, at a frame, when half a minute has passed since."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float], beat: Callable[[], None]):
        self._now = now
        self._monotonic = monotonic
        self._beat = beat
        self._lock = threading.Lock()
        self._last: datetime | None = None
        self._last_beat: float | None = None

    @property
    def last(self) -> datetime | None:
        """When a picture was last shown; None: none yet."""
        with self._lock:
            return self._last

    def drawn(self) -> None:
        """A picture was shown."""
        moment, passed = self._now(), self._monotonic()
        with self._lock:
            self._last = moment
            due = self._last_beat is None or passed - self._last_beat >= BEAT_EVERY_SECONDS
            if due:
                self._last_beat = passed
        if due:
            self._beat()
