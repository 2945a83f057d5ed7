"""The moments at which a kiosk can lose its power, each with a name, and the one at which it does.

Everything durable or physical that a payment does passes here: each journal entry, each write to the terminal's port
and each read that brings something. The log lies in a file that is written byte by byte, so it outlives the process.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from hardware.terminal.zvt.port import BytePort
from kiosk.domain.record.entries import Entry, EntryBody
from kiosk.journal import Journal


class Moments:
    """Counts, from `arm()` on, and dies at the one with the number `fatal`; the first is 1, and 0 is never."""

    def __init__(self, log: Path, fatal: int = 0):
        self._file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._fatal = fatal
        self._count = 0
        self._armed = False
        self._lock = threading.Lock()

    def arm(self) -> None:
        """Begin to count."""
        self._armed = True

    def reach(self, name: str) -> None:
        """One of the moments. May not return."""
        if not self._armed:
            return
        with self._lock:
            self._count += 1
            self.note("moment", name=name, number=self._count)
            if self._count == self._fatal:
                self.note("died", name=name, number=self._count)
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()  # nothing of this process runs on

    def note(self, what: str, **details: Any) -> None:
        """A line of the log; one write, which is whole or not there."""
        os.write(self._file, (json.dumps({"what": what, **details}) + "\n").encode())


class DyingPort:
    """A port whose every write is torn in three: before it, in the midst of it, and after it."""

    def __init__(self, port: BytePort, moments: Moments):
        self._port = port
        self._moments = moments

    def read(self, timeout: float) -> bytes:
        """As the port; a moment after each read that brought something."""
        data = self._port.read(timeout)
        if data:
            self._moments.reach(f"read {data[:8].hex()}")
        return data

    def write(self, data: bytes) -> None:
        """As the port, with the moments around it."""
        name = data[:6].hex()
        self._moments.reach(f"before write {name}")
        if len(data) > 1:
            middle = len(data) // 2
            self._port.write(data[:middle])
            self._moments.reach(f"amid write {name}")
            self._port.write(data[middle:])
        else:
            self._port.write(data)
        self._moments.reach(f"after write {name}")

    def close(self) -> None:
        """As the port."""
        self._port.close()


def watch_journal(journal: Journal, moments: Moments) -> None:
    """A moment before and one after each entry; what became durable is noted with it."""
    append_all: Callable[[Iterable[EntryBody], UUID | None], list[Entry]] = journal.append_all

    def watched(bodies: Iterable[EntryBody], visit_id: UUID | None = None) -> list[Entry]:
        bodies = tuple(bodies)
        names = ", ".join(body.kind for body in bodies)
        moments.reach(f"before {names}")
        entries = append_all(bodies, visit_id)
        for body in bodies:
            moments.note("entry", kind=body.kind)
        moments.reach(f"after {names}")
        return entries

    journal.append_all = watched  # type: ignore[method-assign]  # `append` is one of these too
