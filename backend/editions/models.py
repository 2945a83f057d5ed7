"""Editions: each is kept as it was published, and the latest of its kind is the one that counts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from backend.fleet.models import Municipality
from kiosk.domain.wire import EditionKind


class Edition(models.Model):
    """A profile (TOML) or a list of notices (JSON), as kiosks download it. `digest` is the SHA-256 of its text.

    `by` is None where a command published it.
    """

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="editions")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in EditionKind])
    text = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """The latest is asked for with every heartbeat."""

        indexes: ClassVar = [models.Index(fields=["municipality", "kind", "-id"], name="edition_latest")]
