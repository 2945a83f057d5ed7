"""How a kiosk is, judged from what it said: one level for each part, pure and the same for list, alert and metric.

GOOD is said only of a part whose every value is known, fresh and well. WATCH is the band between: not well enough to
call an alert off, not bad enough to raise one, and so what keeps alerts from flapping. A value that is missing makes
its part UNKNOWN; a kiosk that is not heard makes all its parts UNKNOWN but the line, which is BAD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.domain.fleet.heartbeat import DeviceReport, DeviceState, Report


class Level(StrEnum):
    """In order of urgency, the most urgent last."""

    GOOD = "good"
    WATCH = "watch"
    UNKNOWN = "unknown"
    BAD = "bad"


_URGENCY = {level: rank for rank, level in enumerate(Level)}


class Part(StrEnum):
    """What is judged, and what an alert is about."""

    LINE = "line"
    SCREEN = "screen"
    SERVICE = "service"
    READER = "reader"
    TERMINAL = "terminal"
    PRINTER = "printer"
    PAPER = "paper"
    CASES = "cases"
    QUEUE = "queue"
    LETTERS = "letters"
    CLOCK = "clock"
    DISK = "disk"
    MACHINE = "machine"
    KEYS = "keys"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where WATCH and BAD begin, each with its reason. A municipality may hand in its own."""

    offline: timedelta = timedelta(minutes=3)  # six heartbeats; one that is late by a retry is nobody's business
    late: timedelta = timedelta(seconds=75)  # two and a half
    no_frame: timedelta = timedelta(minutes=2)  # the screen is asked for a picture every few seconds
    late_frame: timedelta = timedelta(seconds=75)
    queue_age: timedelta = timedelta(minutes=10)
    queue_age_watch: timedelta = timedelta(minutes=2)
    # Below this many uses in an hour one bad card is a third of all.
    fewest_uses: int = 5
    error_ratio: float = 0.3
    error_ratio_watch: float = 0.15
    clock_seconds: float = 20.0  # at 30 the backend refuses what the kiosk signs (wire.CLOCK_TOLERANCE_SECONDS)
    clock_seconds_watch: float = 5.0
    disk_free: float = 0.05
    disk_free_watch: float = 0.1
    memory_percent: float = 95.0
    memory_percent_watch: float = 85.0
    # A Raspberry Pi slows itself down at 80 °C, and a PC's board is rated for about as much.
    temperature: float = 80.0
    temperature_watch: float = 72.0
    expiry: timedelta = timedelta(days=14)
    expiry_watch: timedelta = timedelta(days=45)
    day_need_mm: int = 12_000  # sixty tickets: a busy day, until this kiosk's own need is known
    paper_watch: float = 1.5  # times a day's need


LIMITS = Limits()

# Out of service because people wanted it so, or the hour: `kiosk.visit.events.Fault` has the words.
_MEANT = frozenset({"staff", "closed"})


@dataclass(frozen=True, slots=True)
class Beat:
    """The last heartbeat of a kiosk, as the backend holds it. `heard_at`: by the backend's clock; None: never."""

    heard_at: datetime | None
    in_service: bool | None = None
    version: str = ""
    queue_depth: int | None = None
    dead_letters: int | None = None
    report: Report = field(default_factory=Report)
    profile: str = ""  # the digest of the edition that says its rules; empty: of none
    profile_problem: str = ""  # why it does not take the latest


@dataclass(frozen=True, slots=True)
class Judged:
    """A level, the word for its reason, and the numbers that go with it."""

    level: Level
    why: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


GOOD = Judged(Level.GOOD)


