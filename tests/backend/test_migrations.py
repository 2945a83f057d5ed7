"""The tables can be made, one step after the other, and are those that the models say."""

from __future__ import annotations

from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


def test_no_two_steps_claim_to_be_the_last() -> None:
    assert MigrationLoader(None).detect_conflicts() == {}


def test_no_model_has_changed_without_a_step() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)  # exits where one is missing
