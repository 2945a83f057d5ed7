"""Looks after what no device reports by itself: the disk, the clock, and payments that people must decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.devices.worker import Worker
from kiosk.health import Health, clock_fault, nearly_full
from kiosk.journal import Journal, JournalError
from kiosk.vitals.machine import write_check


class Monitor:
    """Reports to the board of faults.

    `in_doubt` tells whether a payment of an earlier run is being asked after, `closed` whether it is after hours.
    `write_down` tries again what the disk did not take.
    """

    def __init__(
        self,
        journal: Journal,
        folder: Path,
        health: Health,
        now: Callable[[], datetime],
        in_doubt: Callable[[], bool] = lambda: False,
        closed: Callable[[], bool] = lambda: False,
        clock_skew: Callable[[], float | None] = lambda: None,
        write_down: Callable[[], None] = lambda: None,
        timing: DeviceTiming = STANDARD,
        crashed: Callable[[], None] = lambda: None,
    ):
        self._journal = journal
        self._folder = folder
        self._health = health
        self._now = now
        self._in_doubt = in_doubt
        self._closed = closed
        self._clock_skew = clock_skew
        self._write_down = write_down
        self.disk_writes: bool | None = None  # what the last look found
        self._worker = Worker("monitor", self.look, timing.monitor_look, crashed)

    def start(self) -> None:
        """Look now and then."""
        self._worker.start()

    def stop(self) -> None:
        """End."""
        self._worker.stop()

    def look_soon(self) -> None:
        """Look at the next opportunity; from any thread."""
        self._worker.do(self.look)

    def look(self) -> None:
        """Look at all of it."""
        self._write_down()
        try:
            undecided = self._in_doubt() or self._journal.open_cases("payment") > 0
            closed = self._closed()
            disk = nearly_full(self._folder)
        except JournalError:
            undecided, closed, disk = True, False, True
        self.disk_writes = write_check(self._folder)
        self._health.report(
            disk=disk or not self.disk_writes,
            clock=clock_fault(self._now(), self._clock_skew()),
            open_case=undecided,
            closed=closed,
        )
