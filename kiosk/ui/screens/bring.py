"""What to bring to the appointment: a pictogram for each thing."""

from __future__ import annotations

from kiosk.text import Texts, terms
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Part
from kiosk.ui.widgets.tiles import Note, Tile, TileSpec
from kiosk.visit import events
from kiosk.visit.view import BringView, View

load_layout(__file__)


class BringScreen(Screen):
    """Tiles for things, notes for what to know. All of it is on the ticket too."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Children are named where an item is for some of them only."""
        content = view.content
        assert isinstance(content, BringView)
        names = [child.first_name for child in content.children]
        parts: list[Part] = []
        for item in content.checklist:
            spec = TileSpec(
                heading=terms.checklist_title(t, item, names),
                hint=terms.checklist_hint(t, item, names),
                icon=terms.checklist_icon(item.code),
                compact=True,
            )
            parts.append(Tile(spec))
        known = [terms.notice_text(t, notice, names) for notice in content.notices]
        known.append(t("This list is on your ticket too."))
        parts.append(Note(text="\n".join(known)))
        self.ids.list.show_parts(parts)
        return Frame(
            title=t("Bring this to your appointment"),
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the names."""
        self.ids.list.show_parts([])
        self.ids.list.restart()
