"""Which card this child gets: each type drawn, named and explained."""

from __future__ import annotations

from kiosk.domain.quote import CardTypeOffer
from kiosk.text import Texts, terms
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import CardTypeView, View

load_layout(__file__)


class CardTypeScreen(Screen):
    """The likely types first; the others behind one touch."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._all = False
        self._child: object = None

    def draw(self, view: View, t: Texts) -> Frame:
        """A type that is not sold here is shown as such."""
        content = view.content
        assert isinstance(content, CardTypeView)
        if self._child != content.child:
            self._child, self._all = content.child, False
            self.ids.tiles.restart()
        shown = content.offers if self._all else content.offers[: content.shown_first]
        hidden = content.offers[len(shown) :]
        if any(offer.card_type == content.selected for offer in hidden):
            shown, hidden, self._all = content.offers, (), True
        specs = [self._tile(offer, content, t) for offer in shown]
        if hidden:
            letters = ", ".join(offer.card_type.value for offer in hidden)
            specs.append(
                TileSpec(t("Show other cards"), hint=letters, name="other_cards", event=self._show_all, mark="down")
            )
        self.ids.tiles.show(specs)
        name = content.child.first_name
        age = t.count("{name} is {n} year old.", "{name} is {n} years old.", content.age, name=name)
        own = ""
        if content.parent_card is not None:
            own = t("Your own card is: {card}.", card=terms.card_type_name(t, content.parent_card))
        return Frame(
            title=t("Which card does {name} need?", name=name),
            lead=f"{age} {own}".rstrip(),
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the child."""
        self._child, self._all = None, False
        self.ids.tiles.restart()

    def _tile(self, offer: CardTypeOffer, content: CardTypeView, t: Texts) -> TileSpec:
        sold = offer.fee_cents is not None
        hint = terms.card_type_meaning(t, offer.card_type)
        if offer.card_type == content.parent_card:
            hint = t("{meaning}, like your own card", meaning=hint)
        return TileSpec(
            heading=terms.card_type_name(t, offer.card_type),
            hint=hint if sold else t("Not at this kiosk: please go to the counter"),
            name=f"card:{offer.card_type.value}",
            event=events.CardTypeChosen(offer.card_type),
            card=offer.card_type.value,
            amount=t.money(offer.fee_cents) if offer.fee_cents is not None else "",
            selected=offer.card_type == content.selected,
            enabled=sold,
            compact=self._all,
        )

    def _show_all(self) -> None:
        self._all = True
        self.refresh()
