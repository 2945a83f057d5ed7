"""What the screens of service mode share: something to know on top, a list beneath, the same three buttons below."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.view import StaffView
from kiosk.text import Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import FooterButton, Frame

load_layout(__file__)


class StaffScreen(Screen):
    """Base of all staff screens. A subclass fills `ids.tiles`, and says what there is to know with `say`."""

    # Where "back" leads somewhere else than out.
    has_back = True

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """Show what the view says, in these words."""
        raise NotImplementedError  # each screen's own, as in `Screen`; this one says which view it is given

    def footer(self, view: StaffView, t: Texts) -> tuple[FooterButton, ...]:
        """One screen back, the size and contrast of the screen, and out."""
        back = t("Back") if self.has_back and view.can_leave else ""
        return (
            FooterButton("back", back, "back", events.StaffBack()),
            FooterButton("display", t("Display"), "contrast", next_display(view)),
            FooterButton("leave", t("Leave"), "stop", events.StaffLeft(), enabled=view.can_leave),
        )

    def say(self, view: StaffView, t: Texts, text: str = "", tone: str = "sun", icon: str = "info") -> None:
        """What there is to know. That something was not saved goes before all else."""
        if view.unsaved:
            text, tone, icon = t("Not saved: the disk of this kiosk refuses. Call the help line."), "alert", "warning"
        note = self.ids.note
        note.text, note.tone, note.icon, note.shown = text, tone, icon, bool(text)

    def leave(self) -> None:
        """Start from the top next time."""
        self.ids.tiles.restart()


def next_display(view: StaffView) -> events.DisplayChosen:
    """Usual, larger, strong contrast, both: each touch goes one on."""
    looks = [(False, False), (True, False), (True, True), (False, True)]
    large, contrast = looks[(looks.index((view.large, view.contrast)) + 1) % len(looks)]
    return events.DisplayChosen(view.language, large, contrast)
