"""The short way in answers as the long one does, and hands on what is not its own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from backend import administration
from backend.api.door import door
from backend.requests.cases import decide
from backend.requests.models import OpenCase, StoredEntry
from kiosk.domain import wire
from tests.backend.kiosks import BOTH, Story, TestKiosk

ENGINES = BOTH


class HandedOn(Exception):
    """The door did not answer by itself."""


def _pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise HandedOn


def _ask(kiosk: TestKiosk, path: str, body: bytes, token: str | None = None, **environ: Any) -> tuple[int, Any]:
    """Through the door, with no server before it."""
    said: list[str] = []
    token = kiosk.token("POST", path, body) if token is None else token
    answer = door(_pages)(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": wire.API_PREFIX + path,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }
        | environ,
        lambda status, headers: said.append(status),
    )
    return int(said[0].split()[0]), json.loads(b"".join(answer))


def _beat(**changes: Any) -> bytes:
    beat = {"sent_at": datetime.now(UTC).isoformat(), "version": "1", "queue_depth": 0} | changes
    return json.dumps(beat).encode()


def test_a_heartbeat_and_an_upload_are_answered_at_the_door(kiosk: TestKiosk) -> None:
    assert _ask(kiosk, "/heartbeat", _beat())[0] == 200
    batch = json.dumps({"batch_id": str(uuid4()), "entries": Story(kiosk).asks()}).encode()
    status, answer = _ask(kiosk, "/entries", batch)
    assert (status, [one["outcome"] for one in answer["answers"]]) == (200, ["accepted"] * 2)
    assert StoredEntry.objects.count() == 2


def test_what_was_decided_here_is_told_until_the_kiosk_has_recorded_it(
    kiosk: TestKiosk, other_kiosk: TestKiosk
) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    assert _ask(kiosk, "/heartbeat", _beat())[1]["decisions"] == []
    decide(OpenCase.objects.get(), "the terminal's list shows it", "paid", "An", datetime.now(UTC))
    for _ in range(2):
        assert [one["outcome"] for one in _ask(kiosk, "/heartbeat", _beat())[1]["decisions"]] == ["paid"]
    assert _ask(other_kiosk, "/heartbeat", _beat())[1]["decisions"] == []


BAD: list[tuple[str, Callable[[TestKiosk], tuple[bytes, str | None]]]] = [
    ("malformed-token", lambda kiosk: (_beat(), "x.y.z")),
    ("wrong-body", lambda kiosk: (_beat(), kiosk.token("POST", "/heartbeat", b"{}"))),
    ("clock-skew", lambda kiosk: ((body := _beat()), kiosk.token("POST", "/heartbeat", body, iat=0, exp=60))),
    ("invalid", lambda kiosk: (_beat(queue_depth=-1), None)),
    ("invalid", lambda kiosk: (_beat(more="than is known"), None)),
    ("invalid", lambda kiosk: (b"{", None)),
    ("invalid", lambda kiosk: (b"", None)),
    ("invalid", lambda kiosk: (b"\xff\xfe", None)),
    ("invalid", lambda kiosk: (b"[" * 100_000, None)),
]


@pytest.mark.parametrize(("reason", "make"), BAD)
def test_both_ways_refuse_alike(
    kiosk: TestKiosk, reason: str, make: Callable[[TestKiosk], tuple[bytes, str | None]]
) -> None:
    body, token = make(kiosk)
    status, said = _ask(kiosk, "/heartbeat", body, token)
    long = kiosk.api.post("/heartbeat", body, token or kiosk.token("POST", "/heartbeat", body))
    assert (said["reason"], long.json()["reason"]) == (reason, reason)
    assert (status, long.status_code) == (status, status) and 400 <= status < 500
    assert "El Amrani" not in json.dumps(said)


def test_a_replay_is_refused_whichever_way_it_takes(kiosk: TestKiosk) -> None:
    body = _beat()
    token = kiosk.token("POST", "/heartbeat", body)
    assert _ask(kiosk, "/heartbeat", body, token)[0] == 200
    assert _ask(kiosk, "/heartbeat", body, token)[1]["reason"] == "replayed"
    assert kiosk.api.post("/heartbeat", body, token).json()["reason"] == "replayed"


def test_a_body_that_is_too_large_is_not_read(kiosk: TestKiosk) -> None:
    status, said = _ask(kiosk, "/entries", b"{}", CONTENT_LENGTH=str(wire.MAX_BODY_BYTES + 1))
    assert (status, said["reason"]) == (413, "too-large")


def test_a_call_without_a_token_or_of_a_revoked_kiosk_is_refused(kiosk: TestKiosk) -> None:
    assert _ask(kiosk, "/heartbeat", _beat(), HTTP_AUTHORIZATION="")[1]["reason"] == "no-token"
    administration.revoke(str(kiosk.id))
    assert _ask(kiosk, "/heartbeat", _beat())[0] == 403


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "GET"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"PATH_INFO": "/api/v1/time"},
        {"PATH_INFO": "/desk/"},
    ],
)
def test_everything_else_is_handed_on(kiosk: TestKiosk, environ: dict[str, Any]) -> None:
    with pytest.raises(HandedOn):
        _ask(kiosk, "/heartbeat", _beat(), **environ)


def test_what_came_unencrypted_is_handed_on_where_encryption_is_demanded(kiosk: TestKiosk) -> None:
    header = ("HTTP_X_FORWARDED_PROTO", "https")
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=header):
        with pytest.raises(HandedOn):
            _ask(kiosk, "/heartbeat", _beat())
        assert _ask(kiosk, "/heartbeat", _beat(), HTTP_X_FORWARDED_PROTO="https")[0] == 200
    assert settings.SECURE_SSL_REDIRECT is False


@pytest.mark.postgresql  # SQLite does not go away
def test_a_database_that_went_away_is_busy_and_the_next_call_is_served(kiosk: TestKiosk) -> None:
    assert _ask(kiosk, "/heartbeat", _beat())[0] == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [number])
    other.close()
    status, said = _ask(kiosk, "/heartbeat", _beat())
    assert (status, said["reason"]) == (503, "busy")
    assert _ask(kiosk, "/heartbeat", _beat())[0] == 200


@pytest.mark.postgresql  # SQLite waits for each commit
def test_what_kiosks_erase_for_is_on_the_disk_and_only_heartbeats_and_tokens_do_not_wait_for_it(
    kiosk: TestKiosk,
) -> None:
    waits: dict[str, set[str]] = {}

    def look(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        done = execute(sql, values, many, context)
        if "INSERT" in sql:
            table = "requests_storedentry" if "requests_storedentry" in sql else "other"
            waits.setdefault(table, set()).add(_show())
        return done

    def _show() -> str:
        row = connection.connection.execute("SHOW synchronous_commit").fetchone()
        return str(row[0])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    try:
        batch = json.dumps({"batch_id": str(uuid4()), "entries": Story(kiosk).asks()}).encode()
        with connection.execute_wrapper(look):
            assert _ask(kiosk, "/heartbeat", _beat())[0] == 200
            assert _ask(kiosk, "/entries", batch)[0] == 200
        assert waits["requests_storedentry"] == {"on"}
        assert waits["other"] == {"on"}  # what a statement set for itself ended with it
    finally:
        connection.close()
