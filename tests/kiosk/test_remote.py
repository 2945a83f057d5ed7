"""Orders from the town hall: once, in time, for this kiosk, written down first and answered always."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.fleet.orders import Order, OrderAnswered, OrderKind, OrderTaken, SignedOrder, sign_order
from kiosk.journal import Journal
from kiosk.remote import TownHall
from kiosk.staff.events import Order as StaffOrder
from kiosk.staff.events import Ordered
from tests.kiosk.sync.fakes import Clock

KIOSK = UUID(int=7)
ACCOUNT = "an.peeters-vandenbossche@voorbeeldstad.example.org"  # as long as accounts at the town hall are


@dataclass
class Bench:
    folder: Path
    clock: Clock = field(default_factory=Clock)
    backend: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    posted: list[Ordered] = field(default_factory=list)
    fetched: int = 0

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "journal.sqlite3", now=self.clock)
        self.hall = self.started()

    def started(self, with_key: bool = True) -> TownHall:
        key = self.backend.public_key() if with_key else None
        hall = TownHall(self.journal, KIOSK, key, self.clock, self.posted.append, self.fetch)
        hall.begin()
        return hall

    def fetch(self) -> tuple[bool, str]:
        self.fetched += 1
        return True, "rules 1234"

    def order(self, kind: OrderKind, kiosk: UUID = KIOSK, minutes: float = 10) -> SignedOrder:
        now = self.clock()
        until = now + timedelta(minutes=minutes)
        order = Order(id=uuid4(), kiosk_id=kiosk, kind=kind, by=ACCOUNT, issued_at=now, expires_at=until)
        return sign_order(order, self.backend)

    def record(self) -> list[str]:
        found = []
        for entry in self.journal.entries(kinds=["order_taken", "order_answered"]):
            if isinstance(entry.body, OrderTaken):
                found.append(f"taken {entry.body.order}")
            elif isinstance(entry.body, OrderAnswered):
                found.append(f"{entry.body.outcome} {entry.body.detail}".strip())
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.journal.close()


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (OrderKind.OUT_OF_SERVICE, StaffOrder.OUT_OF_SERVICE),
        (OrderKind.BACK_IN_SERVICE, StaffOrder.BACK_IN_SERVICE),
        (OrderKind.RESTART, StaffOrder.RESTART),
        (OrderKind.TEST_PRINT, StaffOrder.TEST_PRINT),
        (OrderKind.READINESS, StaffOrder.READINESS_REPORT),
    ],
)
def test_an_order_is_written_down_carried_out_once_and_answered(
    bench: Bench, kind: OrderKind, wanted: StaffOrder
) -> None:
    signed = bench.order(kind)
    for _ in range(3):  # told with every heartbeat until the backend has the entry
        bench.hall.take(signed)
    (posted,) = bench.posted
    assert (posted.order, posted.by, bench.record()) == (wanted, ACCOUNT, [f"taken {kind}"])
    posted.answer(True, "")
    posted.answer(False, "a second answer does not count")
    assert bench.record() == [f"taken {kind}", "done"]


def test_the_new_tariff_is_fetched_at_once(bench: Bench) -> None:
    bench.hall.take(bench.order(OrderKind.NEW_TARIFF))
    assert (bench.fetched, bench.record()) == (1, ["taken new-tariff", "done rules 1234"])


def test_an_order_of_somebody_else_for_somebody_else_or_changed_does_nothing(bench: Bench) -> None:
    signed = bench.order(OrderKind.RESTART)
    forged = sign_order(Order.model_validate_json(signed.text), Ed25519PrivateKey.generate())
    for wrong in (
        forged,
        bench.order(OrderKind.RESTART, kiosk=uuid4()),
        signed.model_copy(update={"text": signed.text.replace("restart", "test-print")}),
        signed.model_copy(update={"signature": ""}),
        SignedOrder(text="{}", signature=signed.signature),
    ):
        bench.hall.take(wrong)
    assert (bench.posted, bench.record()) == ([], [])


def test_an_order_that_comes_too_late_is_answered_and_not_carried_out(bench: Bench) -> None:
    signed = bench.order(OrderKind.OUT_OF_SERVICE, minutes=10)
    bench.clock.later(minutes=10)
    bench.hall.take(signed)
    bench.hall.take(signed)
    assert (bench.posted, bench.record()) == ([], ["refused too late"])


def test_no_order_is_carried_out_again_after_a_restart(bench: Bench) -> None:
    signed = bench.order(OrderKind.RESTART)
    bench.hall.take(signed)
    bench.posted[0].answer(True, "after the visit")
    again = bench.started()
    again.take(signed)
    assert len(bench.posted) == 1 and bench.record() == ["taken restart", "done after the visit"]


def test_what_was_begun_when_the_power_went_is_answered_at_the_next_start(bench: Bench) -> None:
    bench.hall.take(bench.order(OrderKind.TEST_PRINT))
    bench.hall.take(bench.order(OrderKind.RESTART))
    bench.started()
    bench.started()
    assert bench.record()[2:] == ["failed the kiosk restarted before it was done", "done"]


def test_a_kiosk_without_the_backends_key_takes_no_order(bench: Bench) -> None:
    bench.started(with_key=False).take(bench.order(OrderKind.RESTART))
    assert (bench.posted, bench.record()) == ([], [])


def test_a_disk_that_refuses_the_record_keeps_the_order_from_happening(bench: Bench) -> None:
    signed = bench.order(OrderKind.TEST_PRINT)
    bench.journal._connection.execute("PRAGMA query_only=ON")
    bench.hall.take(signed)
    assert bench.posted == []
    bench.journal._connection.execute("PRAGMA query_only=OFF")
    bench.hall.take(signed)  # told again with the next heartbeat
    assert len(bench.posted) == 1
