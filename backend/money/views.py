"""The pages about money."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backend.accounts.access import municipality_of, page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area
from backend.money import books, exports


@page(Area.MONEY)
@require_GET
def money(request: HttpRequest) -> HttpResponse:
    """Payments per day, ends of day and their differences, of some days."""
    first, last = _days(request)
    staff = staff_of(request)
    days, closings = books.by_day(staff, first, last), books.closings(staff, first, last)
    sums = {name: sum(getattr(day, name) for day in days) for name in ("by_card", "at_desk", "given_back", "total")}
    context = {"days": days, "closings": closings, "sums": sums, "first": first, "last": last}
    return render(request, "money/money.html", context)


@page(Area.MONEY)
@require_GET
def day(request: HttpRequest, text: str) -> HttpResponse:
    """Every booking of one day."""
    wanted = _date(text) or timezone.localdate()
    rows = books.bookings(staff_of(request), wanted, wanted)
    return render(request, "money/day.html", {"day": wanted, "rows": rows, "total": sum(one.cents for one in rows)})


@page(Area.MONEY)
@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """The bookings of some days for a spreadsheet."""
    first, last = _days(request)
    rows = books.bookings(staff_of(request), first, last)
    note(request, Act.MONEY_EXPORTED, how="csv", rows=len(rows))
    return _file(exports.as_csv(rows), "text/csv", f"loket-{first}-{last}.csv")


@page(Area.MONEY)
@require_GET
def as_camt(request: HttpRequest) -> HttpResponse:
    """The bookings of some days as statements."""
    first, last = _days(request)
    days = books.by_day(staff_of(request), first, last)
    note(request, Act.MONEY_EXPORTED, how="camt", rows=sum(len(one.bookings) for one in days))
    text = exports.as_camt(municipality_of(request), days, first, last, timezone.now())
    return _file(text, "application/xml", f"loket-{first}-{last}.camt053.xml")


def _file(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _days(request: HttpRequest) -> tuple[date, date]:
    """What is asked for, in order and at most `books.LONGEST`; by default the last four weeks."""
    last = _date(request.GET.get("last", "")) or timezone.localdate()
    first = _date(request.GET.get("first", "")) or last - timedelta(days=27)
    first, last = min(first, last), max(first, last)
    return max(first, last - books.LONGEST), last


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
