"""No money moved: why, and what can be done."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.events import NotPaidReason
from kiosk.visit.view import NotPaidView, View

load_layout(__file__)

_REASONS: dict[str, tuple[str, str]] = {
    NotPaidReason.DECLINED: (
        mark("The payment was refused"),
        mark("Your bank did not accept the payment. Try again, or use another bank card."),
    ),
    NotPaidReason.ABORTED: (
        mark("The payment was stopped"),
        mark("The payment was cancelled, or it took too long. You can try again."),
    ),
    NotPaidReason.REFUSED: (
        mark("The terminal could not start the payment"),
        mark("The terminal is busy. Wait a moment and try again."),
    ),
    NotPaidReason.UNREACHABLE: (
        mark("The terminal does not answer"),
        mark("The payment did not start. Try again, or go to the counter."),
    ),
    NotPaidReason.LOOKED_UP: (
        mark("The payment did not succeed"),
        mark("We checked it with the terminal. You can try again."),
    ),
}


class NotPaidScreen(Screen):
    """Says first that nothing was charged."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Trying again is the primary button where it is possible."""
        content = view.content
        assert isinstance(content, NotPaidView)
        title, advice = _REASONS.get(content.reason, _REASONS[NotPaidReason.LOOKED_UP])
        tiles = [TileSpec(t("You have not paid anything"), hint=t(advice), icon="warning", tone="sun")]
        if content.at_desk:
            tiles.append(words.pay_at_desk_tile(t, content.payment))
        self.ids.tiles.show(tiles)
        retry = content.can_retry and view.can_continue
        return Frame(
            title=t(title),
            primary=t("Try to pay {amount} again", amount=t.money(content.total_cents)) if content.can_retry else "",
            primary_event=events.Continue(),
            primary_enabled=retry,
        )
