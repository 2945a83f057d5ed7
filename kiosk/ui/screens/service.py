"""What the parent comes for."""

from __future__ import annotations

from kiosk.text import Texts, terms
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import ServiceView, View

load_layout(__file__)


class ServiceScreen(Screen):
    """One tile per service, and one for what was asked for before; touching it goes on."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The greeting proves that the card was read."""
        content = view.content
        assert isinstance(content, ServiceView)
        tiles = [
            TileSpec(
                heading=terms.service_name(t, service),
                hint=terms.service_hint(t, service)
                if service not in content.closed
                else t("Not possible just now: nothing can be paid here"),
                name=f"service:{service.value}",
                event=events.ServiceChosen(service),
                icon=f"service-{service.value}",
                mark="go" if service not in content.closed else "",
                enabled=service not in content.closed,
            )
            for service in content.services
        ]
        if content.my_requests:
            earlier = t("See how far they are, print a ticket again, change an appointment")
            tile = TileSpec(
                t("My requests"),
                hint=earlier,
                name="my_requests",
                event=events.RequestsWanted(),
                icon="list",
                mark="go",
            )
            tiles.append(tile)
        self.ids.tiles.show(tiles)
        name = view.greeting_name
        return Frame(title=t("Hello {name}, what do you need?", name=name) if name else t("What do you need?"))

    def leave(self) -> None:
        """Start from the top next time."""
        self.ids.tiles.restart()
