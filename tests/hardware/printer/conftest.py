import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.printer import Delays, Encoder, Printer, Rasterise, TextRasteriser, link_to
from hardware.simulators.process import SimulatorProcess

# Loopback answers at once: the waits that a real line needs would only make the tests slow.
QUICK = Delays(answer=0.15, clear=0.3, write=1.0, between_looks=0.05, last_word=0.05, job=3.0, status_lock=0.05)


@pytest.fixture(scope="session")
def rasterise() -> TextRasteriser:
    return TextRasteriser()


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.printer", "--out", str(tmp_path)) as running:
        yield running


@pytest.fixture
def new_printer(rasterise: Rasterise) -> Iterator[Callable[[str], Printer]]:
    printers: list[Printer] = []

    def connect(address: str) -> Printer:
        printers.append(Printer(link_to(address), Encoder(rasterise), QUICK))
        return printers[-1]

    yield connect
    for printer in printers:
        printer.close()


@pytest.fixture
def printer(simulator: SimulatorProcess, new_printer: Callable[[str], Printer]) -> Printer:
    return new_printer(simulator.ready["address"])


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
