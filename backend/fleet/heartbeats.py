"""A kiosk says that it is alive: what is kept of it.

Ten thousand kiosks say so 333 times a second, so a heartbeat is one statement on one row that no index covers, and
what is to be looked after from time to time (`chores`) is done by one heartbeat in thousands.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from backend.fleet.models import Kiosk
from kiosk.domain.wire import Heartbeat

log = logging.getLogger("backend.fleet")


def note(kiosk_id: UUID, beat: Heartbeat, *, now: datetime) -> None:
    """Keep what the kiosk says of itself."""
    changes: dict[str, object] = {"last_seen": now, "heartbeat": beat.model_dump(mode="json")}
    if beat.queue_depth == 0:
        said = min(beat.sent_at, now)
        changes["synced_at"] = Greatest(Coalesce(F("synced_at"), said), said)
    Kiosk.objects.filter(pk=kiosk_id).update(**changes)


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
