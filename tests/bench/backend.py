"""What the backend carries on PostgreSQL: kiosks served, uploads a second, and the desk's look-up in a large table.

Kiosks are simulated as what reaches the backend of them: each says every 30 seconds that it is alive, and every five
minutes it has had a visit, which it uploads in two batches, as kiosks do (up to the payment, and the ticket). So 10,000
kiosks are 333 heartbeats and 67 uploads a second. Calls leave at their time, whether or not earlier ones were answered,
and a call's time counts from the moment at which it was due: a backend that falls behind cannot hide it. Connections
are kept open and shared, as a reverse proxy does it.

The database has its real settings (every commit reaches the disk). Server, database and the simulated kiosks share
this machine; the cost of a kiosk is the processor time of server and database alone. What the simulated kiosks send is
made and signed before the clock runs, and the processor time of sending it is told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hardware.simulators.process import SimulatorProcess
from tests.backend.postgresql import PrivatePostgreSQL
from tests.bench.load import Call, Line, processor_seconds
from tests.bench.towns import Fleet

HEARTBEAT_EVERY = 30.0
VISIT_EVERY = 300.0
LINES = 48  # connections of the reverse proxy
GOAL_MS = 250.0


@dataclass
class Measured:
    """The answers to one load: milliseconds of each call by its kind, and what went wrong."""

    kiosks: int
    seconds: float
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    server_seconds: float = 0.0
    database_seconds: float = 0.0
    sender_seconds: float = 0.0

    def note(self, call: Call, due: float, answered: float) -> None:
        """One call came back."""
        self.milliseconds.setdefault(call.kind, []).append((answered - due) * 1000)
        if call.problem:
            self.errors[call.problem] = self.errors.get(call.problem, 0) + 1

    @property
    def calls(self) -> int:
        """How many came back."""
        return sum(map(len, self.milliseconds.values()))

    @property
    def all(self) -> list[float]:
        """Of every kind."""
        return [value for values in self.milliseconds.values() for value in values]

    @property
    def microseconds_a_kiosk(self) -> float:
        """Processor time of server and database for one kiosk, per second."""
        return (self.server_seconds + self.database_seconds) / self.seconds / self.kiosks * 1e6


def percentile(values: list[float], share: float) -> float:
    """The smallest of `values` that is not below `share` of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def schedule(kiosks: int, seconds: float, chance: random.Random) -> list[tuple[float, str, int]]:
    """When which kiosk calls, in order of time: each heartbeat after thirty seconds again, visits as parents come."""
    due = [
        (moment, "heartbeat", kiosk)
        for kiosk in range(kiosks)
        for moment in _every(HEARTBEAT_EVERY, chance.uniform(0, HEARTBEAT_EVERY), seconds)
    ]
    moment = 0.0
    while (moment := moment + chance.expovariate(kiosks / VISIT_EVERY)) < seconds:
        due.append((moment, "visit", chance.randrange(kiosks)))
    return sorted(due)


def _made(fleet: Fleet, kiosk: int, kind: str) -> tuple[Call, ...]:
    return (fleet.heartbeat(kiosk),) if kind == "heartbeat" else fleet.visit(kiosk)


def _every(step: float, first: float, end: float) -> Iterator[float]:
    while first < end:
        yield first
        first += step


async def warm(port: int, fleet: Fleet, kiosks: int) -> None:
    """Each kiosk has called before, as in a backend that has been running for some time."""
    waiting = iter([*range(kiosks), *range(kiosks)])

    async def some() -> None:
        line = Line(port)
        for kiosk in waiting:
            await line.ask(fleet.heartbeat(kiosk))
        line.close()

    await asyncio.gather(*(some() for _ in range(16)))


async def load(
    port: int, fleet: Fleet, kiosks: int, seconds: float, watch: Callable[[], tuple[float, float]]
) -> Measured:
    """Let so many kiosks call for so long."""
    measured = Measured(kiosks, seconds)
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(LINES):
        lines.put_nowait(Line(port))
    waiting = set[asyncio.Task[None]]()

    async def say(due: float, call: Call) -> None:
        line = await lines.get()
        try:
            await line.ask(call)
        finally:
            lines.put_nowait(line)
        measured.note(call, due, time.perf_counter())

    async def visit(due: float, kiosk: int, first: Call, second: Call) -> None:
        async with fleet.in_order(kiosk):
            await say(due, first)
            await say(time.perf_counter(), second)

    calls = [
        (moment, kiosk, _made(fleet, kiosk, kind))
        for moment, kind, kiosk in schedule(kiosks, seconds, random.Random(kiosks))
    ]
    gc.freeze()
    before, sent_before = watch(), time.process_time()
    begin = time.perf_counter()
    for moment, kiosk, made in calls:
        due = begin + moment
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        work = say(due, made[0]) if len(made) == 1 else visit(due, kiosk, *made)
        task = asyncio.create_task(work)
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    if waiting:
        await asyncio.wait(waiting, timeout=30)
    measured.seconds = time.perf_counter() - begin
    after = watch()
    measured.sender_seconds = time.process_time() - sent_before
    measured.server_seconds, measured.database_seconds = after[0] - before[0], after[1] - before[1]
    if waiting:
        measured.errors["no answer in 30 s"] = len(waiting)
    while not lines.empty():
        lines.get_nowait().close()
    return measured


async def uploads(port: int, fleet: Fleet, seconds: float) -> tuple[float, float, int]:
    """Kiosks that come back from weeks without a line: visits and entries a second, one batch after the other."""
    end = time.perf_counter() + seconds
    done = entries = errors = 0

    async def kiosk(number: int) -> None:
        nonlocal done, entries, errors
        line = Line(port)
        while time.perf_counter() < end:
            call, visits, count = fleet.backlog(number)
            await line.ask(call)
            done, entries = done + visits, entries + count
            errors += bool(call.problem)
        line.close()

    await asyncio.gather(*(kiosk(number) for number in range(8)))
    return done / seconds, entries / seconds, errors


