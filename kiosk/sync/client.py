"""The backend's HTTP, and nothing else: messages of `kiosk.domain.wire` in, messages out, typed errors.

Every call but enrolment is signed with a token of its own. A call that got no answer is tried once more at
once, with a new token, for a connection that the other side had just closed; longer waits are the worker's.
All calls are safe to repeat.

Whose certificates are believed is the machine's to say (`update-ca-certificates`), not a library's: a municipality may
have an authority of its own, and one that has lost the world's trust goes with the machine's updates.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

import httpx
import jwt
import stamina
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ValidationError

from kiosk.domain import follow_up, wire
from kiosk.domain.record.entries import Entry
from kiosk.sync.keys import public_key_text

_TIMEOUT_SECONDS = 15.0  # a batch that waits for the backend's write lock may take some seconds
_LIFE = timedelta(seconds=wire.TOKEN_LIFE_SECONDS)

A = TypeVar("A", bound=BaseModel)


class SyncProblem(StrEnum):
    """Why a call brought no answer that can be used."""

    UNREACHABLE = "unreachable"  # no line, no server, no answer in time
    REFUSED = "refused"  # the backend does not take this call; asking again will not help
    REVOKED = "revoked"  # this kiosk is not trusted (any more)
    CLOCK_SKEW = "clock-skew"  # this kiosk's clock is wrong
    SERVER_ERROR = "server-error"  # the backend is there and not well; asking later may help


class SyncError(Exception):
    """A call failed. `refusal` is the backend's own reason, `server_time` its clock, where it said so."""

    def __init__(
        self,
        problem: SyncProblem,
        detail: str,
        *,
        status: int | None = None,
        refusal: wire.Refusal | None = None,
        server_time: datetime | None = None,
    ):
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem
        self.detail = detail
        self.status = status
        self.refusal = refusal
        self.server_time = server_time


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this kiosk is to the backend."""

    kiosk_id: UUID
    municipality: str
    key: Ed25519PrivateKey
    orders_key: Ed25519PublicKey | None = None  # the backend's, for orders; None: enrolled before there were any


_BY_REFUSAL = {
    wire.Refusal.REVOKED: SyncProblem.REVOKED,
    wire.Refusal.UNKNOWN_KIOSK: SyncProblem.REVOKED,
    wire.Refusal.CLOCK_SKEW: SyncProblem.CLOCK_SKEW,
    wire.Refusal.BUSY: SyncProblem.SERVER_ERROR,
    wire.Refusal.VERSION: SyncProblem.SERVER_ERROR,  # it is brought up to date one day; until then all is kept here
}


def utc_now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


def _worth_another_try(error: Exception) -> bool:
    return isinstance(error, SyncError) and error.problem is SyncProblem.UNREACHABLE


class BackendClient:
    """One backend. Safe to use from one thread at a time. `identity` is None until the kiosk is enrolled."""

    def __init__(
        self,
        url: str,
        identity: Identity | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
        transport: httpx.BaseTransport | None = None,
        attempts: int = 2,
        timeout: float = _TIMEOUT_SECONDS,
    ):
        self.identity = identity
        self.certificate: x509.Certificate | None = None  # the backend's, as last shown; None over plain HTTP
        self._now = now
        self._attempts = attempts
        self._look_up_key: follow_up.LookUpKey | None = None
        self._http = httpx.Client(
            base_url=url,
            verify=ssl.create_default_context(),
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- calls: each raises SyncError -----------------------------------------------------------------

    def enrol(self, code: str, public_key: str, name: str) -> wire.EnrolAnswer:
        """Join with a one-time code."""
        question = wire.EnrolRequest(code=code, public_key=public_key, name=name)
        return self._call("POST", "/enrol", wire.EnrolAnswer, question, signed=False)

    def upload(self, batch_id: UUID, entries: Sequence[Entry]) -> wire.BatchAnswer:
        """Send journal entries. The same batch again changes nothing."""
        batch = wire.EntryBatch(batch_id=batch_id, entries=tuple(entry.model_dump(mode="json") for entry in entries))
        return self._call("POST", "/entries", wire.BatchAnswer, batch)

    def stored(self) -> wire.Stored:
        """What the backend holds of this kiosk."""
        return self._call("GET", "/entries", wire.Stored)

    def lease(self, question: wire.LeaseRequest) -> wire.LeaseAnswer:
        """All free slots of this kiosk, topped up."""
        return self._call("POST", "/slots/lease", wire.LeaseAnswer, question)

    def return_slots(self, slot_ids: Sequence[str]) -> wire.SlotReturnAnswer:
        """Give slots back."""
        return self._call("POST", "/slots/return", wire.SlotReturnAnswer, wire.SlotReturn(slot_ids=tuple(slot_ids)))

    def find_requests(self, national_number: str) -> follow_up.FoundRequests:
        """The requests of the parent whose card was verified. The number itself is not sent."""
        if self._look_up_key is not None:
            try:
                return self._find_requests(self._look_up_key, national_number)
            except SyncError as error:
                if error.refusal is not wire.Refusal.OTHER_KEY:
                    raise
        self._look_up_key = self._call("GET", "/parents/key", follow_up.LookUpKey)
        return self._find_requests(self._look_up_key, national_number)

    def _find_requests(self, told: follow_up.LookUpKey, national_number: str) -> follow_up.FoundRequests:
        try:
            digest = follow_up.parent_digest(follow_up.key_bytes(told), national_number)
        except ValueError:
            raise SyncError(SyncProblem.SERVER_ERROR, "a look-up key that is none") from None
        question = follow_up.FindRequests(parent=digest, key_id=told.key_id)
        return self._call("POST", "/parents/requests", follow_up.FoundRequests, question)

    def heartbeat(self, beat: wire.Heartbeat) -> wire.HeartbeatAnswer:
        """Say that the kiosk is alive."""
        return self._call("POST", "/heartbeat", wire.HeartbeatAnswer, beat)

    def edition(self, kind: wire.EditionKind) -> wire.EditionAnswer:
        """The latest rules or notices of the municipality."""
        return self._call("GET", f"/editions/{kind.value}", wire.EditionAnswer)

    def change_key(self, new: Ed25519PrivateKey) -> wire.KeyChangeAnswer:
        """Sign with another key from now on; the old one signs this call, and the new one proves itself in it."""
        if self.identity is None:
            raise SyncError(SyncProblem.REFUSED, "this kiosk is not enrolled")
        text = public_key_text(new)
        proof = new.sign(wire.key_change_text(self.identity.kiosk_id, wire.decode_public_key(text)))
        return self._call("POST", "/key", wire.KeyChangeAnswer, wire.KeyChange(public_key=text, proof=proof.hex()))

    def server_time(self) -> datetime:
        """The backend's clock; needs no identity."""
        return self._call("GET", "/time", wire.ServerTime, signed=False).server_time

    def health(self) -> wire.Health:
        """Whether the backend and its database answer; needs no identity."""
        return self._call("GET", "/health", wire.Health, signed=False)

    # --- one call -------------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, answer: type[A], question: BaseModel | None = None, *, signed: bool = True
    ) -> A:
        body = b"" if question is None else question.model_dump_json().encode()
        for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=self._attempts,
            wait_initial=0.1,
            wait_max=0.5,
            wait_jitter=0.1,
            timeout=None,
        ):
            with attempt:
                return self._once(method, wire.API_PREFIX + path, body, answer, signed)
        raise AssertionError("the last attempt raises")  # for the type checker: the loop never runs out

    def _once(self, method: str, path: str, body: bytes, answer: type[A], signed: bool) -> A:
        headers = {wire.VERSION_HEADER: str(wire.VERSION)}
        if body:
            headers["Content-Type"] = "application/json"
        if signed:
            headers["Authorization"] = f"Bearer {self._token(method, path, body)}"
        try:
            response = self._http.request(method, path, content=body, headers=headers)
            self.certificate = _certificate_of(response) or self.certificate
        except httpx.HTTPError as problem:
            raise SyncError(SyncProblem.UNREACHABLE, _reason_of(problem)) from problem
        if response.status_code != httpx.codes.OK:
            raise _error_of(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError:
            # A captive portal or a proxy may answer 200 with a page of its own.
            raise SyncError(SyncProblem.SERVER_ERROR, "an answer that is none of ours", status=200) from None

    def _token(self, method: str, path: str, body: bytes) -> str:
        if self.identity is None:
            raise SyncError(SyncProblem.REFUSED, "this kiosk is not enrolled")
        now = self._now()
        claims: dict[str, Any] = {
            "aud": wire.TOKEN_AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()),
            "jti": uuid4().hex,
            "call": wire.call_digest(method, path, body),
        }
        return jwt.encode(claims, self.identity.key, algorithm="EdDSA", headers={"kid": str(self.identity.kiosk_id)})


def _reason_of(problem: BaseException) -> str:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted here: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return type(problem).__name__


def _certificate_of(response: httpx.Response) -> x509.Certificate | None:
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("ssl_object") if stream is not None else None
    # By place: what httpcore hands out is the socket inside Python's own, and that one takes no names.
    shown = connection.getpeercert(True) if connection is not None else None
    return x509.load_der_x509_certificate(shown) if shown else None


def _error_of(response: httpx.Response) -> SyncError:
    status = response.status_code
    try:
        said = wire.Problem.model_validate_json(response.content)
    except ValidationError:
        # Not the backend's own words: a proxy before it, a redirection to a login page, or a crash.
        return SyncError(SyncProblem.SERVER_ERROR, f"HTTP {status}", status=status)
    problem = _BY_REFUSAL.get(said.reason)
    if problem is None:
        problem = SyncProblem.SERVER_ERROR if status >= httpx.codes.INTERNAL_SERVER_ERROR else SyncProblem.REFUSED
    return SyncError(problem, said.detail, status=status, refusal=said.reason, server_time=said.server_time)
