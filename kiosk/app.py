"""The composition root: the only place that knows every part of a kiosk, and how they hang together.

devices → events → `Core` → visit → records and effects → devices; and after each event a view → screen.
Nothing is decided here.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from uuid import uuid4

import structlog
from cryptography import x509

from hardware.printer import Encoder, TextRasteriser, link_to
from hardware.printer import Printer as PrinterDriver
from hardware.smartcard import CardReader, CertificateFolder, Reader, Trust
from hardware.smartcard.piv import Issuers
from hardware.terminal.outcome import PaymentTerminal
from hardware.terminal.zvt.client import ZvtTerminal
from kiosk.caretaker import Caretaker, Happening
from kiosk.config import ANY_READER, KioskConfig
from kiosk.core import Core
from kiosk.day import DayKeeper
from kiosk.devices.panel import Backlight
from kiosk.devices.printer import TicketPrinter
from kiosk.devices.reader import ParentCardReader, parts_demanded
from kiosk.devices.sound import Sound
from kiosk.devices.terminal import CardTerminal
from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.domain import rules
from kiosk.domain.appointments import Slot
from kiosk.domain.opening import is_open
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.record.entries import CaseClosed, CaseOpened, EntryBody
from kiosk.domain.tickets.claims import new_code
from kiosk.domain.wire import CaseDecision, EditionKind
from kiosk.hands import Bench, ServiceHands
from kiosk.health import Health
from kiosk.journal import InDoubt, Journal, JournalError
from kiosk.late import LateMoney
from kiosk.logs import LOG_FILE
from kiosk.monitor import Monitor
from kiosk.profiles import find_profile
from kiosk.recovery import Recovery
from kiosk.remote import TownHall
from kiosk.reserve import Reserve
from kiosk.staff.events import Device
from kiosk.staff.house import Fitted, KioskHouse
from kiosk.staff.mode import StaffMode
from kiosk.staff.roll import Roll
from kiosk.staff.view import StaffView
from kiosk.sync.client import BackendClient, Identity
from kiosk.sync.downloads import Downloads
from kiosk.sync.editions import EditionStore
from kiosk.sync.enrol import load_identity
from kiosk.sync.finder import PATIENCE_SECONDS, RequestFinder
from kiosk.sync.worker import Status, Stock, SyncState, SyncWorker
from kiosk.text.catalogue import BRUSSELS
from kiosk.ticket.press import TicketPress
from kiosk.visit.answers import MOST_CHILDREN
from kiosk.visit.events import DayEnded, Fault, NoticesHandedOut
from kiosk.visit.machine import Surroundings, Visit
from kiosk.visit.view import Situation, View
from kiosk.vitals.devices import DeviceBoard
from kiosk.vitals.frames import Frames
from kiosk.vitals.machine import Machine
from kiosk.vitals.reporter import Reporter
from kiosk.vitals.starts import Starts

log = structlog.get_logger(__name__)

JOURNAL_FILE = "journal.sqlite3"
RESERVE_FILE = "reserve"  # see kiosk.reserve
_LARGE_FAMILIES = 6  # about one in ten of the times that a kiosk holds; a large family is rarer than that
EDITIONS_FOLDER = "editions"  # what the municipality handed out: rules, notices
_STAFF_PATIENCE = 5.0  # seconds that somebody at the screen waits for the backend
CERTIFICATES_FOLDER = "certificates"  # of the cards' registers: public, and of nobody


class NotEnrolled(Exception):
    """This kiosk has no identity yet: its calls and its tickets could not be signed."""


def now_in_brussels() -> datetime:
    """The machine's clock, as an aware moment in Belgium."""
    return datetime.now(BRUSSELS)


@dataclass(frozen=True, slots=True)
class Hardware:
    """The drivers of one kiosk, not yet opened."""

    reader: CardReader
    trust: Trust
    terminal: PaymentTerminal
    printer: PrinterDriver
    badge_issuers: Issuers | None = None  # any, where it is None

    @classmethod
    def of(cls, config: KioskConfig) -> Hardware:
        """The drivers that a configuration names. Raises TrustError, OSError, ValueError for what it points at."""
        folder = config.reader.trust_folder
        return cls(
            reader=Reader("" if config.reader.name == ANY_READER else config.reader.name),
            trust=Trust.from_folder(folder) if folder else Trust(),
            terminal=ZvtTerminal.at(
                str(config.terminal.port), baud=config.terminal.baud, password=config.terminal.read_password()
            ),
            printer=PrinterDriver(
                link_to(config.printer.port),
                Encoder(TextRasteriser(config.printer.fitted().geometry), config.printer.fitted()),
            ),
            badge_issuers=Issuers.from_folder(config.staff.badge_issuers) if config.staff.badge_issuers else None,
        )


