"""What every screen is: content between the bones, drawn from a view, sending events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from kivy.lang import Builder

from kiosk.text import Texts
from kiosk.ui.widgets import parts, strip, tiles, touch  # noqa: F401 (makes them known to layout files)
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.ui.widgets.parts import Column
from kiosk.visit import events
from kiosk.visit.view import View


def load_layout(module_file: str) -> None:
    """Load the layout file that stands beside a screen's module, once."""
    path = str(Path(module_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)


def mark(message: str) -> str:
    """Mark a message for the catalogue where it stands in a table and is translated later."""
    return message


class Screen(Column):
    """Base of all screens. A subclass fills its parts in `draw` and returns the frame around them.

    `send` takes an event of `kiosk.visit.events`; `refresh` arranges the screen again after a change that only the
    screen knows of, such as a letter typed.
    """

    # Whether the language may be changed here; not where a device or a hand is busy.
    language_pill: ClassVar[bool] = True

    def __init__(self, send: Callable[[Any], None], refresh: Callable[[], None], **kwargs: Any):
        super().__init__(**kwargs)
        self.send = send
        self.refresh = refresh

    def draw(self, view: View, t: Texts) -> Frame:
        """Show what the view says, in these words; keep what is drawn already where it has not changed."""
        raise NotImplementedError  # each screen's own; Kivy's widgets cannot also be abstract base classes

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Back, help and stop, always in the same places; a place without a use stays empty."""
        return (
            FooterButton("back", t("Back") if view.can_back else "", "back", events.Back()),
            FooterButton("help", t("Help"), "help", events.HelpWanted()),
            FooterButton("stop", t("Stop") if view.can_stop else "", "stop", events.Stop()),
        )

    def key_pressed(self, name: str) -> None:
        """A key of a keyboard, by its letter or number; few screens care."""

    def leave(self) -> None:
        """Forget everything personal: the screen is not shown any more."""
