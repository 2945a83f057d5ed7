"""Looks at the municipal backend: does it answer, does it know this kiosk, and do the clocks agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.doctor.finding import Finding, fault, ok, warning
from kiosk.domain.wire import CLOCK_TOLERANCE_SECONDS
from kiosk.sync.client import BackendClient, Identity, SyncError, SyncProblem
from kiosk.sync.enrol import IdentityFileError, load_identity
from kiosk.sync.keys import KeyFileError, KeyProblem

_TIMEOUT = 5.0  # seconds a call; two are made


def backend(url: str, key_file: Path, municipality: str, now: Callable[[], datetime]) -> list[Finding]:
    """Ask the backend for its time, and with this kiosk's key for what it holds of this kiosk."""
    enrolment, identity = _enrolment(key_file, municipality)
    with BackendClient(url, identity, now=now, attempts=1, timeout=_TIMEOUT) as client:
        try:
            sent = now()
            server = client.server_time()
            skew = sent + (now() - sent) / 2 - server
        except SyncError as problem:
            return [enrolment, _no_answer(url, problem)]
        return [enrolment, _skew(skew), _known(client, url)]


def _enrolment(key_file: Path, municipality: str) -> tuple[Finding, Identity | None]:
    part, remedy = "enrolment", "get a code from the backend's console, then: kiosk enrol --config FILE CODE"
    try:
        identity = load_identity(key_file)
    except KeyFileError as problem:
        return fault(part, str(problem), _KEY_REMEDIES[problem.problem].format(path=problem.path)), None
    except IdentityFileError as problem:
        return fault(part, str(problem), remedy), None
    if identity is None:
        return fault(part, f"not enrolled: there is no identity beside {key_file}", remedy), None
    if identity.municipality != municipality and not municipality.endswith(".toml"):
        wrong = f"the backend enrolled this kiosk for {identity.municipality}, not for {municipality}"
        return fault(part, wrong, "correct kiosk.municipality, or enrol it anew"), identity
    return ok(part, f"kiosk {identity.kiosk_id} of {identity.municipality}"), identity


_KEY_REMEDIES = {
    KeyProblem.MISSING: "put the key back, or enrol this kiosk anew",
    KeyProblem.UNREADABLE: "chown loket: {path}",
    KeyProblem.NOT_A_KEY: "put the right key back, or enrol this kiosk anew",
    KeyProblem.OPEN_TO_OTHERS: "chmod 600 {path}",
    KeyProblem.NOT_WRITABLE: "chown loket: the folder of {path}",
}


def _no_answer(url: str, problem: SyncError) -> Finding:
    if problem.problem is SyncProblem.UNREACHABLE:
        # The kiosk serves without a line, from its leased slots; so this alone does not stop it.
        remedy = "look at the line and at backend.url; visits go on and are sent later"
        if "certificate" in problem.detail:
            remedy = "look at backend.url and the clock; an authority of the town's own: deploy/README.md, step 3"
        return warning("backend", f"{url} cannot be reached: {problem.detail}", remedy)
    return fault("backend", f"{url}: {problem.detail}", "is backend.url right? else look at the backend's own log")


def _skew(skew: timedelta) -> Finding:
    seconds = skew.total_seconds()
    said = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the backend"
    if abs(seconds) > CLOCK_TOLERANCE_SECONDS:
        return fault("clock", said, "look at timedatectl: the backend refuses calls from a clock so far off")
    return ok("clock", said)


def _known(client: BackendClient, url: str) -> Finding:
    if client.identity is None:
        return ok("backend", f"{url} answers")
    try:
        stored = client.stored()
    except SyncError as problem:
        if problem.problem is SyncProblem.UNREACHABLE:
            return _no_answer(url, problem)
        return fault("backend", f"{url} does not take this kiosk's calls: {problem.detail}", _REMEDIES[problem.problem])
    said = f"{url} answers and holds {stored.entries} entries of this kiosk"
    if stored.dead_letters:
        return warning("backend", f"{said}, {stored.dead_letters} of them unread", "look at the backend's dead letters")
    return ok("backend", said)


_REMEDIES = {
    SyncProblem.REFUSED: "enrol this kiosk anew",
    SyncProblem.REVOKED: "it was withdrawn, or belongs to another backend: enrol it anew",
    SyncProblem.CLOCK_SKEW: "set the clock: timedatectl",
    SyncProblem.SERVER_ERROR: "look at the backend's own log",
}
