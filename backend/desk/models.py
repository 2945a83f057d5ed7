"""Scans that a desk made without a line, as it sent them afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from backend.fleet.models import Municipality
from backend.requests.models import Request


class DeskScan(models.Model):
    """One scan without a line. `id` is the desk's own number for it, so that it is taken once.

    `at` is the desk's clock, `received_at` ours. `outcome` says what became of it: `waiting` as long as the request
    has not arrived from its kiosk, `double` where the card had been handed over before.
    """

    class Outcome(models.TextChoices):
        """What became of a scan."""

        NOTED = "noted"
        TAKEN = "taken"
        WAITING = "waiting"
        DOUBLE = "double"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    ticket_id = models.UUIDField(db_index=True)
    request = models.ForeignKey(Request, null=True, on_delete=models.SET_NULL, related_name="scans")
    action = models.CharField(max_length=10)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=150)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    problem = models.CharField(max_length=20, blank=True)

    municipality_path: ClassVar[str] = "municipality"

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["municipality"], condition=models.Q(outcome="waiting"), name="scan_waiting")
        ]
