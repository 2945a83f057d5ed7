"""Members of staff."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from backend.fleet.models import Municipality


class Staff(AbstractUser):
    """Someone who logs in. They see the rows of their municipality and no others; None sees none."""

    municipality = models.ForeignKey(Municipality, null=True, blank=True, on_delete=models.PROTECT)
