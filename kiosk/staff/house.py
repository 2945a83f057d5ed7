"""What service mode looks up: in the record, in the roster, and in what the composition root hands in.

What staff set is kept in the record alone: the last entry that set it counts, so that it outlives a restart, reaches
the backend, and has somebody's name on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar
from uuid import UUID, uuid4

import structlog

from kiosk.domain.opening import OpenDay
from kiosk.domain.record.body import Body
from kiosk.domain.record.care import DeviceChecked, DeviceCleaned, PaperRefilled, SettingChanged, StaffEntered
from kiosk.domain.record.entries import CaseClosed, CaseOpened, Entry, PaymentIntent, ServiceChanged, TicketIssued
from kiosk.journal import Journal
from kiosk.staff import roster as r
from kiosk.staff.door import wrong_cards, wrong_codes
from kiosk.staff.events import Device, Verdict
from kiosk.staff.surroundings import Paper, Settings
from kiosk.staff.view import Evidence, LogView, OpenCase, Result
from kiosk.timeline import Moment, Selection, Unreadable, timeline
from kiosk.timeline.drawing import draw_short
from kiosk.visit.events import Fault

B = TypeVar("B", bound=Body)

log = structlog.get_logger(__name__)

# Makers' advice for thermal printers is at each change of roll or monthly, for contact readers twice a year.
CLEANING_EVERY: Mapping[str, timedelta] = {"printer": timedelta(days=30), "reader": timedelta(days=180)}

ROLLS_MM: Mapping[int, tuple[int, ...]] = {  # by paper width: what is sold for kiosk printers
    80: (80_000, 170_000, 300_000),
    58: (25_000, 50_000, 80_000),
}

_FRESH_ENTRIES = 20  # more people than can come in while a code is still good
_LOG_STRETCH = timedelta(hours=2)
_LOG_LINES = 40
_QR_CHARACTERS = 900  # a QR code of this much text is read off a screen by any telephone


@dataclass(frozen=True, slots=True)
class Fitted:
    """What this kiosk has, from its configuration."""

    devices: tuple[Device, ...]
    paper_mm: int
    languages: tuple[str, ...]
    volume: int | None = None
    brightness: int | None = None


class KioskHouse:
    """The `House` of a running kiosk. Raises JournalError where the disk refuses."""

    def __init__(
        self,
        journal: Journal,
        journal_file: Path,
        log_file: Path | None,
        roster_file: Path,
        fitted: Fitted,
        now: Callable[[], datetime],
        faults: Callable[[], frozenset[Fault]],
        visit_waits: Callable[[], bool],
        paper_left_mm: Callable[[], int | None],
        random: Random,
        new_id: Callable[[], UUID] = uuid4,
        own_card_in: Callable[[], bool] = lambda: False,
        municipality: Callable[[], str] = lambda: "",
        too_early: Callable[[UUID], bool] = lambda _case: False,
    ):
        self._journal = journal
        self._files = journal_file, log_file
        self._roster_file = roster_file
        self._fitted = fitted
        self.now = now
        self.new_id = new_id
        self.faults = faults
        self.visit_waits = visit_waits
        self.own_card_in = own_card_in
        self.municipality = municipality
        self.too_early = too_early
        self._paper_left_mm = paper_left_mm
        self._random = random

    def number(self) -> int:
        """Three digits, none of which looks like another upside down."""
        return self._random.randrange(200, 1000)

    def roster(self) -> r.Roster:
        """Read anew each time: who was taken off the list does not come in any more. A broken file lets nobody in."""
        try:
            return r.read(self._roster_file)
        except r.RosterFault as problem:
            log.error("roster_unusable", problem=str(problem))
            return r.new_roster()

    def wrong_codes(self) -> list[datetime]:
        """When a code was refused, since one let somebody in."""
        return wrong_codes(self._journal.entries(kinds=["staff_refused", "staff_entered"]))

    def wrong_cards(self) -> list[datetime]:
        """When a card was refused, since one let somebody in."""
        return wrong_cards(self._journal.entries(kinds=["staff_refused", "staff_entered"]))

    def codes_used(self) -> frozenset[r.Step]:
        """Those that let somebody in a moment ago: they open nothing again, also after a restart."""
        entries = self._journal.entries(kinds=["staff_entered"])[-_FRESH_ENTRIES:]
        return frozenset(
            r.Step(entry.body.member, int(entry.at.timestamp()) // r.PERIOD + drift)
            for entry in entries
            if isinstance(entry.body, StaffEntered) and entry.body.by == "code"
            for drift in range(-r.DRIFT, r.DRIFT + 1)
        )

    def in_service(self) -> bool:
        """Whether staff have not taken it out of service; what the kiosk does by itself is not theirs."""
        orders = [b for b in self._bodies(ServiceChanged) if b.by or "staff" in b.reasons]
        return orders[-1].in_service if orders else True

    def paper(self) -> Paper:
        """The roll, as far as the count goes."""
        refills = self._journal.entries(kinds=["paper_refilled"])
        rolls = ROLLS_MM[self._fitted.paper_mm]
        return Paper(self._paper_left_mm(), refills[-1].at if refills else None, rolls, self.paper_unproven())

    def paper_unproven(self) -> bool:
        """Whether the last roll that was put in is without a test page that a person has read."""
        proven = True
        for entry in self._journal.entries(kinds=["paper_refilled", "device_checked"]):
            body = entry.body
            if isinstance(body, PaperRefilled):
                proven = False
            elif isinstance(body, DeviceChecked) and body.device == Device.PRINTER and body.verdict == "passed":
                proven = True
        return not proven

    def cleaned(self) -> tuple[tuple[str, datetime | None], ...]:
        """When each was last cleaned."""
        last: dict[str, datetime | None] = dict.fromkeys(CLEANING_EVERY)
        for entry in self._journal.entries(kinds=["device_cleaned"]):
            if isinstance(entry.body, DeviceCleaned):
                last[entry.body.device] = entry.at
        return tuple(last.items())

    def cleaning_due(self) -> frozenset[str]:
        """What has not been cleaned for long; what never was, since this kiosk's first day."""
        now = self.now()
        began = self._journal.began_at() or now
        return frozenset(device for device, at in self.cleaned() if now - (at or began) > CLEANING_EVERY[device])

    def fitted(self) -> tuple[Device, ...]:
        """The devices of this kiosk."""
        return self._fitted.devices

    def results(self) -> tuple[Result, ...]:
        """The last result of each device."""
        last: dict[Device, Result] = {}
        for entry in self._journal.entries(kinds=["device_checked"]):
            body = entry.body
            if isinstance(body, DeviceChecked) and body.device in set(Device):
                device = Device(body.device)
                last[device] = Result(device, Verdict(body.verdict), entry.at, body.failed_step or "")
        return tuple(last[device] for device in self._fitted.devices if device in last)

    def cases(self) -> tuple[OpenCase, ...]:
        """What waits for a decision, with what the record holds of it."""
        closed = {body.case_id for body in self._bodies(CaseClosed)}
        opened = self._journal.entries(kinds=["case_opened"])
        return tuple(
            self._case(entry, entry.body)
            for entry in opened
            if isinstance(entry.body, CaseOpened) and entry.body.case_id not in closed
        )

    def settings(self) -> Settings:
        """What the configuration says, and what staff changed since."""
        volume, brightness, languages = self._fitted.volume, self._fitted.brightness, self._fitted.languages
        hours: tuple[OpenDay, ...] = ()
        for body in self._bodies(SettingChanged):
            hours = body.hours if body.hours is not None else hours
            volume = body.volume if body.volume is not None and volume is not None else volume
            brightness = body.brightness if body.brightness is not None and brightness is not None else brightness
            languages = body.languages or languages
        kept = tuple(language for language in self._fitted.languages if language in languages)
        return Settings(volume, brightness, kept or self._fitted.languages, self._fitted.languages, hours)

    def log(self) -> LogView:
        """The last two hours on one axis, for the help line; of the record alone where the log cannot be read."""
        now = self.now()
        stretch = Selection(now - _LOG_STRETCH, now)
        journal, log_file = self._files
        moments: list[Moment] = []
        for files in ((journal, log_file), (journal, None)):
            try:
                moments = timeline(*files, stretch)
                break
            except Unreadable as problem:
                log.warning("log_not_read", problem=str(problem))
        lines = draw_short(moments[-_LOG_LINES:])
        newest = "\n".join(lines)
        if len(newest) > _QR_CHARACTERS:
            newest = newest[-_QR_CHARACTERS:].split("\n", 1)[-1]
        return LogView(lines, newest)

    def _case(self, entry: Entry, body: CaseOpened) -> OpenCase:
        cents, code = None, None
        evidence: list[Evidence] = []
        visit = entry.visit_id
        for other in self._journal.entries(visit_id=visit) if visit is not None else ():
            about = other.body
            if isinstance(about, PaymentIntent) and about.payment_id == body.payment_id:
                cents = about.cents
            elif isinstance(about, TicketIssued) and about.ticket_id == body.ticket_id:
                code = about.ticket_code
            if other.body.kind.startswith(("payment_", "print_", "ticket_")):
                said = getattr(about, "reason", "")
                evidence.append(Evidence(other.at, about.kind, said if isinstance(said, str) else ""))
        return OpenCase(body.case_id, body.about, entry.at, body.reason, code, cents, tuple(evidence))

    def _bodies(self, kind: type[B]) -> list[B]:
        entries = self._journal.entries(kinds=[kind.model_fields["kind"].default])
        return [entry.body for entry in entries if isinstance(entry.body, kind)]
