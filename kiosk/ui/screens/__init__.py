"""One screen per situation of a visit, and what may stand in front of it.

Module, layout file and situation share a name.
"""

from __future__ import annotations

from importlib import import_module

from kiosk.ui.screens.base import Screen
from kiosk.visit.view import Overlay, Situation


def screen_class(which: Situation | Overlay) -> type[Screen]:
    """`card_type` is drawn by `CardTypeScreen` in `kiosk.ui.screens.card_type`."""
    module = import_module(f"{__name__}.{which.value}")
    name = "".join(part.capitalize() for part in which.value.split("_")) + "Screen"
    screen: type[Screen] = getattr(module, name)
    return screen
