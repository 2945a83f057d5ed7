"""Sure? The appointment is given up."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.screens.my_requests import when
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import CancelTimeView, View

load_layout(__file__)


class CancelTimeScreen(Screen):
    """What is given up, and what is not."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Going back is the way to keep it; it stands as a tile too."""
        content = view.content
        assert isinstance(content, CancelTimeView)
        tiles = []
        if content.appointment is not None:
            tiles.append(TileSpec(when(t, content.appointment), hint=content.appointment.desk, icon="calendar"))
        tiles.append(
            TileSpec(
                t("Your request stays, and what you have paid too."),
                hint=t("You can choose a new time here later."),
                icon="info",
            )
        )
        tiles.append(TileSpec(t("No, keep the appointment"), name="keep", event=events.Back(), icon="back", mark="go"))
        self.ids.tiles.show(tiles)
        return Frame(
            title=t("Cancel this appointment?"),
            primary=t("Yes, cancel it"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the time."""
        self.ids.tiles.show([])
