"""One database for this room, made by the migrations; every test finds it empty of rows.

A module that says `ENGINES = BOTH` runs on SQLite and on a private PostgreSQL; others run on SQLite.
A test marked `postgresql` tries what only that has.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
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

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402  # only now is there a Django
from allauth.mfa.utils import is_mfa_enabled  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from backend import administration  # noqa: E402
from backend.accounts.models import Staff  # noqa: E402
from backend.accounts.roles import Role  # noqa: E402
from backend.environment import Environment  # noqa: E402
from backend.fleet.models import Municipality  # noqa: E402
from tests.backend.kiosks import Api, TestKiosk  # noqa: E402
from tests.backend.postgresql import FAST_AND_FORGETFUL, PrivatePostgreSQL  # noqa: E402
from tests.towns import OTHER_TOWN, TOWN  # noqa: E402

_migrated: set[str] = set()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    engines = getattr(metafunc.module, "ENGINES", None)
    if metafunc.definition.get_closest_marker("postgresql"):
        engines = ("postgresql",)
    if engines is not None:
        metafunc.parametrize("engine", engines, indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PrivatePostgreSQL]:
    with PrivatePostgreSQL(**FAST_AND_FORGETFUL) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def engine(request: pytest.FixtureRequest, _django: None) -> Iterator[str]:
    """The database that Django's default connection is, for one module's tests."""
    name = getattr(request, "param", "sqlite")
    if name == "postgresql":
        server: PrivatePostgreSQL = request.getfixturevalue("postgresql")
        url = server.url("loket") if name in _migrated else server.create("loket")
        settings_of = Environment(database=url).django_database()
    else:
        settings_of = Environment(data=_DATA).django_database()
    before = connections.settings["default"]
    _connect_to(settings_of)
    if name not in _migrated:
        administration.migrate()
        _migrated.add(name)
    yield name
    _connect_to(before)


def _connect_to(database: dict[str, object]) -> None:
    connections["default"].close()
    connections.settings["default"] = connections.configure_settings({"default": database})["default"]
    del connections["default"]


@functools.cache  # once a process, however many folders of tests use these fixtures
def _prepared() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.3 s on purpose
    setup_test_environment()
    preparation.collect_static_files()


@pytest.fixture(scope="session")
def _django() -> Iterator[None]:
    _prepared()
    yield
    connections.close_all()


@pytest.fixture
def empty(engine: str) -> Iterator[None]:
    yield
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()


@pytest.fixture
def town(empty: None) -> Municipality:
    return administration.load_municipality(administration.find_profile(TOWN))


@pytest.fixture
def other_town(empty: None) -> Municipality:
    return administration.load_municipality(administration.find_profile(OTHER_TOWN))


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


Login = Callable[..., Client]


@pytest.fixture
def login(town: Municipality) -> Login:
    """A browser of somebody with a role, in English; with a second factor where the role asks for one."""

    def logged_in(role: Role = Role.DESK, municipality: Municipality | None = None, name: str = "") -> Client:
        name = name or f"{role.value}-of-{(municipality or town).pk}"
        administration.staff_account(name, municipality or town, role)
        staff = Staff.objects.get(username=name)
        if staff.needs_second_factor and not is_mfa_enabled(staff):
            TOTP.activate(staff, generate_totp_secret())
        client = Client(headers={"accept-language": "en"})
        client.force_login(staff, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return logged_in
