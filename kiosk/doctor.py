"""What is wrong with this kiosk, and what to do: one finding for each part, by looking at the part itself.

Nothing here changes a device or moves money. Each look ends by itself; the slowest is a terminal that is
silent. A part that is in use by the running kiosk cannot be looked at from here, and the finding says so.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import fontpkg
import httpx
from PIL import features
from pydantic import ValidationError
from smartcard import scard

from hardware.printer import status as printer_status
from hardware.printer.link import LinkReason, link_to
from hardware.printer.printer import read_status
from hardware.terminal import outcome as terminal_status
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.port import PortFault
from hardware.terminal.zvt.timing import STANDARD, Timing
from kiosk import config as configuration
from kiosk.config import ConfigFault, KioskConfig
from kiosk.domain.profile_faults import ProfileFaults
from kiosk.domain.wire import API_PREFIX, CLOCK_TOLERANCE_SECONDS, ServerTime
from kiosk.health import EARLIEST, LATEST, LEAST_FREE_BYTES
from kiosk.profiles import ProfileNotFound, find_profile

FONTS = ("noto-sans", "noto-sans-arabic", "roboto-mono")

# A year of visits is some 200 MB; below this somebody should look what fills the disk.
COMFORTABLE_FREE_BYTES = 1024**3

# A silent terminal costs 15 s (three sends); a status that lets it begin work of its own may take longer than
# a person at a shell wants to wait.
TERMINAL_TIMING = replace(STANDARD, completion=20.0, whole_command=30.0)

LONGEST_LOOK = 45.0  # seconds; a wedged smart card service never answers at all


class Verdict(StrEnum):
    """How bad it is. Only a fault keeps the kiosk, or a part of it, from working."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: what was seen, and what to do where it is not well."""

    part: str
    verdict: Verdict
    what: str
    remedy: str = ""


Look = tuple[str, Callable[[], Iterable[Finding]]]


def ok(part: str, what: str) -> Finding:
    """A finding that asks for nothing."""
    return Finding(part, Verdict.OK, what)


def warning(part: str, what: str, remedy: str) -> Finding:
    """A finding that somebody should know of."""
    return Finding(part, Verdict.WARNING, what, remedy)


def fault(part: str, what: str, remedy: str) -> Finding:
    """A finding that stops something."""
    return Finding(part, Verdict.FAULT, what, remedy)


