"""Version 1 of the kiosks' API. The OpenAPI document is at `/api/v1/openapi.json`."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from backend.appointments import leases
from backend.fleet import enrolment, heartbeats, keys, tokens
from backend.requests import cases, ingestion, parents
from backend.watch import beats
from kiosk.domain import follow_up, wire
from kiosk.domain.wire import Problem, Refusal

log = logging.getLogger("backend.api")

_STATUS = {
    Refusal.INVALID: 422,
    Refusal.TOO_LARGE: 413,
    Refusal.BUSY: 503,
    Refusal.WRONG_CODE: 403,
    Refusal.CODE_EXPIRED: 403,
    Refusal.CODE_USED: 409,
    Refusal.NO_TRIES_LEFT: 403,
    Refusal.KEY_KNOWN: 409,
    Refusal.OTHER_KEY: 409,
    Refusal.TOO_MANY: 429,
    Refusal.REVOKED: 403,
}
_UNAUTHORISED = 401


class SignedByKiosk(HttpBearer):
    """The kiosk that signed the call becomes `request.auth`, as a `tokens.Caller`."""

    def authenticate(self, request: HttpRequest, token: str) -> tokens.Caller:
        """Raises TokenRefused, which is answered with its reason."""
        return tokens.caller_of(token, request.method or "", request.path, request.body, now=timezone.now())


class Api(NinjaAPI):
    """The API, with every refusal in the same shape (`wire.Problem`)."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The name of the function, which is short and stays."""
        return str(operation.view_func.__name__)


api = Api(
    title="Loket: kiosks to backend",
    version="1",
    docs_url=None,  # the interactive page loads scripts from elsewhere
    auth=SignedByKiosk(),
    urls_namespace="api-1",
    openapi_extra={"info": {"description": "Calls are signed with the kiosk's Ed25519 key; see `kiosk.domain.wire`."}},
)
# Every ten seconds: so little has gathered by then that whoever does it is not late for it.
_CHORES = heartbeats.Chores(10, tokens.forget_expired_tokens, leases.take_back_expired)
_PROBLEMS = {code: Problem for code in (401, 403, 413, 422, 503)}


def _problem(refusal: Refusal, detail: str, status: int | None = None) -> HttpResponse:
    code = status or _STATUS.get(refusal, _UNAUTHORISED)
    problem = Problem(reason=refusal, detail=detail, server_time=timezone.now())
    return HttpResponse(problem.model_dump_json(), status=code, content_type="application/problem+json")


@api.exception_handler(tokens.TokenRefused)
def _token_refused(request: HttpRequest, problem: tokens.TokenRefused) -> HttpResponse:
    log.info("call refused: %s", problem.refusal.value)
    return _problem(problem.refusal, "the call was not accepted")


@api.exception_handler(enrolment.EnrolmentRefused)
def _enrolment_refused(request: HttpRequest, problem: enrolment.EnrolmentRefused) -> HttpResponse:
    log.info("enrolment refused: %s", problem.refusal.value)
    return _problem(problem.refusal, "the kiosk was not enrolled")


@api.exception_handler(keys.KeyRefused)
def _key_refused(request: HttpRequest, problem: keys.KeyRefused) -> HttpResponse:
    log.info("change of key refused: %s", problem.refusal.value)
    return _problem(problem.refusal, "the key was not changed")


@api.exception_handler(parents.LookUpRefused)
def _look_up_refused(request: HttpRequest, problem: parents.LookUpRefused) -> HttpResponse:
    log.warning("look-up refused: %s", problem.refusal.value)
    return _problem(problem.refusal, "the parent was not looked up")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    # The places only: what stood there may be personal.
    places = sorted({"/".join(map(str, error.get("loc", ()))) for error in problem.errors})
    return _problem(Refusal.INVALID, f"not valid: {', '.join(places)[:500]}")


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, problem: HttpError) -> HttpResponse:
    refusal = Refusal.NO_TOKEN if problem.status_code == _UNAUTHORISED else Refusal.INVALID
    return _problem(refusal, str(problem), problem.status_code)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, problem: RequestDataTooBig) -> HttpResponse:
    return _problem(Refusal.TOO_LARGE, f"a body has at most {wire.MAX_BODY_BYTES} bytes")


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, problem: OperationalError) -> HttpResponse:
    log.error("the database did not answer: %s", type(problem.__cause__).__name__)
    return _problem(Refusal.BUSY, "the database did not answer; try again later")


