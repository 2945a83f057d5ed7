"""Service mode over a kiosk's visits: which events are for staff, and what a visit may hear meanwhile.

A visit that waits underneath loses nothing and does nothing new. What devices say of money or paper on its way reaches
it at once, for a terminal does not wait. Cards that come and go are staff's; that the kiosk is well again is told when
staff have left, so that no ticket is printed on a roll that is just being put in. What was held back comes in one
`Resumed`, and the last word on the kiosk's health behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from kiosk.domain.record.care import ReadinessReported
from kiosk.domain.record.entries import ServiceChanged
from kiosk.staff import effects as fx
from kiosk.staff import events as s
from kiosk.staff.checks import Probe
from kiosk.staff.mode import StaffMode
from kiosk.staff.view import StaffView
from kiosk.visit import events as e
from kiosk.visit.effects import Record
from kiosk.visit.machine import TOUCHES

log = structlog.get_logger(__name__)

Happening = e.Event | s.StaffEvent

# Long enough to fetch a roll from the cupboard, short enough that nobody else finds the door open.
IDLE_SECONDS = 180.0

_OF_A_CARD = (e.CardProgress, e.CardHolderKnown, e.CardAccepted, e.CardRefusedByReader)
_NO_TOUCHES = (
    s.ProbeEnded,
    s.TerminalAnswered,
    s.BadgeRead,
    s.BadgeUnread,
    s.OwnCardOut,
    s.NobodyThere,
    s.Ordered,
    s.Inspected,
)


class Hands(Protocol):
    """What service mode asks of the machine. Each call returns at once; where there is an answer, it is an event."""

    def probe(self, wanted: fx.StartProbe) -> None:
        """Look, and say `ProbeEnded`."""

    def read_badge(self) -> None:
        """Read and verify the card that is in, and say `BadgeRead`."""

    def ask_terminal(self, what: str) -> None:
        """Ask, and say `TerminalAnswered`."""

    def print_report(self, report: fx.PrintReport, language: str) -> None:
        """The readiness report, for the person who stands there."""

    def print_log(self, lines: tuple[str, ...], language: str) -> None:
        """The log for the help line."""

    def print_test_page(self, done: Callable[[bool, str], None]) -> None:
        """A test page without a person; `done` hears whether it came out."""

    def inspect(self, order: s.Ordered) -> None:
        """All that the machine can test by itself, then say `Inspected`."""

    def apply_settings(self) -> None:
        """Be as the record says."""

    def restart(self) -> None:
        """End, to be started anew."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from an event: what the visit hears, and what staff want done, both in order."""

    heard: list[e.Event] = field(default_factory=list)
    effects: list[fx.StaffEffect] = field(default_factory=list)


