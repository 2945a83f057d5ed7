"""What is kept of the kiosks' heartbeats and of what follows from them.

Written at the pace of the fleet: the last heartbeat lies in the kiosk's own row (`backend.api.calls`), and one
`Sample` of it is kept in ten minutes. `HourFigures` are what visits came to, counted as entries arrive, without
anybody in them.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from backend.fleet.models import Kiosk, Municipality
from kiosk.domain.fleet.condition import Part
from kiosk.domain.fleet.orders import OrderKind

PARTS = [(part.value, part.value) for part in Part]


class Sample(models.Model):
    """One kiosk at one moment; None is what was not known. `at` is the first heartbeat of its ten minutes."""

    municipality_path: ClassVar[str] = "kiosk__municipality"
    open_to_platform: ClassVar[bool] = True

    kiosk = models.ForeignKey(Kiosk, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField(db_index=True)
    in_service = models.BooleanField(null=True)
    paper_left_mm = models.PositiveBigIntegerField(null=True)
    queue_depth = models.PositiveBigIntegerField(null=True)
    cpu_percent = models.FloatField(null=True)
    memory_percent = models.FloatField(null=True)
    temperature_celsius = models.FloatField(null=True)
    disk_free_bytes = models.PositiveBigIntegerField(null=True)
    clock_offset_seconds = models.FloatField(null=True)
    faults = models.CharField(max_length=300, null=True)

    class Meta:
        """One in ten minutes."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kiosk", "at"], name="sample_once")]


class PaperForecast(models.Model):
    """What `backend.watch.paper` said of a kiosk, computed anew every so often. None: cannot be said."""

    municipality_path: ClassVar[str] = "kiosk__municipality"
    open_to_platform: ClassVar[bool] = True

    kiosk = models.OneToOneField(Kiosk, primary_key=True, on_delete=models.CASCADE, related_name="paper")
    made_at = models.DateTimeField()
    left_mm = models.PositiveBigIntegerField(null=True)
    day_need_mm = models.PositiveIntegerField(null=True)
    earliest = models.DateTimeField(null=True)
    likely = models.DateTimeField(null=True)
    latest = models.DateTimeField(null=True)
    days_seen = models.PositiveSmallIntegerField(default=0)


class HourFigures(models.Model):
    """What happened at a kiosk in one hour: `backend.watch.figures` says what is in `counts`."""

    municipality_path: ClassVar[str] = "kiosk__municipality"
    open_to_platform: ClassVar[bool] = True

    kiosk = models.ForeignKey(Kiosk, on_delete=models.CASCADE, related_name="hours")
    hour = models.DateTimeField(db_index=True)
    counts = models.JSONField(default=dict)

    class Meta:
        """One row an hour."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kiosk", "hour"], name="hour_once_per_kiosk")]


class Alert(models.Model):
    """Something is wrong with one part of a kiosk; `kiosk` is None when a whole municipality fell silent.

    A row begins when the fault is first seen (`began_at`), is raised when it has lasted, and is cleared when it has
    been well for long enough: once each. A fault that goes before it was raised leaves no row.
    """

    municipality_path: ClassVar[str] = "municipality"
    open_to_platform: ClassVar[bool] = True

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="alerts")
    kiosk = models.ForeignKey(Kiosk, null=True, on_delete=models.CASCADE, related_name="alerts")
    part = models.CharField(max_length=20, choices=PARTS)
    unknown = models.BooleanField(default=False)  # the fault is that a value is missing
    why = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True)
    well_since = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True)

    class Meta:
        """One open alert for each part of each kiosk."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kiosk", "part"], condition=models.Q(cleared_at__isnull=True), name="alert_open_once"
            ),
            models.UniqueConstraint(
                fields=["municipality", "part"],
                condition=models.Q(cleared_at__isnull=True, kiosk__isnull=True),
                name="alert_of_all_open_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["municipality", "-raised_at"], name="alert_newest"),
            models.Index(fields=["kiosk"], condition=models.Q(cleared_at__isnull=True), name="alert_open"),
        ]


class Channel(models.TextChoices):
    """How somebody is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Recipient(models.Model):
    """Who is told of what in a municipality, and who owns an alert that nobody has taken.

    `part` empty: of every part. `target` is an address of mail or an https URL; `secret` signs a webhook's body.
    """

    municipality_path: ClassVar[str] = "municipality"
    open_to_platform: ClassVar[bool] = True

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="recipients")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    part = models.CharField(max_length=20, choices=PARTS, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    target = models.CharField(max_length=300)
    secret = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=8, default="nl")
    daily_summary = models.BooleanField(default=False)


class Notice(models.Model):
    """One message to one recipient: waits until it is sent, or until it is too late to be of use."""

    class Kind(models.TextChoices):
        """What it tells."""

        RAISED = "raised"
        CLEARED = "cleared"
        REMINDER = "reminder"  # it was snoozed, and is still there
        SUMMARY = "summary"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="notices")
    day = models.DateField(null=True)  # of a summary
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        """Each thing is told to each once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recipient", "alert", "kind"], condition=models.Q(alert__isnull=False), name="told_once"
            ),
            models.UniqueConstraint(
                fields=["recipient", "day"], condition=models.Q(day__isnull=False), name="summary_once_a_day"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="notice_waiting",
            )
        ]


class Round(models.Model):
    """The watch's own memory, one row: when it last looked, and since when anybody is heard at all."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_at = models.DateTimeField(null=True)
    heard_since = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)


class ConsoleOrder(models.Model):
    """An order to a kiosk, from the hand that gave it to the kiosk's answer."""

    municipality_path: ClassVar[str] = "kiosk__municipality"
    open_to_platform: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.CASCADE, related_name="orders")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in OrderKind])
    by = models.CharField(max_length=150)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    text = models.TextField()
    signature = models.CharField(max_length=100)
    taken_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        """Those that wait are looked for with every heartbeat."""

        indexes: ClassVar = [
            models.Index(fields=["kiosk"], condition=models.Q(answered_at__isnull=True), name="order_waiting"),
            models.Index(fields=["kiosk", "-issued_at"], name="order_newest"),
        ]