@api.post("/enrol", auth=None, response={200: wire.EnrolAnswer, 403: Problem, 409: Problem, 422: Problem})
def enrol(request: HttpRequest, question: wire.EnrolRequest) -> wire.EnrolAnswer:
    """A new kiosk joins with a one-time code. The same call again gets the same answer."""
    now = timezone.now()
    kiosk = enrolment.enrol(question.code, question.public_key, question.name, now=now)
    return wire.EnrolAnswer(kiosk_id=kiosk.id, municipality=kiosk.municipality_id, server_time=now)


@api.post("/entries", response={200: wire.BatchAnswer, **_PROBLEMS})
def upload(request: HttpRequest, batch: wire.EntryBatch) -> wire.BatchAnswer:
    """Journal entries, in order. Each gets its own answer; the same batch twice changes nothing."""
    answers, stored = ingestion.ingest(_caller(request).kiosk(), batch.batch_id, batch.entries, timezone.now())
    return wire.BatchAnswer(batch_id=batch.batch_id, answers=answers, stored=stored)


@api.get("/entries", response={200: wire.Stored, **_PROBLEMS})
def stored(request: HttpRequest) -> wire.Stored:
    """How many entries of this kiosk are held, and which numbers are missing."""
    return ingestion.stored(_caller(request).kiosk())


@api.post("/slots/lease", response={200: wire.LeaseAnswer, **_PROBLEMS})
def lease(request: HttpRequest, question: wire.LeaseRequest) -> wire.LeaseAnswer:
    """All free slots of this kiosk, topped up to as many as wanted, under a fresh lease."""
    held = leases.lease(_caller(request).kiosk(), leases.Wish(**question.model_dump()), now=timezone.now())
    slots = tuple(
        wire.LeasedSlot(id=str(slot.pk), start=slot.start, minutes=slot.minutes, desk=slot.desk.name)
        for slot in held.slots
    )
    return wire.LeaseAnswer(slots=slots, lease_expires=held.expires)


@api.post("/slots/return", response={200: wire.SlotReturnAnswer, **_PROBLEMS})
def return_slots(request: HttpRequest, question: wire.SlotReturn) -> wire.SlotReturnAnswer:
    """Slots that the kiosk does not want any more."""
    return wire.SlotReturnAnswer(returned=leases.give_back(_caller(request).kiosk(), question.slot_ids))


@api.get("/parents/key", response={200: follow_up.LookUpKey, **_PROBLEMS})
def look_up_key(request: HttpRequest) -> follow_up.LookUpKey:
    """The key of this municipality's digests of national numbers."""
    return follow_up.look_up_key(parents.key_of(_caller(request).kiosk().municipality))


@api.post("/parents/requests", response={200: follow_up.FoundRequests, 409: Problem, 429: Problem, **_PROBLEMS})
def find_requests(request: HttpRequest, question: follow_up.FindRequests) -> follow_up.FoundRequests:
    """The requests of a parent who came back, with a verified card in the reader. A kiosk may ask so often only."""
    return parents.find(_caller(request).kiosk(), question, timezone.now())


@api.post("/heartbeat", response={200: wire.HeartbeatAnswer, **_PROBLEMS})
def heartbeat(request: HttpRequest, beat: wire.Heartbeat) -> wire.HeartbeatAnswer:
    """The kiosk is alive, and says how much it still has to tell."""
    now = timezone.now()
    kiosk = _caller(request)
    heartbeats.note(kiosk.id, beat, now=now)
    beats.keep_sample(kiosk.id, beat, now)
    _CHORES.do_if_due(now)
    return wire.HeartbeatAnswer(server_time=now, decisions=cases.decisions_for(kiosk.id))


@api.post("/key", response={200: wire.KeyChangeAnswer, 409: Problem, **_PROBLEMS})
def change_key(request: HttpRequest, change: wire.KeyChange) -> wire.KeyChangeAnswer:
    """The kiosk signs with another key from now on. The same call again gets the same answer."""
    return keys.change_key(_caller(request).id, change, now=timezone.now())


@api.get("/time", auth=None, response=wire.ServerTime)
def server_time(request: HttpRequest) -> wire.ServerTime:
    """What time it is here."""
    return wire.ServerTime(server_time=timezone.now())


@api.get("/health", auth=None, response={200: wire.Health, 503: Problem})
def health(request: HttpRequest) -> wire.Health:
    """Answered with 200 only when the database can be reached."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return wire.Health(status="ok", server_time=timezone.now())


def _caller(request: Any) -> tokens.Caller:
    caller: tokens.Caller = request.auth
    return caller
