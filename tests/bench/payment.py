"""A payment: the kiosk's own time over the terminal's, frames decoded in a second, and the time back after a power cut.

The terminal is the simulated one on a pseudo-terminal, whose bytes take no time; what they would take on a real line at
9600 baud (8 data bits, no parity, 2 stop bits: 11 bits a byte) is counted. The kiosk's own time is that from the last
byte of what the terminal said to the first byte of what the kiosk says next: the driver, the core, and the record on
the disk of this machine. A pause of the kiosk's own would show in it.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from hardware.printer import Printer
from hardware.simulators.card import VirtualReader
from hardware.simulators.process import SimulatorProcess
from hardware.smartcard import Trust
from hardware.terminal.zvt import frame
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.port import BytePort, SerialPort
from hardware.terminal.zvt.serial_link import SerialLink
from kiosk import logs
from kiosk.app import JOURNAL_FILE, Hardware, Kiosk, now_in_brussels
from kiosk.config import parse
from kiosk.demo.rig import DEAD_LINE
from kiosk.journal import Journal
from kiosk.sync.client import Identity
from kiosk.visit.view import Situation, View
from tests.faults.kiosk import DEVICES, KEY, Paper, Parent, Plan
from tests.faults.moments import Moments
from tests.journeys.walk import QUICK_TERMINAL, slots_from
from tests.towns import TOWN

BITS_A_BYTE, BAUD = 11, 9600
ENTRIES = 100_000


class TimedPort:
    """Measures how long the kiosk takes to speak, from what it heard last; and counts the bytes both ways."""

    def __init__(self, port: BytePort):
        self._port = port
        self._heard: float | None = None
        self.own_seconds = 0.0
        self.bytes = 0

    def read(self, timeout: float) -> bytes:
        """As the port."""
        data = self._port.read(timeout)
        if data:
            self._heard = time.perf_counter()
            self.bytes += len(data)
        return data

    def write(self, data: bytes) -> None:
        """As the port."""
        if self._heard is not None:
            self.own_seconds += time.perf_counter() - self._heard
            self._heard = None
        self.bytes += len(data)
        self._port.write(data)

    def close(self) -> None:
        """As the port."""
        self._port.close()


def main(argv: list[str] | None = None) -> int:
    """Print the three measurements."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--payments", type=int, default=10)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--start", type=Path, help=argparse.SUPPRESS)  # this program again, as a kiosk that starts
    arguments = parser.parse_args(argv)
    if arguments.start is not None:
        _start(arguments.start)
        return 0
    measured = [_payment() for _ in range(arguments.payments)]
    own, wire = (statistics.median(each) for each in zip(*measured, strict=True))
    print(
        f"an approved payment: {own * 1000:.1f} ms of the kiosk's own, {wire * 1000:.0f} ms on the wire at 9600 baud:"
    )
    print(f"  {own / wire:.1%} (target: under 5 %); at most {max(a / b for a, b in measured):.1%}", flush=True)
    print(f"frames decoded: {_frames_in_a_second():,.0f} a second", flush=True)
    empty = _back_after_a_cut(0, arguments.starts)
    full = _back_after_a_cut(ENTRIES, arguments.starts)
    print(f"from SIGKILL to the first screen: {empty * 1000:.0f} ms with an empty record,")
    print(f"  {full * 1000:.0f} ms with {ENTRIES:,} entries: {full / empty:.2f} times (target: at most 2)")
    return 0


def _payment() -> tuple[float, float]:
    """The kiosk's own time and the wire's, in seconds, from the touch on "pay" to the end of the payment."""
    ports: list[TimedPort] = []
    with _folder() as folder, _terminal(folder) as port:

        def open_port() -> BytePort:
            ports.append(TimedPort(SerialPort(port, 9600, 2, 5.0)))
            return ports[-1]

        terminal = ZvtTerminal(lambda timing, clock: SerialLink(open_port, timing, clock), timing=QUICK_TERMINAL)
        plan = Plan(str(folder), port, str(folder / "log"))
        parent = Parent(plan, Moments(Path(plan.log)))
        counts: list[tuple[float, int]] = []

        def show(view: View) -> None:
            if view.situation in (Situation.REVIEW, Situation.PRINTING) and ports:
                counts.append((ports[0].own_seconds, ports[0].bytes))
            parent.show(view)

        kiosk = _kiosk(folder, show, terminal)
        kiosk.journal.add_slots(slots_from(now_in_brussels(), 3), now_in_brussels() + timedelta(days=5))
        parent.kiosk = kiosk
        kiosk.start()
        assert parent.over.wait(30), parent.seen
        kiosk.stop()
        first = [each for each in counts if each[1] == counts[0][1]][-1]
        own, count = counts[-1][0] - first[0], counts[-1][1] - first[1]
        return own, count * BITS_A_BYTE / BAUD


