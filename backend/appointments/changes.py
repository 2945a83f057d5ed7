"""What staff do with appointments: book by telephone, move, cancel, note who came and who did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.appointments.booking import end, follow_each_other, free, locked
from backend.appointments.calendar import BRUSSELS, make_slots
from backend.appointments.models import Appointment, AppointmentChange, AppointmentState, Desk, Slot
from backend.fleet.models import Municipality
from kiosk.domain import appointments as domain


class ChangeProblem(StrEnum):
    """Why a change cannot be made."""

    NOT_FREE = "not-free"  # somebody was faster, or a kiosk holds the time
    NOT_ONE_TIME = "not-one-time"  # the slots do not follow each other at one desk
    NOT_BOOKED = "not-booked"  # it was cancelled, or is over
    ELSEWHERE = "elsewhere"  # another municipality's
    TICKET_HAS_ONE = "ticket-has-one"  # the ticket has an appointment already


class ChangeRefused(Exception):
    """Nothing was changed; `problem` says why."""

    def __init__(self, problem: ChangeProblem):
        super().__init__(problem.value)
        self.problem = problem


def free_times(municipality: Municipality, begin: datetime, end: datetime, minutes: int) -> tuple[domain.Slot, ...]:
    """The times of at least so many minutes that no kiosk holds, in order; of every desk."""
    make_slots(municipality, begin.astimezone(BRUSSELS).date(), end.astimezone(BRUSSELS).date())
    rows = Slot.objects.select_related("desk").filter(
        desk__municipality=municipality,
        start__gte=begin,
        start__lt=end,
        closed=False,
        appointment__isnull=True,
        leased_to__isnull=True,
    )
    by_desk: dict[int, list[domain.Slot]] = {}
    for row in rows.order_by("start"):
        by_desk.setdefault(row.desk_id, []).append(domain.Slot(row.start, str(row.pk), row.minutes, row.desk.name))
    return tuple(sorted(time for slots in by_desk.values() for time in domain.long_enough(slots, minutes)))


@transaction.atomic
def book(
    municipality: Municipality, slot_ids: Sequence[UUID], *, by: Staff, now: datetime, ticket_id: UUID | None = None
) -> Appointment:
    """Book free slots that follow each other. Raises ChangeRefused."""
    slots = _free(municipality, slot_ids)
    if ticket_id is not None and Appointment.objects.filter(ticket_id=ticket_id, slots__isnull=False).exists():
        raise ChangeRefused(ChangeProblem.TICKET_HAS_ONE)
    appointment = Appointment.objects.create(
        desk=slots[0].desk,
        start=slots[0].start,
        minutes=sum(slot.minutes for slot in slots),
        ticket_id=ticket_id,
        made_at=now,
    )
    _take(slots, appointment)
    _note(appointment, AppointmentState.BOOKED, by, now, appointment.start, appointment.desk)
    return appointment


@transaction.atomic
def move(
    municipality: Municipality, appointment_id: UUID, slot_ids: Sequence[UUID], *, by: Staff, now: datetime
) -> Appointment:
    """Give a booked appointment another time; its old one is free for everybody. Raises ChangeRefused."""
    appointment = _booked(municipality, appointment_id, (AppointmentState.BOOKED, AppointmentState.NO_SHOW))
    slots = _free(municipality, slot_ids)
    before, desk_before = appointment.start, appointment.desk
    _let_go(appointment)
    appointment.desk, appointment.start = slots[0].desk, slots[0].start
    appointment.minutes = sum(slot.minutes for slot in slots)
    appointment.state = AppointmentState.BOOKED
    appointment.save(update_fields=["desk", "start", "minutes", "state"])
    _take(slots, appointment)
    _note(appointment, AppointmentState.BOOKED, by, now, before, desk_before)
    return appointment


@transaction.atomic
def cancel(municipality: Municipality, appointment_id: UUID, *, by: Staff, now: datetime) -> Appointment:
    """The parent does not come; the time is free for everybody. Raises ChangeRefused."""
    appointment = _booked(municipality, appointment_id, (AppointmentState.BOOKED,))
    _let_go(appointment)
    end(appointment, AppointmentState.CANCELLED, now, by)
    return appointment


@transaction.atomic
def arrived(municipality: Municipality, appointment_id: UUID, *, by: Staff, now: datetime) -> Appointment:
    """The parent is here, perhaps late. Raises ChangeRefused."""
    appointment = _booked(municipality, appointment_id, (AppointmentState.BOOKED, AppointmentState.NO_SHOW))
    end(appointment, AppointmentState.ARRIVED, now, by)
    return appointment


@transaction.atomic
def no_show(municipality: Municipality, appointment_id: UUID, *, by: Staff, now: datetime) -> Appointment:
    """The parent did not come. Only of an appointment whose time has begun. Raises ChangeRefused."""
    appointment = _booked(municipality, appointment_id, (AppointmentState.BOOKED,))
    if now < appointment.start:
        raise ChangeRefused(ChangeProblem.NOT_BOOKED)
    end(appointment, AppointmentState.NO_SHOW, now, by)
    return appointment


def _booked(municipality: Municipality, appointment_id: UUID, states: tuple[AppointmentState, ...]) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("desk")
    appointment = rows.filter(pk=appointment_id).first()
    if appointment is None or appointment.desk.municipality_id != municipality.pk:
        raise ChangeRefused(ChangeProblem.ELSEWHERE)
    if appointment.state not in states:
        raise ChangeRefused(ChangeProblem.NOT_BOOKED)
    return appointment


def _free(municipality: Municipality, slot_ids: Sequence[UUID]) -> list[Slot]:
    """The rows, locked, in order of time. What somebody else has in hand at this moment is not free."""
    here = Slot.objects.select_related("desk").filter(pk__in=slot_ids, desk__municipality=municipality, closed=False)
    if not slot_ids or here.count() < len(slot_ids):
        raise ChangeRefused(ChangeProblem.ELSEWHERE)
    found = list(locked(here.filter(appointment__isnull=True, leased_to__isnull=True), passing_over=True))
    if len(found) < len(slot_ids):
        raise ChangeRefused(ChangeProblem.NOT_FREE)
    slots = sorted(found, key=lambda slot: slot.start)
    if not follow_each_other(slots):
        raise ChangeRefused(ChangeProblem.NOT_ONE_TIME)
    return slots


def _take(slots: list[Slot], appointment: Appointment) -> None:
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(appointment=appointment)


def _let_go(appointment: Appointment) -> None:
    """Also out of the kiosk's lease: it has told the parent this time, and must not give it to another."""
    free(appointment, leased_to=None, lease_expires=None)


def _note(
    appointment: Appointment, state: AppointmentState, by: Staff, now: datetime, before: datetime, desk: Desk
) -> None:
    AppointmentChange.objects.create(
        appointment=appointment, at=now, by=by, state=state, start_before=before, desk_before=desk.name
    )
