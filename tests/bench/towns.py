"""Many kiosks in many towns, as the backend knows them, and what they send."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain import wire
from kiosk.domain.tickets.claims import new_code
from kiosk.domain.tickets.keys import key_id_of
from kiosk.sync.keys import public_key_text
from tests.bench.load import Call

if TYPE_CHECKING:
    from tests.backend.kiosks import TestKiosk

KIOSKS_IN_A_TOWN = 20
_TIMES = 40  # appointment times that each kiosk has on lease
_BACKLOG = 5  # visits in a batch of a kiosk that was cut off


@dataclass
class Fleet:
    """Enrolled kiosks. Needs a started Django."""

    kiosks: list[TestKiosk]
    times: dict[UUID, list[wire.LeasedSlot]]
    copied: int = 0
    codes: list[tuple[int, str]] = field(default_factory=list)
    locks: dict[int, asyncio.Lock] = field(default_factory=dict)

    @classmethod
    def made(cls, many: int, data: Path) -> Fleet:
        """A migrated database with so many kiosks, each with times on lease."""
        import django

        from backend import preparation

        preparation.compile_texts(data)
        django.setup()
        from backend import administration

        administration.migrate()
        kiosks, times = _enrolled(many)
        return cls(kiosks, times)

    def in_order(self, kiosk: int) -> asyncio.Lock:
        """A kiosk uploads one batch after the other."""
        return self.locks.setdefault(kiosk, asyncio.Lock())

    def heartbeat(self, number: int) -> Call:
        """It is alive, with the whole report that kiosks give."""
        from backend.watch.simulation import SimulatedKiosk

        beat = SimulatedKiosk(number).heartbeat(datetime.now(UTC))
        assert beat is not None
        return self._call(number, "heartbeat", "/heartbeat", beat.model_dump_json().encode(), b"server_time")

    def visit(self, number: int) -> tuple[Call, Call]:
        """One visit in two batches: up to the payment, and the ticket."""
        first, second = self._story(number)
        return self._upload(number, "to payment", first), self._upload(number, "ticket", second)

    def backlog(self, number: int) -> tuple[Call, int, int]:
        """Some visits at once, how many, and how many entries."""
        entries = [entry for _ in range(_BACKLOG) for part in self._story(number) for entry in part]
        return self._upload(number, "backlog", entries), _BACKLOG, len(entries)

    def fill(self, rows: int) -> list[tuple[int, str]]:
        """Bring the stored requests up to so many, with their payments. Of `town-0` some numbers and codes."""
        _fill(self.kiosks, self.copied, rows, self.codes)
        self.copied = max(rows, self.copied)
        return self.codes

    def _story(self, number: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        from tests.backend.kiosks import Story

        kiosk = self.kiosks[number]
        story = Story(kiosk, code=new_code(random.SystemRandom()))
        free = self.times[kiosk.id]
        booked = story.books(free.pop()) if free else []
        return [*story.asks(), *booked, *story.pays()], story.takes_the_ticket()

    def _upload(self, number: int, kind: str, entries: Sequence[dict[str, Any]]) -> Call:
        body = json.dumps({"batch_id": str(uuid4()), "entries": entries}).encode()
        return self._call(number, kind, "/entries", body, b'"accepted"')

    def _call(self, number: int, kind: str, path: str, body: bytes, wanted: bytes) -> Call:
        token = self.kiosks[number].token("POST", path, body)
        head = (
            f"POST {wire.API_PREFIX}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Call(kind, head.encode() + body, wanted)


def _enrolled(many: int) -> tuple[list[TestKiosk], dict[UUID, list[wire.LeasedSlot]]]:
    from backend.appointments.models import Desk, Slot
    from backend.fleet.models import Kiosk, Municipality
    from tests.backend.kiosks import Api, TestKiosk

    now = datetime.now(UTC)
    api = Api(None)  # type: ignore[arg-type]  # they call over the line
    towns = [Municipality(id=f"town-{n}", name=f"Town {n}") for n in range(many // KIOSKS_IN_A_TOWN + 1)]
    Municipality.objects.bulk_create(towns)
    desks = Desk.objects.bulk_create(Desk(municipality=town, name="1", capacity=20) for town in towns)
    kiosks, rows, slots = [], [], []
    times: dict[UUID, list[wire.LeasedSlot]] = {}
    tomorrow = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    for number in range(many):
        key, town = Ed25519PrivateKey.generate(), towns[number // KIOSKS_IN_A_TOWN]
        text = public_key_text(key)
        row = Kiosk(
            municipality=town,
            name=f"kiosk {number}",
            public_key=text,
            key_id=key_id_of(wire.decode_public_key(text)),
            enrolled_at=now,
        )
        rows.append(row)
        kiosks.append(TestKiosk(row.pk, key, row.name, town.pk, api))
        held = [
            Slot(
                desk=desks[number // KIOSKS_IN_A_TOWN],
                place=number % KIOSKS_IN_A_TOWN,
                start=tomorrow + timedelta(minutes=15 * turn),
                minutes=15,
                leased_to=row,
                lease_expires=now + timedelta(days=5),
            )
            for turn in range(_TIMES if number < 8 or many <= 100 else 8)
        ]
        slots += held
        times[row.pk] = [
            wire.LeasedSlot(id=str(slot.pk), start=slot.start, minutes=15, desk="1") for slot in reversed(held)
        ]
    Kiosk.objects.bulk_create(rows, batch_size=2000)
    Slot.objects.bulk_create(slots, batch_size=5000)
    _analyse()
    return kiosks, times


def _fill(kiosks: list[TestKiosk], have: int, rows: int, sample: list[tuple[int, str]]) -> None:
    """Requests of the past, each with a child and a payment: of all towns, each with a code of its own."""
    from django.db import connection, transaction

    chance = random.Random(rows)
    begin = datetime.now(UTC) - timedelta(days=700)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # the limits are those of calls and pages
        cursor.execute(
            "CREATE TEMPORARY TABLE past (ticket uuid, kiosk uuid, town text, code text, made timestamptz, number int)"
            " ON COMMIT DROP"
        )
        with cursor.copy("COPY past FROM STDIN") as copy:
            for number in range(have, rows):
                kiosk, code = kiosks[number % len(kiosks)], new_code(chance)
                made = begin + timedelta(seconds=60 * number % 60_000_000)
                copy.write_row((uuid4(), kiosk.id, kiosk.municipality, code, made, number))
                if kiosk.municipality == "town-0" and len(sample) < 2000:
                    sample.append((number, code))
        _multiply(kiosks[0])
    _analyse()


def _multiply(kiosk: TestKiosk) -> None:
    """For each line of `past` a request like the one made here; the columns are the models' own, whatever they are."""
    from django.db import connection

    from backend.requests.models import Payment, Request, RequestedChild

    now = datetime.now(UTC)
    model = Request.objects.create(
        ticket_id=uuid4(),
        kiosk_id=kiosk.id,
        municipality_id=kiosk.municipality,
        made_at=now,
        language="nl",
        service="application",
        national_number="85073003328",
        first_names="An",
        total_cents=1200,
        profile_version="1",
    )
    child = RequestedChild.objects.create(
        request=model, position=0, first_name="Bo", birth_date=now.date(), fee_cents=1200
    )
    payment = Payment.objects.create(id=uuid4(), request=model, cents=1200, state="paid", changed_at=now)
    own = {
        Request: {
            "ticket_id": "past.ticket",
            "kiosk_id": "past.kiosk",
            "municipality_id": "past.town",
            "ticket_code": "past.code",
            "made_at": "past.made",
            "surname": "'Janssens ' || past.number %% 5000",
            "search_name": "'janssens ' || past.number %% 5000 || ' an'",
            "search_number": "lpad(past.number::text, 11, '0')",
        },
        RequestedChild: {"request_id": "past.ticket"},
        Payment: {"id": "gen_random_uuid()", "request_id": "past.ticket", "changed_at": "past.made"},
    }
    with connection.cursor() as cursor:
        for row in (model, child, payment):
            meta = row._meta
            columns = [field.column for field in meta.local_concrete_fields if field.column != "id" or row is payment]
            values = ", ".join(own[type(row)].get(column, f"one.{column}") for column in columns)
            cursor.execute(
                f"INSERT INTO {meta.db_table} ({', '.join(columns)})"
                f" SELECT {values} FROM past, {meta.db_table} AS one WHERE one.{meta.pk.column} = %s",
                [row.pk],
            )
    for row in (payment, child, model):
        row.delete()


def _analyse() -> None:
    """As autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
