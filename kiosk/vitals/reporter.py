"""Puts together what the kiosk says of itself with each heartbeat. Nothing here waits for a device or a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from cryptography import x509

from kiosk.domain.fleet.heartbeat import MAX_EXPIRIES, DeviceReport, Expiry, Report, Restart
from kiosk.journal import Journal, JournalError
from kiosk.visit.events import Fault
from kiosk.vitals.devices import DeviceBoard
from kiosk.vitals.frames import Frames
from kiosk.vitals.machine import Machine

PACKAGE = "loket"
EXPIRY_HORIZON = timedelta(days=90)  # what ends later is nobody's work yet


class Reporter:
    """One kiosk's. What it is handed in answers at once, from memory or with one short query."""

    def __init__(
        self,
        *,
        journal: Journal,
        machine: Machine,
        devices: DeviceBoard,
        frames: Frames,
        faults: Callable[[], frozenset[Fault]],
        restart: Restart | None,
        now: Callable[[], datetime],
        clock_offset: Callable[[], float | None],
        paper_left_mm: Callable[[], int | None],
        disk_writes: Callable[[], bool | None],
        certificates: Callable[[], Iterable[tuple[str, x509.Certificate]]],
        installed: Callable[[], str | None] | None = None,
    ):
        self._journal = journal
        self._machine = machine
        self._devices = devices
        self._frames = frames
        self._faults = faults
        self._restart = restart
        self._now = now
        self._clock_offset = clock_offset
        self._paper_left_mm = paper_left_mm
        self._disk_writes = disk_writes
        self._certificates = certificates
        self._installed = installed or installed_version
        self._running = self._installed()
        self._started_at = now()
        self._last_visit: datetime | None = None
        self._looked_for_visit = False

    def visit_finished(self) -> None:
        """A visit ended with a ticket, now."""
        self._last_visit, self._looked_for_visit = self._now(), True

    def report(self) -> Report:
        """All that can be said. A journal that refuses costs its own values, not the others."""
        vitals = self._machine.look()
        without = list(vitals.without)
        last_visit, oldest, cases = self._from_journal()
        if self._looked_for_visit and last_visit is None:
            without.append("last_visit_at")
        return Report(
            boot_id=vitals.boot_id,
            uptime_seconds=vitals.uptime_seconds,
            started_at=self._started_at,
            restart=self._restart,
            last_frame_at=self._frames.last,
            last_visit_at=last_visit,
            reader=self._device("reader"),
            terminal=self._device("terminal"),
            printer=self._device("printer"),
            paper_left_mm=self._paper_left_mm(),
            faults=tuple(sorted(fault.value for fault in self._faults())),
            oldest_entry_at=oldest,
            open_cases=cases,
            clock_offset_seconds=self._clock_offset(),
            cpu_percent=vitals.cpu_percent,
            memory_percent=vitals.memory_percent,
            temperature_celsius=vitals.temperature_celsius,
            undervoltage=vitals.undervoltage,
            disk_free_bytes=vitals.disk_free_bytes,
            disk_total_bytes=vitals.disk_total_bytes,
            disk_writes=self._disk_writes(),
            expiring=self._expiring(),
            pending_update=self._pending(vitals.restart_wanted),
            without=tuple(without),
        )

    def _device(self, name: str) -> DeviceReport:
        return self._devices.report(name)

    def _from_journal(self) -> tuple[datetime | None, datetime | None, int | None]:
        try:
            if not self._looked_for_visit:  # once: reading the whole record every half minute would be work
                done = self._journal.last_at("ticket_delivered")
                self._last_visit, self._looked_for_visit = done, True
            return self._last_visit, self._journal.waiting_since(), self._journal.open_cases()
        except JournalError:
            return self._last_visit, None, None

    def _expiring(self) -> tuple[Expiry, ...] | None:
        until = self._now() + EXPIRY_HORIZON
        found = {(name, certificate.not_valid_after_utc) for name, certificate in self._certificates()}
        soon: Sequence[tuple[str, datetime]] = sorted((one for one in found if one[1] < until), key=lambda one: one[1])
        return tuple(Expiry(name=name[:80], at=at) for name, at in soon[:MAX_EXPIRIES])

    def _pending(self, machine_wants_restart: bool) -> str | None:
        """A version that is installed and not yet running, or the machine's own wish; "" for neither."""
        installed = self._installed()
        if installed is None or self._running is None:
            return None
        if installed != self._running:
            return installed
        return "system" if machine_wants_restart else ""


def installed_version() -> str | None:
    """The version on the disk, read anew each time."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None
