"""Version 1 of the kiosks' API. The OpenAPI document is at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Status
from ninja.security import HttpBearer

from backend.api import calls, refusals
from backend.appointments import leases
from backend.appointments.outside import holding
from backend.editions import publishing
from backend.fleet import enrolment, keys, tokens
from backend.requests import ingestion, parents
from backend.watch import orders
from kiosk.domain import follow_up, wire
from kiosk.domain.wire import Problem, Refusal

FIRST_REFUSAL = 400


class SignedByKiosk(HttpBearer):
    """The kiosk that signed the call becomes `request.auth`, as a `tokens.Caller`."""

    def authenticate(self, request: HttpRequest, token: str) -> tokens.Caller:
        """Raises TokenRefused, which is answered with its reason."""
        refusals.demand_version(request.headers.get(wire.VERSION_HEADER))
        return tokens.caller_of(token, request.method or "", request.path, request.body, now=timezone.now())


class Api(NinjaAPI):
    """The API, with every refusal in the same shape (`wire.Problem`)."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The name of the function, which is short and stays."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **options: Any) -> Any:
        """Refusals are of a type of their own (RFC 9457), which ninja's document cannot say by itself."""
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= FIRST_REFUSAL and "content" in answer:
                        answer["content"] = {refusals.CONTENT_TYPE: answer["content"]["application/json"]}
        return schema


api = Api(
    title="Loket: kiosks to backend",
    version="1",
    docs_url=None,  # the interactive page loads scripts from elsewhere
    auth=SignedByKiosk(),
    urls_namespace="api-1",
    openapi_extra={"info": {"description": "Calls are signed with the kiosk's Ed25519 key; see `kiosk.domain.wire`."}},
)
_PROBLEMS = {code: Problem for code in (401, 403, 413, 422, 426, 503)}


def _refuse(request: HttpRequest, problem: Any) -> HttpResponse:
    status, said = refusals.answer_to(problem)
    return HttpResponse(said.model_dump_json(), status=status, content_type=refusals.CONTENT_TYPE)


for _kind in refusals.ANSWERED:
    api.add_exception_handler(_kind, _refuse)


@api.post("/enrol", auth=None, response={200: wire.EnrolAnswer, 403: Problem, 409: Problem, 422: Problem, 429: Problem})
def enrol(request: HttpRequest, question: wire.EnrolRequest) -> wire.EnrolAnswer:
    """A new kiosk joins with a one-time code. The same call again gets the same answer."""
    now = timezone.now()
    # Beside the tries of each code: who guesses at codes of any kind has to wait.
    if not ratelimit.consume(request, action="enrol_failed", dry_run=True):
        raise refusals.Refused(Refusal.TOO_MANY)
    try:
        kiosk = enrolment.enrol(question.code, question.public_key, question.name, now=now)
    except enrolment.EnrolmentRefused:
        ratelimit.consume(request, action="enrol_failed")
        raise
    return wire.EnrolAnswer(
        kiosk_id=kiosk.id, municipality=kiosk.municipality_id, server_time=now, orders_key=orders.public_key()
    )


@api.post("/entries", response={200: wire.BatchAnswer, **_PROBLEMS})
def upload(request: HttpRequest, batch: wire.EntryBatch) -> wire.BatchAnswer:
    """Journal entries, in order. Each gets its own answer; the same batch twice changes nothing."""
    return calls.upload(_caller(request), batch, now=timezone.now())


@api.get("/entries", response={200: wire.Stored, **_PROBLEMS})
def stored(request: HttpRequest) -> wire.Stored:
    """How many entries of this kiosk are held, and which numbers are missing."""
    return ingestion.stored(_caller(request).kiosk())


@api.post("/slots/lease", response={200: wire.LeaseAnswer, **_PROBLEMS})
def lease(request: HttpRequest, question: wire.LeaseRequest) -> wire.LeaseAnswer:
    """All free slots of this kiosk, topped up to as many as wanted, under a fresh lease."""
    kiosk, wish, now = _caller(request).kiosk(), leases.Wish(**question.model_dump()), timezone.now()
    holding.hold_for(kiosk, wish, now=now)
    held = leases.lease(kiosk, wish, now=now)
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
    return calls.heartbeat(_caller(request), beat, now=timezone.now())


@api.get(
    "/editions/{kind}",
    response={200: wire.EditionAnswer, 304: None, 404: Problem, **_PROBLEMS},
    openapi_extra={"parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}]},
)
def edition(request: HttpRequest, kind: wire.EditionKind, response: HttpResponse) -> Any:
    """The rules or the notices that the kiosk is to have; nothing where it has them (`If-None-Match`)."""
    latest = publishing.latest(_caller(request).municipality_id, kind)
    if latest is None:
        raise refusals.Refused(Refusal.NOT_PUBLISHED)
    response["ETag"] = f'"{latest.digest}"'
    if request.headers.get("If-None-Match") == response["ETag"]:
        return Status(304, None)
    return wire.EditionAnswer(kind=kind, digest=latest.digest, published_at=latest.published_at, text=latest.text)


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
