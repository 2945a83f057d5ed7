"""The day's summary of one municipality: what is open, what yesterday came to, whose paper is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from backend.fleet.models import Kiosk, Municipality
from backend.watch import words
from backend.watch.figures import Counts, merged
from backend.watch.models import Alert, HourFigures, PaperForecast

BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Errand:
    """One kiosk of a refill round: `why` it is on it, and what is left."""

    kiosk: Kiosk
    paper: PaperForecast
    today: bool  # its roll may end before the round of tomorrow


@dataclass(frozen=True, slots=True)
class Round:
    """Who needs paper, the one who needs it first on top; and of whom it is not known."""

    errands: tuple[Errand, ...]
    unknown: tuple[Kiosk, ...]


def refill_round(kiosks: list[Kiosk], now: datetime) -> Round:
    """All whose roll may end (at 80 %) before the end of the next day, and all with less than a day's need.

    A kiosk of which nothing can be said is not well provided: it is listed as not known.
    """
    here = now.astimezone(BRUSSELS)
    tonight = datetime.combine(here.date() + timedelta(days=1), time(0), BRUSSELS)
    horizon = tonight + timedelta(days=1)
    errands, unknown = [], []
    for kiosk in kiosks:
        paper: PaperForecast | None = getattr(kiosk, "paper", None)
        if paper is None or paper.left_mm is None or paper.day_need_mm is None:
            unknown.append(kiosk)
            continue
        short = paper.left_mm < paper.day_need_mm
        if short or (paper.earliest is not None and paper.earliest < horizon):
            errands.append(Errand(kiosk, paper, short or (paper.earliest is not None and paper.earliest < tonight)))
    far = now + timedelta(days=999)
    errands.sort(key=lambda errand: (errand.paper.earliest or far, errand.paper.left_mm or 0))
    return Round(tuple(errands), tuple(unknown))


def day_counts(municipality: Municipality, day: date) -> Counts:
    """The figures of one day (Europe/Brussels)."""
    begin = datetime.combine(day, time(0), BRUSSELS)
    rows = HourFigures.objects.filter(
        kiosk__municipality=municipality, hour__gte=begin, hour__lt=begin + timedelta(days=1)
    )
    return merged(rows.values_list("counts", flat=True))


def written(municipality: Municipality, day: date, now: datetime) -> tuple[str, str, dict[str, object]]:
    """Subject, text, and the same as data."""
    kiosks = list(Kiosk.objects.filter(municipality=municipality, revoked_at__isnull=True).select_related("paper"))
    open_alerts = list(
        Alert.objects.filter(municipality=municipality, raised_at__isnull=False, cleared_at__isnull=True)
        .select_related("kiosk", "owner")
        .order_by("raised_at")
    )
    counts = day_counts(municipality, day - timedelta(days=1))
    papers = refill_round(kiosks, now)
    subject = _("Kiosks of %(town)s, %(day)s: %(count)s open") % {
        "town": municipality.name,
        "day": f"{day:%d/%m/%Y}",
        "count": len(open_alerts),
    }
    lines = [subject, ""]
    for alert in open_alerts:
        where = alert.kiosk.name if alert.kiosk else municipality.name
        said = words.sentence(alert.part, alert.why, alert.values)
        owner = f" ({alert.owner.get_username()})" if alert.owner else ""
        lines.append(f"- {where}: {words.part_word(alert.part)}, {said}{owner}")
    if not open_alerts:
        lines.append(_("Nothing is open."))
    lines += ["", _("Yesterday: %(visits)s visits, %(finished)s with a ticket.") % {
        "visits": counts.get("started", 0),
        "finished": counts.get("finished", 0),
    }]  # fmt: skip
    if papers.errands:
        lines += ["", _("Paper, the most urgent first:")]
        lines += [f"- {errand.kiosk.name}: {words.metres(errand.paper.left_mm)}" for errand in papers.errands]
    if papers.unknown:
        names = ", ".join(kiosk.name for kiosk in papers.unknown)
        lines += ["", _("Paper not known: %(kiosks)s") % {"kiosks": names}]
    data: dict[str, object] = {
        "type": "summary",
        "municipality": municipality.pk,
        "day": day.isoformat(),
        "open_alerts": [
            {"kiosk": str(a.kiosk_id) if a.kiosk_id else None, "part": a.part, "why": a.why} for a in open_alerts
        ],
        "yesterday": {name: counts.get(name, 0) for name in ("started", "finished")},
        "refill": [str(errand.kiosk.pk) for errand in papers.errands],
        "paper_unknown": [str(kiosk.pk) for kiosk in papers.unknown],
    }
    return " ".join(subject.split()), "\n".join(lines) + "\n", data
