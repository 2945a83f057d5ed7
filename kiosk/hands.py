"""What service mode asks of the machine: probes of devices, papers for staff, and being as staff have set it.

Each call returns at once. A device answers on its own thread, everything else on the workbench's, and the answer is an
event on the core's queue. Nothing here moves money but the end of day, which is the day keeper's.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from hardware.printer import status as printer_status
from hardware.terminal import outcome as out
from kiosk.devices.panel import Backlight
from kiosk.devices.printer import TicketPrinter
from kiosk.devices.reader import ParentCardReader
from kiosk.devices.sound import Side, Sound, SoundFault
from kiosk.devices.terminal import CardTerminal
from kiosk.devices.worker import Worker
from kiosk.domain.record.care import PaperPrinted, PaperRefilled
from kiosk.domain.record.entries import DayClosing
from kiosk.health import Health, clock_fault, nearly_full
from kiosk.journal import Journal, JournalError
from kiosk.staff import effects as fx
from kiosk.staff import events as s
from kiosk.staff.checks import Probe
from kiosk.staff.events import Device, Verdict
from kiosk.staff.house import KioskHouse
from kiosk.sync.client import BackendClient, SyncError
from kiosk.ticket.press import TicketPress
from kiosk.ticket.slips import Refill
from kiosk.visit import events as e
from kiosk.vitals.machine import write_check

log = structlog.get_logger(__name__)

_LINE_PATIENCE = 5.0  # seconds until a host that does not answer is called away
_USUAL_TICKET_MM = 250  # until this kiosk has printed some of its own
_A_TICKET_MM = 120  # what is shorter is a slip or a scrap

Found = tuple[Verdict, str]

# What the machine can look at without a person, for a report that the town hall asks for.
_ALONE: dict[Device, Probe] = {
    Device.READER: Probe.READER_THERE,
    Device.TERMINAL: Probe.TERMINAL_STATUS,
    Device.PRINTER: Probe.PRINTER_STATUS,
    Device.NETWORK: Probe.NETWORK,
    Device.CLOCK: Probe.CLOCK,
    Device.DISK: Probe.DISK,
    Device.BACKEND: Probe.BACKEND,
}
_SOUNDS = {
    Probe.SOUND_LEFT: (Side.LEFT, False),
    Probe.SOUND_RIGHT: (Side.RIGHT, False),
    Probe.SOUND_HEADSET: (Side.BOTH, True),
}
_UPKEEP = {"diagnosis": out.Upkeep.DIAGNOSIS}


@dataclass(frozen=True, slots=True)
class Bench:
    """What lies on the workbench: the parts of one kiosk that service mode looks at."""

    name: str
    reader: ParentCardReader
    terminal: CardTerminal
    printer: TicketPrinter
    press: TicketPress
    journal: Journal
    folder: Path  # of the journal
    health: Health
    client: BackendClient  # of its own: one try, and short waits
    backend_url: str
    now: Callable[[], datetime]
    clock_skew: Callable[[], float | None]
    language: Callable[[], str]  # of who is in service mode, or the kiosk's first
    sound: Sound | None = None
    backlight: Backlight | None = None


class ServiceHands:
    """One kiosk's. `post` is the core's; `restart` ends the program."""

    def __init__(
        self,
        bench: Bench,
        house: KioskHouse,
        post: Callable[[s.StaffEvent | e.Event], None],
        restart: Callable[[], None],
        end_of_day: Callable[[Callable[[e.DayEnded | None], None]], None],
        crashed: Callable[[], None] = lambda: None,
    ):
        self._bench = bench
        self._house = house
        self._post = post
        self.restart = restart
        self._end_of_day = end_of_day
        self._worker = Worker("workbench", lambda: None, every=3600.0, crashed=crashed)

    def start(self) -> None:
        """Begin to work."""
        self._worker.start()

    def stop(self) -> None:
        """End."""
        self._worker.stop()
        self._bench.client.close()

    # --- probes ---------------------------------------------------------------------------------------

    def probe(self, wanted: fx.StartProbe) -> None:
        """Look, and say `ProbeEnded`."""

        def tell(verdict: Verdict, detail: str) -> None:
            log.info("probed", probe=wanted.probe.value, verdict=verdict.value, detail=detail)
            self._post(s.ProbeEnded(wanted.probe_id, verdict, detail))

        if wanted.probe is Probe.PRINT_TEST_PAGE:
            self._print_page(wanted.number or 0, tell)
        else:
            self._look(wanted.probe, tell)

    def _look(self, probe: Probe, tell: Callable[[Verdict, str], None]) -> None:
        bench = self._bench
        match probe:
            case Probe.CARD_READ:
                bench.reader.read_test_card(lambda well, said: tell(_verdict(well), said))
            case Probe.TERMINAL_STATUS:
                bench.terminal.ask_status(lambda status: tell(*_of_terminal(status)))
            case Probe.PRINTER_STATUS:
                bench.printer.ask_status(lambda status: tell(*_of_printer(status)))
            case _:
                self._worker.do(lambda: tell(*self._find_out(probe)))

    def _find_out(self, probe: Probe) -> Found:
        bench = self._bench
        match probe:
            case Probe.READER_THERE:
                return (Verdict.PASSED, "") if bench.reader.there else (Verdict.FAILED, "no reader")
            case Probe.NETWORK:
                return self._line()
            case Probe.CLOCK:
                skew = bench.clock_skew()
                wrong = clock_fault(bench.now(), skew)
                return _verdict(not wrong), "" if skew is None else f"{skew:+.1f} s"
            case Probe.DISK:
                return self._disk()
            case Probe.BACKEND:
                return self._backend()
            case _ if probe in _SOUNDS:
                return self._tone(*_SOUNDS[probe])
        raise ValueError(probe)

    def _line(self) -> Found:
        """Whether a line to the backend's machine can be opened, whatever answers there."""
        parts = urlsplit(self._bench.backend_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            with socket.create_connection((parts.hostname or "", port), timeout=_LINE_PATIENCE):
                return Verdict.PASSED, ""
        except OSError as problem:
            return Verdict.FAILED, problem.strerror or type(problem).__name__

    def _disk(self) -> Found:
        if nearly_full(self._bench.folder):
            return Verdict.FAILED, "nearly full"
        if not write_check(self._bench.folder):
            return Verdict.FAILED, "takes no write"
        try:
            return Verdict.PASSED, f"{self._bench.journal.queue_depth()} entries wait"
        except JournalError as problem:
            return Verdict.FAILED, str(problem)

    def _backend(self) -> Found:
        try:
            stored = self._bench.client.stored()
        except SyncError as problem:
            return Verdict.FAILED, problem.problem.value
        return Verdict.PASSED, f"{stored.entries} entries"

    def _tone(self, side: Side, headset: bool) -> Found:
        if self._bench.sound is None:
            return Verdict.UNKNOWN, "this kiosk has no sound"
        try:
            self._bench.sound.play(side, headset)
        except SoundFault as problem:
            return Verdict.FAILED, str(problem)
        return Verdict.PASSED, ""

    def inspect(self, order: s.Ordered) -> None:
        """All that the machine can test by itself; what takes a person counts as last tested."""
        fitted = self._house.fitted()
        known = {result.device: result.verdict for result in self._house.results()}
        found: dict[Device, Verdict] = {d: known.get(d, Verdict.UNKNOWN) for d in fitted if d not in _ALONE}
        waiting = {device for device in fitted if device in _ALONE}

        def note(device: Device, verdict: Verdict) -> None:  # on the workbench's thread
            found[device] = verdict
            waiting.discard(device)
            if not waiting:
                self._post(s.Inspected(order, tuple((d, found[d]) for d in fitted)))

        def look_at(device: Device) -> None:
            self._look(_ALONE[device], lambda verdict, _: self._worker.do(lambda: note(device, verdict)))

        for device in tuple(waiting):
            look_at(device)

    # --- the card and the terminal --------------------------------------------------------------------

    def read_badge(self) -> None:
        """Read and verify the card that is in, and say `BadgeRead`, or `BadgeUnread`."""
        self._bench.reader.read_badge(
            lambda badge: self._post(s.BadgeRead(badge.proven, badge.by, badge.refusal or "")),
            lambda: self._post(s.BadgeUnread()),
        )

    def ask_terminal(self, what: str) -> None:
        """Ask, and say `TerminalAnswered`."""

        def tell(done: bool, *lines: str) -> None:
            self._post(s.TerminalAnswered(done, tuple(line for line in lines if line)))

        terminal = self._bench.terminal
        if what == "status":
            terminal.ask_status(lambda status: tell(isinstance(status, out.Ready), *_status_lines(status)))
        elif what == "registration":
            terminal.ask_registration(
                lambda said: tell(
                    isinstance(said.status, out.Ready),
                    *_status_lines(said.status),
                    f"TID {said.terminal_id}" if said.terminal_id else "",
                )
            )
        elif what == "end-of-day":
            self._end_of_day(self._tell_of_the_day)
        else:
            terminal.do_upkeep(_UPKEEP[what], lambda result: tell(result.done, result.detail, *result.text))

    def _tell_of_the_day(self, ended: e.DayEnded | None) -> None:
        if ended is None:
            self._post(s.TerminalAnswered(False, ("somebody is being served",)))
            return
        ours = self._bench.journal.entries(kinds=["day_closing"])[-1].body
        assert isinstance(ours, DayClosing)
        totals = s.Totals(ended.cents, ended.count, ours.cents, ours.count) if ended.done else None
        said = (ended.reason, *ended.text) if not ended.done else ended.text
        self._post(s.TerminalAnswered(ended.done, tuple(line for line in said if line.strip()), totals))

    # --- papers ---------------------------------------------------------------------------------------

    def print_report(self, report: fx.PrintReport, language: str) -> None:
        """The readiness report, for the person who stands there."""
        bench = self._bench
        paper = bench.press.report(report.results, report.member, bench.name, bench.now(), language)
        bench.printer.print_for_staff(paper, _told_by_the_log)

    def print_log(self, lines: Sequence[str], language: str) -> None:
        """The log for the help line."""
        bench = self._bench
        paper = bench.press.log(lines, bench.name, bench.now(), language)
        bench.printer.print_for_staff(paper, _told_by_the_log)

    def print_test_page(self, done: Callable[[bool, str], None]) -> None:
        """A test page without a person; `done` hears whether it came out."""
        self._print_page(self._house.number(), lambda verdict, why: done(verdict is Verdict.PASSED, why))

    def _print_page(self, number: int, tell: Callable[[Verdict, str], None]) -> None:
        """After a new roll the slip that staff sign, else the plain test page."""
        bench = self._bench
        language = bench.language()
        refill = self._refill(number)
        if refill is not None:
            paper = bench.press.refill(refill, language)
        else:
            paper = bench.press.test_page(number, bench.name, bench.now(), language)

        def ended(outcome: e.PrintOutcome, reason: str) -> None:
            unknown = Verdict.UNKNOWN if outcome is e.PrintOutcome.UNKNOWN else Verdict.FAILED
            tell(Verdict.PASSED if outcome is e.PrintOutcome.OUT else unknown, reason)

        bench.printer.print_for_staff(paper, ended)

    def _refill(self, number: int) -> Refill | None:
        """The roll that nobody has read a page off yet, and what came off the one before it."""
        if not self._house.paper_unproven():
            return None
        refills = self._bench.journal.entries(kinds=["paper_refilled"])
        new = refills[-1]
        assert isinstance(new.body, PaperRefilled)
        before = refills[-2] if len(refills) > 1 else None
        printed = [
            entry.body.millimetres
            for entry in self._bench.journal.entries(kinds=["paper_printed"], after=before.sequence if before else 0)
            if isinstance(entry.body, PaperPrinted) and entry.sequence < new.sequence
        ]
        tickets = [length for length in printed if length >= _A_TICKET_MM]
        usual = sum(tickets) / len(tickets) if tickets else _USUAL_TICKET_MM
        return Refill(
            kiosk=self._bench.name,
            at=new.at,
            by=new.body.member,
            roll_mm=new.body.roll_mm,
            tickets_ahead=int(new.body.roll_mm / usual),
            last_at=before.at if before else None,
            used_mm=sum(printed) if before else None,
            tickets=len(tickets) if before else None,
            number=number,
        )

    # --- settings -------------------------------------------------------------------------------------

    def apply_settings(self) -> None:
        """Be as the record says. What a device refuses is in the log, and stays set: it may be back tomorrow."""
        settings, bench = self._house.settings(), self._bench
        self._post(e.Arranged(settings.languages, settings.hours))
        bench.health.report(staff=not self._house.in_service())
        if bench.sound is not None and settings.volume is not None:
            volume, sound = settings.volume, bench.sound
            self._worker.do(lambda: _try(lambda: sound.set_volume(volume), "volume"))
        if bench.backlight is not None and settings.brightness is not None:
            brightness, backlight = settings.brightness, bench.backlight
            self._worker.do(lambda: _try(lambda: backlight.set_brightness(brightness), "brightness"))


def _try(change: Callable[[], None], what: str) -> None:
    try:
        change()
    except (SoundFault, OSError, ValueError) as problem:
        log.warning("setting_not_applied", setting=what, problem=str(problem))


def _told_by_the_log(outcome: e.PrintOutcome, reason: str) -> None:
    if outcome is not e.PrintOutcome.OUT:
        log.warning("staff_paper_not_out", outcome=outcome.value, reason=reason)


def _verdict(well: bool) -> Verdict:
    return Verdict.PASSED if well else Verdict.FAILED


def _of_terminal(status: out.TerminalStatus) -> Found:
    if isinstance(status, (out.Ready, out.Busy)):
        return Verdict.PASSED, ""
    unknown = isinstance(status, (out.Unknown, out.Restarting, out.Maintenance))
    return Verdict.UNKNOWN if unknown else Verdict.FAILED, " ".join(_status_lines(status))


def _of_printer(status: printer_status.Status) -> Found:
    if status.trouble is None:
        return Verdict.PASSED, ""
    return Verdict.UNKNOWN if isinstance(status, printer_status.Unknown) else Verdict.FAILED, status.trouble.value


def _status_lines(status: out.TerminalStatus) -> tuple[str, ...]:
    """The terminal's condition by its code and its own words; the screen says the rest."""
    code = getattr(status, "code", None)
    words = getattr(status, "meaning", "") or getattr(status, "reason", "")
    name = type(status).__name__
    return (name, f"{code:02X} {words}".strip() if code is not None else words)
