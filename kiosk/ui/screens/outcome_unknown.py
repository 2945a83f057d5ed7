"""It cannot be said now whether money moved. Nobody is asked to pay again."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import OutcomeUnknownView, View

load_layout(__file__)


class OutcomeUnknownScreen(Screen):
    """While the terminal is asked: wait. Afterwards: the code, and whom to see."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """The code stays readable; it is what staff need."""
        content = view.content
        assert isinstance(content, OutcomeUnknownView)
        self.ids.code.text = content.ticket_code
        self.ids.code_label.text = t("Your code")
        amount = t.money(content.total_cents)
        tiles = [
            TileSpec(t("Do not pay again"), hint=t("Amount: {amount}", amount=amount), icon="warning", tone="alert")
        ]
        if content.looking:
            self.ids.tiles.show(tiles)
            return Frame(
                title=t("We are checking your payment"),
                lead=t("One moment. We ask the terminal what happened to {amount}.", amount=amount),
            )
        if content.slip_out:
            tiles.append(TileSpec(t("Take the slip with you"), hint=t("Show it at the counter"), icon="ticket"))
        tiles.append(
            TileSpec(
                t("Please go to the counter"),
                hint=t("or call {phone}", phone=words.unbroken(content.phone)) if content.phone else "",
                icon="counter",
            )
        )
        self.ids.tiles.show(tiles)
        return Frame(
            title=t("We do not know yet if you have paid"),
            lead=t("Our staff will find out. Your request is kept safe."),
            primary=t("Done") if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the code."""
        self.ids.code.text = ""
