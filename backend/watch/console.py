"""What the pages of the watch show, put together from rows; no HTTP here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.editions import publishing
from backend.fleet.models import Kiosk
from backend.requests.models import StoredEntry
from backend.watch import beats, rounds, words
from backend.watch.models import Alert, ConsoleOrder
from kiosk.domain.fleet.condition import Beat, Judged, Level, Part, urgency, worst
from kiosk.domain.record.entries import PERSONAL_KINDS
from kiosk.domain.wire import EditionKind
from kiosk.timeline.events import Moment, Track, of_entry

TONES: Mapping[Level, str] = {Level.GOOD: "go", Level.WATCH: "wait", Level.UNKNOWN: "unknown", Level.BAD: "stop"}
TIMELINE = timedelta(minutes=30)  # on either side of a moment
MOST_MOMENTS = 500


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part as a line of a page."""

    part: str
    name: str
    level: str
    tone: str
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class KioskShown:
    """One kiosk as a line of the list."""

    kiosk: Kiosk
    beat: Beat
    parts: Mapping[Part, Judged]
    level: Level
    alerts: tuple[Alert, ...]

    @property
    def tone(self) -> str:
        """The colour of its worst part."""
        return TONES[self.level]

    @property
    def word(self) -> str:
        """Its worst level in words."""
        return str(words.LEVELS[self.level])

    @property
    def worst_parts(self) -> list[PartShown]:
        """What is not well, the worst first; when the kiosk is not heard, that alone."""
        shown = [part for part in parts_shown(self.parts) if part.level != "good"]
        if self.parts[Part.LINE].level is not Level.GOOD:
            shown = [part for part in shown if part.part == "line" or part.level == "bad"]
        order = [level.value for level in Level]
        return sorted(shown, key=lambda part: -order.index(part.level))

    @property
    def paper_mm(self) -> int | None:
        """What is left; None: not known, also when nothing has been heard for minutes."""
        return self.beat.report.paper_left_mm if self.parts[Part.LINE].level is not Level.BAD else None

    @property
    def queue(self) -> int | None:
        """How many entries wait at the kiosk."""
        return self.beat.queue_depth if self.parts[Part.LINE].level is not Level.BAD else None


def parts_shown(parts: Mapping[Part, Judged]) -> list[PartShown]:
    """All parts, in their own order."""
    return [
        PartShown(
            part.value,
            words.part_word(part.value),
            judged.level.value,
            TONES[judged.level],
            str(words.LEVELS[judged.level]),
            words.sentence(part.value, judged.why, judged.values),
        )
        for part, judged in parts.items()
    ]


def shown(kiosks: Iterable[Kiosk], now: datetime) -> list[KioskShown]:
    """Each kiosk as it is now, the most urgent first."""
    listed = list(kiosks)
    cases = rounds.open_cases(listed)
    alerts: dict[UUID, list[Alert]] = {}
    open_ones = Alert.objects.filter(kiosk__in=listed, cleared_at__isnull=True, raised_at__isnull=False)
    for alert in open_ones.select_related("owner"):
        if alert.kiosk_id is not None:
            alerts.setdefault(alert.kiosk_id, []).append(alert)
    found = []
    for kiosk in listed:
        parts = rounds.judged(kiosk, now, cases.get(kiosk.pk, 0))
        found.append(KioskShown(kiosk, beats.beat_of(kiosk), parts, worst(parts), tuple(alerts.get(kiosk.pk, ()))))
    return sorted(found, key=lambda one: (*urgency(one.parts), one.kiosk.name))


def named(fleet: Iterable[KioskShown], question: str) -> list[KioskShown]:
    """Those whose name, or whose town's, holds what was typed; all where nothing was."""
    wanted = question.casefold()
    return [one for one in fleet if wanted in f"{one.kiosk.name} {one.kiosk.municipality.name}".casefold()]


def ordered(fleet: list[KioskShown], sort: str) -> list[KioskShown]:
    """Another order than by urgency: by "name", least "paper", or longest not "heard". Not known comes first."""
    if sort == "name":
        return sorted(fleet, key=lambda one: one.kiosk.name.casefold())
    if sort == "paper":
        return sorted(fleet, key=lambda one: -1 if one.paper_mm is None else one.paper_mm)
    if sort == "heard":
        return sorted(fleet, key=lambda one: one.beat.heard_at.timestamp() if one.beat.heard_at else 0.0)
    return fleet


def tally(fleet: Iterable[KioskShown]) -> list[tuple[str, str, int]]:
    """How many kiosks there are of each level: tone, word, number; the most urgent first."""
    counts = dict.fromkeys(reversed(Level), 0)
    for one in fleet:
        counts[one.level] += 1
    return [(TONES[level], str(words.LEVELS[level]), count) for level, count in counts.items()]


