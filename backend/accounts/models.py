"""Members of staff, and the record of what they looked at and did."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models

from backend.accounts.roles import AREAS, SECOND_FACTOR, Area, Role
from backend.fleet.models import Municipality


class Staff(AbstractUser):
    """Someone who logs in. They see the rows of their municipality and no others; None sees none.

    Platform staff belong to no municipality.
    """

    municipality = models.ForeignKey(
        Municipality, null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.DESK)

    municipality_path: ClassVar[str] = "municipality"
    open_to_platform: ClassVar[bool] = True

    class Meta(AbstractUser.Meta):
        """An account belongs somewhere, but for the platform's."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(role=Role.PLATFORM) | models.Q(municipality__isnull=True),
                name="platform_is_nowhere",
            )
        ]

    @property
    def areas(self) -> frozenset[Area]:
        """What this account opens now."""
        if self.municipality_id is None and self.role != Role.PLATFORM:
            return frozenset()
        return AREAS[Role(self.role)]

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone is not enough."""
        return Role(self.role) in SECOND_FACTOR


class AuditEntry(models.Model):
    """One look at personal data, or one deed. Written by `backend.accounts.audit.note`, and never changed.

    `staff` goes with the account; `who` stays. `about` and `about_id` name the row, `details` holds words of ours and
    numbers: no personal data, and nothing that somebody typed.
    """

    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=150)
    municipality = models.ForeignKey(Municipality, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=30)
    about = models.CharField(max_length=30, blank=True)
    about_id = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)

    municipality_path: ClassVar[str] = "municipality"
    open_to_platform: ClassVar[bool] = True

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["municipality", "-at"], name="audit_of_municipality"),
            models.Index(fields=["about_id"], name="audit_of_row"),
        ]

    def save(self, *args: object, **kwargs: object) -> None:
        """Written once. Raises TypeError for a change."""
        if self.pk is not None:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """Raises TypeError: entries end with the retention, many at a time."""
        raise TypeError("an audit entry is never deleted by itself")