class Kiosk:
    """One kiosk, wired and not yet running. `show` gets every new view, on a thread that is not the screen's."""

    def __init__(
        self,
        config: KioskConfig,
        show: Callable[[View], None],
        hardware: Hardware | None = None,
        now: Callable[[], datetime] = now_in_brussels,
        profile: Profile | None = None,
        identity: Identity | None = None,
        device_timing: DeviceTiming = STANDARD,
        show_staff: Callable[[StaffView], None] = lambda _view: None,
    ):
        """Raises ConfigFault's kin for what the configuration points at, NotEnrolled, and JournalError."""
        identity = identity or load_identity(config.backend.key_file)
        if identity is None:
            raise NotEnrolled
        self.identity = identity
        self.editions = EditionStore(config.journal.folder / EDITIONS_FOLDER, identity.municipality)
        self.profile = profile or self.editions.profile() or find_profile(config.kiosk.municipality)
        hardware = hardware or Hardware.of(config)
        config.journal.folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(
            config.journal.folder / JOURNAL_FILE,
            now=now,
            key_file=config.journal.key_file,
            kept=timedelta(minutes=config.journal.kept_minutes),
        )
        self.devices = DeviceBoard(now)
        self.health = Health(lambda changed: self.core.post(changed), self.devices)
        self.frames = Frames(now, time.monotonic, lambda: self.sync.beat())
        machine = Machine(config.journal.folder)
        self._starts = Starts(config.journal.folder, machine.boot_id())
        self.visit = Visit(
            Surroundings(
                profile=self.profile,
                languages=_languages(config, self.profile),
                now=now,
                new_id=uuid4,
                new_code=lambda: new_code(random.SystemRandom()),
                free_slots=self._free_slots,
                timing=config.visit_timing,
            )
        )
        self._client = BackendClient(config.backend.url, identity, now=lambda: now().astimezone(UTC))
        self._trust = hardware.trust
        self._downloads = Downloads(self.editions, self._client, self.profile, self._edition_taken)
        self.sync = SyncWorker(
            self.journal,
            self._client,
            jitter=random.random,
            now=now,
            stock=_stock(self.profile),
            status=self._status,
            changed=self._sync_changed,
            paced=True,
            decided=self._case_decided,
            ordered=lambda order: self.town_hall.take(order),
            downloads=self._downloads,
            journal_errors=(JournalError,),
        )
        self.roll = Roll(self.journal)
        geometry = config.printer.fitted().geometry
        press = TicketPress(self.profile, identity.key, str(identity.kiosk_id), geometry)
        self.core = Core(self.visit, self.journal, press, show, recorded=self._recorded, refused=self._disk_refused)
        self._last_upload = device_timing.last_upload
        self._patience = device_timing.approval_answer
        crashed = self.core.crashed.set
        self.reader = ParentCardReader(
            hardware.reader,
            hardware.trust,
            self.health,
            self.core.post,
            lambda: now().date(),
            crashed,
            parts_demanded(self.profile),
            CertificateFolder(config.journal.folder / CERTIFICATES_FOLDER),
            hardware.badge_issuers,
        )
        self.terminal = CardTerminal(
            hardware.terminal,
            self.health,
            self.core.post,
            now,
            device_timing,
            crashed,
            late=lambda receipt: self._on_core(lambda: self.late.take(receipt)),
        )
        self.late = LateMoney(
            self.journal,
            self.terminal.may_be_in,
            Reserve(config.journal.folder / RESERVE_FILE),
            now,
            recorded=self._recorded,
            told=self.core.tell,
            owes=lambda holds: self.health.report(money_unrecorded=holds),
        )
        self.printer = TicketPrinter(
            hardware.printer,
            self.health,
            self.core.post,
            device_timing,
            crashed,
            used=self.roll.printed,
            left=lambda: self.roll.left_mm,
        )
        asking = BackendClient(
            config.backend.url, identity, now=lambda: now().astimezone(UTC), timeout=PATIENCE_SECONDS
        )
        self.finder = RequestFinder(asking, self.journal, now, self.core.post, crashed)
        self.recovery = Recovery(
            self.journal,
            self._ask_after,
            self.core.call_later,
            settled=self._payments_settled,
            ask_again=device_timing.recovery_ask_again,
            recorded=self._recorded,
            print_slip=lambda slip: self.printer.print_document(press.slip(slip), slip.print_id),
            now=now,
        )
        self.day = DayKeeper(
            self.journal,
            self.terminal.close_day,
            self._nobody_served,
            now,
            self.core.call_later,
            config.terminal.end_of_day,
            recorded=self._recorded,
            timing=device_timing,
        )
        self.monitor = Monitor(
            self.journal,
            config.journal.folder,
            self.health,
            now,
            in_doubt=lambda: self.recovery.pending,
            closed=lambda: not is_open(self.house.settings().hours, now()),
            clock_skew=lambda: self.sync.state.clock_offset_seconds,
            write_down=lambda: self._on_core(self.late.write_down),
            timing=device_timing,
            crashed=crashed,
        )
        self.reporter = Reporter(
            journal=self.journal,
            machine=machine,
            devices=self.devices,
            frames=self.frames,
            faults=lambda: self.health.faults,
            restart=self._starts.reason,
            now=now,
            clock_offset=lambda: self.sync.clock_offset,
            paper_left_mm=lambda: self.roll.left_mm,
            disk_writes=lambda: self.monitor.disk_writes,
            certificates=self._certificates,
        )
        self.core.connect(self.reader, self.terminal, self.printer, self.finder, self.recovery, self.day)
        self.house = KioskHouse(
            self.journal,
            config.journal.folder / JOURNAL_FILE,
            config.logs.folder / LOG_FILE if config.logs.folder else None,
            config.roster_file,
            fitted(config, self.visit.languages),
            now,
            faults=lambda: self.health.faults,
            visit_waits=self._visit_waits,
            paper_left_mm=lambda: self.roll.left_mm,
            random=random.SystemRandom(),
            own_card_in=lambda: self.caretaker.own_card_in,
            municipality=lambda: self.profile.name,
            too_early=self.late.too_early,
        )
        mode = StaffMode(self.house, self.visit.languages[0])
        bench = Bench(
            name=config.kiosk.name,
            reader=self.reader,
            terminal=self.terminal,
            printer=self.printer,
            press=press,
            journal=self.journal,
            folder=config.journal.folder,
            health=self.health,
            client=BackendClient(
                config.backend.url, identity, now=lambda: now().astimezone(UTC), attempts=1, timeout=_STAFF_PATIENCE
            ),
            backend_url=config.backend.url,
            now=now,
            clock_skew=lambda: self.sync.state.clock_offset_seconds,
            language=lambda: mode.language,
            sound=Sound(config.sound.device, config.sound.headset, config.sound.control)
            if config.sound.device
            else None,
            backlight=Backlight(config.panel.backlight) if config.panel.backlight else None,
        )
        self.restart_wanted = threading.Event()
        self.hands = ServiceHands(
            bench, self.house, self.core.post, self.restart_wanted.set, self._close_the_day, crashed
        )
        self.caretaker = Caretaker(mode, self.hands, self.core.call_later, self.core.post, self._visit_waits)
        self.core.serve_staff(self.caretaker, show_staff)
        self.town_hall = TownHall(
            self.journal,
            identity.kiosk_id,
            identity.orders_key,
            now,
            self.core.post,
            self._downloads.fetch_rules,
            recorded=self._recorded,
        )

    def start(self) -> None:
        """Recover first, then open for the public. Raises JournalError when the record cannot be read."""
        self.day.begin()
        self.late.begin()
        self.recovery.begin()
        self.town_hall.begin()
        self.monitor.look()
        self.health.report(paper_unproven=self.house.paper_unproven())
        self.health.announce()
        self.hands.apply_settings()
        self._hand_on_notices()
        self.core.start()
        self.hands.start()
        self.sync.start()
        self.monitor.start()
        self.printer.start()
        self.terminal.start()
        self.reader.start()
        self.finder.start()

    def post(self, event: Happening) -> None:
        """A touch, from the screen's thread."""
        self.core.post(event)

    def stop(self) -> None:
        """End: devices first, then what they reported, then the upload of what is left."""
        self._starts.ending(ordered=self.restart_wanted.is_set())
        self.finder.stop()
        self.reader.stop()
        self.terminal.stop()
        self.printer.stop()
        self.core.stop()
        self.hands.stop()
        self.monitor.stop()
        self.sync.drain(self._last_upload)
        self.sync.stop()
        self.journal.close()

    @property
    def restart_due(self) -> bool:
        """Whether other rules were handed out and nobody is served: they hold from the next start."""
        return self._downloads.rules_wait and self._nobody_served() and not self.caretaker.active

    def _edition_taken(self, kind: EditionKind) -> None:
        if kind is EditionKind.NOTICES:
            self._hand_on_notices()

    def _hand_on_notices(self) -> None:
        self.core.post(NoticesHandedOut(self.editions.notices(self.identity.kiosk_id)))

    def _ask_after(self, doubt: InDoubt) -> None:
        """Ask the terminal what became of a payment of an earlier run; a reversal is known by asking for it again."""
        if doubt.reversing is None:
            self.terminal.look_up_payment(doubt.intent, doubt.sent_at, doubt.own_trace)
        else:
            self.terminal.reverse_payment(doubt.intent.payment_id, doubt.intent.cents, doubt.reversing)

    def _nobody_served(self) -> bool:
        resting = self.visit.situation in (Situation.WELCOME, Situation.OUT_OF_SERVICE)
        return resting and not self.recovery.pending

    def _case_decided(self, decision: CaseDecision) -> None:
        """What staff decided at the backend; on the thread of the upload. It is told again until it is recorded."""
        if decision.outcome == "not-paid" and self.late.too_early(decision.case_id):
            log.info("decision_waits_for_the_terminal", case=str(decision.case_id))
            return
        closed = CaseClosed(
            case_id=decision.case_id, decision=decision.decision, outcome=decision.outcome, by=decision.by
        )
        if self.journal.close_case(closed):
            log.info("case_closed", outcome=decision.outcome)
            self._recorded(closed)

    def _on_core(self, call: Callable[[], None]) -> None:
        """What is written down of a payment must not come in the midst of what the visit decides: of a parent who goes,
        and whose appointment is given back in the same moment. Without a core it is done at once.
        """
        if not self.core.ask(call, self._patience):
            call()

    def _free_slots(self, after: datetime) -> list[Slot]:
        try:
            slots = self.journal.free_slots(after)
        except JournalError:
            log.exception("slots_not_read")
            return []
        return [replace(slot, start=slot.start.astimezone(BRUSSELS)) for slot in slots]

    def _status(self) -> Status:
        situation = self.visit.situation
        in_service = situation is not Situation.OUT_OF_SERVICE
        return Status(version("loket"), in_service, situation.value, self.reporter.report())

    def _certificates(self) -> Iterator[tuple[str, x509.Certificate]]:
        """Those whose end somebody should see coming: the backend's own, and the roots of the cards."""
        if self._client.certificate is not None:
            yield "backend", self._client.certificate
        for root in self._trust.roots:
            yield root.subject.rfc4514_string(), root

    def _sync_changed(self, state: SyncState) -> None:
        if state.clock_offset_seconds is not None or Fault.CLOCK in self.health.faults:
            self.monitor.look_soon()

    def _recorded(self, body: EntryBody) -> None:
        self.sync.wake()
        if body.kind == "ticket_delivered":
            self.reporter.visit_finished()
        if body.kind in (
            "case_opened",
            "case_closed",
        ):  # the next in line must not pay into a terminal that is in doubt
            self.monitor.look_soon()
        if isinstance(body, CaseOpened) and body.about == "payment":
            self.health.report(open_case=True)  # at once: a payment may be about to begin
        self.roll.recorded(body)
        if body.kind in ("paper_refilled", "device_checked"):
            self.health.report(paper_unproven=self.house.paper_unproven())
        elif body.kind == "setting_changed":
            self.monitor.look_soon()

    def _visit_waits(self) -> bool:
        """Whether a parent is being served, or still has a card or a ticket to take."""
        return self.visit.situation not in (Situation.WELCOME, Situation.OUT_OF_SERVICE)

    def _close_the_day(self, told: Callable[[DayEnded | None], None]) -> None:
        """Staff want it now; `told` hears None where somebody is being served, whose payment belongs to this day."""
        if not self._nobody_served():
            told(None)
            return
        self.day.want(told)

    def _disk_refused(self) -> None:
        """Out of service at once; the monitor says when the disk takes entries again."""
        self.health.report(disk=True)

    def _payments_settled(self) -> None:
        self.monitor.look_soon()
        self.sync.wake()


def fitted(config: KioskConfig, languages: tuple[str, ...]) -> Fitted:
    """What this kiosk has, as its configuration says."""
    having = {Device.SOUND: config.sound.device is not None, Device.KEYPAD: config.staff.keypad}
    return Fitted(
        devices=tuple(device for device in Device if having.get(device, True)),
        paper_mm=config.printer.paper_mm,
        languages=languages,
        volume=config.sound.volume if config.sound.device else None,
        brightness=100 if config.panel.backlight else None,
    )


def _languages(config: KioskConfig, profile: Profile) -> tuple[str, ...]:
    """What the configuration offers, the official languages first: the first of them is that of the welcome screen."""
    order = {language: place for place, language in enumerate(profile.languages)}
    return tuple(sorted(config.kiosk.languages, key=lambda language: order.get(language, len(order))))


def _stock(profile: Profile) -> Stock:
    """Which appointment times this kiosk keeps: some of them for the largest family that one visit can hold."""
    longest = max(
        (rules.appointment_minutes(profile, service, MOST_CHILDREN) for service in profile.services), default=0
    )
    return Stock(long_slots=_LARGE_FAMILIES, long_minutes=longest)
