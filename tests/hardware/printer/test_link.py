import contextlib
import math
import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from hardware.printer import (
    Document,
    Encoder,
    LinkError,
    LinkReason,
    Outcome,
    Printer,
    PrintResult,
    Raster,
    Rasterise,
    Ready,
    Text,
    Trouble,
    Unknown,
    link_to,
    read_status,
)
from hardware.printer.link import FileLink, SerialLink, TcpLink
from hardware.simulators.printer.machine import Machine
from tests.hardware.printer.conftest import QUICK


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("tcp://192.0.2.7:9101", TcpLink, "tcp://192.0.2.7:9101"),
        ("tcp://printer.example", TcpLink, "tcp://printer.example:9100"),
        ("/dev/usb/lp0", FileLink, "/dev/usb/lp0"),
        ("/dev/ttyUSB0", SerialLink, "serial:/dev/ttyUSB0?baud=115200"),
        ("serial:/dev/ttyS1?baud=9600&flow=rts", SerialLink, "serial:/dev/ttyS1?baud=9600"),
    ],
)
def test_an_address_means_a_link(address: str, kind: type, name: str) -> None:
    link = link_to(address)
    assert isinstance(link, kind) and str(link) == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lp0",
        "tcp://",
        "tcp://h:x",
        "tcp://h:99999",
        "tcp://h/x",
        "http://h",
        "serial:ttyS0",
        "serial:/dev/ttyS0?baud=fast",
        "serial:/dev/ttyS0?speed=1",
        "serial:/dev/ttyS0?flow=dtr",
        "tcp://[::1",
    ],
)
def test_what_is_no_address_is_refused_with_one_line(address: str) -> None:
    with pytest.raises(ValueError) as caught:
        link_to(address)
    assert "\n" not in str(caught.value)


@pytest.fixture
def deaf_host() -> Iterator[int]:
    """A peer that accepts and never reads."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_peer_that_does_not_read_stalls_a_write_and_does_not_block_it(deaf_host: int) -> None:
    link = TcpLink("127.0.0.1", deaf_host)
    link.open()
    begun = time.monotonic()
    with pytest.raises(LinkError) as caught:
        link.write(bytes(30_000_000), 0.2)
    assert caught.value.reason is LinkReason.STALLED
    assert time.monotonic() - begun < 3
    link.close()


def test_a_peer_that_never_answers_is_unknown(deaf_host: int) -> None:
    assert read_status(TcpLink("127.0.0.1", deaf_host), QUICK) == Unknown(Trouble.SILENT)


def test_a_peer_that_hangs_up_is_a_closed_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = TcpLink("127.0.0.1", server.getsockname()[1])
        link.open()
        server.accept()[0].close()
        with pytest.raises(LinkError) as caught:
            link.read(5)
    assert caught.value.reason is LinkReason.CLOSED
    link.close()
    with pytest.raises(LinkError):
        link.write(b"x", 1)


@pytest.mark.parametrize("kind", [FileLink, SerialLink])
def test_a_missing_device_is_no_device(kind: Callable[[str], FileLink | SerialLink], tmp_path: Path) -> None:
    with pytest.raises(LinkError) as caught:
        kind(str(tmp_path / "none")).open()
    assert caught.value.reason is LinkReason.NO_DEVICE


class PtyPrinter:
    """A simulated printer on a pseudo-terminal, as a serial printer or a device file would be."""

    def __init__(self, out: Path):
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave
        self.told: list[str] = []
        self.reads_on: float = math.inf  # bytes, until it stops reading
        self._closing = threading.Event()
        self.machine = Machine(
            out, 576, lambda data: os.write(self._master, data) and None, lambda event, **_: self.told.append(event)
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the last user of the other end has gone
            while self.reads_on > 0:
                data = os.read(self._master, 4096)
                self.reads_on -= len(data)
                self.machine.receive(data)
            self._closing.wait(timeout=30)

    def close(self) -> None:
        self._closing.set()
        os.close(self._slave)
        self._reader.join(timeout=5)
        os.close(self._master)


@pytest.fixture
def pty_printer(tmp_path: Path) -> Iterator[PtyPrinter]:
    printer = PtyPrinter(tmp_path)
    yield printer
    printer.close()


@pytest.mark.parametrize("kind", [SerialLink, FileLink])
def test_a_ticket_comes_out_over_a_serial_line_and_a_device_file(
    kind: Callable[[str], FileLink | SerialLink], pty_printer: PtyPrinter, rasterise: Rasterise
) -> None:
    printer = Printer(kind(pty_printer.path), Encoder(rasterise), QUICK)
    assert printer.status() == Ready(paper_low=False)
    document = Document(tuple(Text(f"line {number}: ё") for number in range(8)))  # pictures: some kilobytes
    assert printer.print(document) == PrintResult(Outcome.OUT)
    assert pty_printer.told == ["printed"]
    printer.close()


@pytest.mark.parametrize("kind", [SerialLink, FileLink])
def test_a_printer_that_stops_reading_stalls_the_job_and_not_the_kiosk(
    kind: Callable[[str], FileLink | SerialLink], pty_printer: PtyPrinter, rasterise: Rasterise
) -> None:
    printer = Printer(kind(pty_printer.path), Encoder(rasterise), replace(QUICK, write=0.2))
    assert printer.status() == Ready(paper_low=False)
    pty_printer.reads_on = 1000  # enough for the question before the job, not for the job
    whole_page = Document((Raster(Image.new("1", (576, 960), 0)),))  # 69 kB
    assert printer.print(whole_page) == PrintResult(Outcome.UNKNOWN, Trouble.SILENT)
    assert printer.status() == Unknown(Trouble.SILENT)
    printer.close()
