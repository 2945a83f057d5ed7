"""Following the editions that a heartbeat's answer names: downloaded once, taken or refused, and said so.

Rules hold from a start to the next one. What is said to be in use is what this run of the kiosk serves by, and not what
lies on its disk for the next.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kiosk.domain.profiles.profile import Profile
from kiosk.domain.wire import EditionKind, HeartbeatAnswer
from kiosk.sync.client import BackendClient, SyncError, SyncProblem
from kiosk.sync.editions import EditionRefused, EditionStore

log = structlog.get_logger(__name__)


class Downloads:
    """For the thread of the upload. `in_use`: the rules of this run; `taken` hears of every edition that is new here.

    `profile` is the digest of the edition that says the rules in use, empty where none does; `rules_wait` whether other
    ones hold from the next start; `profile_problem` why the latest are not taken, in one line, empty where they are.
    """

    def __init__(
        self,
        store: EditionStore,
        client: BackendClient,
        in_use: Profile,
        taken: Callable[[EditionKind], None] = lambda kind: None,
    ):
        self._store = store
        self._client = client
        self._in_use = in_use
        self._taken = taken
        self._refused: dict[EditionKind, str] = {}
        self.profile = self.profile_problem = ""
        self.rules_wait = False
        held = store.held(EditionKind.PROFILE)
        if held is not None and not self._take_note(held.digest):
            self.profile_problem = "the rules on this kiosk's disk do not fit this version of the program"

    def follow(self, told: HeartbeatAnswer) -> None:
        """Fetch what is new. Raises SyncError where the line or the backend fails."""
        for kind, digest in ((EditionKind.PROFILE, told.profile), (EditionKind.NOTICES, told.notices)):
            if digest is None or digest == self._refused.get(kind):
                continue
            held = self._store.held(kind)
            if held is None or held.digest != digest:
                self._fetch(kind)
            elif kind is EditionKind.PROFILE and self.profile_problem and self._store.profile() is not None:
                self.profile_problem = ""  # back to what was taken before

    def fetch_rules(self) -> tuple[bool, str]:
        """Fetch the rules anew, also those that were refused before. Whether they can be used, and a few words."""
        self._refused.pop(EditionKind.PROFILE, None)
        try:
            self._fetch(EditionKind.PROFILE)
        except SyncError as error:
            return False, f"not fetched: {error.problem.value}"
        if self.profile_problem:
            return False, self.profile_problem
        rules = self._store.profile()
        return (
            (True, f"rules {rules.version}") if rules is not None else (False, "the town hall has published no rules")
        )

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
                self._take_note(answer.digest)
                self.profile_problem = ""
            self._taken(kind)

    def _take_note(self, digest: str) -> bool:
        """The rules on the disk are those of this digest. Whether this version of the program can use them."""
        rules = self._store.profile()
        if rules is not None:
            self.rules_wait = rules != self._in_use
            self.profile = self.profile if self.rules_wait else digest
        return rules is not None

    def _say(self, kind: EditionKind, problem: str) -> None:
        log.error("edition refused", kind=kind.value, problem=problem)
        if kind is EditionKind.PROFILE:
            self.profile_problem = problem
