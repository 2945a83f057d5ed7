"""No time twice: fifty clients at once, kiosks and staff, on PostgreSQL, whose writers do not queue up."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection
from django.db.models.signals import post_migrate

from backend import administration
from backend.accounts.models import Staff
from backend.appointments import changes, leases
from backend.appointments.changes import ChangeRefused
from backend.appointments.models import Appointment, Slot
from backend.fleet.models import Kiosk, Municipality
from backend.requests import ingestion
from kiosk.domain.record.entries import Entry, SlotBooked, SlotReleased
from kiosk.domain.wire import RejectReason

ENGINES = ("postgresql",)

KIOSKS = 40
CLERKS = 10


def _kiosk_at_work(kiosk: Kiosk, together: threading.Barrier, seed: int) -> Counter[str]:
    """Lease, book some, give some back, release some, and say so, five times over."""
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    sequence = 0
    together.wait(30)
    try:
        for _ in range(5):
            now = datetime.now(UTC)
            held = leases.lease(kiosk, leases.Wish(6, now, 14, 5, 1, 60), now=now).slots
            batch = []
            for slot in chance.sample(held, min(3, len(held))):
                ticket = uuid4()
                booked = SlotBooked(
                    slot_id=str(slot.pk), start=slot.start, minutes=slot.minutes, desk="1", ticket_id=ticket
                )
                bodies = [booked]
                if chance.random() < 0.3:
                    bodies.append(SlotReleased(slot_id=str(slot.pk), ticket_id=ticket))
                for body in bodies:
                    sequence += 1
                    entry = Entry(id=uuid4(), sequence=sequence, visit_id=None, at=now, body=body)
                    batch.append(entry.model_dump(mode="json"))
            answers, _ = ingestion.ingest(kiosk.pk, uuid4(), batch, now)
            told.update(answer.reason.value if answer.reason else answer.outcome.value for answer in answers)
            leases.give_back(kiosk, [str(slot.pk) for slot in held[-2:]])
    finally:
        connection.close()
    return told


def _clerk_at_work(town: Municipality, clerk: Staff, together: threading.Barrier, seed: int) -> Counter[str]:
    """Book by telephone, then move or cancel what was booked."""
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    together.wait(30)
    try:
        for _ in range(8):
            now = datetime.now(UTC)
            free = changes.free_times(town, now, now + timedelta(days=14), 60)
            if not free:
                break
            try:
                made = changes.book(town, [UUID(one) for one in chance.choice(free).ids], by=clerk, now=now)
                told["booked"] += 1
                if chance.random() < 0.5:
                    changes.cancel(town, made.pk, by=clerk, now=now)
                else:
                    changes.move(town, made.pk, [UUID(one) for one in chance.choice(free).ids], by=clerk, now=now)
            except ChangeRefused as refused:
                told[refused.problem.value] += 1
    finally:
        connection.close()
    return told


def test_no_time_is_given_twice_to_fifty_clients_at_once(town: Municipality) -> None:
    now = datetime.now(UTC)
    town.desks.update(capacity=4)
    clerk = Staff.objects.create(username="clerk", municipality=town)
    kiosks = [
        Kiosk.objects.create(municipality=town, name=f"k{i}", public_key=f"{i}", key_id=f"{i}", enrolled_at=now)
        for i in range(KIOSKS)
    ]
    together = threading.Barrier(KIOSKS + CLERKS)
    with ThreadPoolExecutor(KIOSKS + CLERKS) as pool:
        ours = [pool.submit(_kiosk_at_work, kiosk, together, seed) for seed, kiosk in enumerate(kiosks)]
        theirs = [pool.submit(_clerk_at_work, town, clerk, together, 100 + seed) for seed in range(CLERKS)]
        told = sum((future.result(60) for future in ours), Counter())
        by_hand = sum((future.result(60) for future in theirs), Counter())

    # Every booking that a kiosk promised a parent was taken: none had been given to anybody else.
    assert set(told) == {"accepted"} and told["accepted"] > KIOSKS
    assert by_hand["booked"] > 0
    standing = Appointment.objects.exclude(state="cancelled")
    assert standing.count() > 0
    for appointment in standing.prefetch_related("slots"):
        slots = sorted(appointment.slots.all(), key=lambda slot: slot.start)
        assert slots and slots[0].start == appointment.start
        assert sum(slot.minutes for slot in slots) == appointment.minutes
    taken = Slot.objects.filter(appointment__isnull=False)
    assert taken.count() == sum(appointment.slots.count() for appointment in standing)
    at_once = Counter(taken.values_list("desk", "start"))
    assert max(at_once.values()) <= 4
    assert RejectReason.SLOT_TAKEN.value not in told


def test_the_limits_of_the_web_server_are_not_those_of_a_migration(empty: None) -> None:
    """A column of a large table may take longer than any request may wait."""

    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    seen: list[str] = []

    def look(**_: object) -> None:
        seen.append(limit())

    post_migrate.connect(look)
    try:
        administration.migrate()
    finally:
        post_migrate.disconnect(look)
    assert set(seen) == {"0"} and limit() == "15s"
