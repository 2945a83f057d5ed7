"""Requests that are there already can be found by their parents too."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from django.db import migrations

from kiosk.domain.follow_up import KEY_BYTES, parent_digest


def _write_digests(apps: Any, _: Any) -> None:
    keys: dict[str, bytes] = {}
    model = apps.get_model("requests", "LookUpKey")
    for request in apps.get_model("requests", "Request").objects.exclude(national_number="").iterator():
        town = request.municipality_id
        if town not in keys:
            row, _made = model.objects.get_or_create(municipality_id=town, defaults={"key": os.urandom(KEY_BYTES)})
            keys[town] = bytes(row.key)
        request.parent_digest = parent_digest(keys[town], request.national_number)
        request.save(update_fields=["parent_digest"])


class Migration(migrations.Migration):
    """After the columns are there."""

    dependencies: ClassVar = [("requests", "0005_parents_who_come_back")]
    operations: ClassVar = [migrations.RunPython(_write_digests, migrations.RunPython.noop)]
