"""What both clients share: one question over HTTP, its answer as JSON, and every failure as CalendarUnavailable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from backend.appointments.outside.contract import CalendarUnavailable

TIMEOUT_SECONDS = 10.0
MAX_ANSWER_BYTES = 5_000_000  # a year of times in steps of five minutes has about two


class NoSuchThing(CalendarUnavailable):
    """The calendar answered that there is none (404)."""


class Refused(CalendarUnavailable):
    """The calendar refuses the credentials (401, 403)."""


def ask(http: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """The JSON of the answer; None where it has no body. Raises CalendarUnavailable."""
    try:
        response = http.request(method, path, **options)
    except httpx.HTTPError as problem:
        raise CalendarUnavailable(type(problem).__name__) from None
    if response.is_success:
        return _json(response)
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NoSuchThing("HTTP 404")
    said = response.headers.get("error_message", "")[:200]  # Qmatic says in this header what went wrong
    text = f"HTTP {response.status_code}" + (f": {said}" if said else "")
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Refused(text)
    raise CalendarUnavailable(text)


def field(answer: Any, name: str, kind: type) -> Any:
    """A field that the documentation promises. Raises CalendarUnavailable where the answer is another."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise CalendarUnavailable(f"an answer without {name!r}")
    return value


def _json(response: httpx.Response) -> Any:
    if len(response.content) > MAX_ANSWER_BYTES:
        raise CalendarUnavailable("an answer that is too long")
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise CalendarUnavailable("an answer that is no JSON") from None
