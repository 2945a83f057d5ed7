"""The pages of the fleet: who needs somebody, one kiosk, several side by side, alerts, paper, who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backend.accounts import audit
from backend.accounts.access import one, page, rows, staff_of
from backend.accounts.models import Staff
from backend.accounts.roles import Area, Role
from backend.console.paging import paged
from backend.fleet.models import Kiosk
from backend.watch import alerts, care, charts, console, orders, pictures, summary, telling, words
from backend.watch.models import PARTS, Alert, Channel, ConsoleOrder, Recipient
from kiosk.domain.fleet.condition import Part
from kiosk.domain.fleet.orders import OrderKind

DAYS = (7, 14, 28)
MOST_COMPARED = 4
SNOOZES = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}


def _kiosks(request: HttpRequest) -> list[Kiosk]:
    found = rows(staff_of(request), Kiosk.objects.filter(revoked_at__isnull=True))
    return list(found.select_related("municipality", "paper").order_by("name"))


def _kiosk(request: HttpRequest, key: object) -> Kiosk:
    return one(staff_of(request), Kiosk.objects.select_related("municipality", "paper"), key)


@page(Area.KIOSKS)
@require_GET
def fleet(request: HttpRequest) -> HttpResponse:
    """All kiosks, the most urgent first. `?level=`, `q=`, `sort=`, `view=tiles`: fewer, or otherwise shown."""
    asked = {name: request.GET.get(name, "").strip()[:80] for name in ("level", "q", "sort", "view")}
    everyone = console.named(console.shown(_kiosks(request), timezone.now()), asked["q"])
    listed = console.ordered([one for one in everyone if asked["level"] in ("", one.tone)], asked["sort"])

    def address(**changes: str) -> str:
        return "?" + urlencode({name: value for name, value in (asked | changes).items() if value})

    context = {
        "tally": [(tone, word, count, address(level=tone)) for tone, word, count in console.tally(everyone)],
        "all": (len(everyone), address(level="")),
        "fleet": listed,
        "asked": asked,
        "sorts": words.SORTS.items(),
        "as_list": address(view=""),
        "as_tiles": address(view="tiles"),
        "several_towns": len({one.kiosk.municipality_id for one in everyone}) > 1,
    }
    return render(request, "watch/fleet.html", context)


@page(Area.KIOSKS)
@require_GET
def kiosk(request: HttpRequest, key: str) -> HttpResponse:
    """One kiosk: its parts, its alerts, charts over days, orders."""
    row, now = _kiosk(request, key), timezone.now()
    (shown,) = console.shown([row], now)
    days = _days(request)
    drawn = pictures.of_kiosk(row, now - timedelta(days=days), now)
    context = {
        "shown": shown,
        "parts": console.parts_shown(shown.parts),
        "facts": console.facts(row, shown.beat),
        "care": care.of_kiosk(row),
        "charts": [(chart, None if chart.is_empty else charts.svg(chart)) for chart in drawn],
        "days": days,
        "choices": DAYS,
        "alerts": alerts.raised(shown.alerts),
        "past": Alert.objects.filter(kiosk=row, cleared_at__isnull=False).order_by("-cleared_at")[:8],
        "orders": [(order, _state(order, now)) for order in row.orders.order_by("-issued_at")[:8]],
        "kinds": [(kind.value, words.ORDERS[kind]) for kind in OrderKind],
        "expiring": shown.beat.report.expiring,
        "paper": getattr(row, "paper", None),
        "now": now,
    }
    return render(request, "watch/kiosk.html", context)


@page(Area.KIOSKS)
@require_GET
def timeline(request: HttpRequest, key: str) -> HttpResponse:
    """What happened around a moment (`?at=`, ISO; now if none is given)."""
    row = _kiosk(request, key)
    text = request.GET.get("at", "")
    try:
        at = datetime.fromisoformat(text) if text else timezone.now()
        at = at if at.tzinfo else at.replace(tzinfo=words.BRUSSELS)
        around = (at - console.TIMELINE, at + console.TIMELINE)
    except (ValueError, OverflowError):
        raise Http404 from None
    moments, more = console.timeline(row, at)
    context = {"kiosk": row, "at": at, "moments": moments, "more": more}
    return render(request, "watch/timeline.html", context | {"before": around[0], "after": around[1]})


@page(Area.KIOSKS)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four kiosks side by side."""
    everyone, now, days = _kiosks(request), timezone.now(), _days(request)
    wanted = request.GET.getlist("kiosk")[:MOST_COMPARED]
    chosen = [row for row in everyone if str(row.pk) in wanted]
    drawn = pictures.side_by_side(chosen, now - timedelta(days=days), now) if len(chosen) > 1 else []
    context = {
        "everyone": everyone,
        "wanted": wanted,
        "chosen": console.shown(chosen, now),
        "charts": [(chart, None if chart.is_empty else charts.svg(chart)) for chart in drawn],
        "days": days,
        "choices": DAYS,
        "most": MOST_COMPARED,
    }
    return render(request, "watch/compare.html", context)


