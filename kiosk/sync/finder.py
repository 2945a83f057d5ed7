"""Looks up a parent who came back, on a thread and a connection of its own, so that no upload keeps them waiting.

The answer joins what the backend tells and what this kiosk remembers. Without a line it is the latter alone, and
says so.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from kiosk.domain import wire
from kiosk.journal import Journal, JournalError
from kiosk.journal.earlier import requests_here, with_what_is_not_sent
from kiosk.sync.client import BackendClient, SyncError
from kiosk.visit.events import LookUpProblem, RequestsFound

log = structlog.get_logger(__name__)

# A person stands there. The backend answers within tens of milliseconds; after two tries of this they read what is
# known here.
PATIENCE_SECONDS = 3.0


class RequestFinder:
    """The worker. `post` gets every answer; `client` is this worker's alone."""

    def __init__(
        self,
        client: BackendClient,
        journal: Journal,
        now: Callable[[], datetime],
        post: Callable[[RequestsFound], None],
        crashed: Callable[[], None] = lambda: None,
    ):
        self._client = client
        self._journal = journal
        self._now = now
        self._post = post
        self._crashed = crashed
        self._asked: queue.Queue[tuple[UUID, str] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="finder", daemon=True)

    def start(self) -> None:
        """Begin to wait for questions."""
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """End; a call in flight may outlast it, harmlessly."""
        self._asked.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def find_requests(self, ask_id: UUID, national_number: str) -> None:
        """Ask; `RequestsFound` with this `ask_id` comes back."""
        self._asked.put((ask_id, national_number))

    def _run(self) -> None:
        try:
            while (question := self._asked.get()) is not None:
                self._post(self.answer(*question))
        except Exception:  # a fault in the program: end and recover, rather than leave a parent waiting
            log.critical("worker_crashed", worker="finder", exc_info=True)
            self._crashed()
            raise

    def answer(self, ask_id: UUID, national_number: str) -> RequestsFound:
        """One question, in the caller's thread."""
        try:
            here = requests_here(self._journal, national_number, self._now())
        except JournalError as error:
            log.warning("requests_not_read", problem=error.problem.value)
            here = ()
        try:
            told = self._client.find_requests(national_number).requests
            found = with_what_is_not_sent(told, here, self._journal, self._now())
        except SyncError as error:
            log.info("requests_not_found", problem=error.problem.value)
            busy = error.refusal is wire.Refusal.TOO_MANY
            return RequestsFound(ask_id, here, LookUpProblem.TOO_MANY if busy else LookUpProblem.NO_LINE)
        except JournalError as error:
            log.warning("requests_not_read", problem=error.problem.value)
            return RequestsFound(ask_id, told)
        return RequestsFound(ask_id, found)