def examine(config_path: Path | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[Finding]:
    """Look at everything, the slow parts at the same time. Without a configuration: at this machine alone."""
    looks: list[Look] = [
        ("fonts", lambda: [fonts()]),
        ("text", lambda: [text_shaping()]),
        ("clock", lambda: [clock(now())]),
    ]
    if config_path is None:
        remedy = "kiosk doctor --config FILE"
        found = [warning("configuration", "none was named, so no device was looked at", remedy)]
        return found + _all([*looks, ("cards", lambda: [smart_cards(None)])])
    try:
        config = configuration.load(config_path)
    except ConfigFault as problem:
        remedy = f"correct {problem.path}; deploy/kiosk.example.toml explains each key"
        return [fault("configuration", what, remedy) for what in problem.faults] + _all(looks)
    looks += [
        ("municipality", lambda: [profile(config.kiosk.municipality)]),
        ("journal", lambda: [disk(config.journal.folder)]),
        ("cards", lambda: [smart_cards(config.reader.name)]),
        ("terminal", lambda: [terminal(config.terminal)]),
        ("printer", lambda: [printer(config.printer.port)]),
        ("backend", lambda: backend(config, now)),
    ]
    return [ok("configuration", f"{config_path}: {config.kiosk.name}"), *_all(looks)]


def _all(looks: list[Look]) -> list[Finding]:
    findings: dict[str, list[Finding]] = {}
    threads = []
    for part, look in looks:
        # Daemons: one that never comes back must not keep the command from ending.
        thread = threading.Thread(
            target=lambda part=part, look=look: findings.__setitem__(part, list(look())), daemon=True, name=part
        )
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(LONGEST_LOOK)
    silent = "ended without an answer, or gave none in time"
    return [
        finding
        for part, _ in looks
        for finding in findings.get(part, [fault(part, silent, "restart the device or the service, then look again")])
    ]


# --- This machine ----------------------------------------------------------------------------------------


def fonts() -> Finding:
    """Whether the fonts of screen and ticket are installed and readable."""
    missing = []
    for family in FONTS:
        try:
            readable = os.access(fontpkg.path(family), os.R_OK)
        except fontpkg.FontpkgError:
            readable = False
        if not readable:
            missing.append(family)
    if missing:
        return fault(
            "fonts", f"not there: {', '.join(missing)}", "run the set-up again: make setup, or deploy/install.sh"
        )
    return ok("fonts", ", ".join(f"{family} {metadata.version(f'fontpkg-{family}')}" for family in FONTS))


def text_shaping() -> Finding:
    """Whether Pillow can lay out Arabic: its wheel loads the system's FriBidi when it starts, or goes without."""
    if features.check("raqm"):
        return ok("text", f"Raqm {features.version('raqm')}, FriBidi {features.version('fribidi')}")
    return fault(
        "text", "Pillow finds no FriBidi, so Arabic would be unjoined and reversed", "apt-get install libfribidi0"
    )


def clock(now: datetime) -> Finding:
    """Whether this can be the true date at all. The backend's clock is the finer measure."""
    remedy = "set it (timedatectl set-time …), and look whether the board's battery is flat"
    shown = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now < EARLIEST:
        return fault("clock", f"{shown} is before this program was written", remedy)
    if now > LATEST:
        return fault("clock", f"{shown} is too far ahead to be true", remedy)
    return ok("clock", shown)


def disk(folder: Path) -> Finding:
    """Whether the journal's folder takes a write that survives a power cut, and has room."""
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-check-") as file:
            file.write(b"ok")
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return fault("journal", f"{folder} does not exist", f"install -d -m 0700 -o loket -g loket {folder}")
    except OSError as problem:
        remedy = "free space on this disk, or give the folder to the kiosk's user; then look at the disk itself"
        return fault("journal", f"{folder} takes no write: {problem.strerror}", remedy)
    room = f"{free / 1024**3:.1f} GB free in {folder}"
    if free < LEAST_FREE_BYTES:
        return fault("journal", room, "free space on this disk: no visit can begin")
    if free < COMFORTABLE_FREE_BYTES:
        return warning("journal", room, "find what fills this disk: journalctl --disk-usage, du -xh /var")
    return ok("journal", f"{room}; a write reaches the disk")


def profile(municipality: str) -> Finding:
    """Whether the municipality's rules can be read and hold together."""
    try:
        found = find_profile(municipality)
    except ProfileNotFound as problem:
        return fault("municipality", str(problem), "correct kiosk.municipality")
    except ProfileFaults as problem:
        remedy = f"kiosk municipality check {municipality}"
        return fault("municipality", f"the profile has {len(problem.faults)} faults", remedy)
    return ok("municipality", f"{found.id}, version {found.version}")


# --- Devices ---------------------------------------------------------------------------------------------


def terminal(settings: configuration.Terminal, timing: Timing = TERMINAL_TIMING) -> Finding:
    """Ask the payment terminal how it is."""
    try:
        password = settings.read_password()
    except OSError as problem:
        what = f"its password cannot be read from {settings.password_file}: {problem.strerror}"
        return fault("terminal", what, "write its six digits into that file, readable by the kiosk's user")
    except ValueError as problem:
        return fault("terminal", str(problem), "the six digits are in the terminal's own papers")
    path = str(settings.port)
    if not settings.port.exists():
        remedy = "plug it in and switch it on; if it is on, its rule in udev/60-loket.rules does not match it"
        return fault("terminal", f"{path} does not exist", remedy)
    client = ZvtTerminal.on_serial(path, baud=settings.baud, password=password, timing=timing)
    try:
        status = client.status()
    finally:
        client.close()
    match status:
        case terminal_status.Ready():
            return ok("terminal", f"ready on {path}")
        case terminal_status.Busy():
            return warning("terminal", "busy", "wait until it is done, then look again")
        case terminal_status.NeedsEndOfDay():
            return fault("terminal", "wants its end of day first", "kiosk terminal end-of-day --port " + path)
        case terminal_status.NotRegistered():
            return fault("terminal", "refuses this kiosk", "compare terminal.password with the terminal's own setting")
        case terminal_status.NeedsService(code, meaning):
            return fault("terminal", f"says {code:02X}, {meaning}", "call the terminal's provider with this code")
        case terminal_status.Disconnected(reason) if reason.endswith(PortFault.IN_USE):
            return warning("terminal", f"{path} is in use, most likely by the running kiosk", _STOP_FIRST)
        case terminal_status.Disconnected(reason) if reason.endswith(PortFault.NO_PERMISSION):
            return fault("terminal", f"{path} may not be opened", "usermod --append --groups dialout loket")
        case terminal_status.Disconnected(reason):
            return fault("terminal", f"cannot be opened: {reason}", "unplug it and plug it in again")
        case terminal_status.Unknown(reason):
            remedy = f"is it on? is its serial interface set to ZVT at {settings.baud} baud?"
            return fault("terminal", f"nothing sensible comes from it: {reason}", remedy)


def smart_cards(wanted: str | None) -> Finding:
    """Whether pcscd answers and has the wanted reader ("any", or the beginning of a name).

    None: no reader is configured here. Then what matters is which way the demo's virtual card will go.
    """
    readers = pcsc_readers()
    if wanted is None:
        if readers is None:
            return ok("cards", "no smart card service: the demo reads its virtual card in its own process")
        virtual = [name for name in readers if name.startswith(VIRTUAL_READER)]
        way = "through pcscd" if virtual else "in its own process, for pcscd lacks the reader of vsmartcard-vpcd"
        return ok("cards", f"pcscd answers; the demo reads its virtual card {way}")
    if readers is None:
        return fault("cards", "the smart card service does not answer", "systemctl restart pcscd.socket pcscd")
    fitting = [name for name in readers if wanted == configuration.ANY_READER or name.startswith(wanted)]
    if not fitting:
        there = f"there is only: {', '.join(readers)}" if readers else "there is none at all"
        return fault("cards", f"no reader fits {wanted!r}; {there}", "plug the reader in, or correct reader.name")
    return ok("cards", f"pcscd answers, reader {fitting[0]}")


VIRTUAL_READER = "Virtual PCD"  # as vsmartcard-vpcd names its readers


def pcsc_readers() -> list[str] | None:
    """The readers that pcscd knows; None where no pcscd answers."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if code != scard.SCARD_S_SUCCESS:
        return None
    try:
        code, readers = scard.SCardListReaders(context, [])
    finally:
        scard.SCardReleaseContext(context)
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    return list(readers) if code == scard.SCARD_S_SUCCESS else None


_STOP_FIRST = "to look at it from here: systemctl stop loket-kiosk"

_NO_PRINTER_LINE = {
    LinkReason.REFUSED: "is its network interface on, and no other program connected?",
    LinkReason.UNREACHABLE: "is it on, and does its address still hold?",
    LinkReason.NO_DEVICE: "plug it in and switch it on; if it is on, its rule in udev/60-loket.rules does not match it",
    LinkReason.NO_PERMISSION: "usermod --append --groups dialout,lp loket",
    LinkReason.CLOSED: "unplug it and plug it in again",
    LinkReason.STALLED: "switch it off and on",
}


def printer(port: str) -> Finding:
    """Ask the printer how it is."""
    match read_status(link_to(port)):
        case printer_status.Ready(paper_low=True):
            return warning("printer", "ready, and the roll is nearly empty", "put in a new roll soon")
        case printer_status.Ready():
            return ok("printer", f"ready on {port}")
        case printer_status.PaperOut():
            return fault("printer", "out of paper", "put in a new roll")
        case printer_status.CoverOpen():
            return fault("printer", "its cover is open", "close it")
        case printer_status.CutterError():
            return fault("printer", "its knife is stuck", "switch it off, free the knife, switch it on")
        case printer_status.DeviceError(unrecoverable):
            remedy = "call its service" if unrecoverable else "switch it off and on"
            return fault("printer", "reports an error of its own", remedy)
        case printer_status.Overheated():
            return warning("printer", "too hot, or its voltage is wrong", "wait; if it stays, look at its power supply")
        case printer_status.Disconnected(why):
            return fault("printer", f"{port} cannot be opened: {why}", _NO_PRINTER_LINE[LinkReason(why)])
        case printer_status.Unknown(trouble):
            return fault("printer", f"cannot say how it is: {trouble}", "is this a printer's port, at its own speed?")


# --- The backend -----------------------------------------------------------------------------------------


def backend(config: KioskConfig, now: Callable[[], datetime]) -> list[Finding]:
    """Whether the backend answers, what time it has, and whether this kiosk has a key."""
    return [*_backend_line(config.backend.url, now), enrolment(config.backend.key_file)]


def _backend_line(url: str, now: Callable[[], datetime]) -> list[Finding]:
    try:
        sent = now()
        answer = httpx.get(f"{url}{API_PREFIX}/time", timeout=5.0).raise_for_status()
        middle = sent + (now() - sent) / 2
        skew = middle - ServerTime.model_validate_json(answer.content).server_time
    except httpx.HTTPStatusError as problem:
        said = f"{url} answers {problem.response.status_code}"
        return [fault("backend", said, "is backend.url right? else look at the backend's own log")]
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        # The kiosk serves without a line, from its leased slots; so this alone does not stop it.
        remedy = "look at the line and at backend.url; visits go on and are sent later"
        return [warning("backend", f"{url} cannot be reached: {type(problem).__name__}", remedy)]
    except ValidationError:
        return [fault("backend", f"{url} is no Loket backend", "correct backend.url")]
    return [ok("backend", f"{url} answers"), _skew(skew)]


def _skew(skew: timedelta) -> Finding:
    seconds = skew.total_seconds()
    said = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the backend"
    if abs(seconds) > CLOCK_TOLERANCE_SECONDS:
        return fault("clock", said, "look at timedatectl: the backend refuses calls from a clock so far off")
    return ok("clock", said)


def enrolment(key_file: Path) -> Finding:
    """Whether this kiosk holds its key, and nobody else can read it."""
    remedy = "enrol it with a code from the backend's console"
    try:
        with key_file.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            empty = not file.read(1)
    except FileNotFoundError:
        return fault("enrolment", f"this kiosk has no key yet ({key_file})", remedy)
    except OSError as problem:
        return fault("enrolment", f"{key_file} cannot be read: {problem.strerror}", f"chown loket: {key_file}")
    if empty:
        return fault("enrolment", f"{key_file} is empty", remedy)
    if mode & 0o077:
        return warning("enrolment", f"others may read the key in {key_file}", f"chmod 600 {key_file}")
    return ok("enrolment", f"the key is in {key_file}")
