"""Every condition that a terminal can tell, on the real driver, and what the visit may do then."""

from __future__ import annotations

from hardware.terminal.zvt.codes import TERMINAL_CONDITIONS
from kiosk.devices.terminal import CardTerminal
from kiosk.health import Health
from kiosk.visit import events as e
from kiosk.visit.events import Fault
from kiosk.visit.health import payment_possible
from tests.hardware.terminal.conftest import simulator, terminal, till  # noqa: F401  # over a line and over TCP
from tests.hardware.terminal.till import Till, arrange

WELL = {0x00, 0xDC, 0x9C, 0x83, 0x9D, 0xA0, 0xE1}  # ready, or a healthy terminal at work
MENDED = {0x51, 0xC2, 0x62}  # by what it asks for, at the same look
DAY = {0xF0, 0x6A, 0xB1, 0xB2}


def test_each_condition_lets_money_move_or_not_and_none_that_nobody_knows_is_ready(till: Till) -> None:  # noqa: F811
    heard: list[object] = []
    health = Health(heard.append)
    adapter = CardTerminal(till.terminal, health, heard.append)
    for code in range(0x100):
        adapter._upkeep_from = 0.0
        heard.clear()
        health.report(terminal=code in WELL | MENDED)  # the opposite of what is to come
        arrange(till.simulator, "set", condition=code)
        adapter._look()
        assert payment_possible(health.faults & {Fault.TERMINAL}) == (code in WELL | MENDED), hex(code)
        assert any(isinstance(event, e.DayWanted) for event in heard) == (code in DAY), hex(code)
        if code not in TERMINAL_CONDITIONS:
            assert Fault.TERMINAL in health.faults, hex(code)
