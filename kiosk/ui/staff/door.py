"""The door of service mode: a card or a badge in the reader, or a code with the number that an authenticator shows."""

from __future__ import annotations

from typing import Any

from kiosk.staff import events
from kiosk.staff.view import DoorView, StaffView
from kiosk.text import Texts
from kiosk.ui.screens.base import load_layout
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.theme import look
from kiosk.ui.widgets.bones import FooterButton, Frame

load_layout(__file__)

_CODE_MOST, _TOKEN_MOST = 12, 6
_HIDDEN = "•"


class DoorScreen(StaffScreen):
    """Digits are typed into the field that is chosen; the code is never shown, and forgotten when the screen goes."""

    def __init__(self, *arguments: Any, **kwargs: Any):
        super().__init__(*arguments, **kwargs)
        self._typed = {"code": "", "token": ""}
        self._field = "code"
        self._counted: tuple[str, int] | None = None

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """A wrong try empties both fields."""
        content = view.content
        assert isinstance(content, DoorView)
        if (content.refused, content.tries_left) != self._counted:
            self._counted = (content.refused, content.tries_left)
            self.leave()
            self._counted = (content.refused, content.tries_left)
        shut = content.shut_until
        if content.reading:
            self.say(view, t, t("One moment: your card is being read"))
        elif content.resting:
            self.say(view, t, t("Several unknown cards were put in. Leave yours in: it is read in a moment."))
        elif content.unread:
            self.say(
                view, t, t("Your card could not be read. Put it in again, the chip down and first."), "sun", "warning"
            )
        elif content.refused == "card":
            self.say(view, t, t("Not let in: this card is not on the list of this kiosk."), "alert", "warning")
        elif shut is not None:
            words = t("Too many wrong codes. Codes are taken again at {time}; a card opens now.", time=t.time(shut))
            self.say(view, t, words, "alert")
        elif content.refused:
            left = t.count("Not let in. {n} more try.", "Not let in. {n} more tries.", content.tries_left)
            self.say(view, t, left, "alert", "warning")
        else:
            self.say(view, t)
        # A wide screen has no height for both, and what is said goes before how to begin.
        self.ids.invitation.shown = not (look.theme.landscape and self.ids.note.shown)
        typed = self._typed
        for name, label in (("code", t("Your code")), ("token", t("Number of the app"))):
            choice = self.ids[name]
            shown = _HIDDEN * len(typed[name]) if name == "code" else typed[name]
            choice.above, choice.text = label, shown or "–"
            choice.selected = name == self._field
            choice.name, choice.event = f"field:{name}", lambda name=name: self._choose(name)
        self.ids.pad.typed = self._type
        self.ids.badge.text = t("Put your own eID or your staff badge into the reader, or type your code.")
        return Frame(
            title=t("Service mode"),
            primary=t("Go in"),
            primary_event=lambda: self._go_in(),
            primary_enabled=shut is None and len(typed["code"]) >= 6 and len(typed["token"]) == _TOKEN_MOST,
        )

    def footer(self, view: StaffView, t: Texts) -> tuple[FooterButton, ...]:
        """Nobody is in yet, so there is one way out."""
        _back, display, leave = super().footer(view, t)
        return FooterButton("back", "", "back", None), display, leave

    def leave(self) -> None:
        """Forget what was typed."""
        self._typed = {"code": "", "token": ""}
        self._field = "code"
        self._counted = None

    def _choose(self, name: str) -> None:
        self._field = name
        self.refresh()

    def _type(self, key: str) -> None:
        typed, most = self._typed[self._field], _CODE_MOST if self._field == "code" else _TOKEN_MOST
        typed = typed[:-1] if key == "erase" else (typed + key)[:most]
        self._typed[self._field] = typed
        self.refresh()

    def _go_in(self) -> None:
        code, token = self._typed["code"], self._typed["token"]
        self.leave()
        self.send(events.CodeGiven(code, token))
