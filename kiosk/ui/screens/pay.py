"""At the terminal: a large picture that follows what the terminal asks for."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.visit import events
from kiosk.visit.events import TerminalMessage
from kiosk.visit.view import PayView, View

load_layout(__file__)

# What to do, and which of the three dots it is: card, code, wait.
_MESSAGES: dict[TerminalMessage, tuple[str, int]] = {
    TerminalMessage.CONNECTING: (mark("One moment: we connect to the terminal"), 0),
    TerminalMessage.PRESENT_CARD: (mark("Hold your bank card to the terminal, or put it in"), 1),
    TerminalMessage.ENTER_PIN: (mark("Type your PIN code on the terminal"), 2),
    TerminalMessage.WRONG_PIN: (mark("Wrong PIN code. Type it again on the terminal"), 2),
    TerminalMessage.WAIT: (mark("One moment: the bank checks your payment"), 3),
    TerminalMessage.REMOVE_CARD: (mark("Take your bank card out of the terminal"), 3),
    TerminalMessage.CANCELLING: (mark("One moment: we ask the terminal to stop"), 3),
}


class PayScreen(Screen):
    """Nothing on this screen is proof of a payment; the terminal decides."""

    language_pill = False

    def draw(self, view: View, t: Texts) -> Frame:
        """The amount is in the title and in the picture of the terminal."""
        content = view.content
        assert isinstance(content, PayView)
        message, step = _MESSAGES[content.message]
        amount = t.money(content.total_cents)
        self.ids.terminal.amount = amount
        self.ids.terminal.moment = content.message.value
        self.ids.steps.now = step
        self.ids.message.text = t(message)
        return Frame(
            title=t("Pay {amount} on the terminal", amount=amount),
            lead=t("Follow the instructions on the payment terminal."),
        )

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Cancelling is a wish; it stands alone, so that nothing else is touched by mistake."""
        content = view.content
        assert isinstance(content, PayView)
        text = t("Cancel the payment") if content.can_cancel else ""
        return (FooterButton("cancel", text, "stop", events.CancelPayment()),)
