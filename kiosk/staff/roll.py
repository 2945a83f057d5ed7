"""How much paper is left: the length that staff put in, less what was printed since. Counted, for nothing measures it.

Printers tell "nearly empty" some metres before the end, and many not even that. A count from the known length of a
roll tells days ahead, as far as people say which roll they put in.
"""

from __future__ import annotations

import threading

import structlog

from kiosk.domain.record.care import PaperPrinted, PaperRefilled
from kiosk.journal import Journal, JournalError

log = structlog.get_logger(__name__)


class Roll:
    """The roll in the printer, over restarts. Thread-safe. Raises JournalError when it is made."""

    def __init__(self, journal: Journal):
        self._journal = journal
        self._lock = threading.Lock()
        self._left: float | None = None
        refills = journal.entries(kinds=["paper_refilled"])
        if refills:
            self._count(refills[-1].body)
            for entry in journal.entries(kinds=["paper_printed"], after=refills[-1].sequence):
                self._count(entry.body)

    @property
    def left_mm(self) -> int | None:
        """What is left, never below nothing; None as long as nobody has told of a roll."""
        with self._lock:
            return None if self._left is None else max(0, round(self._left))

    def recorded(self, body: object) -> None:
        """An entry was made; one of a new roll begins the count anew."""
        if isinstance(body, PaperRefilled):
            self._count(body)

    def printed(self, millimetres: float) -> None:
        """So much came off it. It is counted also where the disk does not take the entry."""
        body = PaperPrinted(millimetres=round(millimetres))
        self._count(body)
        try:
            self._journal.append(body)
        except JournalError as problem:
            log.warning("paper_not_recorded", problem=str(problem))

    def _count(self, body: object) -> None:
        with self._lock:
            if isinstance(body, PaperRefilled):
                self._left = body.roll_mm
            elif isinstance(body, PaperPrinted) and self._left is not None:
                self._left -= body.millimetres
