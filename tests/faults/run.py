"""One run: a terminal, a kiosk that loses its power at one moment, and the same kiosk started again."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from hardware.simulators.terminal.ledger import CAPTURED, Ledger, Transaction
from kiosk.app import JOURNAL_FILE
from kiosk.domain.record.entries import Entry
from kiosk.journal import Journal, unfinished
from kiosk.journal.recovery import Unfinished

from . import kiosk as kiosk_process
from .behaviours import Behaviour
from .kiosk import HURRY, Plan
from .terminal import SimulatedTerminal

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.kiosk", "tests.faults.terminal"])
_MEMORY = Path("/dev/shm")
PATIENCE = 60.0
EARLIER = 230  # the receipt number of what the terminal booked before the run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of a run, in the order of its happening. `logs` are what each of the processes noted."""

    behaviour: str
    ledger: list[Transaction]
    entries: list[Entry]
    left: Unfinished
    logs: tuple[list[dict[str, Any]], ...]
    papers: int

    @property
    def moments(self) -> list[str]:
        """The moments of the first process, in order."""
        return [line["name"] for line in self.logs[0] if line["what"] == "moment"]

    @property
    def died_at(self) -> str | None:
        """The moment at which it lost its power; None where it came to its end."""
        return next((f"{line['number']} {line['name']}" for line in self.logs[0] if line["what"] == "died"), None)

    def notes(self, what: str) -> list[dict[str, Any]]:
        """All lines of one kind, of all processes."""
        return [line for log in self.logs for line in log if line["what"] == what]


def run(behaviour: Behaviour, fatal: int, again: int = 0) -> Outcome:
    """Die at the moment `fatal` (0: never), start again, and die once more at `again` of that start (0: never)."""
    with _folder() as folder:
        if not behaviour.new:
            _book_earlier(folder)
        arguments = ("--hurry", str(HURRY), *behaviour.command_line)
        terminal = SimulatedTerminal(_CONTEXT, folder, *arguments, tcp=behaviour.tcp)
        try:
            orders = partial(_give, terminal, behaviour.orders)
            if not behaviour.when_ready:
                orders()
            logs = [_kiosk(folder, terminal.port, behaviour, fatal, 0, orders if behaviour.when_ready else None)]
            for action in behaviour.at_restart:
                terminal.do(action)
            for start, moment in enumerate((again, 0) if again else (0,), start=1):
                logs.append(_kiosk(folder, terminal.port, behaviour, moment, start))
            ledger = [line for line in terminal.ledger() if line.receipt > EARLIER]
        finally:
            terminal.close()
        journal = Journal(folder / JOURNAL_FILE)
        papers = folder / "papers"
        outcome = Outcome(
            behaviour.name,
            ledger,
            journal.entries(),
            unfinished(journal),
            tuple(logs),
            len(papers.read_text(encoding="utf-8").splitlines()) if papers.exists() else 0,
        )
        journal.close()
        return outcome


def _book_earlier(folder: Path) -> None:
    """What a terminal that is in use remembers: the payment of somebody else, of the same amount."""
    ledger = Ledger(receipt=EARLIER - 1, trace=EARLIER - 1, store=folder / "ledger.json")
    ledger.book(1200, CAPTURED).at -= timedelta(hours=1)
    ledger.close_day()


def _give(terminal: SimulatedTerminal, orders: tuple[dict[str, Any], ...]) -> None:
    for order in orders:
        terminal.do(str(order["do"]), **{name: value for name, value in order.items() if name != "do"})


def _kiosk(
    folder: Path, port: str, behaviour: Behaviour, fatal: int, start: int, when_ready: Callable[[], None] | None = None
) -> list[dict[str, Any]]:
    log, go = folder / f"start-{start}.log", folder / "go"
    plan = Plan(
        str(folder),
        port,
        str(log),
        fatal,
        behaviour.script,
        receipts=behaviour.receipts,
        afterwards=bool(start),
        waits_for=str(go) if when_ready else "",
    )
    process = _CONTEXT.Process(target=kiosk_process.run, args=(plan,))
    process.start()
    if when_ready is not None:
        _wait_for_line(log, process, '"ready"')
        when_ready()
        go.touch()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"{behaviour.name}, moment {fatal}: it hangs; {log.read_text(encoding='utf-8')[-2000:]}")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    wanted = -signal.SIGKILL if any(line["what"] == "died" for line in lines) else 0
    said = (folder / "kiosk.jsonl").read_text(encoding="utf-8") if (folder / "kiosk.jsonl").exists() else ""
    assert process.exitcode == wanted, (behaviour.name, fatal, process.exitcode, lines[-5:], said[-3000:])
    return lines


def _wait_for_line(log: Path, process: BaseProcess, words: str) -> None:
    until = time.monotonic() + PATIENCE
    while not (log.exists() and words in log.read_text(encoding="utf-8")):
        assert process.is_alive() and time.monotonic() < until, f"no {words}"
        time.sleep(0.005)


@contextmanager
def _folder() -> Iterator[Path]:
    """In memory where there is such a place: a disk's own time is no part of this."""
    folder = Path(tempfile.mkdtemp(prefix="loket-faults-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
