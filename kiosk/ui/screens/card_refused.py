"""The card in the reader cannot be used: why, and what to do."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.screens.words import without_card_tile
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.events import CardProblem
from kiosk.visit.view import CardRefusedView, View

load_layout(__file__)

# Title, what to do, picture.
_PROBLEMS: dict[CardProblem, tuple[str, str, str]] = {
    CardProblem.NO_ANSWER: (
        mark("The card does not answer"),
        mark("Turn the card over: the chip faces down and goes in first. Wipe the chip if it is dirty."),
        "turn-card",
    ),
    CardProblem.NOT_EID: (
        mark("This is not a Belgian residence card"),
        mark("Use your own Belgian residence card, not a bank card or a card of another country."),
        "wrong-card",
    ),
    CardProblem.BANK_CARD: (
        mark("This is a bank card"),
        mark("First put your residence card in this reader. You pay later, at the payment terminal."),
        "bank-card",
    ),
    CardProblem.FOREIGN_CARD: (
        mark("This is a card of another country"),
        mark("Use the residence card that you got from a Belgian town hall."),
        "wrong-card",
    ),
    CardProblem.BELGIAN: (
        mark("This is a Belgian identity card"),
        mark("This kiosk is for parents with a residence card. For a Belgian card, please go to the counter."),
        "wrong-card",
    ),
    CardProblem.KIDS_ID: (
        mark("This is a Belgian child's Kids-ID"),
        mark("Use your own residence card, the card of the parent. For a Kids-ID, please go to the counter."),
        "child-card",
    ),
    CardProblem.CHILD_CARD: (
        mark("This is the card of a child"),
        mark("Use your own residence card, the card of the parent. You need the child's card at the counter only."),
        "child-card",
    ),
    CardProblem.NOT_RESIDENCE: (
        mark("This is not a residence card"),
        mark("Use your own Belgian residence card. If you do not have one, please go to the counter."),
        "wrong-card",
    ),
    CardProblem.EXPIRED: (
        mark("Your card has expired"),
        mark("First renew your own card at the counter. After that you can ask for the card of your child."),
        "expired-card",
    ),
    CardProblem.NOT_YET_VALID: (
        mark("Your card is not valid yet"),
        mark("Please go to the counter. We will help you there."),
        "expired-card",
    ),
    CardProblem.FORGED: (
        mark("We cannot accept this card"),
        mark("The check of the card did not succeed. Please go to the counter with your card."),
        "wrong-card",
    ),
    CardProblem.PULLED: (
        mark("The card came out too early"),
        mark("Put your card back in the reader and leave it there until the end."),
        "insert-card",
    ),
    CardProblem.UNREADABLE: (
        mark("We cannot read this card"),
        mark("Take the card out and try once more. If it still does not work, please go to the counter."),
        "turn-card",
    ),
    CardProblem.NOT_PROVEN: (
        mark("We cannot check this card here"),
        mark("Your card may be in order, but this kiosk cannot prove it. Please go to the counter with your card."),
        "wrong-card",
    ),
    CardProblem.READER_GONE: (
        mark("The card reader does not work"),
        mark("This is not because of your card. Please go to the counter."),
        "closed",
    ),
}


class CardRefusedScreen(Screen):
    """A picture of the problem, plain words, and the way on."""

    def draw(self, view: View, t: Texts) -> Frame:
        """While the card is still in, the first thing to do is to take it out."""
        content = view.content
        assert isinstance(content, CardRefusedView)
        title, advice, picture = _PROBLEMS[content.problem]
        lead = t(advice)
        if content.expired_on is not None:
            lead = t("It was valid until {day}.", day=t.day_with_year(content.expired_on)) + " " + lead
        self.ids.picture.source = picture
        tiles = []
        if content.card_in:
            tiles.append(TileSpec(t("Take your card out of the reader"), icon="take-card", tone="sun"))
        if content.without_card:
            tiles.append(without_card_tile(t))
        self.ids.tiles.show(tiles)
        return Frame(
            title=t(title),
            lead=lead,
            primary=t("Try again") if view.can_continue else "",
            primary_event=events.Continue(),
        )
