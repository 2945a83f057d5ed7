"""A short way in for the two calls that make nearly all of the load: heartbeats and uploads.

Django's way from middleware to view is made for pages: sessions, languages, forms, a test of the database connection
before each request. For a heartbeat it costs several times what the heartbeat itself does. So the web server's entry
is this door: it answers the two calls itself, with the same checks, the same work and the same refusals as `urls`
(which describes them, and answers them too), and hands on everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.utils import timezone
from ninja.errors import HttpError
from pydantic import BaseModel, ValidationError

from backend.api import calls, refusals
from backend.fleet import tokens
from kiosk.domain import wire

log = logging.getLogger("backend.api")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_Do = Callable[[tokens.Signed, bytes], BaseModel]


def _heartbeat(signed: tokens.Signed, body: bytes) -> BaseModel:
    try:
        beat = wire.Heartbeat.model_validate_json(body)
    except ValidationError:
        signed.spend()
        raise
    return calls.signed_heartbeat(signed, beat, now=timezone.now())


def _upload(signed: tokens.Signed, body: bytes) -> BaseModel:
    return calls.upload(signed.spend(), wire.EntryBatch.model_validate_json(body), now=timezone.now())


_HERE: dict[str, _Do] = {wire.API_PREFIX + "/heartbeat": _heartbeat, wire.API_PREFIX + "/entries": _upload}
_VERSION = "HTTP_" + wire.VERSION_HEADER.upper().replace("-", "_")
_WORDS = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 413: "Content Too Large", 422: "Unprocessable Content"}


def door(pages: Application) -> Application:
    """The entry: `pages` gets whatever is none of the two calls."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        do = _HERE.get(environ["PATH_INFO"])
        if do is None or environ["REQUEST_METHOD"] != "POST" or not _plain(environ):
            return pages(environ, start_response)
        status, content_type, body = _answer(environ, do)
        start_response(
            f"{status} {_WORDS.get(status, 'Refused')}",
            [
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        return (body,)

    return application


def _plain(environ: dict[str, Any]) -> bool:
    """Whether this is the usual case: a body of a known length, over the encryption that the settings demand."""
    encrypted = environ["wsgi.url_scheme"] == "https"
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        encrypted = encrypted or environ.get(name) == value
    length = environ.get("CONTENT_LENGTH", "")
    return length.isascii() and length.isdigit() and (encrypted or not settings.SECURE_SSL_REDIRECT)


def _answer(environ: dict[str, Any], do: _Do) -> tuple[int, str, bytes]:
    # A connection that the database closed is noticed by the call that meets it: the kiosk hears "busy" and comes
    # again. To ask before each call would double what a heartbeat costs.
    connection.close_if_unusable_or_obsolete()
    connection.health_check_done = True
    try:
        said = do(*_signed(environ))
    except refusals.ANSWERED as problem:
        connection.close_if_unusable_or_obsolete()
        status, refusal = refusals.answer_to(problem)
        return status, refusals.CONTENT_TYPE, refusal.model_dump_json().encode()
    except Exception:  # the door is the last to hear of it: say so in the log, tell the caller nothing of it
        log.exception("a call failed")
        connection.close()
        return 500, "text/plain", b"internal error"
    return 200, "application/json", said.model_dump_json().encode()


def _signed(environ: dict[str, Any]) -> tuple[tokens.Signed, bytes]:
    length = int(environ["CONTENT_LENGTH"])
    if length > wire.MAX_BODY_BYTES:
        raise RequestDataTooBig
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HttpError(401, "Unauthorized")
    refusals.demand_version(environ.get(_VERSION))
    body = environ["wsgi.input"].read(length)
    return tokens.signed(token, "POST", environ["PATH_INFO"], body, now=timezone.now()), body
