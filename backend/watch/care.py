"""What people did at a kiosk, as its record told it: the last roll, the last cleaning, the last readiness report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.fleet.models import Kiosk
from backend.requests.models import StoredEntry
from backend.watch import words
from kiosk.domain.record.care import DeviceCleaned, PaperRefilled, ReadinessReported
from kiosk.staff.events import Device, Verdict
from kiosk.text import texts
from kiosk.text.care import device_name, verdict_name

_TONES = {Verdict.PASSED: "go", Verdict.FAILED: "stop", Verdict.UNKNOWN: "unknown"}
_LAST = 20  # a printer is cleaned six times as often as a reader
_CLEANED: dict[str, Promise] = {"printer": _("Printer cleaned"), "reader": _("Card reader cleaned")}


@dataclass(frozen=True, slots=True)
class Did:
    """One deed. `by` is the id of the kiosk's own roster."""

    name: str
    at: datetime
    by: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What all tests came to: name, tone and word of each device. `by` empty: ordered, with nobody at the kiosk."""

    at: datetime
    by: str
    verdicts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Care:
    """The last of each, the newest first."""

    dids: tuple[Did, ...]
    report: Readiness | None


def of_kiosk(kiosk: Kiosk) -> Care:
    """The last of each that reached the backend."""
    dids = (did for did in (_refilled(kiosk), *_cleaned(kiosk)) if did is not None)
    return Care(tuple(sorted(dids, key=lambda did: did.at, reverse=True)), _readiness(kiosk))


def _entries(kiosk: Kiosk, kind: str) -> Iterator[StoredEntry]:
    """The newest of a kind, out of an index that holds nothing but these kinds (`CARE_KINDS`)."""
    return iter(StoredEntry.objects.filter(kiosk=kiosk, kind=kind).order_by("-sequence")[:_LAST])


def _refilled(kiosk: Kiosk) -> Did | None:
    row = next(_entries(kiosk, "paper_refilled"), None)
    if row is None:
        return None
    body = PaperRefilled.model_validate(row.body)
    said = words.metres(body.roll_mm)
    if body.left_mm is not None:
        said = str(_("%(roll)s, with %(left)s left of the one before")) % {
            "roll": said,
            "left": words.metres(body.left_mm),
        }
    return Did(str(_("New roll")), row.at, body.member, said)


def _cleaned(kiosk: Kiosk) -> Iterator[Did]:
    seen = set[str]()
    for row in _entries(kiosk, "device_cleaned"):
        body = DeviceCleaned.model_validate(row.body)
        if body.device not in seen:
            seen.add(body.device)
            yield Did(str(_CLEANED[body.device]), row.at, body.member)


def _readiness(kiosk: Kiosk) -> Readiness | None:
    row = next(_entries(kiosk, "readiness_reported"), None)
    if row is None:
        return None
    body, t = ReadinessReported.model_validate(row.body), texts((get_language() or "en").partition("-")[0])
    verdicts = (
        (device_name(t, Device(name)) if name in set(Device) else name, Verdict(verdict))
        for name, verdict in body.verdicts.items()
    )
    told = tuple((name, _TONES[verdict], verdict_name(t, verdict)) for name, verdict in verdicts)
    return Readiness(row.at, body.member, told)
