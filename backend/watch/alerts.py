"""From what is wrong to an alert: raised once, cleared once, and neither for a blip.

A fault has to last (`HOLDS`) before it is raised, and the part has to be good for as long as the second number before
it is cleared; the band between bad and good (`Level.WATCH`), and whatever is not known, change nothing. A part that
stays unknown is an alert of its own kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.models import Staff
from backend.fleet.models import Kiosk
from backend.watch.models import Alert, Recipient
from kiosk.domain.condition import Judged, Level, Part

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


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of alerts in one look."""

    raised: tuple[Alert, ...] = ()
    cleared: tuple[Alert, ...] = ()

    def __add__(self, other: Changed) -> Changed:
        return Changed(self.raised + other.raised, self.cleared + other.cleared)


def follow(kiosk: Kiosk, parts: Mapping[Part, Judged], open_alerts: Mapping[str, Alert], now: datetime) -> Changed:
    """Carry what was judged into the alerts of one kiosk. `open_alerts`: those that are not cleared, by part."""
    changed = Changed()
    for part, judged in parts.items():
        changed += _follow(kiosk, part, judged, open_alerts.get(part.value), now)
    return changed


def _follow(kiosk: Kiosk, part: Part, judged: Judged, alert: Alert | None, now: datetime) -> Changed:
    if judged.why == "not-heard":
        return Changed()  # stale: the line's alert says so
    if judged.level is Level.GOOD or (judged.level is Level.WATCH and (alert is None or alert.raised_at is None)):
        return _well(alert, part, now)
    if judged.level is Level.WATCH:
        return _stay(alert)
    unknown = judged.level is Level.UNKNOWN
    if unknown and alert is not None and not alert.unknown:
        return _stay(alert)  # it was bad when it was last known
    if alert is None:
        alert = Alert(municipality_id=kiosk.municipality_id, kiosk=kiosk, part=part.value, began_at=now)
    elif alert.unknown and not unknown:
        alert.began_at = now if alert.raised_at is None else alert.began_at
    alert.unknown, alert.why, alert.values, alert.well_since = unknown, judged.why, dict(judged.values), None
    held = now - alert.began_at
    if alert.raised_at is None and held >= (UNKNOWN_FOR if unknown else HOLDS[part][0]):
        return raise_it(alert, now)
    alert.save()
    return Changed()


def raise_it(alert: Alert, now: datetime) -> Changed:
    """From here on people are told."""
    alert.raised_at, alert.owner = now, owner_of(alert)
    alert.save()
    return Changed(raised=(alert,))


def _well(alert: Alert | None, part: Part, now: datetime) -> Changed:
    if alert is None:
        return Changed()
    if alert.raised_at is None:
        alert.delete()  # a blip: nobody was told, nothing is left
        return Changed()
    if alert.well_since is None:
        alert.well_since = now
    if now - alert.well_since < HOLDS[part][1]:
        alert.save(update_fields=["well_since"])
        return Changed()
    return clear(alert, now)


def clear(alert: Alert, now: datetime) -> Changed:
    """It is over."""
    alert.cleared_at = now
    alert.save(update_fields=["cleared_at", "well_since"])
    return Changed(cleared=(alert,))


def _stay(alert: Alert | None) -> Changed:
    if alert is not None and alert.well_since is not None:
        alert.well_since = None
        alert.save(update_fields=["well_since"])
    return Changed()


# --- What people do with them ----------------------------------------------------------------------------


def owner_of(alert: Alert) -> Staff | None:
    """Who looks after such an alert until somebody takes it: the recipient of this part, else of all parts."""
    owners = Recipient.objects.filter(
        municipality_id=alert.municipality_id, part__in=(alert.part, ""), staff__is_active=True
    ).select_related("staff")
    first = next(iter(sorted(owners, key=lambda one: (one.part == "", one.pk))), None)
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
