"""Who looked at whose data."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from backend.requests.models import Request


class LookUp(models.Model):
    """One scan or typed code at a desk, and what came of it. What was typed is not kept."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()
    result = models.CharField(max_length=30)
    request = models.ForeignKey(Request, null=True, on_delete=models.SET_NULL)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at"]
