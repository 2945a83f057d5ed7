"""The printer as the kiosk sees it: no payment begins without paper for a whole ticket."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from hardware.printer import Status, StatusBy
from kiosk.devices.printer import WHOLE_TICKET_MM, TicketPrinter
from kiosk.health import Health
from kiosk.visit.events import Fault
from kiosk.visit.health import payment_possible, printing_possible
from tests.hardware.printer.test_ways_to_tell import Desk


@pytest.mark.parametrize(
    ("paper", "left_mm", "short"),
    [
        ("ok", None, False),
        ("low", None, False),  # metres are left when the sensor sees the end coming, and nobody counted
        ("low", WHOLE_TICKET_MM, False),
        ("low", WHOLE_TICKET_MM - 1, True),
        ("ok", 0, False),  # somebody changed the roll without a word: the sensor knows better
    ],
)
def test_the_count_and_the_sensor_together_say_that_the_roll_is_too_short(
    tmp_path: Path, paper: str, left_mm: int | None, short: bool
) -> None:
    desk = Desk(tmp_path, StatusBy.REAL_TIME)
    desk.machine.act({"do": "paper", "state": paper})
    health = Health(lambda _: None)
    printer = TicketPrinter(desk.printer, health, lambda _: None, left=lambda: left_mm)
    answered: queue.Queue[Status] = queue.Queue()
    printer.start()
    printer.ask_status(answered.put)
    answered.get(timeout=10)
    printer.stop()
    assert (Fault.PAPER_SHORT in health.faults) is short
    others = health.faults - {Fault.READER, Fault.TERMINAL}
    assert payment_possible(others) is not short
    assert printing_possible(others), "what is paid already is printed to the last millimetre"
