"""Everything around one kiosk, simulated: a reader with cards, a terminal, a printer, and a real backend.

Each device is a process of its own behind its real transport: pcscd with a virtual reader, ZVT on a
pseudo-terminal, ESC/POS over TCP, HTTP on a loopback port. Where pcscd cannot run, the same virtual card is reached
in this process, and `card_transport` says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol, Self

from cryptography.hazmat.primitives.hashes import SHA256

from hardware.simulators.card import Deck, TestPki, VirtualReader
from hardware.simulators.card.badges import Badges
from hardware.simulators.card.people import PEOPLE
from hardware.simulators.pcscd import READER_NAME, PcscdUnavailable, PrivatePcscd
from hardware.simulators.process import SimulatorProcess
from hardware.smartcard import Reader, Trust
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.timing import STANDARD, Timing
from kiosk.app import Hardware
from kiosk.config import KioskConfig, parse
from kiosk.profiles import DEMO_PROFILE
from kiosk.staff import roster
from kiosk.sync.client import BackendClient
from kiosk.sync.enrol import enrol

STAFF_CARD, STAFF_BADGE = "karim", "badge"
DEAD_LINE = "http://127.0.0.1:9"  # the discard service, which no machine runs: every call is refused at once


class CardHand(Protocol):
    """The hand that holds cards over the reader."""

    def insert(self, card: str, pull_at: int | None = None) -> None:
        """Put the card of this name in; it is pulled in the n-th command where `pull_at` says so."""

    def remove(self) -> None:
        """Take the card out."""


class _PcscHand:
    """Cards in pcscd's virtual reader, held by a process of their own."""

    def __init__(self, process: SimulatorProcess):
        self._process = process

    def insert(self, card: str, pull_at: int | None = None) -> None:
        self._process.do("insert", card=card, pull_at=pull_at)
        self._process.wait_for("inserted")

    def remove(self) -> None:
        self._process.do("remove")
        self._process.wait_for("removed")


class _InProcessHand:
    """Cards in a reader in this process."""

    def __init__(self, reader: VirtualReader, deck: Deck):
        self._reader = reader
        self._deck = deck

    def insert(self, card: str, pull_at: int | None = None) -> None:
        chip = self._deck.card(card)
        chip.pull_at = pull_at
        self._reader.insert(chip)

    def remove(self) -> None:
        self._reader.remove()


