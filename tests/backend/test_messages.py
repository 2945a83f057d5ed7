"""The API is what its document says, whatever is sent to it, on either engine.

A few examples of each call in every run; more with `LOKET_API_EXAMPLES=300`, which takes some minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi import checks as openapi

from backend import administration
from backend.wsgi import application
from kiosk.domain import wire
from tests.backend.kiosks import BOTH, Api, TestKiosk
from tests.towns import TOWN

ENGINES = BOTH
EXAMPLES = int(os.environ.get("LOKET_API_EXAMPLES", "8"))

django_settings.ALLOWED_HOSTS = [*django_settings.ALLOWED_HOSTS, "localhost"]


def _served(environ: dict[str, Any], start_response: Any) -> Any:
    """As a web server calls it: it knows from where a call comes."""
    return application(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)


schema = schemathesis.openapi.from_wsgi(f"{wire.API_PREFIX}/openapi.json", _served)


@pytest.fixture(scope="module")
def caller(engine: str) -> Iterator[TestKiosk]:
    """One kiosk for all that is generated; what it leaves behind does not matter."""
    from django.core.management import call_command
    from django.test import Client

    call_command("flush", interactive=False, verbosity=0)
    town = administration.load_municipality(administration.find_profile(TOWN))
    yield TestKiosk.enrolled(town, Api(Client()), "generated")
    call_command("flush", interactive=False, verbosity=0)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_described(case: schemathesis.Case, caller: TestKiosk) -> None:
    """Signed, so that it gets past the door and as far as what was meant to be tried."""
    body = (
        case.body if isinstance(case.body, bytes) else b"" if case.body is NOT_SET else json.dumps(case.body).encode()
    )
    token = caller.token(case.method, case.formatted_path.removeprefix(wire.API_PREFIX), body)
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
    if body:
        case.body = body  # as it was signed, byte for byte
    answer = case.call()
    assert answer.status_code < 500, answer.content
    if answer.status_code != 304:
        case.validate_response(
            answer,
            checks=[
                schemathesis.checks.not_a_server_error,
                openapi.status_code_conformance,
                openapi.content_type_conformance,
                openapi.response_schema_conformance,
            ],
        )
