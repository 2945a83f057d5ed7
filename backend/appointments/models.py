"""Desks, when they are open, and every single time that can be booked."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.fleet.models import Kiosk, Municipality


class Desk(models.Model):
    """A desk, and how many parents it serves at a time. `slots_until`: the last day for which slots exist."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="desks")
    name = models.CharField(max_length=80)
    capacity = models.PositiveSmallIntegerField(default=1)
    slots_until: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)

    class Meta:
        """A desk's name is its own, and somebody sits at it."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["municipality", "name"], name="desk_named_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=20), name="desk_serves_somebody"),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """A line of a desk's weekly template, in the time of Belgium. `weekday` 0 is Monday."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField(default=15)

    class Meta:
        """Hours make sense."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(opens__lt=models.F("closes")), name="opens_before_it_closes"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_of_a_week"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="slot_of_five_minutes_at_least"),
        ]


class ClosingDay(models.Model):
    """A day on which a municipality is closed, beside weekends without hours and Belgian public holidays."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="closing_days")
    day = models.DateField()

    class Meta:
        """Closed once is closed."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["municipality", "day"], name="closed_once")]


class AppointmentState(models.TextChoices):
    """What became of an appointment. A moved one is booked still, at its new time."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    NO_SHOW = "no-show"
    CANCELLED = "cancelled"


# The time is somebody's in these: the slots belong to the appointment.
TAKEN = (AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.NO_SHOW)


class Appointment(models.Model):
    """A parent's time at a desk: one slot, or several that follow each other.

    `ticket_id` is None where staff booked it (by telephone); `kiosk` is the one that booked it. `collection`: to
    collect the card, which a ticket may have beside the time of its request. `reference` is the number of the booking
    in another calendar, where the municipality uses one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="appointments")
    start = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ticket_id = models.UUIDField(null=True, blank=True, db_index=True)
    collection = models.BooleanField(default=False)
    kiosk = models.ForeignKey(Kiosk, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    state = models.CharField(max_length=10, choices=AppointmentState.choices, default=AppointmentState.BOOKED)
    made_at = models.DateTimeField()
    reference = models.CharField(max_length=80, blank=True)

    municipality_path: ClassVar[str] = "desk__municipality"

    class Meta:
        """A ticket has one appointment, and one to collect."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket_id", "collection"],
                condition=Q(state__in=TAKEN, ticket_id__isnull=False),
                name="ticket_has_one_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["desk", "start"], name="appointment_of_desk")]


class AppointmentChange(models.Model):
    """Who moved, cancelled or closed an appointment, and when it was before. `by` is None for a kiosk."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=AppointmentState.choices)
    start_before = models.DateTimeField()
    desk_before = models.CharField(max_length=80)

    class Meta:
        """In order."""

        ordering: ClassVar = ["at", "id"]


class Slot(models.Model):
    """One time of one place at a desk: free, leased to a kiosk, or part of an appointment.

    The row is the lock: whoever leases or books a slot writes this row, so that a slot cannot be given twice.
    `place` counts from 0 up to the desk's capacity. `closed`: the day was closed after the slot was made; it is
    leased no more. `reference`: the number of a booking in another calendar that holds the time for a kiosk.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="slots")
    place = models.PositiveSmallIntegerField(default=0)
    start = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    closed = models.BooleanField(default=False)
    leased_to = models.ForeignKey(Kiosk, null=True, blank=True, on_delete=models.PROTECT, related_name="leased_slots")
    lease_expires = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="slots", db_index=False
    )
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        """No time of a place twice, and no half a lease."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["desk", "start", "place"], name="slot_once_per_place"),
            models.CheckConstraint(
                condition=Q(leased_to__isnull=True, lease_expires__isnull=True)
                | Q(leased_to__isnull=False, lease_expires__isnull=False),
                name="lease_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["desk", "start"],
                condition=Q(appointment__isnull=True, leased_to__isnull=True),
                name="slot_free",
            ),
            models.Index(fields=["leased_to", "start"], condition=Q(leased_to__isnull=False), name="slot_leased"),
            models.Index(
                fields=["lease_expires"],
                condition=Q(leased_to__isnull=False, appointment__isnull=True),
                name="slot_due",
            ),
            models.Index(fields=["appointment"], condition=Q(appointment__isnull=False), name="slot_booked"),
        ]
