"""What there is to do at this kiosk."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.events import Task
from kiosk.staff.view import MenuView, StaffView
from kiosk.text import Texts, care
from kiosk.ui.screens.base import mark
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

TASKS: dict[Task, tuple[str, str, str]] = {
    Task.PAPER: (mark("New roll of paper"), mark("Put it in, and print a test page"), "roll"),
    Task.CLEANING: (mark("Cleaning"), mark("Head of the printer, card reader"), "brush"),
    Task.CHECKS: (mark("Test the devices"), mark("Step by step, then a readiness report"), "list"),
    Task.TERMINAL: (mark("Payment terminal"), mark("Status, diagnosis, end of day"), "pay-terminal"),
    Task.CASES: (mark("Open cases"), mark("Payments and tickets in doubt"), "judgment"),
    Task.SETTINGS: (mark("Settings"), mark("Service, hours, languages, restart"), "gear"),
    Task.LOG: (mark("For the help line"), mark("What happened in the last two hours"), "phone"),
}


class MenuScreen(StaffScreen):
    """One tile a task; those in which something waits come first, and stand out."""

    has_back = False

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """What is wrong stands on top, and that a parent waits."""
        content = view.content
        assert isinstance(content, MenuView)
        tiles = []
        for task in sorted(content.tasks, key=lambda task: task not in content.attention):
            heading, hint, icon = TASKS[task]
            tiles.append(
                TileSpec(
                    t(heading),
                    hint=t(hint),
                    name=f"task:{task.value}",
                    event=events.TaskChosen(task),
                    icon=icon,
                    mark="go",
                    tone="sun" if task in content.attention else "",
                    compact=True,
                )
            )
        self.ids.tiles.show(tiles)
        wrong = [care.fault_name(t, fault) for fault in sorted(content.faults)]
        if view.waiting_visit:
            wrong.insert(0, t("A parent's visit waits, and goes on when you leave."))
        if wrong:
            self.say(view, t, "\n".join(wrong))
        else:
            self.say(view, t, t("Nothing is wrong with this kiosk."), "done", "check")
        return Frame(title=t("Hello {name}", name=view.member or ""))
