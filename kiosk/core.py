"""The kiosk's one loop: an event from the queue, the visit's answer, its effects in order, a new picture.

Devices, timers and touches only ever put events on the queue; nothing else touches the visit or decides. A
`Record` is on disk before the effect behind it begins. An exception here is a fault in the program: the loop
stops, the process ends, and start-up recovers from the journal.
"""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from hardware.printer.document import Document
from kiosk.caretaker import Caretaker, Happening
from kiosk.day import DayKeeper
from kiosk.domain.record.entries import EntryBody, PaymentIntent, Receipt, TicketIssued
from kiosk.domain.tickets.contents import write_contents
from kiosk.journal import Journal, JournalError, SlotGone
from kiosk.recovery import Recovery
from kiosk.staff.events import StaffEvent
from kiosk.staff.view import StaffView
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit.machine import Visit
from kiosk.visit.view import View

log = structlog.get_logger(__name__)


class Reader(Protocol):
    """What the core asks of the card reader. Each call to a device returns at once; the answer is an event."""

    def read_card(self) -> None:
        """Read and verify what is in the reader."""


class Terminal(Protocol):
    """What the core asks of the payment terminal."""

    def prepare_payment(self, payment_id: UUID) -> None:
        """Ask the terminal whether it would take a payment."""

    def start_payment(self, payment_id: UUID, cents: int) -> None:
        """Send the authorisation, once."""

    def answer_terminal(self, payment_id: UUID, accept: bool) -> None:
        """Acknowledge or refuse the approving status that is waiting."""

    def abort_payment(self, payment_id: UUID) -> None:
        """Ask the terminal to stop."""

    def look_up_payment(self, intent: PaymentIntent, started_at: datetime, own_trace: int | None = None) -> None:
        """Ask the terminal what became of a payment."""

    def reverse_payment(self, payment_id: UUID, cents: int, receipt: Receipt) -> None:
        """Ask the terminal to give the money of a payment back, once."""


class Printer(Protocol):
    """What the core asks of the ticket printer."""

    def print_document(self, document: Document, print_id: UUID | None) -> None:
        """Print, and find out whether it came out."""


class Finder(Protocol):
    """What the core asks of the look-up of earlier requests."""

    def find_requests(self, ask_id: UUID, national_number: str) -> None:
        """Find a parent's requests, at the backend and here."""


class Press(Protocol):
    """Turns what a visit wants on paper into a document. Signing happens here; the QR text comes back with it."""

    def ticket(self, ticket: fx.Ticket) -> tuple[str, Document]:
        """The text of the QR code, and the paper."""

    def slip(self, slip: fx.PrintSlip) -> Document:
        """The paper in place of a ticket."""


