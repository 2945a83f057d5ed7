"""Each device's state with since when, and how often it failed within the last hour."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from kiosk.domain.fleet.heartbeat import DeviceReport, DeviceState

WINDOW = timedelta(hours=1)
_MOST = 5000  # uses that are kept; a printer that is asked every two seconds makes 1800 in an hour


class DeviceBoard:
    """Thread-safe. Adapters tell of looks (`state`) and of what was tried with the device (`use`)."""

    def __init__(self, now: Callable[[], datetime]):
        self._now = now
        self._lock = threading.Lock()
        self._states: dict[str, tuple[DeviceState, str, datetime]] = {}
        self._uses: dict[str, deque[tuple[datetime, bool]]] = {}

    def state(self, device: str, state: DeviceState, detail: str = "") -> None:
        """What the device is now; `since` stays as long as that does."""
        with self._lock:
            known = self._states.get(device)
            if known is None or known[:2] != (state, detail):
                self._states[device] = (state, detail, self._now())

    def use(self, device: str, worked: bool) -> None:
        """Something was tried with it."""
        with self._lock:
            self._uses.setdefault(device, deque(maxlen=_MOST)).append((self._now(), worked))

    def report(self, device: str) -> DeviceReport:
        """Of a device that nobody has told of: unknown."""
        with self._lock:
            uses = self._uses.setdefault(device, deque(maxlen=_MOST))
            oldest = self._now() - WINDOW
            while uses and uses[0][0] < oldest:
                uses.popleft()
            count, errors = len(uses), sum(not worked for _, worked in uses)
            known = self._states.get(device)
        if known is None:
            return DeviceReport(uses=count, errors=errors)
        state, detail, since = known
        return DeviceReport(state=state, detail=detail, since=since, uses=count, errors=errors)
