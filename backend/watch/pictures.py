"""What is drawn of a kiosk: six charts over days, from its samples and its hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from backend.fleet.models import Kiosk
from backend.watch import charts, figures, words
from backend.watch.charts import BRUSSELS, Chart, Series
from backend.watch.figures import Counts
from backend.watch.models import PaperForecast, Sample
from kiosk.domain.fleet.condition import LIMITS

SITUATIONS_SHOWN = 8


def of_kiosk(kiosk: Kiosk, since: datetime, until: datetime) -> list[Chart]:
    """All of them."""
    hours = figures.by_hour(kiosk.pk, since, until)
    total = figures.total(hours)
    days = _days(since, until)
    return [
        paper(kiosk, since, until),
        visits(hours, len(days)),
        steps(total),
        abandoned(total),
        payments(hours, days),
        errors(hours, days),
    ]


def paper(kiosk: Kiosk, since: datetime, until: datetime) -> Chart:
    """What was left in the printer, and when the roll will end."""
    rows = list(
        Sample.objects.filter(kiosk=kiosk, at__gte=since, at__lte=until)
        .order_by("at")
        .values_list("at", "paper_left_mm")
    )
    rows = rows[:: max(1, len(rows) // 600)]
    said: PaperForecast | None = getattr(kiosk, "paper", None)
    spans: tuple[tuple[str, str, str], ...] = ()
    description = _("How many metres of paper were left.")
    if said is not None and said.likely and said.earliest and said.latest:
        spans = ((said.earliest.isoformat(), said.likely.isoformat(), said.latest.isoformat()),)
        description += " " + _(
            "The roll is expected to end on %(likely)s; between %(earliest)s and %(latest)s at 80%%."
        ) % {
            "likely": _day_and_hour(said.likely),
            "earliest": _day_and_hour(said.earliest),
            "latest": _day_and_hour(said.latest),
        }
    need = said.day_need_mm if said is not None and said.day_need_mm else LIMITS.day_need_mm
    return Chart(
        key="paper",
        kind="line",
        title=_("Paper"),
        description=description,
        labels=tuple(at.isoformat() for at, _left in rows),
        series=(Series(_("metres left"), tuple(None if left is None else left / 1000 for _at, left in rows)),),
        unit="m",
        spans=spans,
        limit=(need / 1000, _("a busy day")),
    )


def visits(hours: Sequence[tuple[datetime, Counts]], days: int) -> Chart:
    """On a usual day, hour by hour."""
    finished: dict[int, float] = defaultdict(float)
    ended: dict[int, float] = defaultdict(float)
    for moment, counts in hours:
        hour = moment.astimezone(BRUSSELS).hour
        finished[hour] += counts.get("finished", 0)
        ended[hour] += sum(counts.get("abandoned", {}).values())
    shown = range(min((*finished, 8)), max((*finished, 17)) + 1)
    return Chart(
        key="visits",
        kind="stack",
        title=_("Visits per hour"),
        description=_("How many visits there are in each hour of a day, on average over %(days)s days.")
        % {"days": days},
        labels=tuple(f"{hour:02d}" for hour in shown),
        series=(
            Series(_("with a ticket"), tuple(round(finished[hour] / days, 1) for hour in shown)),
            Series(_("abandoned"), tuple(round(ended[hour] / days, 1) for hour in shown)),
        ),
    )


def steps(total: Counts) -> Chart:
    """How long each step takes."""
    names = {"choose": _("Choosing"), "pay": _("Paying"), "print": _("Printing"), "take": _("Taking the ticket")}
    columns: Mapping[str, Sequence[int]] = total.get("steps", {})
    known = {name: columns.get(name, ()) for name in names}
    return Chart(
        key="steps",
        kind="lying",
        title=_("Time per step"),
        description=_("How many seconds half of the visits and nine of ten need at most for each step."),
        labels=tuple(names.values()),
        series=(
            Series(_("half of them"), tuple(_rounded(figures.quantile(one, 0.5)) for one in known.values())),
            Series(_("nine of ten"), tuple(_rounded(figures.quantile(one, 0.9)) for one in known.values())),
        ),
        unit="s",
    )


def abandoned(total: Counts) -> Chart:
    """On which screens visits end without a ticket."""
    found = figures.most(total.get("abandoned", {}))[:SITUATIONS_SHOWN]
    return Chart(
        key="abandoned",
        kind="lying",
        title=_("Abandoned by step"),
        description=_("On which screen visits ended that brought no ticket."),
        labels=tuple(words.situation_word(name) for name, _count in found),
        series=(Series(_("visits"), tuple(float(count) for _name, count in found)),),
    )


def payments(hours: Sequence[tuple[datetime, Counts]], days: Sequence[date]) -> Chart:
    """What became of payments, day by day."""
    names = {
        "paid": (_("paid"), charts.PLAIN),
        "not-paid": (_("not paid"), charts.WAIT),
        "unknown": (_("not known whether paid"), charts.UNKNOWN),
        "at-the-desk": (_("paid at the desk"), charts.GO),
        "reversed": (_("given back"), charts.PALE),
    }
    return _by_day(
        hours,
        days,
        "payments",
        names,
        "payments",
        _("Payments by outcome"),
        _("What became of the payments of each day."),
    )


def errors(hours: Sequence[tuple[datetime, Counts]], days: Sequence[date]) -> Chart:
    """What went wrong, day by day."""
    names = {
        "card_refused": (_("card refused"), charts.PLAIN),
        "print_failed": (_("not printed"), charts.WAIT),
        "payment_unknown": (_("payment in doubt"), charts.UNKNOWN),
        "payment_approved_late": (_("approved too late"), charts.PALE),
        "payment_not_reversed": (_("not given back"), charts.STOP),
        "day_not_closed": (_("day not closed"), charts.DARK),
    }
    return _by_day(hours, days, "errors", names, "errors", _("Errors"), _("What went wrong on each day, by kind."))


def _by_day(
    hours: Sequence[tuple[datetime, Counts]],
    days: Sequence[date],
    what: str,
    names: Mapping[str, tuple[str, int]],
    key: str,
    title: str,
    description: str,
) -> Chart:
    found: dict[tuple[date, str], int] = defaultdict(int)
    for moment, counts in hours:
        for name, count in counts.get(what, {}).items():
            found[moment.astimezone(BRUSSELS).date(), name] += count
    used = [name for name in names if any(found[day, name] for day in days)] or [next(iter(names))]
    return Chart(
        key=key,
        kind="stack",
        title=title,
        description=description,
        labels=tuple(f"{day:%d/%m}" for day in days),
        series=tuple(
            Series(names[name][0], tuple(float(found[day, name]) for day in days), names[name][1]) for name in used
        ),
    )


def _days(since: datetime, until: datetime) -> list[date]:
    first, last = since.astimezone(BRUSSELS).date(), until.astimezone(BRUSSELS).date()
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else float(round(seconds))


def _day_and_hour(moment: datetime) -> str:
    return f"{moment.astimezone(BRUSSELS):%d/%m %H:%M}"


def side_by_side(kiosks: Sequence[Kiosk], since: datetime, until: datetime) -> list[Chart]:
    """The same numbers of several kiosks, to compare them."""
    totals = {kiosk: figures.total(figures.by_hour(kiosk.pk, since, until)) for kiosk in kiosks}
    days = max(1, len(_days(since, until)))

    def chart(key: str, title: str, description: str, unit: str, **series: Any) -> Chart:
        return Chart(
            key=key,
            kind="lying",
            title=title,
            description=description,
            labels=tuple(kiosk.name for kiosk in kiosks),
            series=tuple(Series(name, tuple(of(total) for total in totals.values())) for name, of in series.items()),
            unit=unit,
        )

    def share(total: Counts) -> float | None:
        ended, done = sum(total.get("abandoned", {}).values()), total.get("finished", 0)
        return float(round(100 * ended / (ended + done))) if ended + done else None

    return [
        chart("cmp-visits", _("Visits per day"), _("On average over the days shown."), "",
              **{_("with a ticket"): lambda t: round(t.get("finished", 0) / days, 1)}),
        chart("cmp-abandoned", _("Abandoned"), _("How many of a hundred visits bring no ticket."), "%",
              **{_("abandoned"): share}),
        chart("cmp-time", _("Time to choose and to pay"), _("Seconds that half of the visits need at most."), "s",
              **{_("Choosing"): lambda t: _rounded(figures.quantile(t.get("steps", {}).get("choose", ()), 0.5)),
                 _("Paying"): lambda t: _rounded(figures.quantile(t.get("steps", {}).get("pay", ()), 0.5))}),
        chart("cmp-errors", _("Errors"), _("What went wrong over the days shown."), "",
              **{_("Errors"): lambda t: float(sum(t.get("errors", {}).values()))}),
    ]  # fmt: skip
