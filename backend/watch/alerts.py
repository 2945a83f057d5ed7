"""From what is wrong to an alert: raised once, cleared once, and neither for a blip.

A fault has to last (`HOLDS`) before it is raised, and the part has to be good for as long as the second number before
it is cleared; the band between bad and good (`Level.WATCH`), and whatever is not known, change nothing. A part that
stays unknown is an alert of its own kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from backend.accounts.models import Staff
from backend.fleet.models import Kiosk
from backend.watch import words
from backend.watch.models import Alert, Recipient
from kiosk.domain.fleet.condition import Judged, Level, Part

_NOW = timedelta(0)
_MINUTE = timedelta(minutes=1)

# How long bad before it is raised, how long good before it is cleared.
HOLDS: Mapping[Part, tuple[timedelta, timedelta]] = {
    # Three minutes have passed already. One heartbeat is good for 75 seconds (`Limits.late`): it takes more than one.
    Part.LINE: (_NOW, timedelta(seconds=100)),
    Part.SCREEN: (_NOW, _MINUTE),
    Part.SERVICE: (2 * _MINUTE, _MINUTE),  # staff at the kiosk, a printer that is looked at
    Part.READER: (_MINUTE, _MINUTE),
    Part.TERMINAL: (_MINUTE, _MINUTE),  # a terminal restarts every night, for longer: that one is a fault to see
    Part.PRINTER: (_MINUTE, _MINUTE),
    Part.PAPER: (_NOW, _NOW),
    Part.CASES: (_NOW, _NOW),
    Part.QUEUE: (_NOW, _MINUTE),
    Part.LETTERS: (_NOW, _NOW),
    Part.CLOCK: (_MINUTE, _MINUTE),
    Part.DISK: (_MINUTE, _MINUTE),
    Part.MACHINE: (2 * _MINUTE, 5 * _MINUTE),
    Part.KEYS: (_NOW, _NOW),
    Part.PROGRAM: (_NOW, _NOW),
}
UNKNOWN_FOR = timedelta(minutes=10)


# Whose an alert is, people change meanwhile: a look says it once, when it is raised.
_FOLLOWED = ("unknown", "why", "values", "began_at", "well_since", "cleared_at")
_RAISED = (*_FOLLOWED, "raised_at", "owner")
_AT_ONCE = 250  # rows of one statement


class Changes:
    """What one look makes of alerts. Nothing is in the database before `write()`, which takes a few statements however
    many kiosks there are; `raised` and `cleared` are what people are to be told of.
    """

    def __init__(self) -> None:
        self.raised: list[Alert] = []
        self.cleared: list[Alert] = []
        self._begun: list[Alert] = []
        self._altered: dict[int, Alert] = {}
        self._gone: list[int] = []

    def follow(
        self, kiosk: Kiosk, parts: Mapping[Part, Judged], open_alerts: Mapping[str, Alert], now: datetime
    ) -> None:
        """Carry what was judged into the alerts of one kiosk. `open_alerts`: those that are not cleared, by part."""
        for part, judged in parts.items():
            self._follow(kiosk, part, judged, open_alerts.get(part.value), now)

    def raise_it(self, alert: Alert, now: datetime) -> None:
        """From here on people are told."""
        alert.raised_at = now
        self.raised.append(alert)
        self._keep(alert)

    def clear(self, alert: Alert, now: datetime) -> None:
        """It is over."""
        alert.cleared_at = now
        self.cleared.append(alert)
        self._keep(alert)

    def write(self) -> None:
        """All of it. Alerts that were raised get the one who looks after them."""
        towns = {alert.municipality_id for alert in self.raised}
        owners = list(_owners(towns)) if towns else []
        for alert in self.raised:
            alert.owner = owner_of(alert, owners)
        Alert.objects.bulk_create(self._begun, batch_size=_AT_ONCE)
        raised = {alert.pk for alert in self.raised}
        for fields, which in ((_RAISED, True), (_FOLLOWED, False)):
            rows = [alert for key, alert in self._altered.items() if (key in raised) is which]
            Alert.objects.bulk_update(rows, fields, batch_size=_AT_ONCE)
        Alert.objects.filter(pk__in=self._gone).delete()

    def _follow(self, kiosk: Kiosk, part: Part, judged: Judged, alert: Alert | None, now: datetime) -> None:
        if judged.why == "not-heard":
            return  # stale: the line's alert says so
        if judged.level is Level.GOOD or (judged.level is Level.WATCH and (alert is None or alert.raised_at is None)):
            self._well(alert, part, now)
            return
        unknown = judged.level is Level.UNKNOWN
        # In the band between, or unknown after it was last known to be bad: nothing changes but that it is not well.
        if judged.level is Level.WATCH or (unknown and alert is not None and not alert.unknown):
            self._stay(alert)
            return
        if alert is None:
            alert = Alert(municipality_id=kiosk.municipality_id, kiosk=kiosk, part=part.value, began_at=now)
        elif alert.unknown and not unknown:
            alert.began_at = now if alert.raised_at is None else alert.began_at
        before = (alert.unknown, alert.why, _as_shown(alert.values), alert.well_since)
        alert.unknown, alert.why, alert.values, alert.well_since = unknown, judged.why, dict(judged.values), None
        held = now - alert.began_at
        if alert.raised_at is None and held >= (UNKNOWN_FOR if unknown else HOLDS[part][0]):
            self.raise_it(alert, now)
        elif alert.pk is None or before != (alert.unknown, alert.why, _as_shown(alert.values), None):
            self._keep(alert)

    def _well(self, alert: Alert | None, part: Part, now: datetime) -> None:
        if alert is None:
            return
        if alert.raised_at is None:
            self._gone.append(alert.pk)  # a blip: nobody was told, nothing is left
            return
        first = alert.well_since is None
        alert.well_since = alert.well_since or now
        if now - alert.well_since >= HOLDS[part][1]:
            self.clear(alert, now)
        elif first:
            self._keep(alert)

    def _stay(self, alert: Alert | None) -> None:
        if alert is not None and alert.well_since is not None:
            alert.well_since = None
            self._keep(alert)

    def _keep(self, alert: Alert) -> None:
        if alert.pk is None:
            self._begun.append(alert)
        else:
            self._altered[alert.pk] = alert


def _as_shown(values: Mapping[str, object]) -> dict[str, object]:
    """Values as people read them: what has lasted for hours is not another alert a quarter of a minute later."""
    seconds = values.get("seconds")
    if not isinstance(seconds, (int, float)):
        return dict(values)
    return {**values, "seconds": words.stretch(seconds)}


def _owners(towns: Collection[str]) -> Iterable[Recipient]:
    return Recipient.objects.filter(municipality__in=towns, staff__is_active=True).select_related("staff")


# --- What people do with them ----------------------------------------------------------------------------


def owner_of(alert: Alert, recipients: Iterable[Recipient]) -> Staff | None:
    """Who looks after such an alert until somebody takes it: the recipient of this part, else of all parts."""
    mine = [one for one in recipients if one.municipality_id == alert.municipality_id and one.part in (alert.part, "")]
    first = min(mine, key=lambda one: (one.part == "", one.pk), default=None)
    return first.staff if first else None


def acknowledge(alert: Alert, by: Staff, now: datetime) -> bool:
    """Somebody takes it: it is theirs from now on. False: it was taken, or is over."""
    taken = Alert.objects.filter(pk=alert.pk, acknowledged_at__isnull=True, cleared_at__isnull=True)
    return bool(taken.update(acknowledged_at=now, acknowledged_by=by, owner=by))


def snooze(alert: Alert, until: datetime) -> bool:
    """Nobody is told of it until then. False: it is over."""
    return bool(Alert.objects.filter(pk=alert.pk, cleared_at__isnull=True).update(snoozed_until=until))


def hand_over(alert: Alert, to: Staff) -> bool:
    """Another looks after it. False: it is over."""
    return bool(Alert.objects.filter(pk=alert.pk, cleared_at__isnull=True).update(owner=to))


def raised(rows: Iterable[Alert]) -> list[Alert]:
    """Those that people were told of, the most urgent first: what is not acknowledged, and what is longest open."""
    known = [alert for alert in rows if alert.raised_at is not None]
    return sorted(known, key=lambda alert: (alert.acknowledged_at is not None, alert.unknown, alert.raised_at))
