"""One screen per situation of a visit, and what may stand in front of it.

Module, layout file and situation share a name.
"""

from __future__ import annotations

from importlib import import_module

from kiosk.staff.view import StaffSituation
from kiosk.ui.screens.base import Screen
from kiosk.visit.view import Overlay, Situation


def screen_class(which: Situation | Overlay | StaffSituation) -> type[Screen]:
    """`card_type` is drawn by `CardTypeScreen` in `kiosk.ui.screens.card_type`; staff's are in `kiosk.ui.staff`."""
    room = "kiosk.ui.staff" if isinstance(which, StaffSituation) else __name__
    module = import_module(f"{room}.{which.value}")
    name = "".join(part.capitalize() for part in which.value.split("_")) + "Screen"
    screen: type[Screen] = getattr(module, name)
    return screen
