"""Paid, without a ticket, and the parent wants the money back: it is asked for, and then given or not."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import MoneyBack, MoneyBackView, View

load_layout(__file__)


class MoneyBackScreen(Screen):
    """Never says that money is back before the terminal has."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """The code stays readable: it is what staff need, whatever the answer."""
        content = view.content
        assert isinstance(content, MoneyBackView)
        self.ids.code.text = content.ticket_code
        self.ids.code_label.text = t("Your code")
        amount = t.money(content.total_cents)
        match content.state:
            case MoneyBack.ASKING:
                tiles = [TileSpec(t("One moment"), hint=t("Amount: {amount}", amount=amount), icon="terminal-card")]
                title, lead = t("We ask for your money back"), t("We ask the terminal to take the payment back.")
            case MoneyBack.GIVEN:
                tiles = [
                    TileSpec(
                        t("You have not paid anything"),
                        hint=t("Your bank may show the amount for a few days as reserved. Then it goes away."),
                        icon="check",
                        tone="done",
                    )
                ]
                title = t("Your money goes back")
                lead = t("Your request and your appointment are cancelled.")
            case MoneyBack.KEPT:
                tiles = [
                    TileSpec(
                        t("Paid: {amount}. Your request is safe", amount=amount),
                        hint=t("You never pay twice."),
                        icon="check",
                        tone="done",
                    )
                ]
                title = t("The terminal cannot take the payment back")
                lead = t("Your request stays. The counter gives you your ticket.")
        if content.state is not MoneyBack.ASKING:
            if content.slip_out:
                tiles.append(TileSpec(t("Take the slip with you"), hint=t("Show it at the counter"), icon="ticket"))
            phone = t("or call {phone}", phone=words.unbroken(content.phone)) if content.phone else ""
            tiles.append(TileSpec(t("Please go to the counter"), hint=phone, icon="counter"))
        self.ids.tiles.show(tiles)
        return Frame(
            title=title,
            lead=lead,
            primary=t("Done") if view.can_continue else "",
            primary_event=events.Continue(),
        )

    def leave(self) -> None:
        """Forget the code."""
        self.ids.code.text = ""
