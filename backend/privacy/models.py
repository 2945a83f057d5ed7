"""How long a municipality keeps data about people."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from backend.fleet.models import Municipality

_AT_MOST = MaxValueValidator(3650)


class Retention(models.Model):
    """Days after which personal data go. A municipality without a row has these defaults.

    `ended_days` counts from the end of a request (collected, cancelled, refunded), `idle_days` from the last thing
    that happened to one that never ended, `audit_days` from a line of the audit log. Money stays: a booking names
    nobody, and accounts are kept for years by law.
    """

    municipality = models.OneToOneField(
        Municipality, primary_key=True, on_delete=models.CASCADE, related_name="retention"
    )
    ended_days = models.PositiveSmallIntegerField(default=90, validators=[MinValueValidator(1), _AT_MOST])
    idle_days = models.PositiveSmallIntegerField(default=365, validators=[MinValueValidator(30), _AT_MOST])
    audit_days = models.PositiveSmallIntegerField(default=730, validators=[MinValueValidator(180), _AT_MOST])

    municipality_path: ClassVar[str] = "municipality"
