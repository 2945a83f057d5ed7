"""Municipalities, their kiosks, and the codes with which a kiosk joins."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Municipality(models.Model):
    """Whose data a row is. `id` is the profile's id."""

    id = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=120)

    municipality_path: ClassVar[str] = "pk"
    open_to_platform: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.name


class Kiosk(models.Model):
    """One kiosk and its Ed25519 public key, which signs its calls and its tickets.

    Its tickets name it by `id` and its key by `key_id` (see `kiosk.domain.tickets.keys`); `name` is for people.

    `synced_at`: the last moment, by the kiosk's own clock, at which all that it had recorded was acknowledged.
    What it did after that moment may not be known here; leases depend on it.
    `contiguous_to`: every journal entry up to this number has arrived. `entries_held`: how many are held.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="kiosks")
    name = models.CharField(max_length=80)
    public_key = models.CharField(max_length=43, unique=True)
    key_id = models.CharField(max_length=11, unique=True)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    contiguous_to = models.PositiveBigIntegerField(default=0)
    entries_held = models.PositiveBigIntegerField(default=0)
    heartbeat = models.JSONField(default=dict, blank=True)

    municipality_path: ClassVar[str] = "municipality"
    open_to_platform: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.name


class EnrolmentCode(models.Model):
    """A one-time code for one new kiosk. Only a digest of its secret part is kept.

    The public part finds the row, so that wrong guesses at the secret part can be counted.
    """

    municipality_path: ClassVar[str] = "municipality"

    public_part = models.CharField(max_length=8, unique=True)
    secret_digest = models.CharField(max_length=64)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField(default=5)  # `enrolment.TRIES`
    used_by = models.OneToOneField(Kiosk, null=True, blank=True, on_delete=models.SET_NULL)


class RetiredKey(models.Model):
    """A key that its kiosk has replaced. What it signed stays good; it may call until `calls_until`."""

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="retired_keys")
    public_key = models.CharField(max_length=43, unique=True)
    key_id = models.CharField(max_length=11, unique=True)
    retired_at = models.DateTimeField()
    calls_until = models.DateTimeField()


class SpentToken(models.Model):
    """A token that was used: a second use is a replay. Rows go once the token would have expired anyway.

    One is written for each call, so the row is as lean as can be: no number of its own, and no look at the kiosk's row.
    """

    pk = models.CompositePrimaryKey("kiosk_id", "jti")
    kiosk = models.ForeignKey(Kiosk, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    jti = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
