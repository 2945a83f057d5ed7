"""The first name of the child, on a keyboard with large keys."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit import events
from kiosk.visit.view import ChildNameView, View

load_layout(__file__)


class ChildNameScreen(Screen):
    """What is typed stays here until it is confirmed."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._asked: tuple[int, str] | None = None
        self.ids.keyboard.changed = self._typed

    def draw(self, view: View, t: Texts) -> Frame:
        """A name given earlier can be changed."""
        content = view.content
        assert isinstance(content, ChildNameView)
        keyboard = self.ids.keyboard
        if self._asked != (content.number, content.first_name):
            self._asked = (content.number, content.first_name)
            keyboard.text = content.first_name
        keyboard.space_label = t("Space")
        name = keyboard.text.strip()
        self.ids.name.text = keyboard.text or t("First name")
        self.ids.name.tone = "ink" if keyboard.text else "muted"
        self.ids.name.weight = 700 if keyboard.text else 400
        title = t("What is the first name of your child?")
        if content.number > 1:
            title = t("What is the first name of the next child?")
        return Frame(
            title=title,
            # Larger letters leave the room to the keys.
            lead="" if view.large else t("As on the passport or the birth certificate."),
            primary=t("Next"),
            primary_event=events.NameGiven(name) if name else None,
            primary_enabled=bool(name),
        )

    def leave(self) -> None:
        """The name goes with the visit's state, not with the screen."""
        self._asked = None
        self.ids.keyboard.text = ""
        self.ids.name.text = ""

    def _typed(self) -> None:
        self.send(events.Touched())
        self.refresh()