class Rig:
    """Starts everything in `folder` and ends it again.

    `pcsc` False goes without pcscd on purpose. `backend` False leaves the kiosk alone with its devices: its line is
    dead and it is not enrolled. `hurry` divides the simulated terminal's waits, `terminal_timing` are the driver's.
    """

    def __init__(
        self,
        folder: Path,
        municipality: str = DEMO_PROFILE,
        pcsc: bool = True,
        hurry: float = 1.0,
        backend: bool = True,
        terminal_timing: Timing = STANDARD,
    ):
        self.folder = folder
        self._has_backend = backend
        self._terminal_timing = terminal_timing
        self._municipality = municipality
        self._hurry = hurry
        self._ends = ExitStack()
        self.card_problem = ""
        self.pcscd: PrivatePcscd | None = None  # where cards go through one
        try:
            self._start(pcsc)
        except BaseException:
            self.close()
            raise

    def _start(self, pcsc: bool) -> None:
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        self._pki_folder = folder / "pki"
        self._reader: Reader | VirtualReader
        self.card, self._reader, self.trust = self._card(self._pki_folder, pcsc)
        self.terminal = self._process(
            "hardware.simulators.terminal", "--link", str(folder / "terminal"), "--hurry", str(self._hurry)
        )
        self.printer = self._process("hardware.simulators.printer", "--out", str(folder / "paper"))
        self.backend_folder = folder / "backend"
        if self._has_backend:
            self.start_backend()
        self.config = self._config()
        self._put_staff_on_the_roster()
        if self._has_backend:
            self._enrol()

    # --- what a person or a script does ---------------------------------------------------------------

    def hardware(self) -> Hardware:
        """The drivers, pointed at the simulators."""
        config = self.config.terminal
        terminal = ZvtTerminal.at(
            str(config.port), baud=config.baud, password=config.read_password(), timing=self._terminal_timing
        )
        # A PC/SC reader is watched once in its life; the one in this process is also the hand's.
        reader = Reader(READER_NAME) if isinstance(self._reader, Reader) else self._reader
        return replace(Hardware.of(self.config), reader=reader, trust=self.trust, terminal=terminal)

    def start_backend(self) -> None:
        """Start the backend (again); its port is kept, so that a kiosk finds it back."""
        port = getattr(self, "_backend_port", 0)
        self.backend = SimulatorProcess(
            "backend",
            "demo",
            "--municipality",
            self._municipality,
            "--port",
            str(port),
            "--until-stdin-ends",
            "--json",
            "--data",
            str(self.backend_folder),
            timeout=60.0,
        )
        self._ends.callback(self.backend.close)
        self._backend_port = int(str(self.backend.ready["url"]).rpartition(":")[2])

    def stop_backend(self) -> None:
        """The backend is down."""
        self.backend.close()

    def stored(self) -> dict[str, Any]:
        """What the backend holds, in its own words."""
        return self.backend_command("stored")

    def backend_command(self, *words: str) -> dict[str, Any]:
        """Run one of the backend's own commands on its data."""
        done = subprocess.run(
            [sys.executable, "-m", "backend", *words, "--data", str(self.backend_folder)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @property
    def card_transport(self) -> str:
        """How the kiosk reaches its card."""
        return "pcscd" if isinstance(self._reader, Reader) else f"in-process ({self.card_problem})"

    def close(self) -> None:
        """End everything, the last started first."""
        self._ends.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- inside ---------------------------------------------------------------------------------------

    def _process(self, module: str, *arguments: str, timeout: float = 20.0) -> SimulatorProcess:
        return self._ends.enter_context(SimulatorProcess(module, *arguments, timeout=timeout))

    def _card(self, pki_folder: Path, pcsc: bool) -> tuple[CardHand, Reader | VirtualReader, Trust]:
        try:
            if not pcsc:
                raise PcscdUnavailable("not wanted")
            pcscd = self._ends.enter_context(PrivatePcscd())
        except PcscdUnavailable as problem:
            self.card_problem = str(problem)
            pki = TestPki.kept_in(pki_folder, date.today())
            reader = VirtualReader()
            return _InProcessHand(reader, Deck(pki, date.today())), reader, Trust(pki.pins)
        self.pcscd = pcscd
        pcscd.use_here()
        host, port = pcscd.vpcd
        process = self._process("hardware.simulators.card", "--vpcd", f"{host}:{port}", "--pki", str(pki_folder))
        return _PcscHand(process), Reader(READER_NAME), Trust(process.ready["pins"])

    def _config(self) -> KioskConfig:
        folder = self.folder
        return parse(
            {
                "kiosk": {"name": "Demo", "municipality": self._municipality},
                "terminal": {"port": str(folder / "terminal"), "password": "000000"},
                "printer": {"port": self.printer.ready["address"]},
                "journal": {"folder": str(folder / "journal")},
                "backend": {"url": self._backend_url, "key_file": str(folder / "kiosk.key")},
                "logs": {"folder": str(folder / "logs")},
                "staff": {"badge_issuers": str(self._pki_folder / "issuers")},
            },
            folder / "kiosk.toml",
        )

    def _put_staff_on_the_roster(self) -> None:
        """Karim, with his own eID, may do everything, and Els, with the town's badge, what the kiosk needs.

        The dock has their cards, docs/service.md the gesture.
        """
        file = self.config.roster_file
        if not file.exists():
            nobody = roster.new_roster()
            card = roster.card_print(nobody.key, PEOPLE[STAFF_CARD].national_number(date.today()))
            karim = roster.Member(id="karim", name="Karim", role=roster.Role.MANAGER, card=card)
            els = roster.Member(id="els", name="Els", badge=roster.badge_print(nobody.key, self.badge(STAFF_BADGE)))
            file.parent.mkdir(parents=True, exist_ok=True)
            roster.write(file, roster.Roster(key=nobody.key, member=(karim, els)))

    def badge(self, name: str) -> str:
        """The fingerprint of a simulated staff badge."""
        today = date.today()
        certificate = Badges(TestPki.kept_in(self._pki_folder, today), today).certificate(name)
        return certificate.fingerprint(SHA256()).hex()

    @property
    def _backend_url(self) -> str:
        return str(self.backend.ready["url"]) if self._has_backend else DEAD_LINE

    def _enrol(self) -> None:
        if self.config.backend.key_file.exists():
            return
        code = self.backend_command("enrolment-code")["code"]
        with BackendClient(self.config.backend.url) as client:
            enrol(client, code, self.config.kiosk.name, self.config.backend.key_file)
