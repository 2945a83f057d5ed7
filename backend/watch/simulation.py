"""A town's kiosks without a town: what people ask of them, the paper that takes, and what breaks. Seeded, no clock.

For the demonstration, for tests of the watch, and for measuring the forecast. The numbers are a small town hall's:
busiest on Mondays and after school, closed on Sundays, one visit in five ends without a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from kiosk.domain.fleet.heartbeat import DeviceReport, DeviceState, Expiry, Report, Restart
from kiosk.domain.wire import Heartbeat

BRUSSELS = ZoneInfo("Europe/Brussels")
ROLL_MM = 80_000
VERSION = "0.1.0"

_WEEKDAYS = (1.3, 1.0, 1.15, 0.9, 1.05, 0.45, 0.0)
_HOURS = {8: 0.5, 9: 1.3, 10: 1.5, 11: 1.2, 12: 0.7, 13: 0.8, 14: 1.1, 15: 1.2, 16: 0.7}
_DAY_SPREAD = 0.25  # of a day's level: weather, holidays, a letter from the town to all parents
_TICKET_MM = (210, 45)  # mean and standard deviation: children, languages, a second print
_ABANDONED = {
    "insert_card": 4,
    "card_refused": 3,
    "children": 2,
    "bring": 3,
    "appointment": 2,
    "review": 1,
    "pay": 2,
}
_FINISHED = 0.8


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit, and what it came to. `mm`: paper; `seconds`: how long each step took."""

    at: datetime
    situation: str | None  # where it was abandoned; None: finished
    mm: int
    seconds: Mapping[str, float]
    payment: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may be wrong with a simulated kiosk."""

    offline: bool = False
    frozen: bool = False
    terminal: str = ""
    printer: str = ""
    reader_errors: int = 0
    paper_out: bool = False
    queue_minutes: int = 0
    open_cases: int = 0
    disk_full: bool = False
    clock_seconds: float = 0.3
    hot: bool = False
    silent_about: tuple[str, ...] = ()


# Drawn for the demonstration and the fleet's tests, with their weights.
TROUBLES: tuple[tuple[str, Trouble, int], ...] = (
    ("offline", Trouble(offline=True), 3),
    ("frozen", Trouble(frozen=True), 1),
    ("terminal", Trouble(terminal="silent"), 3),
    ("printer", Trouble(printer="cover-open"), 2),
    ("reader", Trouble(reader_errors=9), 2),
    ("queue", Trouble(queue_minutes=25), 2),
    ("case", Trouble(open_cases=1), 2),
    ("disk", Trouble(disk_full=True), 1),
    ("clock", Trouble(clock_seconds=-41.0), 1),
    ("machine", Trouble(hot=True), 1),
    ("unknown", Trouble(silent_about=("paper_left_mm", "disk_writes")), 2),
)


@dataclass
class SimulatedKiosk:
    """One kiosk. `busy`: visits on a usual day. Everything follows from the seed and the moments handed in."""

    seed: int
    busy: float = 40.0
    left_mm: int = ROLL_MM
    trouble: Trouble = field(default_factory=Trouble)
    _levels: dict[object, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.last_visit: datetime | None = None

    def visits(self, since: datetime, until: datetime) -> Iterator[Visit]:
        """What happens between two moments, hour by hour; the paper goes down with it."""
        hour = since
        while hour < until:
            end = min(until, hour.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
            for second in sorted(
                self.random.uniform(0, (end - hour).total_seconds()) for _ in self._arrivals(hour, end)
            ):
                yield self._visit(hour + timedelta(seconds=second))
            hour = end

    def _arrivals(self, since: datetime, until: datetime) -> range:
        here = since.astimezone(BRUSSELS)
        level = self._levels.setdefault(here.date(), exp(Random(f"{self.seed} {here.date()}").gauss(0, _DAY_SPREAD)))
        rate = self.busy * level * _WEEKDAYS[here.weekday()] * _HOURS.get(here.hour, 0.0) / sum(_HOURS.values())
        rate *= (until - since) / timedelta(hours=1)
        # Knuth's way of drawing from Poisson, for the few that come in an hour.
        count, product, limit = 0, self.random.random(), exp(-rate)
        while product > limit:
            count, product = count + 1, product * self.random.random()
        return range(count)

    def _visit(self, at: datetime) -> Visit:
        draw = self.random
        self.last_visit = at
        if draw.random() > _FINISHED or self.left_mm < _TICKET_MM[0]:
            where = draw.choices(list(_ABANDONED), list(_ABANDONED.values()))[0]
            error = "card_refused" if where == "card_refused" else None
            payment = "not_paid" if where == "pay" else None
            return Visit(at, where, 0, {}, payment, error)
        mm = max(120, round(draw.gauss(*_TICKET_MM)))
        self.left_mm = max(0, self.left_mm - mm)
        pays = draw.random() < 0.75
        seconds = {"choose": draw.lognormvariate(4.7, 0.4), "print": draw.lognormvariate(1.9, 0.2)}
        seconds["take"] = draw.lognormvariate(2.0, 0.5)
        if pays:
            seconds["pay"] = draw.lognormvariate(3.2, 0.5)
        payment = ("paid" if draw.random() < 0.985 else "unknown") if pays else None
        return Visit(at, None, mm, seconds, payment, "print_failed" if draw.random() < 0.01 else None)

    def refill(self) -> None:
        """A new roll."""
        self.left_mm = ROLL_MM

    def heartbeat(self, now: datetime) -> Heartbeat | None:
        """What it says of itself; None: nothing is heard of it."""
        trouble = self.trouble
        if trouble.offline:
            return None
        since = now - timedelta(hours=3)
        ready = DeviceReport(state=DeviceState.READY, since=since, uses=40, errors=0)
        report = Report(
            boot_id=f"{self.seed:08x}",
            uptime_seconds=86_400.0 + self.seed,
            started_at=since,
            restart=Restart.STOPPED,
            last_frame_at=now - (timedelta(minutes=6) if trouble.frozen else timedelta(seconds=2)),
            last_visit_at=self.last_visit,
            reader=ready.model_copy(update={"uses": 20, "errors": trouble.reader_errors}),
            terminal=_device(ready, trouble.terminal),
            printer=_device(ready, trouble.printer),
            paper_left_mm=0 if trouble.paper_out else self.left_mm,
            faults=tuple(name for name in ("printer",) if trouble.printer)
            + (("terminal",) if trouble.terminal else ()),
            oldest_entry_at=now - timedelta(minutes=trouble.queue_minutes) if trouble.queue_minutes else None,
            open_cases=trouble.open_cases,
            clock_offset_seconds=trouble.clock_seconds,
            cpu_percent=round(8 + 6 * self.random.random(), 1),
            memory_percent=round(38 + 4 * self.random.random(), 1),
            temperature_celsius=84.0 if trouble.hot else round(47 + 6 * self.random.random(), 1),
            disk_free_bytes=600_000_000 if trouble.disk_full else 21_000_000_000,
            disk_total_bytes=32_000_000_000,
            disk_writes=True,
            expiring=(Expiry(name="backend", at=now + timedelta(days=60)),),
            pending_update="",
            undervoltage=False,
            without=() if self.last_visit else ("last_visit_at",),
        )
        said = {
            k: v for k, v in report.model_dump(mode="json", exclude_none=True).items() if k not in trouble.silent_about
        }
        return Heartbeat(
            sent_at=now,
            version=VERSION,
            queue_depth=12 if trouble.queue_minutes else 0,
            dead_letters=0,
            in_service=not (trouble.printer or trouble.paper_out),
            screen="out_of_service" if trouble.printer or trouble.paper_out else "welcome",
            report=said,
        )


def draw_trouble(random: Random) -> tuple[str, Trouble]:
    """One of the troubles, by weight."""
    name, trouble, _ = random.choices(TROUBLES, [weight for *_, weight in TROUBLES])[0]
    return name, trouble


def _device(ready: DeviceReport, trouble: str) -> DeviceReport:
    if not trouble:
        return ready
    state = DeviceState.UNKNOWN if trouble == "silent" else DeviceState.TROUBLE
    return ready.model_copy(update={"state": state, "detail": trouble})


def with_trouble(kiosk: SimulatedKiosk, **changes: object) -> None:
    """Something breaks, or is mended."""
    kiosk.trouble = replace(kiosk.trouble, **changes)  # type: ignore[arg-type]
