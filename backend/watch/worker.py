"""`python -m backend watch`: looks at the fleet every quarter of a minute, and sends what people are to be told.

It keeps nothing in memory that matters: it can be killed at any moment, and a second one does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, close_old_connections

from backend.watch import rounds, telling

log = logging.getLogger("backend.watch")


def once(clock: Callable[[], datetime]) -> dict[str, int]:
    """One look, and what was waiting to be sent. Raises DatabaseError."""
    looked = rounds.look(clock())
    went, failed = telling.send_waiting(clock(), clock)
    return {"kiosks": looked.kiosks, "raised": looked.raised, "cleared": looked.cleared, "sent": went, "failed": failed}


def run(clock: Callable[[], datetime], stop: threading.Event, every: float = rounds.LOOK_EVERY.total_seconds()) -> None:
    """Look until told to stop. A database that does not answer is waited for."""
    was_well = True
    while not stop.is_set():
        close_old_connections()
        try:
            once(clock)
            was_well = True
        except DatabaseError as problem:
            if was_well:  # once when it goes
                log.error("the watch cannot look: %s", type(problem).__name__)
            was_well = False
        stop.wait(every)
