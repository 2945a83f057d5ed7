"""Why the program was started: what the run before left behind, compared with this one.

A kiosk is crash-only, so the note is written at the start and only improved at an orderly end: no note of an end on
the same boot is a crash, another boot is a start of the whole machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.domain.fleet.heartbeat import Restart

log = structlog.get_logger(__name__)

START_FILE = "start.json"
End = Literal["", "stopped", "ordered"]


class _Note(BaseModel):
    model_config = ConfigDict(extra="ignore")

    boot_id: str = ""
    end: End = ""


class Starts:
    """One run's note. `reason` is None where the disk did not say."""

    def __init__(self, folder: Path, boot_id: str | None):
        self._path = folder / START_FILE
        self._boot_id = boot_id or ""
        self.reason = self._reason()
        self._write("")

    def ending(self, ordered: bool = False) -> None:
        """The program ends in good order; `ordered`: staff asked for a restart. The first to say so counts."""
        if self._read_end() == "":
            self._write("ordered" if ordered else "stopped")

    def _reason(self) -> Restart | None:
        try:
            note = _Note.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Restart.FIRST
        except (OSError, ValidationError):
            return None
        if not note.boot_id or not self._boot_id:
            return None
        if note.boot_id != self._boot_id:
            return Restart.POWER
        return {"": Restart.CRASHED, "stopped": Restart.STOPPED, "ordered": Restart.ORDERED}[note.end]

    def _read_end(self) -> str:
        try:
            return _Note.model_validate_json(self._path.read_bytes()).end
        except (OSError, ValidationError):
            return ""

    def _write(self, end: End) -> None:
        fresh = self._path.with_suffix(".part")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(_Note(boot_id=self._boot_id, end=end).model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as problem:  # the next start does not know why; nothing else hangs on it
            log.warning("start_not_noted", why=problem.strerror)
