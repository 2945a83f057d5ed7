"""One database file for this room, made by the migrations; every test finds it empty of rows."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import pytest

from backend import preparation

_DATA = Path(tempfile.mkdtemp(prefix="loket-backend-"))
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.environ["LOKET_DATA"] = str(_DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
preparation.compile_texts(_DATA)
django.setup()

from django.conf import settings  # noqa: E402  # only now is there a Django
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402

from backend import administration  # noqa: E402
from backend.fleet.models import Municipality  # noqa: E402
from tests.backend.kiosks import Api, TestKiosk  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _database() -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.3 s on purpose
    setup_test_environment()
    administration.migrate()
    preparation.collect_static_files()
    yield
    teardown_test_environment()


@pytest.fixture
def empty(_database: None) -> Iterator[None]:
    yield
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def town(empty: None) -> Municipality:
    return administration.load_municipality(administration.find_profile("voorbeeldstad"))


@pytest.fixture
def other_town(empty: None) -> Municipality:
    return administration.load_municipality(administration.find_profile("aalst"))


@pytest.fixture
def api() -> Api:
    return Api(Client())


@pytest.fixture
def kiosk(town: Municipality, api: Api) -> TestKiosk:
    return TestKiosk.enrolled(town, api, "hall-1")


@pytest.fixture
def other_kiosk(town: Municipality, api: Api) -> TestKiosk:
    return TestKiosk.enrolled(town, api, "hall-2")


@pytest.fixture
def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=2)
