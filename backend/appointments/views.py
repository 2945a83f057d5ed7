"""The calendar: who comes when, and what staff change about it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts import access
from backend.accounts.access import municipality_of, page, staff_of
from backend.accounts.audit import Act, note
from backend.accounts.roles import Area, Role
from backend.appointments import calendar, changes
from backend.appointments.calendar import BRUSSELS
from backend.appointments.changes import ChangeProblem, ChangeRefused
from backend.appointments.forms import HoursForm
from backend.appointments.models import Appointment, ClosingDay, Desk, OpeningHours, Slot
from backend.requests.models import Request

AHEAD = timedelta(days=42)  # how far staff look for another time
MOST_TIMES = 200

PROBLEMS = {
    ChangeProblem.NOT_FREE: _("This time was taken meanwhile, or a kiosk holds it. Choose another one."),
    ChangeProblem.NOT_ONE_TIME: _("These times do not follow each other."),
    ChangeProblem.NOT_BOOKED: _("This appointment cannot be changed that way any more."),
    ChangeProblem.ELSEWHERE: _("There is no such appointment or time here."),
    ChangeProblem.TICKET_HAS_ONE: _("This ticket has an appointment already."),
}


@page(Area.APPOINTMENTS)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """A week of all desks: appointments by day, and how many times are free or held by kiosks."""
    monday = _monday(request.GET.get("week", ""))
    staff = staff_of(request)
    begin, end = _moments(monday, monday + timedelta(days=7))
    rows = access.rows(staff, Appointment.objects.select_related("desk")).filter(start__gte=begin, start__lt=end)
    appointments = list(rows.order_by("start", "desk__name"))
    tickets = {row.ticket_id for row in appointments if row.ticket_id}
    named = access.rows(staff, Request.objects.annotate(how_many=Count("children"))).filter(pk__in=tickets)
    by_ticket = {row.pk: row for row in named}
    closed = set(ClosingDay.objects.filter(municipality=municipality_of(request)).values_list("day", flat=True))
    days = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        of_day = [
            (row, by_ticket.get(row.ticket_id)) for row in appointments if row.start.astimezone(BRUSSELS).date() == day
        ]
        days.append({"day": day, "rows": of_day, "closed": day in closed, **_times(request, day)})
    note(request, Act.APPOINTMENTS_SEEN, found=len(appointments))
    empty = not any(one["rows"] or one["closed"] or one["free"] or one["held"] for one in days)
    context = {"days": days, "empty": empty, "monday": monday, "today": timezone.localdate(), "now": timezone.now()}
    context |= {"before": monday - timedelta(days=7), "after": monday + timedelta(days=7)}
    return render(request, "appointments/week.html", context)


@page(Area.APPOINTMENTS)
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """An appointment by telephone."""
    return _choose(request, None)


@page(Area.APPOINTMENTS)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, key: UUID) -> HttpResponse:
    """Another time for an appointment."""
    return _choose(request, access.one(staff_of(request), Appointment.objects.select_related("desk"), key))


@page(Area.APPOINTMENTS)
@require_POST
def change(request: HttpRequest, key: UUID) -> HttpResponse:
    """Arrived, missed or cancelled."""
    appointment = access.one(staff_of(request), Appointment.objects.select_related("desk"), key)
    deeds = {"arrived": changes.arrived, "no-show": changes.no_show, "cancel": changes.cancel}
    deed = request.POST.get("do", "")
    if deed in deeds:
        try:
            deeds[deed](municipality_of(request), key, by=staff_of(request), now=timezone.now())
            note(request, Act.APPOINTMENT_CHANGED, appointment, what=deed)
        except ChangeRefused as refused:
            messages.error(request, PROBLEMS[refused.problem])
    return _to_week(appointment.start)


@page(Area.APPOINTMENTS)
@require_http_methods(["GET", "POST"])
def desks(request: HttpRequest) -> HttpResponse:
    """Desks, their weekly hours and places, and the days on which the town hall is closed. Managers change them."""
    municipality, staff = municipality_of(request), staff_of(request)
    form = HoursForm(municipality)
    if request.method == "POST" and staff.role == Role.MANAGER:
        form = _change_desks(request) or form
        if not form.errors:
            return redirect("appointments:desks")
    days = ClosingDay.objects.filter(municipality=municipality, day__gte=timezone.localdate()).order_by("day")
    rows = Desk.objects.filter(municipality=municipality).prefetch_related("hours").order_by("name")
    context = {"desks": rows, "closing_days": days, "form": form, "may_change": staff.role == Role.MANAGER}
    return render(request, "appointments/desks.html", context)


def _choose(request: HttpRequest, appointment: Appointment | None) -> HttpResponse:
    municipality, now = municipality_of(request), timezone.now()
    minutes = appointment.minutes if appointment is not None else _minutes(request)
    complaint = None
    if request.method == "POST" and "time" in request.POST:
        by, slots = staff_of(request), _slots(request.POST.get("time", ""))
        try:
            if appointment is None:
                done = changes.book(municipality, slots, by=by, now=now)
            else:
                done = changes.move(municipality, appointment.pk, slots, by=by, now=now)
            note(request, Act.APPOINTMENT_CHANGED, done, what="move" if appointment is not None else "book")
            return _to_week(done.start)
        except ChangeRefused as refused:
            complaint = PROBLEMS[refused.problem]
    times = changes.free_times(municipality, now, now + AHEAD, minutes)[:MOST_TIMES]
    by_day: dict[date, list[object]] = {}
    for one in times:
        by_day.setdefault(one.start.astimezone(BRUSSELS).date(), []).append((",".join(one.ids), one))
    context = {"appointment": appointment, "days": by_day.items(), "minutes": minutes, "complaint": complaint}
    return render(request, "appointments/choose.html", context)


def _change_desks(request: HttpRequest) -> HoursForm | None:
    """A form that has errors, or None where it was done."""
    municipality, today = municipality_of(request), timezone.localdate()
    deed = request.POST.get("do", "")
    if deed == "add-hours":
        form = HoursForm(municipality, request.POST)
        if not form.is_valid():
            return form
        line = form.save()
        calendar.template_changed(line.desk, today + timedelta(days=1))
    elif deed == "remove-hours":
        line = OpeningHours.objects.filter(desk__municipality=municipality, pk=_number(request, "line")).first()
        if line is not None:
            line.delete()
            calendar.template_changed(line.desk, today + timedelta(days=1))
    elif deed == "capacity":
        desk = Desk.objects.filter(municipality=municipality, pk=_number(request, "desk")).first()
        places = _number(request, "capacity")
        if desk is not None and 1 <= places <= 20:
            desk.capacity = places
            desk.save(update_fields=["capacity"])
            calendar.template_changed(desk, today + timedelta(days=1))
    elif deed in ("close", "open"):
        day = _date(request.POST.get("day", ""))
        if day is not None and day >= today:
            if deed == "open":
                calendar.open_day(municipality, day)
            elif calendar.close_day(municipality, day):
                messages.warning(request, _("There are appointments on this day. Move them, and tell the parents."))
    note(request, Act.APPOINTMENT_CHANGED, what=deed[:20])
    return None


def _times(request: HttpRequest, day: date) -> dict[str, int]:
    begin, end = _moments(day, day + timedelta(days=1))
    slots = Slot.objects.filter(
        desk__municipality=municipality_of(request), start__gte=begin, start__lt=end, closed=False
    )
    taken = Q(appointment__isnull=False)
    held = Q(appointment__isnull=True, leased_to__isnull=False)
    return slots.aggregate(
        free=Count("pk", filter=Q(appointment__isnull=True, leased_to__isnull=True)),
        held=Count("pk", filter=held),
        taken=Count("pk", filter=taken),
    )


def _moments(first: date, end: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(), BRUSSELS), datetime.combine(end, time(), BRUSSELS)


def _monday(text: str) -> date:
    """Of the week that is asked for; at the end of a week, of the next one."""
    day = _date(text) or timezone.localdate() + timedelta(days=2 if timezone.localdate().weekday() > 4 else 0)
    return day - timedelta(days=day.weekday())


def _to_week(moment: datetime) -> HttpResponse:
    response = redirect("appointments:week")
    response["Location"] += f"?week={moment.astimezone(BRUSSELS).date()}"
    return response


def _slots(text: str) -> list[UUID]:
    try:
        return [UUID(part) for part in text.split(",")[:20]]
    except ValueError:
        return []


def _minutes(request: HttpRequest) -> int:
    minutes = _number(request, "minutes") or 20
    return minutes if 5 <= minutes <= 240 else 20


def _number(request: HttpRequest, name: str) -> int:
    text = (request.POST if request.method == "POST" else request.GET).get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