class Core:
    """Owns the visit and the queue. `show` gets every new view, on the core's thread.

    `recorded` hears what has become durable, `refused` that the disk did not take an entry.
    """

    def __init__(
        self,
        visit: Visit,
        journal: Journal,
        press: Press,
        show: Callable[[View], None],
        recorded: Callable[[EntryBody], None] = lambda _body: None,
        refused: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ):
        self._visit = visit
        self._journal = journal
        self._press = press
        self._show = show
        self._recorded = recorded
        self._refused = refused
        self._monotonic = monotonic
        self._reader: Reader | None = None
        self._terminal: Terminal | None = None
        self._printer: Printer | None = None
        self._finder: Finder | None = None
        self._recovery: Recovery | None = None
        self._day: DayKeeper | None = None
        self._caretaker: Caretaker | None = None
        self._show_staff: Callable[[StaffView], None] = lambda _view: None
        self._held: list[tuple[float, fx.StartTimer]] | None = None  # while service mode lies over the visit
        self._events: queue.Queue[Happening | Callable[[], None] | None] = queue.Queue()
        self._timers: list[tuple[float, int, fx.StartTimer | Callable[[], None]]] = []
        self._issued: tuple[UUID, UUID | None] | None = None  # the last ticket that was recorded, and its visit
        self._running: dict[str, fx.StartTimer] = {}
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="core")
        self.crashed = threading.Event()

    def connect(
        self,
        reader: Reader,
        terminal: Terminal,
        printer: Printer,
        finder: Finder,
        recovery: Recovery,
        day: DayKeeper | None = None,
    ) -> None:
        """Hand in what reports back here, before `start`."""
        self._reader, self._terminal, self._printer, self._recovery = reader, terminal, printer, recovery
        self._finder, self._day = finder, day

    def serve_staff(self, caretaker: Caretaker, show: Callable[[StaffView], None]) -> None:
        """Hand in service mode, before `start`; `show` gets its views while it lies over the visit."""
        self._caretaker, self._show_staff = caretaker, show

    def post(self, event: Happening) -> None:
        """Put an event on the queue, from any thread."""
        self._events.put(event)

    def ask(self, call: Callable[[], None], patience: float) -> bool:
        """Have this done on the core's thread, between two events, and wait for it; from any thread.

        What it does is then before or after whatever the visit decides, and never in the midst of it. False: it was not
        done in time, or the core does not run; it may be done later.
        """
        if threading.current_thread() is self._thread:
            call()
            return True
        done = threading.Event()

        def do() -> None:
            try:
                call()
            finally:
                done.set()

        if not self._thread.is_alive():
            return False
        self._events.put(do)
        return done.wait(patience)

    def tell(self, event: Happening) -> None:
        """An event before all that are queued, on the core's thread between two events (`ask`); else as `post`."""
        (self.step if threading.current_thread() is self._thread else self.post)(event)

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back on the core's thread; to be used there, or before `start`."""
        self._schedule(seconds, call)

    def _schedule(self, seconds: float, what: fx.StartTimer | Callable[[], None]) -> None:
        if self._held is not None and isinstance(what, fx.StartTimer):
            self._held.append((seconds, what))
            return
        self._count += 1
        heapq.heappush(self._timers, (self._monotonic() + seconds, self._count, what))

    def start(self) -> None:
        """Begin to work through the queue."""
        self._thread.start()

    def stop(self) -> None:
        """Work through what is queued, then end."""
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join()

    # --- the loop -------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (event := self._next()) is not None:
                self.step(event)
        except Exception:  # whatever it was: say so, end, and let start-up recover
            log.critical("core_crashed", exc_info=True)
            self.crashed.set()
            raise

    def _next(self) -> Happening | None:
        while True:
            wait = self._timers[0][0] - self._monotonic() if self._timers else None
            if wait is None or wait > 0:
                try:
                    event = self._events.get(timeout=wait)
                except queue.Empty:
                    continue
                if not callable(event):
                    return event
                event()
                continue
            _, _, timer = heapq.heappop(self._timers)
            if not isinstance(timer, fx.StartTimer):
                timer()
            elif self._running.get(timer.name) is timer:
                del self._running[timer.name]
                return e.TimerFired(timer.name, timer.generation)

    def step(self, event: Happening) -> None:
        """One event, with everything that follows from it at once."""
        if self._is_of_the_kiosk(event):
            return
        before = self._visit.situation
        pending = self._heard_by_the_visit(event)
        while pending:
            pending += self._carry_out(self._visit.handle(pending.pop(0)))
        view = self._visit.view()
        if view.situation is not before:
            log.info("situation", now=view.situation.value, before=before.value)
        if self._caretaker is not None and self._caretaker.active:
            self._show_staff(self._caretaker.view())
        else:
            self._show(view)
        if self._caretaker is not None:
            self._caretaker.rest()

    # --- service mode ---------------------------------------------------------------------------------

    def _heard_by_the_visit(self, event: Happening) -> list[e.Event]:
        """Service mode takes what is its own, and does what staff want; the rest is for the visit."""
        caretaker = self._caretaker
        if caretaker is None:
            return [] if isinstance(event, StaffEvent) else [event]
        taken = caretaker.take(event)
        for effect in taken.effects:
            if not isinstance(effect, fx.Record):
                caretaker.carry_out(effect)
            elif self._record(effect) is not None:
                caretaker.not_recorded()
                break
        if caretaker.active and self._held is None:
            self._hold_timers()
        elif not caretaker.active and self._held is not None:
            self._release_timers()
        return taken.heard

    def _hold_timers(self) -> None:
        """The visit's clocks stand still; what is left of each is kept."""
        now = self._monotonic()
        self._held = [(max(0.0, at - now), what) for at, _, what in self._timers if isinstance(what, fx.StartTimer)]
        self._timers = [timer for timer in self._timers if not isinstance(timer[2], fx.StartTimer)]
        heapq.heapify(self._timers)

    def _release_timers(self) -> None:
        held, self._held = self._held or [], None
        for seconds, timer in held:
            self._schedule(seconds, timer)

    def _is_of_the_kiosk(self, event: Happening) -> bool:
        """Taken by what goes on beside any visit: payments of earlier runs, and the terminal's day."""
        match event:
            case e.PaymentEnded() | e.ReversalEnded():
                return self._recovery is not None and self._recovery.take(event)
            case e.DayWanted() | e.DayEnded():
                if self._day is not None:
                    self._day.take(event)
                return True
            case _:
                return False

    # --- effects --------------------------------------------------------------------------------------

    def _carry_out(self, effects: list[fx.Effect]) -> list[e.Event]:
        """The effects in order; a record that fails holds back what stands behind it."""
        reader, terminal, printer, finder = self._reader, self._terminal, self._printer, self._finder
        assert reader and terminal and printer and finder, "connect() comes before start()"
        for effect in effects:
            match effect:
                case fx.Record():
                    if failure := self._record(effect):
                        return [failure]
                case fx.StartTimer():
                    self._running[effect.name] = effect
                    self._schedule(effect.seconds, effect)
                case fx.CancelTimer():
                    self._running.pop(effect.name, None)
                case fx.ReadCard():
                    reader.read_card()
                case fx.PreparePayment():
                    terminal.prepare_payment(effect.payment_id)
                case fx.StartPayment():
                    terminal.start_payment(effect.payment_id, effect.cents)
                case fx.AnswerTerminal():
                    terminal.answer_terminal(effect.payment_id, effect.accept)
                case fx.AbortPayment():
                    terminal.abort_payment(effect.payment_id)
                case fx.LookUpPayment():
                    terminal.look_up_payment(effect.intent, effect.started_at, effect.own_trace)
                case fx.ReversePayment():
                    terminal.reverse_payment(effect.payment_id, effect.cents, effect.receipt)
                case fx.FindRequests():
                    finder.find_requests(effect.ask_id, effect.national_number)
                case fx.PrintTicket():
                    self._print_ticket(effect, printer)
                case fx.PrintSlip():
                    printer.print_document(self._press.slip(effect), effect.print_id)
        return []

    def _record(self, record: fx.Record) -> e.JournalFailed | None:
        try:
            self._journal.append(record.body, record.visit_id)
        except (JournalError, SlotGone) as problem:
            if isinstance(problem, JournalError):
                self._refused()
            log.error("record_failed", kind=record.body.kind, problem=str(problem), required=record.required)
            return e.JournalFailed(record.body.kind, str(problem)) if record.required else None
        log.info("recorded", kind=record.body.kind)
        self._recorded(record.body)
        return None

    def _print_ticket(self, effect: fx.PrintTicket, printer: Printer) -> None:
        ticket = effect.ticket
        qr, document = self._press.ticket(ticket)
        ticket_id = ticket.request.ticket_id
        if self._issued != (ticket_id, self._visit.visit_id):
            self._issued = (ticket_id, self._visit.visit_id)
            contents = write_contents(effect.contents) if effect.contents is not None else {}
            issued = TicketIssued(ticket_id=ticket_id, ticket_code=ticket.request.ticket_code, qr=qr, contents=contents)
            # The request is durable already; a ticket without this entry is still found by its code.
            self._record(fx.Record(issued, self._visit.visit_id, required=False))
        printer.print_document(document, effect.print_id)
