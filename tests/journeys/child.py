"""The test's end of a kiosk in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hardware.simulators.process import SimulatorFailed, SimulatorProcess
from kiosk.demo.rig import Rig

ROOT = Path(__file__).parents[2]


class KioskProcess(SimulatorProcess):
    """Starts a kiosk on a rig's terminal and printer; its journal lies in `folder`/journal."""

    def __init__(self, rig: Rig, folder: Path, *arguments: str):
        super().__init__(
            "tests.journeys.kiosk_process",
            *("--folder", str(folder), "--terminal", str(rig.config.terminal.port)),
            *("--printer", rig.config.printer.port, *arguments),
            environment={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def until(self, *situations: str, **told: Any) -> dict[str, Any]:
        """The next view of one of these situations that tells this."""
        while True:
            view = self.wait_for("view", 30.0)
            if view["situation"] in situations and all(view.get(name) == value for name, value in told.items()):
                return view

    def until_dead(self) -> None:
        """Wait until it has died."""
        while True:
            try:
                self.wait_for("view", 30.0)
            except SimulatorFailed:
                assert self._process.wait(timeout=10) < 0, "it ended by itself"
                return

    def disk(self, full: bool, room: int = 1) -> None:
        """Fill the disk, or make room. `room`: so many bytes at the beginning of each file are written all the same."""
        self.do("disk", full=full, room=room)
        self.wait_for("disk")
