"""The terminal's day: closed once a day while nobody is served, and its total held against the record's.

It runs on the core's thread. What the terminal does not confirm, or counts otherwise, becomes an open case about a day:
it keeps nobody from paying, but somebody has to look at it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import structlog

from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.domain.record.entries import CaseOpened, DayClosed, DayClosing, DayNotClosed, EntryBody
from kiosk.journal import Journal, JournalError
from kiosk.journal.days import DayRecord, Turnover, read_days
from kiosk.visit import events as e

log = structlog.get_logger(__name__)

# After so many refusals in a row people are told, once.
MOST_FAILURES = 3
# BMP 60 counts a group of cards in one byte.
_MOST_COUNTED = 255


class DayKeeper:
    """Asks for the end of day when it is due, and writes down what became of it.

    `idle` tells whether nobody is served and no payment is in doubt. `close_at` is the hour of the town from which a
    day is over. `now` is aware, in the town's zone.
    """

    def __init__(
        self,
        journal: Journal,
        ask: Callable[[UUID], None],
        idle: Callable[[], bool],
        now: Callable[[], datetime],
        later: Callable[[float, Callable[[], None]], None],
        close_at: time,
        recorded: Callable[[EntryBody], None] = lambda _body: None,
        timing: DeviceTiming = STANDARD,
    ):
        self._journal = journal
        self._ask = ask
        self._idle = idle
        self._now = now
        self._later = later
        self._close_at = close_at
        self._recorded = recorded
        self._timing = timing
        self._running: UUID | None = None
        self._wanted = False
        self._told: list[Callable[[e.DayEnded], None]] = []
        self._turnovers: tuple[Turnover, ...] = ()

    def begin(self) -> None:
        """At start-up, before anything else is asked of the terminal. Raises JournalError.

        An end of day without an answer may have happened: the terminal's next total tells.
        """
        running = read_days(self._journal).running
        if running is not None:
            reason = "the kiosk was interrupted while the terminal closed its day"
            self._record(DayNotClosed(day_id=running, reason=reason, certain=False), reason)
        self._later(self._timing.day_look, self._look_again)

    def want(self, told: Callable[[e.DayEnded], None] | None = None) -> None:
        """Close the day at the next moment when nobody is served. `told` hears how it ended; on the core's thread."""
        self._wanted = True
        if told is not None:
            self._told.append(told)
        self.look()

    def take(self, event: e.DayWanted | e.DayEnded) -> None:
        """What the terminal says of its day."""
        if isinstance(event, e.DayWanted):
            self.want()
        elif event.day_id == self._running:
            self._running = None
            try:
                self._write_down(event)
            except JournalError:  # the next start finds an end of day without an answer
                log.error("end_of_day_not_recorded", exc_info=True)
            told, self._told = self._told, []
            for tell in told:
                tell(event)

    def look(self) -> None:
        """Begin if it is due and nobody is served."""
        if self._running is not None or not self._idle():
            return
        try:
            record = read_days(self._journal)
            if not self._due(record):
                return
            day_id, turnover = uuid4(), record.turnovers[0]
            self._record(DayClosing(day_id=day_id, cents=turnover.cents, count=turnover.count))
        except JournalError:
            log.error("end_of_day_not_begun", exc_info=True)
            return
        self._running, self._wanted, self._turnovers = day_id, False, record.turnovers
        self._ask(day_id)

    def _look_again(self) -> None:
        self.look()
        self._later(self._timing.day_look, self._look_again)

    def _due(self, record: DayRecord) -> bool:
        now = self._now()
        if record.tried_at is not None and now - record.tried_at < timedelta(seconds=self._timing.day_again):
            return bool(self._told)  # staff ask at once; the kiosk, and a terminal that demands it, not so soon
        if self._wanted:
            return True
        over = now.replace(hour=self._close_at.hour, minute=self._close_at.minute, second=0, microsecond=0)
        if over > now:
            over -= timedelta(days=1)
        since = record.last_at or self._journal.began_at()
        return since is not None and since < over

    def _write_down(self, event: e.DayEnded) -> None:
        if event.done:
            closed = DayClosed(day_id=event.day_id, cents=event.cents, count=event.count, text=event.text)
            self._record(closed, _difference(event, self._turnovers))
            return
        why = ""
        if not event.certain:
            why = "the terminal did not say whether it closed its day"
        elif (failures := read_days(self._journal).failures + 1) == MOST_FAILURES:
            why = f"the terminal did not close its day, {failures} times: {event.reason}"
        self._record(DayNotClosed(day_id=event.day_id, reason=event.reason, certain=event.certain), why)

    def _record(self, body: EntryBody, case: str = "") -> None:
        """Write down what happened, and in the same breath the case that it is, where `case` says why."""
        bodies: list[EntryBody] = [body]
        if case:
            log.warning("day_differs", difference=case)
            bodies.append(CaseOpened(case_id=uuid4(), about="day", reason=case))
        self._journal.append_all(bodies)
        for each in bodies:
            self._recorded(each)


def _difference(event: e.DayEnded, turnovers: tuple[Turnover, ...]) -> str:
    """How the terminal's total differs from all that the record allows; empty where it agrees, or tells none."""
    if event.cents is None or any(_agrees(event, turnover) for turnover in turnovers):
        return ""
    likeliest = turnovers[0]
    told = f"{event.cents} cents" + ("" if event.count is None else f" in {event.count} payments")
    undecided = f", {likeliest.undecided} of them undecided" if likeliest.undecided else ""
    ours = f"{likeliest.cents} cents in {likeliest.count} payments{undecided}"
    return f"the terminal's day has {told}, the kiosk's {ours}"


def _agrees(event: e.DayEnded, turnover: Turnover) -> bool:
    if event.cents != turnover.cents:
        return False
    # Terminals differ in whether they count a payment that was taken back.
    comparable = event.count is not None and event.count < _MOST_COUNTED and not turnover.reversals
    return not comparable or event.count == turnover.count
