"""The child's birth date in three touches: year, month, day."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.visit import events
from kiosk.visit.view import BirthDateView, View

load_layout(__file__)


class BirthDateScreen(Screen):
    """The date so far stands above in full words; the primary button confirms it."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._asked: tuple[object, ...] | None = None
        self.ids.picker.changed = self._picked

    def draw(self, view: View, t: Texts) -> Frame:
        """A date given earlier can be changed."""
        content = view.content
        assert isinstance(content, BirthDateView)
        picker = self.ids.picker
        asked = (content.first_name, content.birth_date, content.known, content.years, content.today)
        if self._asked != asked:
            self._asked = asked
            picker.start(content.years, content.today, content.birth_date, content.known)
        picker.ask(t)
        chosen = picker.chosen
        return Frame(
            title=t("When was {name} born?", name=content.first_name),
            lead=picker.question(t),
            primary=t("Next"),
            primary_event=events.BirthDateGiven(*chosen) if chosen else None,
            primary_enabled=chosen is not None,
        )

    def leave(self) -> None:
        """Forget the date."""
        self._asked = None
        self.ids.picker.forget()

    def _picked(self) -> None:
        self.send(events.Touched())
        self.refresh()
