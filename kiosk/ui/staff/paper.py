"""A new roll: how it goes in, which one it is, and the test page that follows."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.view import PaperView, StaffView
from kiosk.text import Texts, care
from kiosk.ui.screens.base import load_layout
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

load_layout(__file__)


class PaperScreen(StaffScreen):
    """Touching a length says that this roll is in now."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """What is left of the old roll is counted, not measured."""
        content = view.content
        assert isinstance(content, PaperView)
        left = t("Nobody has told of a roll yet: what is left is not known.")
        if content.left is not None:
            left = t("About {length} left on the present roll.", length=care.metres(t, content.left))
        if content.last_refill is not None:
            left += " " + t("Put in on {moment}.", moment=care.moment(t, content.last_refill))
        if content.unproven:
            unproven = t("Nobody has read a test page of this roll: no ticket is printed. Put it in again.")
            self.say(view, t, unproven, "alert", "warning")
        else:
            self.say(view, t, left)
        self.ids.how.text = t(
            "Open the cover. Put the roll in so that the paper comes off it from below, pull a hand's width out, and"
            " close the cover. Then touch the length that stands on the wrapper."
        )
        self.ids.tiles.show(
            [
                TileSpec(
                    t("A roll of {length} is in", length=care.metres(t, roll)),
                    name=f"roll:{roll}",
                    event=events.RollLoaded(roll),
                    icon="roll",
                    mark="go",
                )
                for roll in content.rolls
            ]
        )
        return Frame(title=t("New roll of paper"), lead=t("A test page comes out, for paper prints on one side only."))
