"""A card reader in the same process, for where pcscd cannot run. It behaves as `hardware.smartcard.Reader`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from hardware.simulators.card.contacts import Chip
from hardware.smartcard.errors import CardError, Reason
from hardware.smartcard.reader import CardPresent, Empty, Inserted, ReaderEvent, ReaderStatus, Removed, StatusChanged
from hardware.smartcard.transport import CardChannel, InProcessChannel

NAME = "in-process virtual reader"


class VirtualReader:
    """A CardReader with a hand: `insert`, `remove`. Callbacks come on a thread of its own, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chip: Chip | None = None
        self._status: ReaderStatus = Empty(NAME)
        self._events: queue.SimpleQueue[ReaderEvent | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> ReaderStatus:
        """See CardReader."""
        return self._status

    def insert(self, chip: Chip) -> None:
        """Put a card in, taking out the one before."""
        self.remove()
        with self._lock:
            self._chip = chip
            card = CardPresent(NAME, chip.atr or b"", mute=chip.atr is None)
            self._change(Inserted(card), card)

    def remove(self) -> None:
        """Take the card out. Nothing happens where none is in."""
        with self._lock:
            if self._chip is not None:
                self._chip = None
                self._change(Removed(NAME), Empty(NAME))

    def watch(self, callback: Callable[[ReaderEvent], None]) -> None:
        """See CardReader."""
        if self._thread is not None:
            raise RuntimeError("this reader is being watched already")
        with self._lock:
            status = self._status
            self._thread = threading.Thread(
                target=self._tell, args=(callback, self._events), name="virtual reader", daemon=True
            )
        if isinstance(status, CardPresent):
            self._events.put(Inserted(status))
        self._events.put(StatusChanged(status))
        self._thread.start()

    def connect(self) -> CardChannel:
        """See CardReader."""
        with self._lock:
            chip = self._chip
        if chip is None:
            raise CardError(Reason.PULLED, "no card")
        return InProcessChannel(_InReader(self, chip))

    def close(self) -> None:
        """See CardReader. The reader stays, with its card, and may be watched again, as by a kiosk that starts anew."""
        thread, events = self._thread, self._events
        with self._lock:
            self._thread, self._events = None, queue.SimpleQueue()
        events.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _change(self, event: ReaderEvent, status: ReaderStatus) -> None:
        self._status = status
        if self._thread is not None:
            self._events.put(event)
            self._events.put(StatusChanged(status))

    def _tell(self, callback: Callable[[ReaderEvent], None], events: queue.SimpleQueue[ReaderEvent | None]) -> None:
        while (event := events.get()) is not None:
            callback(event)

    def holds(self, chip: Chip) -> bool:
        """This very card is in."""
        return self._chip is chip


class _InReader:
    """A card as long as it stays in the reader."""

    def __init__(self, reader: VirtualReader, chip: Chip):
        self._reader = reader
        self._chip = chip

    def reset(self) -> bytes | None:
        return self._chip.reset()

    def answer(self, command: bytes) -> bytes | None:
        if not self._reader.holds(self._chip):
            return None
        answer = self._chip.answer(command)
        if answer is None:
            self._reader.remove()
        return answer
