"""Paid or booked, but the ticket is not out, or not surely."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import PrintTroubleView, View

load_layout(__file__)


class PrintTroubleScreen(Screen):
    """Calms first: the request is safe. Then the code, to be written down or photographed."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """The reason is said where the parent can see it at the machine."""
        content = view.content
        assert isinstance(content, PrintTroubleView)
        self.ids.code.text = content.ticket_code
        self.ids.code_label.text = t("Your code: write it down or take a photo")
        safe = t("Your request is safe")
        if content.paid_cents:
            safe = t("Paid: {amount}. Your request is safe", amount=t.money(content.paid_cents))
        help_line = t("or call {phone}", phone=words.unbroken(content.phone)) if content.phone else ""
        tiles = [
            TileSpec(safe, icon="check", tone="done"),
            TileSpec(t("Please go to the counter for your ticket"), hint=help_line, icon="counter"),
        ]
        if content.money_back:
            tiles.append(
                TileSpec(
                    t("I would rather have my money back"),
                    hint=t("Then your request and your appointment are cancelled."),
                    name="money_back",
                    event=events.MoneyBackWanted(),
                    icon="terminal-card",
                    mark="go",
                )
            )
        self.ids.tiles.show(tiles)
        if content.reason == "paper-out":
            lead = t("The paper has run out.")
        elif content.reason == "cover-open":
            lead = t("The printer is open.")
        else:
            lead = t("The printer does not work at the moment.")
        if content.trying_again:
            lead += " " + t("We are trying again.")
        return Frame(
            title=t("Your ticket was not printed"),
            lead=lead,
            primary=t("Done") if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the code."""
        self.ids.code.text = ""
        self.ids.tiles.show([])
