"""Work that somebody has to do from time to time, done by one call in thousands."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

log = logging.getLogger("backend.fleet")


class Chores:
    """Work that somebody has to do from time to time: each process does it at most once in `every` seconds."""

    def __init__(self, every: float, *work: Callable[[datetime], object], clock: Callable[[], float] = time.monotonic):
        self._every = every
        self._work = work
        self._clock = clock
        self._due = float("-inf")
        self._lock = threading.Lock()

    def do_if_due(self, now: datetime) -> None:
        """One of those who come at the same time does them; the others go on."""
        if self._clock() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            if self._clock() >= self._due:
                self._due = self._clock() + self._every
                for work in self._work:
                    self._do(work, now)
        finally:
            self._lock.release()

    def _do(self, work: Callable[[datetime], object], now: datetime) -> None:
        try:
            work(now)
        except Exception:  # the kiosk that happened to be the one is not to hear of it
            log.exception("a chore failed; it is tried again later")
