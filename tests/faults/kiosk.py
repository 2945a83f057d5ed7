"""A whole kiosk without a window in a process of its own, with a parent in front of it who pays.

It is forked from a server in which everything is imported already, because a run has to cost a fraction of a second.
Its terminal is reached over the real driver and a real port; its printer is a file into which papers are counted.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import sqlite_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.printer import Document, Printer, TextRasteriser
from hardware.printer.printer import Outcome, PrintResult
from hardware.printer.status import Disconnected, Ready, Status, Trouble
from hardware.simulators.card import VirtualReader
from hardware.smartcard import Trust
from hardware.terminal.zvt.address import network_address
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.commands import Receipts
from hardware.terminal.zvt.link import Clock, Link
from hardware.terminal.zvt.port import SerialPort, TcpPort
from hardware.terminal.zvt.serial_link import SerialLink
from hardware.terminal.zvt.tcp_link import TcpLink
from hardware.terminal.zvt.timing import Timing
from kiosk import logs
from kiosk.app import Hardware, Kiosk, now_in_brussels
from kiosk.config import parse
from kiosk.demo.rig import DEAD_LINE
from kiosk.devices.timing import STANDARD
from kiosk.domain.quote import Service
from kiosk.profiles import find_profile
from kiosk.sync.client import Identity
from kiosk.text import LANGUAGES, texts
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.view import Situation, View
from tests.journeys.walk import slots_from
from tests.towns import TOWN

from .moments import DyingPort, Moments, watch_journal

S = Situation
HURRY = 40.0  # of the terminal, whose waits are seconds
ID = UUID("7c1d0c5e-5d8a-4c0e-9d2b-0c5f1e6a7b8c")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PROFILE = find_profile(TOWN)

# What each start would load anew: done once here, before the forks.
for _language in LANGUAGES:
    texts(_language)
TextRasteriser()
httpx.Client().close()
sqlite_utils.Database(memory=True).close()

# What the protocol needs in milliseconds has some room for a loaded machine. What is late is a fault more, and no
# other outcome than those that are allowed.
TERMINAL = Timing(
    acknowledgement=0.12,
    answer=0.25,
    completion=0.4,
    whole_command=6.0,
    listen=0.01,
    connect=0.5,
    piece=0.3,
    goods_wait=30,  # divided by HURRY at the terminal
    quiet_after_abort=0.05,
    busy_poll=0.05,
    busy_patience=0.4,
)
DEVICES = replace(
    STANDARD,
    terminal_look=60.0,
    approval_answer=0.6,
    look_up_for=0.3,
    look_up_every=0.05,
    recovery_ask_again=0.05,
    printer_look=0.2,
    monitor_look=60.0,
    day_look=60.0,
    last_upload=0.0,
)
PATIENCE = 25.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process does. `fatal` is the number of the moment at which it dies; 0: at none.

    `script` is what the parent or the staff do: "pay", "cancel" (at the terminal, on the screen), "money back" (the
    printer fails), "day" (pay, and then the end of day). With "late" the terminal says yes after its no, and the parent
    still looks at that no; with "late, and the parent is gone" not.
    """

    folder: str
    port: str
    log: str
    fatal: int = 0
    script: str = "pay"
    receipts: Receipts = Receipts.BLOCKS
    afterwards: bool = False  # a start after a crash: nobody stands there
    waits_for: str = ""  # a file without which the parent does not go on to pay