@page(Area.KIOSKS)
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The refill round of the day, to take along on paper."""
    now = timezone.now()
    everyone = _kiosks(request)
    context = {"round": summary.refill_round(everyone, now), "everyone": everyone, "now": now}
    return render(request, "watch/paper.html", context)


# --- Alerts ----------------------------------------------------------------------------------------------


def _open(request: HttpRequest) -> QuerySet[Alert]:
    return rows(staff_of(request), Alert.objects.filter(cleared_at__isnull=True, raised_at__isnull=False))


@page(Area.KIOSKS)
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """What is open, the most urgent first; below it what is over."""
    staff = staff_of(request)
    listed = alerts.raised(_open(request).select_related("kiosk", "owner", "municipality"))
    over = rows(staff, Alert.objects.filter(cleared_at__isnull=False)).select_related("kiosk", "owner", "municipality")
    people = rows(staff, Staff.objects.filter(is_active=True)).order_by("username")
    context = {"alerts": listed, "people": [p for p in people if Area.KIOSKS in p.areas], "now": timezone.now()}
    return render(request, "watch/alerts.html", context | paged(request, over.order_by("-cleared_at")))


@page(Area.KIOSKS)
@require_POST
def alert_act(request: HttpRequest, key: int) -> HttpResponse:
    """Take it, let it rest, or hand it over."""
    staff, now = staff_of(request), timezone.now()
    alert = one(staff, Alert.objects.all(), key)
    what = request.POST.get("do", "")
    rest = SNOOZES.get(request.POST.get("for", ""))
    if what == "acknowledge":
        done = alerts.acknowledge(alert, staff, now)
    elif what == "snooze" and rest is not None:
        done = alerts.snooze(alert, now + rest)
    elif what == "hand-over":
        done = alerts.hand_over(alert, one(staff, Staff.objects.filter(is_active=True), request.POST.get("to")))
    else:
        raise Http404
    if done:
        audit.note(staff, audit.Act.ALERT_HANDLED, alert, municipality=alert.municipality, what=what)
    else:
        messages.warning(request, _("Somebody was faster: this alert has changed meanwhile."))
    return redirect(_back(request, "watch:alerts"))


# --- Orders ----------------------------------------------------------------------------------------------


@page(Area.KIOSKS)
@require_POST
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Give a kiosk an order."""
    row, staff = _kiosk(request, key), staff_of(request)
    kind = request.POST.get("order", "")
    if kind not in set(OrderKind) or row.revoked_at is not None:
        raise Http404
    try:
        given = orders.give(row, OrderKind(kind), staff.get_username(), timezone.now())
    except orders.AlreadyWaiting:
        messages.warning(request, _("This order is on its way already."))
    else:
        audit.note(staff, audit.Act.KIOSK_ORDERED, row, municipality=row.municipality, order=kind, id=str(given.pk))
        messages.success(request, _("The order is signed and goes with the next heartbeat."))
    return redirect("watch:kiosk", key=row.pk)