def facts(kiosk: Kiosk, beat: Beat) -> list[tuple[str, str]]:
    """What the kiosk says besides, as pairs of words. A value that is missing is said to be."""
    from django.utils.translation import gettext as _

    report = beat.report
    unknown = _("not known")

    def said(value: Any, unit: str = "", name: str = "") -> str:
        if value is None:
            return _("this kiosk has none") if name in report.without else unknown
        return f"{words.decimal(value)}{unit}" if isinstance(value, float) else f"{value}{unit}"

    restart = str(words.RESTARTS[report.restart]) if report.restart else unknown
    return [
        (_("Version"), beat.version or unknown),
        (_("Rules"), _rules(kiosk, beat) or unknown),
        (_("Update"), {None: unknown, "": _("none waits")}.get(report.pending_update, str(report.pending_update))),
        (_("Last start"), f"{_moment(report.started_at) or unknown}, {restart}"),
        (_("Machine runs for"), words.stretch(report.uptime_seconds) if report.uptime_seconds is not None else unknown),
        (_("Last picture"), _moment(report.last_frame_at) or unknown),
        (_("Last finished visit"), _moment(report.last_visit_at) or said(None, name="last_visit_at")),
        (_("Paper left"), words.metres(report.paper_left_mm) if report.paper_left_mm is not None else unknown),
        (_("Waiting to be sent"), said(beat.queue_depth)),
        (_("Rejected entries"), said(beat.dead_letters)),
        (_("Clock beside the backend's"), said(report.clock_offset_seconds, " s")),
        (_("Processor, memory"), f"{said(report.cpu_percent, ' %')}, {said(report.memory_percent, ' %')}"),
        (_("Temperature"), said(report.temperature_celsius, " °C", "temperature_celsius")),
        (_("Power supply"), _supply(report.undervoltage, said(None, name="undervoltage"))),
        (
            _("Disk free"),
            f"{words.decimal(report.disk_free_bytes / 1e9)} GB" if report.disk_free_bytes is not None else unknown,
        ),
    ]


def _rules(kiosk: Kiosk, beat: Beat) -> str:
    """By which rules it serves, by their version, and whether it is to have others. Never heard: nothing."""
    from django.utils.translation import gettext as _

    if beat.heard_at is None:
        return ""
    latest = publishing.latest(kiosk.municipality_id, EditionKind.PROFILE)
    version = publishing.version_of(kiosk.municipality_id, beat.profile) if beat.profile else ""
    said = _("version %(version)s") % {"version": version} if version else _("those it came with")
    if beat.profile and not version:
        said = _("rules that were not handed out here")
    if latest is None or latest.digest == beat.profile:
        return said
    if beat.profile_problem:
        return _("%(rules)s; the latest could not be taken") % {"rules": said}
    return _("%(rules)s; the latest hold from its next start") % {"rules": said}


def _supply(undervoltage: bool | None, missing: str) -> str:
    from django.utils.translation import gettext as _

    return missing if undervoltage is None else _("too weak") if undervoltage else _("strong enough")


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(words.BRUSSELS):%d/%m %H:%M:%S}" if moment else ""


def timeline(kiosk: Kiosk, around: datetime) -> tuple[list[Moment], bool]:
    """What happened at a kiosk around a moment: its record, its alerts and its orders on one axis.

    Of entries that name a person only the kind is shown. Also whether there was more than fits.
    """
    since, until = around - TIMELINE, around + TIMELINE
    rows = StoredEntry.objects.filter(kiosk=kiosk, at__gte=since, at__lte=until).order_by("sequence")
    moments = [
        of_entry(at, kind, None if kind in PERSONAL_KINDS else body, visit, sequence)
        for at, kind, body, visit, sequence in rows.values_list("at", "kind", "body", "visit_id", "sequence")[
            :MOST_MOMENTS
        ]
    ]
    more = len(moments) == MOST_MOMENTS
    for alert in Alert.objects.filter(kiosk=kiosk, raised_at__isnull=False, began_at__lte=until):
        for what, at in (("alert_raised", alert.raised_at), ("alert_cleared", alert.cleared_at)):
            if at is not None and since <= at <= until:
                details = {
                    "part": words.part_word(alert.part),
                    "said": words.sentence(alert.part, alert.why, alert.values),
                }
                moments.append(Moment(at, Track.LINE, what, details, alarming=what == "alert_raised"))
    for order in ConsoleOrder.objects.filter(kiosk=kiosk, issued_at__gte=since, issued_at__lte=until):
        moments.append(Moment(order.issued_at, Track.SERVICE, "order_given", {"order": order.kind, "by": order.by}))
    return sorted(moments, key=lambda moment: (moment.at, moment.sequence or 0)), more