def look_ups(fleet: Fleet, rows: int, many: int) -> dict[str, list[float]]:
    """Milliseconds of the desk's look-ups among so many requests, one after the other.

    By a ticket's code with all that the desk is told of it; by a national number, by a name, by a name nobody has.
    """
    from django.db import connection

    from backend.desk.finding import Result, find
    from backend.fleet.models import Municipality
    from backend.requests import searching
    from backend.requests.models import Request

    asked = fleet.fill(rows)[:many]
    town = Municipality.objects.get(pk="town-0")
    here = Request.objects.filter(municipality=town)

    def by_code(number: int, code: str) -> None:
        # Codes are drawn by chance: among very many requests of one town two have the same, and the desk is shown both.
        assert (result := find(code, town).result) in (Result.PAID, Result.AMBIGUOUS), result

    def by_number(number: int, code: str) -> None:
        found = searching.search(here, f"{number:011}")
        assert len(found.rows) == 1 and found.by is searching.SearchedBy.NUMBER, found

    def by_name(number: int, code: str) -> None:
        assert searching.search(here, f"Janssens {number % 5000} An").rows

    def by_no_name(number: int, code: str) -> None:
        assert not searching.search(here, f"Peeters {number}").rows

    found = {}
    for name, look in (("code", by_code), ("number", by_number), ("name", by_name), ("no name", by_no_name)):
        spent = found[name] = []
        for number, code in asked:
            begin = time.perf_counter()
            look(number, code)
            spent.append((time.perf_counter() - begin) * 1000)
    connection.close()
    return found


def main(argv: list[str] | None = None) -> int:
    """Measure, and print what was found. Returns 1 where an answer was wrong or the goal was missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--kiosks", type=int, nargs="+", default=[100, 1000, 3000, 10000])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load (default 20)")
    parser.add_argument("--workers", type=int, default=2, help="of the server (default 2)")
    parser.add_argument("--requests", type=int, nargs="*", default=[1000, 100_000, 1_000_000])
    parser.add_argument("--look-ups", type=int, default=500)
    arguments = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="loket-bench-") as data,
        PrivatePostgreSQL(shared_buffers="512MB") as database,
    ):
        os.environ.update(
            LOKET_DATA=data, LOKET_DATABASE=database.url("loket"), DJANGO_SETTINGS_MODULE="backend.settings"
        )
        database.create("loket")
        fleet = Fleet.made(max(arguments.kiosks), Path(data))
        fine = _kiosks_served(arguments, fleet, database)
        if arguments.requests:
            print("the desk's look-ups:", flush=True)
            for rows in arguments.requests:
                print(f"{rows:>11,} requests stored", flush=True)
                for name, spent in look_ups(fleet, rows, arguments.look_ups).items():
                    print(f"{'':>14} by {name}: {_spread(spent)}", flush=True)
    return 0 if fine else 1


def _kiosks_served(arguments: argparse.Namespace, fleet: Fleet, database: PrivatePostgreSQL) -> bool:
    workers = ["--workers", str(arguments.workers)]
    with SimulatorProcess("backend", "serve", "--port", "0", "--until-stdin-ends", *workers, timeout=60) as server:
        port = int(server.ready["url"].rsplit(":", 1)[1])

        def watch() -> tuple[float, float]:
            return processor_seconds(server.pid), processor_seconds(database.pid)

        asyncio.run(warm(port, fleet, max(arguments.kiosks)))
        fine = True
        print("A kiosk's cost: processor time in µs a second, of the server and of the database.")
        print(f"{'kiosks':>8} {'calls/s':>8} {'p50':>7} {'p95':>7} {'p99':>7} ms  errors  cost")
        for kiosks in arguments.kiosks:
            measured = asyncio.run(load(port, fleet, kiosks, arguments.seconds, watch))
            p50, p95, p99 = (percentile(measured.all, share) for share in (0.50, 0.95, 0.99))
            share = measured.seconds * kiosks / 1e6
            print(
                f"{kiosks:>8,} {measured.calls / measured.seconds:>8.1f} {p50:>7.1f} {p95:>7.1f} {p99:>7.1f}    "
                f"{sum(measured.errors.values()):>6}  {measured.microseconds_a_kiosk:>6.0f}"
                f" ({measured.server_seconds / share:.0f} + {measured.database_seconds / share:.0f})"
                f"  processors {_busy(measured)}",
                flush=True,
            )
            for kind, values in sorted(measured.milliseconds.items()):
                print(f"{'':>17} {kind}: {_spread(values)}", flush=True)
            for problem, times in measured.errors.items():
                print(f"{'':>17} {times} × {problem}", flush=True)
            fine = fine and not measured.errors and p99 < GOAL_MS
        visits, entries, errors = asyncio.run(uploads(port, fleet, min(arguments.seconds, 10)))
        print(f"uploads: {visits:.0f} visits ({entries:.0f} entries) a second from 8 kiosks at once, {errors} errors")
        return fine and not errors


def _busy(measured: Measured) -> str:
    """How much of one processor each of them took; beside them may run what else the machine does."""
    spent = (measured.server_seconds, measured.database_seconds, measured.sender_seconds)
    return "server {:.2f}, database {:.2f}, kiosks {:.2f}".format(*(one / measured.seconds for one in spent))


def _spread(values: list[float]) -> str:
    shares = " ".join(f"p{share * 100:.0f} {percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))
    return f"{shares} max {max(values):.1f} ms, mean {statistics.fmean(values):.1f}, {len(values)} calls"


if __name__ == "__main__":
    sys.exit(main())
