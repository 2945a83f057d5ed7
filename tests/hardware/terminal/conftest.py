from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.simulators.process import SimulatorProcess
from hardware.terminal.zvt.client import ZvtTerminal
from tests.hardware.terminal.till import SHORT, Till


@pytest.fixture(params=["serial", "tcp"])
def simulator(request: pytest.FixtureRequest) -> Iterator[SimulatorProcess]:
    where = ("--tcp", "0") if request.param == "tcp" else ()
    with SimulatorProcess("hardware.simulators.terminal", "--hurry", "5", *where) as process:
        yield process


@pytest.fixture
def terminal(simulator: SimulatorProcess) -> Iterator[ZvtTerminal]:
    client = ZvtTerminal.at(simulator.ready["port"], timing=SHORT)
    yield client
    client.close()


@pytest.fixture
def till(terminal: ZvtTerminal, simulator: SimulatorProcess) -> Till:
    return Till(terminal, simulator)
