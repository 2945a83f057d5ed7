"""Done: take the ticket and the card."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import TakeView, View

load_layout(__file__)


class TakeScreen(Screen):
    """What was paid, the code, the appointment, and a large picture of the ticket."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """The card is mentioned for as long as it is in the reader."""
        content = view.content
        assert isinstance(content, TakeView)
        code = t("Your code: {code}", code=content.ticket_code)
        heading = t("Paid: {amount}", amount=t.money(content.paid_cents)) if content.paid_cents else t("Request saved")
        if content.again:
            heading = t("Your request is safe")
        if content.due_cents:
            heading = t("To pay at the desk: {amount}", amount=t.money(content.due_cents))
        tiles = [TileSpec(heading, hint=code, icon="check", tone="done")]
        if content.slot is not None:
            start = content.slot.start
            when = t("{day}, {time}", day=t.day(start), time=t.time(start))
            tiles.append(TileSpec(when, hint=t("your appointment"), icon="calendar"))
        if content.card_in:
            tiles.append(
                TileSpec(t("Take your residence card out of the reader"), hint=t("Do not forget it"), icon="take-card")
            )
        self.ids.tiles.show(tiles)
        return Frame(
            title=t("Take your ticket and your card") if content.card_in else t("Take your ticket"),
            primary=t("Done") if view.can_continue else "",
            primary_event=events.Continue(),
            look_of="done",
        )

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Nothing is left to go back to."""
        return ()

    def leave(self) -> None:
        """Forget the code."""
        self.ids.tiles.show([])
