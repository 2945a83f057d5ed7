"""Every refusal of the kiosks' API, whichever way it came about, in one shape: `wire.Problem` and its status."""

from __future__ import annotations

import logging

import pydantic
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone
from ninja.errors import HttpError, ValidationError

from backend.fleet import enrolment, keys, tokens
from backend.requests import parents
from kiosk.domain import wire
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
    Refusal.VERSION: 426,
    Refusal.NOT_PUBLISHED: 404,
}
_UNAUTHORISED = 401


class Refused(Exception):
    """The call is refused by the API itself."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


def demand_version(said: str | None) -> None:
    """Raise Refused for a version of the messages that is not spoken here. A kiosk that says none speaks the first."""
    number = int(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 5 else 0
    if said is not None and not wire.OLDEST_VERSION <= number <= wire.VERSION:
        raise Refused(Refusal.VERSION)


# What a refusal of our own is about; its reason says the rest.
_ABOUT: dict[type[Exception], str] = {
    Refused: "this is not to be had here",
    tokens.TokenRefused: "the call was not accepted",
    enrolment.EnrolmentRefused: "the kiosk was not enrolled",
    keys.KeyRefused: "the key was not changed",
    parents.LookUpRefused: "the parent was not looked up",
}
ANSWERED: tuple[type[Exception], ...] = (
    *_ABOUT,
    pydantic.ValidationError,
    ValidationError,
    HttpError,
    RequestDataTooBig,
    OperationalError,
    InterfaceError,
)
CONTENT_TYPE = "application/problem+json"


def answer_to(problem: Exception) -> tuple[int, Problem]:
    """The status and the body for one of `ANSWERED`. Nothing of what was sent is repeated: it may be personal."""
    about = _ABOUT.get(type(problem))
    if about is not None:
        refusal: Refusal = problem.refusal  # type: ignore[attr-defined]  # all of ours have one
        log.info("refused: %s: %s", refusal.value, about)
        return _answer(refusal, about)
    if isinstance(problem, pydantic.ValidationError):
        return _invalid([error["loc"] for error in problem.errors(include_input=False, include_context=False)])
    if isinstance(problem, ValidationError):
        return _invalid([tuple(error.get("loc", ())) for error in problem.errors])
    if isinstance(problem, HttpError):
        if problem.status_code == _UNAUTHORISED:
            return _answer(Refusal.NO_TOKEN, "the call carries no token")
        return _answer(Refusal.INVALID, "not valid: the body cannot be read")
    if isinstance(problem, RequestDataTooBig):
        return _answer(Refusal.TOO_LARGE, f"a body has at most {wire.MAX_BODY_BYTES} bytes")
    assert isinstance(problem, DatabaseError | InterfaceError), problem
    log.error("the database did not answer: %s", type(problem.__cause__).__name__)
    return _answer(Refusal.BUSY, "the database did not answer; try again later")


def _invalid(places: list[tuple[int | str, ...]]) -> tuple[int, Problem]:
    named = ", ".join(sorted({"/".join(map(str, place)) for place in places}))
    return _answer(Refusal.INVALID, f"not valid: {named[:500]}")


def _answer(refusal: Refusal, detail: str) -> tuple[int, Problem]:
    problem = Problem(reason=refusal, detail=detail, server_time=timezone.now())
    return _STATUS.get(refusal, _UNAUTHORISED), problem