def _frames_in_a_second() -> float:
    """Of the kinds that a payment is made of, with their answers between them, in pieces as a port brings them."""
    said = [
        "10028000001003f51f",
        "100204ff010a1003f57d",
        "1002040f02270010 0383fe".replace(" ", ""),
        "1002060f001003c633",
        "10020601 0c0400000000010049097819401003855b".replace(" ", ""),
        "10020600 0e000000be0978060626040a0206d31003632a".replace(" ", ""),
    ]
    stream = b"".join(bytes.fromhex(each) + b"\x06" for each in said) * 500
    pieces = [stream[at : at + 64] for at in range(0, len(stream), 64)]
    count, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < 2.0:
        decoder = frame.Decoder()
        count += sum(isinstance(each, frame.Frame) for piece in pieces for each in decoder.feed(piece))
    return count / spent


def _back_after_a_cut(entries: int, starts: int) -> float:
    """Seconds from the kill to the welcome screen of the next start, the median of several."""
    with _folder() as folder:
        if entries:
            _fill(folder, entries)
        times = []
        with _terminal(folder):
            begun = time.perf_counter()
            for _ in range(starts + 1):
                with _started(folder) as process:
                    times.append(time.perf_counter() - begun)
                    begun = time.perf_counter()
                    process.kill()
        return statistics.median(times[1:])


@contextmanager
def _started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A kiosk in a process of its own that has shown its welcome screen."""
    command = [sys.executable, "-m", "tests.bench.payment", "--start", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert select.select([process.stdout], [], [], 60)[0], "it never came to its welcome screen"
            assert process.stdout.readline() == "welcome\n"
            yield process
        finally:
            process.kill()


def _start(folder: Path) -> None:
    logs.configure(folder, level="error")  # stdout is for the one word that is waited for
    terminal = ZvtTerminal.at(str(folder / "terminal"))

    def show(view: View) -> None:
        if view.situation is Situation.WELCOME and not kiosk.visit.faults:
            print("welcome", flush=True)

    kiosk = _kiosk(folder, show, terminal)
    kiosk.start()
    signal.pause()


def _fill(folder: Path, entries: int) -> None:
    """A record of many visits, as they would have been written, in one transaction."""
    with _terminal(folder) as port:
        plan = Plan(str(folder), port, str(folder / "log"))
        parent = Parent(plan, Moments(Path(plan.log)))
        kiosk = _kiosk(folder, parent.show, ZvtTerminal.at(port))
        kiosk.journal.add_slots(slots_from(now_in_brussels(), 3), now_in_brussels() + timedelta(days=5))
        parent.kiosk = kiosk
        kiosk.start()
        assert parent.over.wait(30), parent.seen
        kiosk.stop()
    journal = Journal(folder / JOURNAL_FILE)
    visit = [entry for entry in journal.entries() if entry.visit_id is not None]
    sequence = journal.entries()[-1].sequence
    connection, vault = journal._connection, journal._vault
    connection.execute("BEGIN")
    while sequence < entries:
        fresh: dict[str, str] = {}
        visit_id = str(uuid4())
        for entry in visit:
            sequence += 1
            body, entry_id = json.loads(_anew(json.dumps(entry.body.model_dump(mode="json")), fresh)), uuid4()
            row = (sequence, str(entry_id), visit_id, entry.at.isoformat(), entry.body.kind)
            connection.execute(
                "INSERT INTO entries (sequence, id, visit_id, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(vault.seal(entry_id, body))),
            )
    connection.execute("COMMIT")
    journal.close()


def _anew(text: str, fresh: dict[str, str]) -> str:
    """Other ids in place of those of the visit that is copied, the same for the same."""
    for name in ("payment_id", "ticket_id"):
        value = json.loads(text).get(name)
        if value:
            text = text.replace(value, fresh.setdefault(value, str(uuid4())))
    return text


@contextmanager
def _folder() -> Iterator[Path]:
    """On the disk, where the record's own time is real."""
    with tempfile.TemporaryDirectory(prefix="loket-bench-", dir=os.environ.get("TMPDIR")) as folder:
        logs.configure(Path(folder), level="error")
        yield Path(folder)


@contextmanager
def _terminal(folder: Path) -> Iterator[str]:
    link = folder / "terminal"
    with SimulatorProcess("hardware.simulators.terminal", "--link", str(link), "--automatic", "approve") as process:
        yield str(process.ready["port"])


def _kiosk(folder: Path, show: Callable[[View], None], terminal: ZvtTerminal) -> Kiosk:
    config = parse(
        {
            "kiosk": {"name": "Bench", "municipality": TOWN},
            "terminal": {"port": str(folder / "terminal"), "password": "000000"},
            "printer": {"port": "tcp://127.0.0.1:9"},
            "journal": {"folder": str(folder)},
            "backend": {"url": DEAD_LINE, "key_file": str(folder / "kiosk.key")},
            "timing": {"take": 0.1, "farewell": 0.01},
        },
        folder / "kiosk.toml",
    )
    printer: Printer = Paper(folder / "papers", broken=False)
    hardware = Hardware(VirtualReader(), Trust(), terminal, printer)
    identity = Identity(UUID(int=1), TOWN, KEY)
    return Kiosk(config, show, hardware, identity=identity, device_timing=DEVICES)


if __name__ == "__main__":
    sys.exit(main())
