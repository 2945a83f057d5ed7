"""Desks, when they are open, and every single time that can be booked."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from backend.fleet.models import Kiosk, Municipality


class Desk(models.Model):
    """A desk that serves one parent at a time. `slots_until`: the last day for which slots exist."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="desks")
    name = models.CharField(max_length=80)
    slots_until: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)

    class Meta:
        """A desk's name is its own."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["municipality", "name"], name="desk_named_once")]

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


class Slot(models.Model):
    """One time at one desk: free, leased to a kiosk, or booked.

    The row is the lock: whoever leases or books a slot writes this row, so that a slot cannot be given twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="slots")
    start = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    leased_to = models.ForeignKey(Kiosk, null=True, blank=True, on_delete=models.PROTECT, related_name="leased_slots")
    lease_expires = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(Kiosk, null=True, blank=True, on_delete=models.PROTECT, related_name="booked_slots")
    booked_ticket = models.UUIDField(null=True, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """No time of a desk twice, no appointment with two times, no half a booking or lease."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["desk", "start"], name="slot_once_per_desk"),
            models.UniqueConstraint(
                fields=["booked_ticket"], condition=Q(booked_ticket__isnull=False), name="ticket_booked_once"
            ),
            models.CheckConstraint(
                condition=Q(booked_ticket__isnull=True, booked_by__isnull=True, booked_at__isnull=True)
                | Q(booked_ticket__isnull=False, booked_by__isnull=False, booked_at__isnull=False),
                name="booking_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(leased_to__isnull=True, lease_expires__isnull=True)
                | Q(leased_to__isnull=False, lease_expires__isnull=False),
                name="lease_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["desk", "start"], condition=Q(booked_ticket__isnull=True), name="slot_not_booked"),
            models.Index(fields=["leased_to", "start"], name="slot_by_kiosk"),
        ]
