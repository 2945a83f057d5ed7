"""Whole visits, from the first touch to the backend: the same code and the same amount wherever they stand."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from kiosk import logs
from kiosk.app import now_in_brussels
from kiosk.demo.rig import Rig
from kiosk.domain.quote import Service
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation
from tests.towns import OTHER_TOWN

from .walk import Walk, a_rig, captured, scanned, words

S = Situation

# On Amina's card, and typed by her; nobody who reads a log should learn any of it.
PEOPLE = ("Benali", "Amina", "Salma", "Yusuf", "Lina", "Modelstraat")
OPEN_CARD_NUMBERS = ("67034200000001234", "6703 4200 0000 0123 4")


@pytest.fixture(scope="module")
def logs_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kiosk's own log file; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    folder = tmp_path_factory.mktemp("logs")
    logs.configure(folder, "debug")
    yield folder
    structlog.reset_defaults()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, logs_folder: Path) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("visits")) as rig:
        yield rig


@pytest.fixture
def walk(day: Walk) -> Walk:
    """The kiosk, ready for the next parent."""
    assert day.view.situation is S.WELCOME, "the visit before this one has not ended"
    return day


@pytest.fixture(scope="module")
def day(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """One kiosk: the visits follow each other, as on a day at the town hall."""
    walk = Walk(rig, tmp_path_factory.mktemp("journal"), slots=None, timing={"farewell": 0.2}).start()
    walk.until_online()
    yield walk
    walk.stop()


def rows(rig: Rig, query: str, *values: Any) -> list[dict[str, Any]]:
    """What the backend's database holds."""
    with closing(sqlite3.connect(f"file:{rig.backend_folder / 'backend.sqlite3'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query, values)]


def check_everywhere(walk: Walk, rig: Rig, language: str, children: tuple[str, ...]) -> None:
    """A whole paid visit, and its code and amount on screen, terminal, paper, in the journal and the backend."""
    walk.before = len(walk.ledger())
    walk.to_pay(language, children)
    total = walk.total_cents
    walk.pay()
    take, paper = walk.content(v.TakeView), walk.paper()
    assert take.paid_cents == total > 0
    assert [line["cents"] for line in captured(walk.new_lines())] == [total]
    claims = walk.verified(paper)
    assert (claims.code, claims.payment.cents, len(claims.requests)) == (take.ticket_code, total, len(children))
    assert (claims.appointment and claims.appointment.start) == (take.slot and take.slot.start)
    assert take.ticket_code in words(paper)
    assert re.search(rf"\b{total // 100}[.,]{total % 100:02}\b", words(paper))
    paid = walk.bodies("payment_paid")[-1]
    assert paid.receipt.cents == total == walk.bodies("payment_intent")[-1].cents
    assert paid.receipt.receipt_number == captured(walk.new_lines())[0]["receipt"]
    walk.leave()
    assert walk.view.language == "nl"
    assert walk.kiosk.sync.drain(20)
    (request,) = rows(rig, "SELECT * FROM requests_request WHERE ticket_code = ?", take.ticket_code)
    assert (request["total_cents"], request["language"], request["qr"]) == (total, language, scanned(paper))
    assert request["delivered_at"] is not None and request["surname"] == "Benali Testpersoon"
    (payment,) = rows(rig, "SELECT * FROM requests_payment WHERE request_id = ?", request["ticket_id"])
    assert (payment["cents"], payment["state"]) == (total, "paid")
    # The customer's lines are on the paper as they came; the merchant's are kept, and only there.
    receipt = json.loads(payment["receipt"])
    assert receipt == paid.receipt.model_dump(mode="json") and receipt["cents"] == total
    assert all(line.strip() in words(paper) for line in receipt["text"]) and "Kopie klant" in receipt["text"]
    assert "Kopie handelaar" in receipt["merchant_text"] and "Kopie handelaar" not in words(paper)
    named = rows(rig, "SELECT first_name FROM requests_requestedchild WHERE request_id = ?", request["ticket_id"])
    assert sorted(row["first_name"] for row in named) == sorted(children)
    assert rig.stored()["dead_letters"] == 0


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_a_whole_visit_in_each_language(walk: Walk, rig: Rig, language: str) -> None:
    check_everywhere(walk, rig, language, ("Yusuf", "Lina"))


def test_personal_data_leave_the_kiosk_when_the_backend_has_them_and_never_reach_the_log(
    walk: Walk, rig: Rig, logs_folder: Path
) -> None:
    walk.at_terminal("set", leaky=True).to_pay(children=("Yusuf", "Lina")).pay()
    walk.at_terminal("set", leaky=False)
    printed = words(walk.paper())
    number = walk.kiosk.visit.answers.parent.national_number  # type: ignore[union-attr]
    walk.leave()
    assert walk.kiosk.sync.drain(20)
    log = "".join(path.read_text(encoding="utf-8") for path in logs_folder.iterdir())
    kept = [path for path in walk.journal_folder.rglob("*") if path.is_file()]
    journal = b"".join(path.read_bytes() for path in kept).decode("utf-8", "replace")
    backend = b"".join(path.read_bytes() for path in rig.backend_folder.glob("backend.sqlite3*"))
    assert '"payment_ended"' in log and '"card_read"' in log
    for secret in (*PEOPLE, number, *OPEN_CARD_NUMBERS):
        assert secret not in log, f"{secret} is in the log"
        assert secret not in journal, f"{secret} is still in the journal"
    for secret in OPEN_CARD_NUMBERS:
        assert secret not in printed and secret.encode() not in backend
    assert not (walk.kiosk.visit.answers.parent or walk.kiosk.visit.answers.requests)


def test_a_visit_without_the_backend_from_start_to_end_is_uploaded_when_it_is_back(walk: Walk, rig: Rig) -> None:
    before = rig.stored()["requests"]
    rig.stop_backend()
    try:
        walk.to_pay().pay()
        code = walk.content(v.TakeView).ticket_code
        assert walk.verified(walk.paper()).code == code
        walk.leave()
        assert walk.kiosk.journal.queue_depth() >= 10
    finally:
        rig.start_backend()
    assert walk.kiosk.sync.drain(30)
    stored = rig.stored()
    assert (stored["requests"], stored["dead_letters"]) == (before + 1, 0)
    assert rows(
        rig,
        "SELECT requests_payment.state FROM requests_payment JOIN requests_request"
        " ON requests_payment.request_id = requests_request.ticket_id WHERE ticket_code = ?",
        code,
    ) == [{"state": "paid"}]


def test_a_visit_that_is_free_pays_nothing_and_is_stored(walk: Walk, rig: Rig) -> None:
    walk.before = len(walk.ledger())
    walk.begin("fr").card().service(Service.COLLECTION).child("Yusuf", 5).to_review()
    walk.touch(e.Continue()).until(S.TAKE)
    code = walk.content(v.TakeView).ticket_code
    assert walk.verified(walk.paper()).payment.cents == 0
    walk.leave()
    assert walk.kiosk.sync.drain(20) and not walk.new_lines()
    assert len(rows(rig, "SELECT * FROM requests_request WHERE ticket_code = ?", code)) == 1


@dataclass
class Clock:
    """The kiosk's clock, which can be wrong."""

    wrong_by: timedelta = timedelta(0)

    def now(self) -> datetime:
        return now_in_brussels() + self.wrong_by


@pytest.fixture(scope="module")
def by_phone(tmp_path_factory: pytest.TempPathFactory, logs_folder: Path) -> Iterator[tuple[Walk, Rig, Clock]]:
    clock, folder = Clock(), tmp_path_factory.mktemp("by-phone")
    with (
        a_rig(folder / "rig", municipality=OTHER_TOWN, pcsc=False) as rig,
        Walk(rig, folder / "journal", slots=None, timing={"farewell": 0.2}, now=clock.now) as walk,
    ):
        walk.start().until_online()
        yield walk, rig, clock


def test_a_visit_in_a_town_whose_appointments_are_made_by_phone(by_phone: tuple[Walk, Rig, Clock]) -> None:
    """It tells no opening hours, so nobody leases a time."""
    walk, rig, _ = by_phone
    check_everywhere(walk, rig, "nl", ("Yusuf", "Lina"))
    assert S.NO_SLOTS in walk.situations


def test_a_clock_that_the_backend_contradicts_is_out_of_service_until_it_is_right(
    by_phone: tuple[Walk, Rig, Clock],
) -> None:
    walk, _, clock = by_phone
    clock.wrong_by = timedelta(hours=3)
    walk.kiosk.sync.wake()
    walk.until(S.OUT_OF_SERVICE)
    assert walk.content(v.OutOfServiceView).faults == {Fault.CLOCK}
    clock.wrong_by = timedelta(0)
    walk.kiosk.sync.wake()
    walk.until(S.WELCOME)
