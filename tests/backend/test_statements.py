"""Rows that are written and read past Django's queries are the rows that Django's queries know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, models, transaction

from backend.appointments.models import Appointment, Desk, Slot
from backend.fleet.models import Kiosk
from backend.requests.models import Payment, PaymentState, Request, RequestedChild, StoredEntry, Visit
from backend.statements import table
from backend.watch.models import HourFigures
from tests.backend.kiosks import BOTH, TestKiosk

ENGINES = BOTH
AT = datetime(2026, 11, 29, 14, 3, 7, 123_456, tzinfo=UTC)


def _rows(kiosk: TestKiosk) -> list[models.Model]:
    """One of each table that uploads write, in the order in which they refer to each other."""
    here = Kiosk.objects.get(pk=kiosk.id)
    desk = Desk.objects.create(municipality_id=kiosk.municipality, name="1")
    visit = Visit(id=uuid4(), kiosk=here, language="fr", started_at=AT)
    request = Request(
        ticket_id=uuid4(),
        kiosk=here,
        municipality_id=kiosk.municipality,
        visit=visit,
        ticket_code="K7M-3QX-Q",
        made_at=AT,
        language="fr",
        service="application",
        surname="Đặng ’t Hooft %s",
        total_cents=70_000,
        profile_version="1",
        contents={"lines": ["a", None, 1.5, True], "é": {}},
    )
    return [
        StoredEntry(
            id=uuid4(),
            kiosk=here,
            sequence=2**40,
            visit_id=None,
            at=AT,
            kind="visit_started",
            body={"language": "fr"},
            digest="0" * 64,
            batch_id=uuid4(),
            received_at=AT,
        ),
        visit,
        request,
        RequestedChild(request=request, position=0, first_name="Bo", birth_date=date(2020, 2, 29), fee_cents=1200),
        Payment(id=uuid4(), request=request, cents=1200, state=PaymentState.SENT, changed_at=AT),
        Appointment(desk=desk, start=AT, minutes=15, ticket_id=uuid4(), kiosk=here, made_at=AT),
        Slot(desk=desk, start=AT, minutes=15),
        HourFigures(kiosk=here, hour=AT, counts={"started": 1}),
    ]


def _fields(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_is_written_is_what_django_reads(kiosk: TestKiosk) -> None:
    for row in _rows(kiosk):
        assert table(type(row)).insert([row]) == 1
        [read] = type(row)._default_manager.all()
        wrote = _fields(row) | ({"id": read.pk} if row.pk is None else {})
        assert _fields(read) == wrote, type(row).__name__


def test_what_django_wrote_is_what_is_read(kiosk: TestKiosk) -> None:
    for row in _rows(kiosk):
        row.save(force_insert=True)
        key = {row._meta.pk.attname: row.pk}
        read = table(type(row)).get(**key)
        assert read is not None and _fields(read) == _fields(row), type(row).__name__
        assert [other.pk for other in table(type(row)).locked([row.pk])] == [row.pk]


def test_a_change_writes_what_was_named_and_nothing_else(kiosk: TestKiosk) -> None:
    visit = Visit.objects.create(id=uuid4(), kiosk_id=kiosk.id, language="fr")
    visit.language, visit.situation, visit.closed_at = "nl", "pay", AT
    table(Visit).update(visit, {"situation", "closed_at"})
    assert _fields(Visit.objects.get()) == _fields(visit) | {"language": "fr"}


def test_a_change_of_a_row_that_is_gone_is_an_error(kiosk: TestKiosk) -> None:
    with pytest.raises(Visit.DoesNotExist):
        table(Visit).update(Visit(id=uuid4(), kiosk_id=kiosk.id, language="fr"), {"language"})


def test_what_is_not_there_is_none(kiosk: TestKiosk) -> None:
    assert table(Visit).get(id=uuid4()) is None
    assert table(HourFigures).get(kiosk_id=kiosk.id, hour=AT) is None


def test_one_that_is_known_is_refused_or_left_out(kiosk: TestKiosk) -> None:
    known = Visit(id=UUID(int=1), kiosk_id=kiosk.id, language="fr")
    table(Visit).insert([known])
    fresh = Visit(id=UUID(int=2), kiosk_id=kiosk.id)
    assert table(Visit).insert([known, fresh], unless_known=True) == 1
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        table(Visit).insert([known])
    assert Visit.objects.count() == 2


@pytest.mark.postgresql  # SQLite holds any text
def test_what_a_column_cannot_hold_is_an_error_of_django(kiosk: TestKiosk) -> None:
    for language in ("nl\x00", "x" * 9):
        with pytest.raises((DataError, ValueError)), transaction.atomic():
            table(Visit).insert([Visit(id=uuid4(), kiosk_id=kiosk.id, language=language)])
    assert not Visit.objects.exists()
