"""The power goes, or the disk is full, at the worst moments: money is never taken twice and never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import JOURNAL_FILE
from kiosk.demo.rig import Rig
from kiosk.journal import Journal

from .child import KioskProcess
from .walk import a_rig, captured

PRESENT_CARD = "present-card"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("power"), backend=False, pcsc=False) as rig:
        yield rig


class Money:
    """What the terminal has booked since the test began."""

    def __init__(self, rig: Rig):
        self._rig = rig
        self._before = len(self._ledger())

    def _ledger(self) -> list[dict[str, Any]]:
        self._rig.terminal.do("ledger")
        entries: list[dict[str, Any]] = self._rig.terminal.wait_for("ledger")["entries"]
        return entries

    def captured(self) -> list[dict[str, Any]]:
        return captured(self._ledger()[self._before :])


@pytest.fixture
def money(rig: Rig) -> Money:
    return Money(rig)


def read(folder: Path) -> Journal:
    return Journal(folder / "journal" / JOURNAL_FILE)


def kinds(journal: Journal) -> list[str]:
    return [entry.body.kind for entry in journal.entries()]


def accounted(journal: Journal, lines: list[dict[str, Any]]) -> None:
    """Every capture has a ticket or an open case, and no visit has two."""
    paid = {entry.body.receipt.receipt_number: entry for entry in journal.entries(kinds=["payment_paid"])}
    visits = set()
    for line in lines:
        entry = paid.pop(line["receipt"])
        assert entry.visit_id not in visits, "one visit, two captures"
        visits.add(entry.visit_id)
        assert entry.body.receipt.cents == line["cents"]
        ended = {after.body.kind for after in journal.entries(entry.visit_id)}
        assert ended & {"ticket_delivered", "case_opened"}, "paid, and nobody knows"
    assert not paid, "recorded as paid, and the terminal has nothing"


@pytest.mark.parametrize(
    ("moment", "pays"),
    [
        ("payment_intent", False),
        ("payment_sent", False),
        ("payment_approved", True),
        ("payment_paid", True),
        ("ticket_issued", True),
    ],
)
def test_power_lost_as_an_entry_becomes_durable(
    rig: Rig, money: Money, tmp_path: Path, moment: str, pays: bool
) -> None:
    with KioskProcess(rig, tmp_path, "--die-after", moment) as kiosk:
        kiosk.do("walk to pay")
        if pays:
            kiosk.until("pay", message=PRESENT_CARD)
            rig.terminal.do("approve")
        kiosk.until_dead()
    with KioskProcess(rig, tmp_path, "--slots", "0") as kiosk:
        kiosk.until("welcome", faults=[])
        # And the next parent is served: a second capture is theirs.
        kiosk.do("walk to pay")
        kiosk.until("pay", message=PRESENT_CARD)
        rig.terminal.do("approve")
        kiosk.until("take")
        kiosk.do("take card")
        kiosk.until("welcome")
    journal = read(tmp_path)
    accounted(journal, money.captured())
    assert kinds(journal).count("visit_closed") == 2
    assert journal.open_cases("payment") == 0
    free = len(journal.free_slots(journal.entries()[0].at))
    assert free == 12 - len(money.captured()), "an appointment stays with what was paid, and only with that"


def test_power_lost_while_the_terminal_waits_for_the_customer_who_then_pays(
    rig: Rig, money: Money, tmp_path: Path
) -> None:
    with KioskProcess(rig, tmp_path) as kiosk:
        kiosk.do("walk to pay")
        kiosk.until("pay", message=PRESENT_CARD)
        kiosk.kill()
    with KioskProcess(rig, tmp_path, "--slots", "0") as kiosk:
        kiosk.until("welcome")
        rig.terminal.do("approve")  # nobody acknowledges it, so the terminal gives the money back
        rig.terminal.wait_for("reversed")
        kiosk.until("welcome", faults=[])
    journal = read(tmp_path)
    assert not money.captured()
    (ended,) = journal.entries(kinds=["payment_not_paid"])
    assert ended.body.found_afterwards
    assert kinds(journal).count("slot_released") == 1


def test_a_terminal_that_kept_the_money_of_an_interrupted_visit_is_believed(
    rig: Rig, money: Money, tmp_path: Path
) -> None:
    rig.terminal.do("set", reverses_by_itself=False)
    with KioskProcess(rig, tmp_path, "--die-after", "payment_approved") as kiosk:
        kiosk.do("walk to pay")
        kiosk.until("pay", message=PRESENT_CARD)
        rig.terminal.do("approve")
        kiosk.until_dead()
    rig.terminal.wait_for("captured")
    rig.terminal.do("set", reverses_by_itself=True)
    with KioskProcess(rig, tmp_path, "--slots", "0") as kiosk:
        kiosk.until("welcome", faults=[])
    journal = read(tmp_path)
    accounted(journal, money.captured())
    assert len(money.captured()) == 1 and journal.open_cases("ticket") == 1


def test_a_disk_that_is_full_before_the_payment_lets_none_begin(rig: Rig, money: Money, tmp_path: Path) -> None:
    with KioskProcess(rig, tmp_path) as kiosk:
        kiosk.do("walk to review")
        kiosk.until("review")
        kiosk.disk(full=True)
        kiosk.do("continue")
        # The look at the disk and the touch race: it is either not begun or given up before anything was sent.
        here = kiosk.until("review", "not_paid", faults=["disk"])["situation"]
        kiosk.disk(full=False)
        kiosk.until(here, faults=[])
        kiosk.do("continue")
        kiosk.until("pay", message=PRESENT_CARD)
        rig.terminal.do("approve")
        kiosk.until("take")
    journal = read(tmp_path)
    accounted(journal, money.captured())
    assert len(money.captured()) == 1
    assert kinds(journal).count("request_made") == kinds(journal).count("slot_booked") == 1


def test_an_approval_that_the_disk_does_not_take_is_given_back(rig: Rig, money: Money, tmp_path: Path) -> None:
    with KioskProcess(rig, tmp_path) as kiosk:
        kiosk.do("walk to pay")
        kiosk.until("pay", message=PRESENT_CARD)
        kiosk.disk(full=True)
        rig.terminal.do("approve")
        rig.terminal.wait_for("reversed")
        kiosk.until("not_paid")
        kiosk.disk(full=False)
        kiosk.until("not_paid", faults=[])
        kiosk.do("stop visit")
        kiosk.do("take card")
        kiosk.until("welcome", faults=[])
    journal = read(tmp_path)
    assert not money.captured() and "payment_paid" not in kinds(journal)


def test_a_full_disk_is_out_of_service_until_there_is_room(rig: Rig, tmp_path: Path) -> None:
    with KioskProcess(rig, tmp_path) as kiosk:
        kiosk.until("welcome")
        kiosk.disk(full=True)
        kiosk.until("out_of_service", faults=["disk"])
        kiosk.disk(full=False)
        kiosk.until("welcome", faults=[])


@pytest.mark.parametrize("restarted", [True, False])
def test_a_late_approval_that_the_disk_does_not_take_stops_all_sales_until_it_is_written_down(
    rig: Rig, money: Money, tmp_path: Path, restarted: bool
) -> None:
    """The record takes nothing, and the first block of a file that is there already can still be written over."""
    rig.terminal.do("set", approves_late=True, late_ms=60_000)
    with KioskProcess(rig, tmp_path) as kiosk:
        kiosk.do("walk to pay")
        kiosk.until("pay", message=PRESENT_CARD)
        rig.terminal.do("decline")
        kiosk.until("not_paid")
        kiosk.do("stop visit")
        kiosk.do("take card")
        kiosk.until("welcome")
        kiosk.disk(full=True, room=4096)
        rig.terminal.do("set", late_ms=0)  # the host says yes after all
        rig.terminal.wait_for("approved_late")
        kiosk.until("out_of_service", faults=["money-unrecorded"])
        assert kinds(read(tmp_path)).count("case_opened") == 0
        if restarted:
            kiosk.kill()
        else:
            kiosk.disk(full=False)
            kiosk.until("welcome", faults=["open-case"])
    if restarted:
        with KioskProcess(rig, tmp_path, "--slots", "0") as kiosk:
            kiosk.until("welcome", faults=["open-case"])
    rig.terminal.do("set", late_ms=500)
    journal = read(tmp_path)
    (case,) = journal.entries(kinds=["case_opened"])
    (late,) = journal.entries(kinds=["payment_approved_late"])
    assert case.body.payment_id == late.body.payment_id
    assert "it was told to take the money back" in case.body.reason and late.body.receipt.receipt_number is not None
    assert not money.captured()
