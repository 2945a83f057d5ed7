"""A thread that works for one device: tasks one after the other, and a look at the device in between."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Worker:
    """Runs tasks in order; when none comes for `every` seconds, calls `look`. Ends with the kiosk.

    A task or look that raises is a fault in the program. The device would be dead from then on while the screen still
    waits for it, so `crashed` is called: the kiosk ends, and recovers at its next start.
    """

    def __init__(self, name: str, look: Callable[[], object], every: float, crashed: Callable[[], None] = lambda: None):
        self._look = look
        self._every = every
        self._crashed = crashed
        self._tasks: queue.Queue[Callable[[], None] | None] = queue.Queue()
        # A driver stuck in the kernel must not keep a kiosk from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Look once, then work."""
        self._thread.start()

    def do(self, task: Callable[[], None]) -> None:
        """Put a task behind the others."""
        self._tasks.put(task)

    def stop(self, timeout: float = 5.0) -> bool:
        """End after the task that runs; whether it ended in time."""
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except Exception:  # whatever it was: say so, and let the kiosk end and recover, rather than hang
            log.critical("worker_crashed", worker=self._thread.name, exc_info=True)
            self._crashed()
            raise

    def _work(self) -> None:
        self._look()
        while True:
            try:
                task = self._tasks.get(timeout=self._every)
            except queue.Empty:
                self._look()
                continue
            if task is None:
                return
            task()