class Caretaker:
    """One kiosk's. On the core's thread alone. `later` is the core's `call_later`, `post` its `post`."""

    def __init__(
        self,
        mode: StaffMode,
        hands: Hands,
        later: Callable[[float, Callable[[], None]], None],
        post: Callable[[s.StaffEvent], None],
        visit_waits: Callable[[], bool],
        idle_seconds: float = IDLE_SECONDS,
    ):
        self._mode = mode
        self._hands = hands
        self._later = later
        self._post = post
        self._visit_waits = visit_waits
        self._idle_seconds = idle_seconds
        self._touches = 0
        self._card_in = self._own_card = self._moved = False
        self._cards = 0  # that were put in
        self._faults: frozenset[e.Fault] = frozenset()  # the last word
        self._told: frozenset[e.Fault] = frozenset()  # what the visit takes to hold
        self._answering: s.Ordered | None = None  # an order whose record is being written
        self._restart_when_idle = False

    @property
    def active(self) -> bool:
        """Whether service mode lies over the visit."""
        return self._mode.active

    @property
    def own_card_in(self) -> bool:
        """Whether the card in the reader was put in for service mode."""
        return self._own_card and self._card_in

    def view(self) -> StaffView:
        """The present picture of service mode."""
        return self._mode.view()

    # --- an event -------------------------------------------------------------------------------------

    def take(self, event: Happening) -> Taken:
        """Take one event."""
        was = self._mode.active
        if isinstance(event, (e.CardInserted, e.CardRemoved)):
            self._card_in = isinstance(event, e.CardInserted)
            self._cards += self._card_in
        elif isinstance(event, e.HealthChanged):
            self._faults = event.faults
        if isinstance(event, (s.Ordered, s.Inspected)):
            return self._obey(event)
        if isinstance(event, s.StaffEvent):
            taken = Taken([], self._take_staff(event))
        elif was:
            taken = self._meanwhile(event)
        else:
            taken = Taken([event])
        if self._mode.active and not was:
            log.info("service_mode_opened")
            self._moved = self._own_card = False
            self._told = self._faults
        elif was and not self._mode.active:
            log.info("service_mode_closed")
            taken.heard.extend((e.Resumed(self._card_in, self._moved), e.HealthChanged(self._faults)))
        return taken

    def _take_staff(self, event: s.StaffEvent) -> list[fx.StaffEffect]:
        if isinstance(event, s.NobodyThere):
            return self._mode.time_out() if event.touches == self._touches else []
        if isinstance(event, s.BadgeDue):
            if self._mode.at_the_door and self.own_card_in and event.card == self._cards:
                self._mode.reading_badge()
                self._hands.read_badge()
            return []
        if not isinstance(event, _NO_TOUCHES):
            self._touched()
        return self._mode.handle(event)

    def _touched(self) -> None:
        self._touches += 1
        nobody = s.NobodyThere(self._touches)
        self._later(self._idle_seconds, lambda: self._post(nobody))

    def _meanwhile(self, event: e.Event) -> Taken:
        """An event of the visit's, while it waits."""
        match event:
            case e.CardInserted():
                self._moved = True
                if self._mode.at_the_door and not event.at_start:
                    self._touched()
                    self._own_card = True
                    due = s.BadgeDue(self._cards)
                    if seconds := self._mode.badge_in():
                        self._later(seconds, lambda: self._post(due))
                    else:
                        self._hands.read_badge()
                return Taken()
            case e.CardRemoved():
                self._moved, self._own_card = True, False
                return Taken([], self._mode.handle(s.OwnCardOut()))
            case e.HealthChanged():
                self._told |= event.faults  # worse counts at once, better when staff have left
                return Taken([e.HealthChanged(self._told)])
            case e.Touched():
                self._touched()
                return Taken()
            case _ if isinstance(event, TOUCHES):
                return Taken()  # a parent's last one, too late
            case _ if isinstance(event, _OF_A_CARD) and self._moved:
                return Taken()  # of a card that is gone
            case _:
                return Taken([event])

    # --- orders from the town hall --------------------------------------------------------------------

    def _obey(self, event: s.Ordered | s.Inspected) -> Taken:
        if isinstance(event, s.Inspected):
            self._answering = event.order
            # Who ordered it stands in the order's own entries; no member of staff was here.
            report = ReadinessReported(verdicts={d.value: v.value for d, v in event.verdicts})
            return Taken([], [Record(report, None), fx.Answer(event.order.answer, True, "")])
        log.info("ordered", order=event.order.value)
        match event.order:
            case s.Order.OUT_OF_SERVICE | s.Order.BACK_IN_SERVICE:
                back = event.order is s.Order.BACK_IN_SERVICE
                change = ServiceChanged(in_service=back, reasons=() if back else ("staff",), by=event.by)
                self._answering = event
                answer = fx.Answer(event.answer, True, "")
                return Taken([], [Record(change, None), fx.ApplySettings(), answer])
            case s.Order.RESTART:
                self._restart_when_idle = True
                event.answer(True, "after the visit" if self._visit_waits() or self.active else "")
            case s.Order.TEST_PRINT if self._visit_waits() or self.active:
                event.answer(False, "somebody is at the kiosk")
            case s.Order.TEST_PRINT:
                self._hands.print_test_page(event.answer)
            case s.Order.READINESS_REPORT:
                self._hands.inspect(event)
        return Taken()

    # --- effects --------------------------------------------------------------------------------------

    def carry_out(self, effect: fx.StaffEffect) -> None:
        """Everything but records, which are the core's."""
        match effect:
            case fx.StartProbe():
                self._own_card = self._own_card or (effect.probe is Probe.CARD_READ and self._card_in)
                self._hands.probe(effect)
            case fx.AskTerminal():
                self._hands.ask_terminal(effect.what)
            case fx.PrintReport():
                self._hands.print_report(effect, self._mode.language)
            case fx.PrintLog():
                self._hands.print_log(effect.lines, self._mode.language)
            case fx.ApplySettings():
                self._hands.apply_settings()
            case fx.Restart():
                self._hands.restart()
            case fx.Answer():
                self._answering = None
                effect.answer(effect.done, effect.words)
            case Record():
                raise TypeError("records are the core's")

    def not_recorded(self) -> None:
        """The disk refused the record; what stood behind it has not happened."""
        if self._answering is not None:
            self._answering.answer(False, "the disk refused the record")
            self._answering = None
        else:
            self._mode.not_recorded()

    def rest(self) -> None:
        """All that followed from an event is done: restart, where that was waited for."""
        if self._restart_when_idle and not self._visit_waits() and not self.active:
            self._restart_when_idle = False
            self._hands.restart()
