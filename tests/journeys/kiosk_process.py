"""A kiosk in a process of its own, with a parent who walks in it: for what a process cannot survive to be asked about.

It is told what to do, and tells its views, as the simulators do (`hardware.simulators.process`). Its devices are those
of the test's rig; its card is in its own process.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import resource
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from hardware.simulators.card import Deck, TestPki, VirtualReader
from hardware.simulators.process import obey, report
from hardware.smartcard import Trust
from hardware.terminal.zvt.client import ZvtTerminal
from kiosk import logs
from kiosk.app import Hardware
from kiosk.config import KioskConfig, parse
from kiosk.demo.rig import DEAD_LINE, Rig
from kiosk.domain.record.entries import Entry, EntryBody
from kiosk.visit import events as e
from kiosk.visit.view import View
from tests.towns import TOWN

from .walk import QUICK_TERMINAL, S, Walk


@dataclass
class Elsewhere:
    """A device whose simulator is moved by the test."""

    events: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)


class Hand:
    """Holds cards over the reader in this process."""

    def __init__(self, reader: VirtualReader, deck: Deck):
        self._reader, self._deck = reader, deck

    def insert(self, card: str, pull_at: int | None = None) -> None:
        self._reader.insert(self._deck.card(card))

    def remove(self) -> None:
        self._reader.remove()


class HalfRig:
    """What a walk needs of a rig, where the other half is in the test's process."""

    def __init__(self, folder: Path, terminal: str, printer: str):
        pki = TestPki.kept_in(folder / "pki", date.today())
        self._reader, self._trust = VirtualReader(), Trust([pki.pin])
        self.card = Hand(self._reader, Deck(pki, date.today()))
        self.terminal = self.printer = Elsewhere()
        self.config: KioskConfig = parse(
            {
                "kiosk": {"name": "Child", "municipality": TOWN},
                "terminal": {"port": terminal, "password": "000000"},
                "printer": {"port": printer},
                "journal": {"folder": str(folder / "journal")},
                "backend": {"url": DEAD_LINE, "key_file": str(folder / "no.key")},
            },
            folder / "kiosk.toml",
        )

    def hardware(self) -> Hardware:
        config = self.config
        real = Hardware.of(config)
        terminal = ZvtTerminal.at(str(config.terminal.port), timing=QUICK_TERMINAL)
        return Hardware(self._reader, self._trust, terminal, real.printer)


class ToldWalk(Walk):
    """Tells each view to the test."""

    def _show(self, view: View) -> None:
        super()._show(view)
        told = {"faults": sorted(self.kiosk.visit.faults), "content": type(view.content).__name__}
        for name in ("message", "reason", "ticket_code"):
            if (value := getattr(view.content, name, None)) is not None:
                told[name] = str(value)
        report("view", situation=view.situation.value, **told)


def main() -> int:
    """Run until stdin closes, or until what it was told to die after is on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--folder", "--terminal", "--printer", "--die-after"):
        parser.add_argument(name)
    parser.add_argument("--slots", type=int, default=12)
    parser.add_argument("--timing", type=json.loads, default={})
    given = parser.parse_args()
    folder = Path(given.folder)
    logs.configure(folder / "logs")
    rig = HalfRig(folder, given.terminal, given.printer)
    walk = ToldWalk(cast(Rig, rig), folder / "journal", slots=given.slots, timing={"farewell": 0.1, **given.timing})
    if given.die_after:
        die_after(walk, given.die_after)
    report("ready")
    walk.start(None)

    def do(order: dict[str, Any]) -> None:
        match order["do"]:
            case "walk to pay":
                walk.until(S.WELCOME)
                walk.to_pay()
            case "walk to review":
                walk.until(S.WELCOME)
                walk.begin().card().service().child().to_review()
            case "continue":
                walk.touch(e.Continue())
            case "stop visit":
                walk.touch(e.Stop(), e.Stop())
            case "take card":
                walk.take_card()
            case "disk":
                fill_disk(bool(order["full"]), int(order.get("room", 1)))
            case unknown:
                raise ValueError(f"cannot {unknown!r}")

    obey(do)
    walk.stop()
    return 0


def die_after(walk: Walk, kind: str) -> None:
    """Lose the power in the moment in which an entry of this kind has become durable."""
    append_all = walk.kiosk.journal.append_all

    def append_and_die(bodies: Iterable[EntryBody], visit_id: UUID | None = None) -> list[Entry]:
        entries = append_all(bodies, visit_id)
        if any(entry.body.kind == kind for entry in entries):
            os.kill(os.getpid(), signal.SIGKILL)
        return entries

    walk.kiosk.journal.append_all = append_and_die  # type: ignore[method-assign]


def fill_disk(full: bool, room: int) -> None:
    """Every further write to a file fails, or works again. What goes to the test through a pipe always works.

    `room` bytes at the beginning of each file can still be written.
    """
    with suppress(ValueError):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room if full else most, most))
    report("disk", full=full)


if __name__ == "__main__":
    sys.exit(main())
