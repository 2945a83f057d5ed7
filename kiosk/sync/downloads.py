"""Following the editions that a heartbeat's answer names: downloaded once, taken or refused, and said so."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kiosk.domain.wire import EditionKind, HeartbeatAnswer
from kiosk.sync.client import BackendClient, SyncError, SyncProblem
from kiosk.sync.editions import EditionRefused, EditionStore

log = structlog.get_logger(__name__)


class Downloads:
    """For the thread of the upload. `taken` hears of every new edition that this kiosk now holds.

    `profile` is the digest of the rules that it holds and can use, empty where it has none but its own;
    `profile_problem` why it does not use the latest, in one line, empty where it does.
    """

    def __init__(
        self, store: EditionStore, client: BackendClient, taken: Callable[[EditionKind], None] = lambda kind: None
    ):
        self._store = store
        self._client = client
        self._taken = taken
        self._refused: dict[EditionKind, str] = {}
        self.profile_problem = ""
        held = store.held(EditionKind.PROFILE)
        self.profile = held.digest if held is not None and store.profile() is not None else ""
        if held is not None and not self.profile:
            self.profile_problem = "the rules on this kiosk's disk do not fit this version of the program"

    def follow(self, told: HeartbeatAnswer) -> None:
        """Fetch what is new. Raises SyncError where the line or the backend fails."""
        for kind, digest in ((EditionKind.PROFILE, told.profile), (EditionKind.NOTICES, told.notices)):
            if digest is None or digest == self._refused.get(kind):
                continue
            held = self._store.held(kind)
            if held is None or held.digest != digest:
                self._fetch(kind)
            elif kind is EditionKind.PROFILE and self.profile == digest:
                self.profile_problem = ""

    def fetch_rules(self) -> tuple[bool, str]:
        """Fetch the rules anew, also those that were refused before. Whether they can be used, and a few words."""
        self._refused.pop(EditionKind.PROFILE, None)
        try:
            self._fetch(EditionKind.PROFILE)
        except SyncError as error:
            return False, f"not fetched: {error.problem.value}"
        if self.profile_problem:
            return False, self.profile_problem
        return (True, f"rules {self.profile[:12]}") if self.profile else (False, "the town hall has published no rules")

    def _fetch(self, kind: EditionKind) -> None:
        try:
            answer = self._client.edition(kind)
        except SyncError as error:
            if error.problem is not SyncProblem.REFUSED:
                raise
            log.warning("edition not handed out", kind=kind.value, detail=error.detail)
            return
        try:
            self._store.take(answer)
        except EditionRefused as refused:
            self._refused[kind] = answer.digest  # not asked for again until there is another
            self._say(kind, str(refused))
        except OSError as problem:
            self._say(kind, f"the disk refused it: {problem.strerror or type(problem).__name__}")
        else:
            log.info("edition taken", kind=kind.value, digest=answer.digest[:12])
            if kind is EditionKind.PROFILE:
                self.profile, self.profile_problem = answer.digest, ""
            self._taken(kind)

    def _say(self, kind: EditionKind, problem: str) -> None:
        log.error("edition refused", kind=kind.value, problem=problem)
        if kind is EditionKind.PROFILE:
            self.profile_problem = problem