def _state(order: ConsoleOrder, now: datetime) -> tuple[str, str]:
    """Tone and words."""
    if order.answered_at is not None:
        tone = "go" if order.outcome == "done" else "stop"
        return tone, words.outcome_word(order.outcome)
    if order.taken_at is not None:
        return "wait", _("taken by the kiosk")
    return ("wait", _("on its way")) if order.expires_at > now else ("nothing", _("expired: the kiosk did not take it"))


# --- Who is told -----------------------------------------------------------------------------------------


def _manages(staff: Staff) -> bool:
    return staff.role == Role.MANAGER and staff.municipality_id is not None


@page(Area.KIOSKS)
@require_GET
def recipients(request: HttpRequest) -> HttpResponse:
    """Who is told of what, and the form for one more."""
    staff = staff_of(request)
    listed = rows(staff, Recipient.objects.select_related("staff", "municipality")).order_by(
        "part", "channel", "target"
    )
    waiting = Q(notices__sent_at__isnull=True, notices__given_up_at__isnull=True, notices__tries__gt=0)
    people = rows(staff, Staff.objects.filter(is_active=True)).order_by("username")
    context = {
        "recipients": listed,
        "troubled": set(listed.filter(waiting).values_list("pk", flat=True)),
        "may_change": _manages(staff),
        "parts": [(part.value, words.part_word(part.value)) for part in Part],
        "people": [p for p in people if Area.KIOSKS in p.areas],
    }
    return render(request, "watch/recipients.html", context)


@page(Area.KIOSKS)
@require_POST
def recipient_add(request: HttpRequest) -> HttpResponse:
    """One more. A webhook's secret is shown once, here."""
    staff = staff_of(request)
    if not _manages(staff) or staff.municipality is None:
        raise PermissionDenied
    data = request.POST
    channel, target, part = data.get("channel", ""), data.get("target", "").strip(), data.get("part", "")
    if channel not in set(Channel.values) or part not in ("", *(name for name, _word in PARTS)) or len(target) > 300:
        raise Http404
    try:
        validate_email(target) if channel == Channel.MAIL else telling.checked_url(target)
    except (ValidationError, telling.BadTarget):
        messages.error(request, _("This is no address of mail, or no https address."))
        return redirect("watch:recipients")
    secret = telling.new_secret() if channel == Channel.WEBHOOK else ""
    owner = one(staff, Staff.objects.filter(is_active=True), data["staff"]) if data.get("staff") else None
    row = Recipient.objects.create(
        municipality=staff.municipality,
        staff=owner,
        part=part,
        channel=channel,
        target=target,
        secret=secret,
        language=request.LANGUAGE_CODE,  # type: ignore[attr-defined]
        daily_summary="summary" in data,
    )
    audit.note(staff, audit.Act.ALERT_ROUTE_CHANGED, row, what="added", channel=channel)
    if secret:
        messages.success(request, _("The webhook's secret, shown this once: %(secret)s") % {"secret": secret})
    return redirect("watch:recipients")


@page(Area.KIOSKS)
@require_POST
def recipient_remove(request: HttpRequest, key: int) -> HttpResponse:
    """One less."""
    staff = staff_of(request)
    if not _manages(staff):
        raise PermissionDenied
    row = one(staff, Recipient.objects.all(), key)
    audit.note(staff, audit.Act.ALERT_ROUTE_CHANGED, row, what="removed", channel=row.channel)
    row.delete()
    return redirect("watch:recipients")


def _days(request: HttpRequest) -> int:
    text = request.GET.get("days", "")
    return int(text) if text in {str(days) for days in DAYS} else DAYS[1]


def _back(request: HttpRequest, name: str) -> str:
    """To the kiosk's page where the button stood there. Only ever to an address of ours."""
    from django.urls import reverse

    row = request.POST.get("kiosk", "")
    return reverse("watch:kiosk", args=[_kiosk(request, row).pk]) if row else reverse(name)
