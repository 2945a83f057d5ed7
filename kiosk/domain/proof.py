"""What can be proven of a parent's card, so that a municipality can say what it demands for a service."""

from __future__ import annotations

from enum import StrEnum


class Proof(StrEnum):
    """One thing that the card proved by a signature that leads to a trusted root, or by its chip."""

    IDENTITY = "identity"
    ADDRESS = "address"
    PHOTO = "photo"
    CHIP = "chip"  # that the chip is no copy: possible on cards since 2020 only, so that no older one will do
    # The same, of those cards; an older one, which can prove no such thing, will do. A chip that should answer and
    # does not has not proven it: a copy's maker knows better than to let it answer.
    CHIP_WHERE_POSSIBLE = "chip-where-possible"
    # That the Belgian root behind its signatures has not expired. A card outlives its root's certificate by years and
    # stays genuine, so that this turns away parents with old cards in good order.
    CURRENT_ROOT = "current-root"