def judge(
    beat: Beat, now: datetime, *, day_need_mm: int | None = None, cases: int | None = None, limits: Limits = LIMITS
) -> dict[Part, Judged]:
    """All parts. `day_need_mm`: what this kiosk prints on a busy day; `cases`: open ones that the backend knows of."""
    line = _line(beat, now, limits)
    if line.level in (Level.BAD, Level.UNKNOWN):
        stale = Judged(Level.UNKNOWN, "not-heard")
        parts = dict.fromkeys(Part, stale) | {Part.LINE: line}
        if cases:  # a payment in doubt does not depend on the line
            parts[Part.CASES] = Judged(Level.BAD, "open", {"count": cases})
        return parts
    report = beat.report
    return {
        Part.LINE: line,
        Part.SCREEN: _screen(report, beat.heard_at or now, limits),
        Part.SERVICE: _service(beat),
        Part.READER: _device(report.reader, limits),
        Part.TERMINAL: _device(report.terminal, limits),
        Part.PRINTER: _device(report.printer, limits),
        Part.PAPER: _paper(report.paper_left_mm, day_need_mm or limits.day_need_mm, limits),
        Part.CASES: _cases(report.open_cases, cases),
        Part.QUEUE: _queue(beat, beat.heard_at or now, limits),
        Part.LETTERS: _letters(beat.dead_letters),
        Part.CLOCK: _clock(report.clock_offset_seconds, limits),
        Part.DISK: _disk(report, limits),
        Part.MACHINE: _machine(report, limits),
        Part.KEYS: _keys(report, now, limits),
        Part.PROGRAM: _program(beat),
    }


def worst(parts: Mapping[Part, Judged]) -> Level:
    """The most urgent of all levels; of nothing it is not known."""
    return max((judged.level for judged in parts.values()), key=_URGENCY.__getitem__, default=Level.UNKNOWN)


def urgency(parts: Mapping[Part, Judged]) -> tuple[int, int, int]:
    """To sort by, the most urgent first: how many parts are bad, not known, to be watched."""
    levels = [judged.level for judged in parts.values()]
    if parts[Part.LINE].level is Level.BAD:  # its other parts are not known for that one reason
        return (-levels.count(Level.BAD), -len(Part), 0)
    return (-levels.count(Level.BAD), -levels.count(Level.UNKNOWN), -levels.count(Level.WATCH))


def _line(beat: Beat, now: datetime, limits: Limits) -> Judged:
    if beat.heard_at is None:
        return Judged(Level.UNKNOWN, "never-heard")
    silent = now - beat.heard_at
    values = {"seconds": int(silent.total_seconds()), "since": beat.heard_at.isoformat()}
    return _late(silent, limits.late, limits.offline, "silent", values)


def _screen(report: Report, heard_at: datetime, limits: Limits) -> Judged:
    if report.last_frame_at is None:
        return _missing("no-frame")
    # As old as it was when the kiosk said so, by the kiosk's own clock where the offset is known.
    offset = timedelta(seconds=report.clock_offset_seconds or 0.0)
    age = max(heard_at - offset - report.last_frame_at, timedelta(0))
    return _late(age, limits.late_frame, limits.no_frame, "frozen", {"seconds": int(age.total_seconds())})


def _service(beat: Beat) -> Judged:
    faults = beat.report.faults
    if beat.in_service is None or faults is None:
        return _missing()
    if "last_visit_at" not in beat.report.without and beat.report.last_visit_at is None:
        return _missing("last-visit")
    if not beat.in_service:
        meant = bool(faults) and set(faults) <= _MEANT
        return Judged(Level.WATCH if meant else Level.BAD, "out-of-service", {"faults": list(faults)})
    return Judged(Level.WATCH, "faults", {"faults": list(faults)}) if faults else GOOD


def _device(device: DeviceReport | None, limits: Limits) -> Judged:
    if device is None:
        return _missing()
    values: dict[str, object] = {"detail": device.detail}
    if device.since is not None:
        values["since"] = device.since.isoformat()
    if device.state is DeviceState.UNKNOWN:
        # Silence of something that was asked is a fault of its own, and not the lack of an answer to us.
        return Judged(Level.BAD if device.detail else Level.UNKNOWN, device.detail or "missing", values)
    if device.state is DeviceState.TROUBLE:
        return Judged(Level.BAD, device.detail or "trouble", values)
    if device.uses is None or device.errors is None or device.since is None:
        return _missing("error-ratio")
    if device.uses < limits.fewest_uses:
        return Judged(Level.GOOD, "", values)
    ratio = device.errors / device.uses
    values["percent"] = round(100 * ratio)
    return _band(ratio, limits.error_ratio_watch, limits.error_ratio, "errors", values)


