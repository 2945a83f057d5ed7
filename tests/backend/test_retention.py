"""Erasing what is due: all of it in one run, in small transactions, and from where a run was cut off."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEntry
from backend.accounts.roles import Role
from backend.fleet.models import Kiosk, Municipality
from backend.privacy import erasure
from backend.requests.models import DeadLetter, Request, RequestedChild, StateChange
from kiosk.domain.wire import RejectReason
from tests.backend.conftest import Login

ENGINES = ["sqlite", "postgresql"]
NOW = datetime(2026, 11, 29, 3, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=800)
MANY = 1_200


@pytest.fixture
def hall(town: Municipality) -> Kiosk:
    return Kiosk.objects.create(
        id=uuid4(), municipality=town, name="hall", public_key="x", key_id="y", enrolled_at=LONG_AGO
    )


def _requests(hall: Kiosk, count: int, made_at: datetime = LONG_AGO) -> list[Request]:
    rows = Request.objects.bulk_create(
        Request(
            ticket_id=uuid4(),
            kiosk=hall,
            municipality=hall.municipality,
            ticket_code=f"{number:06d}",
            made_at=made_at,  # all at one moment: pages have to tell them apart by more than the time
            language="nl",
            service="application",
            surname="Achternaam",
            total_cents=1000,
            profile_version="1",
            state="collected",
        )
        for number in range(count)
    )
    RequestedChild.objects.bulk_create(
        RequestedChild(request=row, position=0, first_name="Kind", birth_date=LONG_AGO.date(), fee_cents=1000)
        for row in rows
    )
    return rows


def _named() -> int:
    return Request.objects.exclude(surname="").count()


def test_one_run_erases_all_that_is_due_however_much_it_is(hall: Kiosk) -> None:
    _requests(hall, MANY)
    DeadLetter.objects.bulk_create(
        DeadLetter(
            kiosk=hall, digest=f"{number}", raw="Achternaam", reason=RejectReason.UNREADABLE, received_at=LONG_AGO
        )
        for number in range(MANY)
    )
    (kept,) = _requests(hall, 1, made_at=NOW)
    assert erasure.sweep(hall.municipality, NOW) == erasure.Swept(requests=MANY, letters=MANY, whole=True)
    assert list(Request.objects.exclude(surname="").values_list("pk", flat=True)) == [kept.pk]
    assert RequestedChild.objects.exclude(first_name="").count() == 1
    assert not DeadLetter.objects.exclude(raw=erasure.ERASED).exists()


def test_a_run_that_is_cut_off_has_lost_nothing_and_the_next_goes_on(hall: Kiosk) -> None:
    _requests(hall, MANY)
    asked = itertools.count()
    first = erasure.sweep(hall.municipality, NOW, stop=lambda: next(asked) >= 7)
    assert (first.requests, first.whole, _named()) == (700, False, MANY - 700)
    assert erasure.sweep(hall.municipality, NOW) == erasure.Swept(MANY - 700, 0, whole=True)
    assert _named() == 0


def test_a_power_cut_takes_back_what_was_at_hand_and_nothing_before_it(hall: Kiosk) -> None:
    _requests(hall, 250)
    writes = itertools.count()

    class PowerCut(BaseException):
        pass

    def cut_in_the_second(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "requests_requestedchild" in sql and next(writes) == 1:
            raise PowerCut
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut_in_the_second), pytest.raises(PowerCut):
        erasure.sweep(hall.municipality, NOW)
    assert _named() == 150
    assert RequestedChild.objects.exclude(first_name="").count() == 150
    assert erasure.sweep(hall.municipality, NOW).requests == 150


def test_what_is_held_in_memory_does_not_grow_with_what_is_due(hall: Kiosk) -> None:
    _requests(hall, MANY)
    held = []

    def counted(execute, sql, params, many, context):
        held.append(len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted), CaptureQueriesContext(connection) as asked:
        erasure.sweep(hall.municipality, NOW)
    pages = [query["sql"] for query in asked if query["sql"].startswith("SELECT") and "made_at" in query["sql"]]
    assert max(held) < 500 and len(pages) > MANY // erasure._AT_ONCE
    assert all("LIMIT" in sql or " IN (" in sql for sql in pages)


def test_what_somebody_takes_up_again_in_mid_run_is_not_erased(hall: Kiosk) -> None:
    _, second = _requests(hall, 2)
    changes = []

    def meanwhile() -> bool:  # asked when the page has been read
        if not changes:
            changes.append(StateChange.objects.create(request=second, before="ready", state="collected", at=NOW))
        return False

    assert erasure.sweep(hall.municipality, NOW, stop=meanwhile).requests == 1
    assert list(Request.objects.exclude(surname="")) == [second]


def test_the_page_erases_some_and_says_how_many_are_left(hall: Kiosk, login: Login) -> None:
    manager = login(Role.MANAGER)
    _requests(hall, 230)
    assert b">230<" in manager.get("/console/privacy/").content
    said = manager.post("/console/privacy/sweep/", follow=True).content.decode()
    assert "Erased: 200 requests. Still due: 30." in said
    assert "Erased: 30 requests." in manager.post("/console/privacy/sweep/", follow=True).content.decode()
    assert _named() == 0


def test_old_lines_of_the_audit_log_all_go(town: Municipality) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(at=LONG_AGO, who="x", municipality=town, act="looked") for _ in range(MANY)
    )
    AuditEntry.objects.create(at=NOW, who="x", municipality=town, act="looked")
    assert erasure.forget_audit(town, NOW) == MANY
    assert AuditEntry.objects.count() == 1
