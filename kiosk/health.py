"""One board of faults: each part reports what it knows, and the visit hears when the sum changes.

Until a part has reported, its fault holds: what is unknown is not healthy.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from kiosk.visit.events import Fault, HealthChanged
from kiosk.vitals.devices import DeviceBoard

log = structlog.get_logger(__name__)

UNKNOWN_AT_START = frozenset({Fault.READER, Fault.PRINTER, Fault.TERMINAL})

# A visit writes some 20 kB. Below this, the disk is nearly full of something else: stop while records still fit.
LEAST_FREE_BYTES = 32 * 1024 * 1024

# No true clock can be before this program was written, nor long after the cards it knows have expired.
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
LATEST = datetime(2046, 1, 1, tzinfo=UTC)


class Health:
    """Thread-safe; `changed` gets every new set of faults in order, and must not call back.

    `devices` is where each device's state is told in more words, for those who look after the kiosk.
    """

    def __init__(self, changed: Callable[[HealthChanged], None], devices: DeviceBoard | None = None):
        self._changed = changed
        self.devices = devices or DeviceBoard(lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._faults: set[Fault] = set(UNKNOWN_AT_START)

    @property
    def faults(self) -> frozenset[Fault]:
        """What holds now."""
        with self._lock:
            return frozenset(self._faults)

    def report(self, **faults: bool) -> None:
        """`report(printer=False, paper_out=True)`: what holds and what does not; nothing is said of the others.

        `changed` is called under the lock: two parts that report at once must not be heard in the wrong order, or
        the sum heard last is a stale one, for ever.
        """
        with self._lock:
            before = frozenset(self._faults)
            for name, holds in faults.items():
                fault = Fault[name.upper()]
                (self._faults.add if holds else self._faults.discard)(fault)
            after = frozenset(self._faults)
            if after != before:
                self._changed(HealthChanged(after))
        for fault in after - before:  # once when it goes, once when it is back
            log.warning("fault", fault=fault.value)
        for fault in before - after:
            log.info("fault_gone", fault=fault.value)

    def announce(self) -> None:
        """Say what holds, changed or not: the first thing a visit hears."""
        with self._lock:
            self._changed(HealthChanged(frozenset(self._faults)))


def nearly_full(folder: Path) -> bool:
    """Whether the journal's disk has no room for some thousand visits."""
    try:
        return shutil.disk_usage(folder).free < LEAST_FREE_BYTES
    except OSError:
        return True


def clock_fault(now: datetime, skew_seconds: float | None = None) -> bool:
    """Whether the clock is wrong by so much that no date on a ticket or card could be trusted.

    `skew_seconds` is the difference to the backend, where it is known; an hour is more than any time zone
    mistake of the backend's own.
    """
    if not EARLIEST <= now <= LATEST:
        return True
    return skew_seconds is not None and abs(skew_seconds) > 3600