def _paper(left: int | None, need: int, limits: Limits) -> Judged:
    if left is None:
        return _missing()
    values = {"left_mm": left, "need_mm": need}
    if left < need:
        return Judged(Level.BAD, "low", values)
    return Judged(Level.WATCH, "lowish", values) if left < need * limits.paper_watch else Judged(Level.GOOD, "", values)


def _cases(said: int | None, known: int | None) -> Judged:
    count = max(said or 0, known or 0)
    if count:
        return Judged(Level.BAD, "open", {"count": count})
    return GOOD if said is not None else _missing()


def _queue(beat: Beat, heard_at: datetime, limits: Limits) -> Judged:
    if beat.queue_depth is None:
        return _missing()
    if beat.queue_depth == 0:
        return GOOD
    oldest = beat.report.oldest_entry_at
    if oldest is None:
        return _missing("age")
    age = max(heard_at - oldest, timedelta(0))
    values = {"depth": beat.queue_depth, "seconds": int(age.total_seconds())}
    return _late(age, limits.queue_age_watch, limits.queue_age, "old", values)


def _letters(count: int | None) -> Judged:
    if count is None:
        return _missing()
    return Judged(Level.BAD, "rejected", {"count": count}) if count else GOOD


def _clock(offset: float | None, limits: Limits) -> Judged:
    if offset is None:
        return _missing()
    values = {"seconds": round(offset, 1)}
    return _band(abs(offset), limits.clock_seconds_watch, limits.clock_seconds, "wrong", values)


def _disk(report: Report, limits: Limits) -> Judged:
    free, total = report.disk_free_bytes, report.disk_total_bytes
    if report.disk_writes is False:
        return Judged(Level.BAD, "no-write")
    if report.disk_writes is None or free is None or not total:
        return _missing()
    share = free / total
    values = {"percent": round(100 * share)}
    return _band(-share, -limits.disk_free_watch, -limits.disk_free, "full", values)


def _machine(report: Report, limits: Limits) -> Judged:
    if report.undervoltage:
        return Judged(Level.BAD, "undervoltage")
    judged = [
        _band(value, watch, bad, why, {why: round(value)})
        for value, watch, bad, why in (
            (report.temperature_celsius, limits.temperature_watch, limits.temperature, "hot"),
            (report.memory_percent, limits.memory_percent_watch, limits.memory_percent, "memory"),
        )
        if value is not None
    ]
    judged += list(_unsaid(report, "temperature_celsius", "memory_percent", "cpu_percent", "undervoltage"))
    return max(judged, key=lambda one: _URGENCY[one.level], default=GOOD)


def _keys(report: Report, now: datetime, limits: Limits) -> Judged:
    if report.expiring is None:
        return _missing()
    if not report.expiring:
        return GOOD
    first = min(report.expiring, key=lambda expiry: expiry.at)
    left = first.at - now
    values = {"name": first.name, "days": left.days}
    return _late(-left, -limits.expiry_watch, -limits.expiry, "expiring", values)


def _program(beat: Beat) -> Judged:
    report = beat.report
    if beat.profile_problem:  # it sells at the prices of before
        return Judged(Level.BAD, "rules", {"problem": beat.profile_problem})
    for unsaid in _unsaid(report, "boot_id", "uptime_seconds", "started_at", "restart", "pending_update"):
        return unsaid
    if not beat.version:
        return _missing("version")
    return Judged(Level.WATCH, "update", {"version": report.pending_update}) if report.pending_update else GOOD


def _unsaid(report: Report, *names: str) -> Iterator[Judged]:
    """Values that are missing and were not said to be none."""
    for name in names:
        if getattr(report, name) is None and name not in report.without:
            yield _missing(name.replace("_", "-"))


def _missing(what: str = "missing") -> Judged:
    return Judged(Level.UNKNOWN, what)


def _band(value: float, watch: float, bad: float, why: str, values: Mapping[str, object]) -> Judged:
    if value >= bad:
        return Judged(Level.BAD, why, values)
    return Judged(Level.WATCH, why, values) if value >= watch else Judged(Level.GOOD, "", values)


def _late(age: timedelta, watch: timedelta, bad: timedelta, why: str, values: Mapping[str, object]) -> Judged:
    return _band(age.total_seconds(), watch.total_seconds(), bad.total_seconds(), why, values)