class Paper(Printer):
    """A printer whose papers are lines in a file."""

    def __init__(self, file: Path, broken: bool):
        self._file, self._broken = file, broken
        self._printed = 0

    def status(self) -> Status:
        """Ready, until its first paper where it is broken."""
        return Disconnected(Trouble.DISCONNECTED) if self._broken and self._printed else Ready(paper_low=False)

    def print(self, document: Document) -> PrintResult:
        """One line for a paper that is out."""
        self._printed += 1
        if self._broken:
            return PrintResult(Outcome.NOT_OUT, Trouble.DISCONNECTED)
        with self._file.open("a", encoding="utf-8") as papers:
            papers.write("paper\n")
        return PrintResult(Outcome.OUT)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Parent:
    """Walks through a visit by what the screen shows: one touch for each arrival."""

    plan: Plan
    moments: Moments
    kiosk: Kiosk | None = None
    seen: tuple[Any, ...] = ()
    over: threading.Event = field(default_factory=threading.Event)
    paid: bool = False
    begun: bool = False

    def show(self, view: View) -> None:
        """The kiosk's screen, on its core's thread."""
        what = self._in_short(view)
        if what == self.seen:
            return
        self.moments.note("view", situation=view.situation.value)
        self.seen = what  # others act on it, and what they cause must not be noted before it
        if self.kiosk is not None and not self.plan.afterwards:
            for event in self._touch(view):
                self.kiosk.post(event)

    def _in_short(self, view: View) -> tuple[Any, ...]:
        return (view.situation, view.can_continue, getattr(view.content, "message", None), view.content)

    def _touch(self, view: View) -> tuple[e.Event, ...]:
        content = view.content
        match view.situation:
            case S.WELCOME if self.begun:
                self.over.set()
            case S.WELCOME:
                self.begun = True
                return (e.LanguageChosen("nl"),)
            case S.INSERT_CARD:
                return (e.ContinueWithoutCard(),)
            case S.SERVICE if isinstance(content, v.ServiceView) and Service.APPLICATION not in content.closed:
                return (e.ServiceChosen(Service.APPLICATION),)
            case S.CHILD_NAME:
                return (e.NameGiven("Yusuf"),)
            case S.BIRTH_DATE if isinstance(content, v.BirthDateView):
                return (e.BirthDateGiven(content.today - timedelta(days=4 * 365)),)
            case S.QUESTION if isinstance(content, v.QuestionView):
                if content.answered:
                    return (e.Continue(),)
                return (e.QuestionAnswered(content.question, content.answers[0]),)
            case S.CARD_TYPE if isinstance(content, v.CardTypeView) and not view.can_continue:
                return (e.CardTypeChosen(content.offers[0].card_type),)
            case S.APPOINTMENT if isinstance(content, v.AppointmentView) and not view.can_continue:
                return (e.SlotChosen(content.slots[0].id),)
            case S.REVIEW if view.can_continue:
                self.moments.note("ready")
                _wait_until(lambda: not self.plan.waits_for or Path(self.plan.waits_for).exists())
                self.moments.arm()
                return (e.Continue(),)
            case S.PAY if self.plan.script.startswith("cancel") and isinstance(content, v.PayView):
                return (e.CancelPayment(),) if content.message is e.TerminalMessage.PRESENT_CARD else ()
            case S.NOT_PAID if self.plan.script.endswith("late"):
                return ()
            case S.NOT_PAID:
                return (e.Stop(), e.Stop())
            case S.PRINT_TROUBLE:
                return (e.MoneyBackWanted(),)
            case (
                S.CARD_TYPE
                | S.PROCEDURE
                | S.CHILDREN
                | S.BRING
                | S.APPOINTMENT
                | S.NO_SLOTS
                | S.OUTCOME_UNKNOWN
                | (S.MONEY_BACK)
            ) if view.can_continue:
                return (e.Continue(),)
            case S.OUT_OF_SERVICE if self.begun:
                self.over.set()
            case _:
                pass
        return ()


def run(plan: Plan) -> None:
    """In a process of its own: one kiosk until its visit is over, or its recovery, or its power."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    folder = Path(plan.folder)
    logs.configure(folder, level="warning")
    moments = Moments(Path(plan.log), plan.fatal)
    parent = Parent(plan, moments)
    config = parse(
        {
            "kiosk": {"name": "Faults", "municipality": TOWN},
            "terminal": {"port": plan.port, "password": "000000"},
            "printer": {"port": "tcp://127.0.0.1:9"},
            "journal": {"folder": str(folder)},
            "backend": {"url": DEAD_LINE, "key_file": str(folder / "kiosk.key")},
            "timing": {"look_up": 2.0, "outcome_unknown": 0.2, "take": 0.1, "farewell": 0.01, "print_trouble": 3.0},
        },
        folder / "kiosk.toml",
    )
    hardware = Hardware(
        VirtualReader(), Trust(), _terminal(plan, moments), Paper(folder / "papers", plan.script == "money back")
    )
    identity = Identity(ID, TOWN, KEY)
    kiosk = Kiosk(config, parent.show, hardware, profile=PROFILE, identity=identity, device_timing=DEVICES)
    if not plan.afterwards:
        kiosk.journal.add_slots(slots_from(now_in_brussels(), 3), now_in_brussels() + timedelta(days=5))
    watch_journal(kiosk.journal, moments)
    parent.kiosk = kiosk
    if plan.afterwards:
        moments.arm()
    kiosk.start()
    if plan.afterwards:
        _wait_until(lambda: not kiosk.recovery.pending)
    else:
        if "late" in plan.script:
            _listen(kiosk, parent)
        if not parent.over.wait(PATIENCE):
            moments.note("stuck", view=str(parent.seen))
        if plan.script == "day":
            kiosk.post(e.DayWanted())
            _wait_until(lambda: bool(kiosk.journal.entries(kinds=("day_closed", "day_not_closed"))))
    moments.note("end", faults=sorted(kiosk.health.faults))
    os._exit(0)


def _listen(kiosk: Kiosk, parent: Parent) -> None:
    """After the terminal's no the kiosk asks how it is, as it does every half minute, until it has heard the yes."""
    _wait_until(lambda: parent.seen[:1] == (S.NOT_PAID,) or parent.over.is_set())
    looked = threading.Event()
    looked.set()

    def heard() -> bool:
        if looked.is_set():
            looked.clear()
            kiosk.terminal.ask_status(lambda _status: looked.set())
        return bool(kiosk.journal.entries(kinds=("payment_approved_late",)))

    _wait_until(heard)
    if not heard():
        parent.moments.note("stuck", view="the terminal's late yes was not heard")


def _wait_until(condition: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)


def _terminal(plan: Plan, moments: Moments) -> ZvtTerminal:
    address = network_address(plan.port)

    def link(timing: Timing, clock: Clock) -> Link:
        if address is not None:
            return TcpLink(
                lambda: DyingPort(TcpPort(address.host, address.port, timing.connect), moments),
                timing,
                clock,
                plan.port,
            )
        return SerialLink(lambda: DyingPort(SerialPort(plan.port, 9600, 2, timing.write), moments), timing, clock)

    return ZvtTerminal(link, receipts=plan.receipts, timing=TERMINAL)
