"""Calls that may hang: each runs on a thread that can be given up on.

PC/SC has no time-outs of its own. SCardConnect blocks without end while another program holds a transaction (PCSC
issue 254), a transmit as long as the reader likes, and everything while pcscd itself hangs in a reader's driver.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from hardware.smartcard.errors import CardError, Reason

T = TypeVar("T")


class Calls:
    """Runs calls one after another on a daemon thread of its own; a caller waits no longer than it chose to."""

    def __init__(self, name: str):
        self._todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._finished = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def start(self, call: Callable[[], T]) -> queue.SimpleQueue[T | CardError]:
        """Begin a call. The queue gets its result, or the CardError that it raised, once."""
        done: queue.SimpleQueue[T | CardError] = queue.SimpleQueue()

        def task() -> None:
            try:
                done.put(call())
            except CardError as problem:
                done.put(problem)

        self._todo.put(task)
        return done

    def run(self, call: Callable[[], T], timeout: float, late: Reason) -> T:
        """The result of a call. Raises what it raises, and CardError with reason `late` after `timeout` seconds."""
        if self._finished:
            raise CardError(Reason.PULLED)
        done = self.start(call)
        try:
            result = done.get(timeout=timeout)
        except queue.Empty:
            raise CardError(late, f"no answer within {timeout:g} s") from None
        if isinstance(result, CardError):
            raise result
        return result

    def finish(self, last: Callable[[], None], timeout: float) -> None:
        """Make a last call and end the thread behind it. Where an earlier call hangs, that happens when it returns."""
        if not self._finished:
            self._finished = True
            self._todo.put(last)
            self._todo.put(None)
            self._thread.join(timeout)

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            task()
