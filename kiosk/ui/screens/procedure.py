"""Normal or urgent: what it costs and when the card is ready."""

from __future__ import annotations

from kiosk.domain.quote import ProcedureOffer
from kiosk.text import Texts, terms
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import ProcedureView, View

load_layout(__file__)


class ProcedureScreen(Screen):
    """One tile per procedure; a closed one stays visible with its hours."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The fee of each and the day it is ready stand side by side."""
        content = view.content
        assert isinstance(content, ProcedureView)
        late = ""
        if content.too_late_for is not None:
            own = next((o.name for o in content.offers if o.procedure == content.too_late_for), {})
            name = terms.procedure_name(t, content.too_late_for, own)
            late = t("It is too late for {procedure} now: its hour has just passed.", procedure=name)
        elif not any(offer.open for offer in content.offers):
            late = t("Today this is not possible any more. Come earlier on another day, or ask the desk.")
        self.ids.late.text, self.ids.late.shown = late, bool(late)
        self.ids.tiles.show([self._tile(offer, content, t) for offer in content.offers])
        return Frame(
            title=t("When do you need the card of {name}?", name=content.child.first_name),
            lead="" if content.day_is_fixed else t("The days are the earliest. They hang on your appointment."),
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Start from the top next time."""
        self.ids.late.text = ""
        self.ids.tiles.restart()

    def _tile(self, offer: ProcedureOffer, content: ProcedureView, t: Texts) -> TileSpec:
        hint = t("ready {when}", when=words.ready(t, offer.ready)) if offer.ready else ""
        if not offer.open:
            hint = t("Not possible any more today")
            if offer.open_until:
                hint = t("Only possible before {hour}", hour=offer.open_until)
        elif offer.collect_at is not None:
            desk = terms.own_words(t, offer.collect_at.name)
            hint = t("{when}, to collect at: {desk}", when=hint, desk=desk) if hint else desk
        if offer.at_most and offer.open:
            dearest = t("at most: it depends on an answer")
            hint = f"{hint}\n{dearest}" if hint else dearest
        return TileSpec(
            heading=terms.procedure_name(t, offer.procedure, offer.name),
            hint=hint,
            name=f"procedure:{offer.procedure}",
            event=events.ProcedureChosen(offer.procedure),
            icon="urgent" if offer.procedure != "normal" else "calendar",
            amount=t.money(offer.fee_cents),
            selected=offer.procedure == content.selected,
            enabled=offer.open,
        )
