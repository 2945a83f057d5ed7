"""The demonstration's window: the kiosk's own screen, the dock beside it, and what the dock's buttons do."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from hardware.simulators.process import SimulatorFailed
from kiosk.app import Kiosk
from kiosk.demo.rig import Rig
from kiosk.text import texts
from kiosk.ui import toolkit
from kiosk.vitals.frames import PULSE_SECONDS

if TYPE_CHECKING:
    from kiosk.visit.view import View

log = structlog.get_logger(__name__)

DOCK_SHARE = 0.9  # of the kiosk's width

_CARDS = {
    "amina": "Amina, A card",
    "joao": "João, EU card",
    "oksana": "Oksana, F+ card",
    "yusuf": "Yusuf, K card",
    "expired": "Expired",
    "future": "Not valid yet",
    "belgian": "Belgian eID",
    "karim": "Karim, own eID",
    "badge": "Els, staff badge",
    "child": "A child's card",
    "tomorrow": "New document",
    "forged": "Forged",
    "foreign-root": "Strange authority",
    "bank": "Bank card",
    "mute": "Upside down",
}
_TERMINAL = {
    "approve": "Tap: approved",
    "decline": "Tap: declined",
    "wrong_pin_then_right": "Wrong PIN, right",
    "abort": "Press stop",
    "silence": "Falls silent",
    "speak": "Speaks again",
    "unplug": "Unplug",
    "plug": "Plug in",
}
_PRINTER = {"paper-out": "Paper out", "refill": "New roll", "cover-open": "Open cover", "cover-close": "Close cover"}


class DemoWindow:
    """Runs one kiosk with its dock until the window is closed. `drawn` hears every view after its frame."""

    def __init__(self, rig: Rig, height: int = 1920, drawn: Callable[[View], None] = lambda view: None):
        width = round(height * 9 / 16)
        toolkit.size_window(round(width * (1 + DOCK_SHARE)), height)
        from kiosk.ui.bridge import Bridge
        from kiosk.ui.dock import Action, Dock, Group
        from kiosk.ui.window import KioskView

        self._rig = rig
        self._tasks: queue.Queue[str | None] = queue.Queue()
        self._hand = threading.Thread(target=self._work, name="dock", daemon=True)
        self.bridge = Bridge(drawn)
        self.kiosk = Kiosk(rig.config, self.bridge.show, rig.hardware(), show_staff=self.bridge.show)
        self.screen = KioskView(self.kiosk.post, texts)
        cards = tuple(Action(label, f"card:{name}") for name, label in _CARDS.items())
        groups = (
            Group("Put a card in the reader", (*cards, Action("Take it out", "card-out"))),
            Group("At the payment terminal", tuple(Action(label, f"terminal:{do}") for do, label in _TERMINAL.items())),
            Group("At the printer", tuple(Action(label, f"printer:{do}") for do, label in _PRINTER.items())),
            Group("Line to the town hall", (Action("Cut it", "backend-down"), Action("Mend it", "backend-up"))),
        )
        self._labels = {action.name: f"{group.title}: {action.label}" for group in groups for action in group.actions}
        self.dock = Dock(groups, self._tasks.put)
        self.papers: list[Path] = []

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Open the window; returns when it is closed."""
        from kiosk.ui.pulse import watch_frames
        from kiosk.ui.window import run_window

        def begin() -> None:
            self.bridge.connect(self.screen)
            self.kiosk.start()
            watch_frames(self.kiosk.frames.drawn, PULSE_SECONDS)
            self._hand.start()
            threading.Thread(target=self._watch_paper, name="paper", daemon=True).start()
            started()

        try:
            run_window(self.screen, self.dock, begin)
        finally:
            self._tasks.put(None)
            self.kiosk.stop()

    def picture(self, path: Path) -> None:
        """Draw once more and save the kiosk's part of the window; on the screen's thread."""
        from kivy.core.window import Window

        Window.dispatch("on_draw")
        self.screen.screenshot(path)

    # --- the dock's hands ---------------------------------------------------------------------------

    def _work(self) -> None:
        while (name := self._tasks.get()) is not None:
            try:
                self.act(name)
            except SimulatorFailed as problem:
                self._say(str(problem))
            else:
                self._say(self._labels[name])

    def act(self, name: str) -> None:
        """Do what a button of this name does. Raises SimulatorFailed."""
        what, _, which = name.partition(":")
        match what:
            case "card":
                self._rig.card.insert(which)
            case "card-out":
                self._rig.card.remove()
            case "terminal":
                self._rig.terminal.do(which)
            case "printer":
                self._printer(which)
            case "backend-down":
                self._rig.stop_backend()
            case "backend-up":
                self._rig.start_backend()

    def _printer(self, which: str) -> None:
        match which:
            case "paper-out":
                self._rig.printer.do("paper", state="out")
            case "refill":
                self._rig.printer.do("refill")
            case "cover-open":
                self._rig.printer.do("cover", open=True)
            case "cover-close":
                self._rig.printer.do("cover", open=False)

    def _watch_paper(self) -> None:
        while True:
            report = self._rig.printer.events.get()
            if report["event"] == "ended":
                return
            if report["event"] in ("printed", "partial") and "path" in report:
                path = Path(report["path"])
                self.papers.append(path)
                self._on_screen(lambda path=path: self.dock.show_paper(path))

    def _say(self, text: str) -> None:
        self._on_screen(lambda: self.dock.say(text))

    def _on_screen(self, call: Callable[[], None]) -> None:
        from kivy.clock import Clock

        Clock.schedule_once(lambda _elapsed: call(), 0)
