"""What can be proven of a parent's card, so that a municipality can say what it demands for a service."""

from __future__ import annotations

from enum import StrEnum


class Proof(StrEnum):
    """One thing that the card proved by a signature that leads to a trusted root, or by its chip."""

    IDENTITY = "identity"
    ADDRESS = "address"
    PHOTO = "photo"
    CHIP = "chip"  # that the chip is no copy: possible on cards since 2020 only
