"""A place on the disk that is taken beforehand, for what has to be kept when the disk takes nothing more.

A full file system refuses a new block, and not the writing over of one that a file has already. It is one block, so it
holds a few lines and no more; whoever writes here has nothing better, and goes out of service.
"""

from __future__ import annotations

import os
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

SIZE = 4096


class Reserve:
    """One file of `SIZE` bytes: empty lines, or a text. No call raises for what the disk does."""

    def __init__(self, path: Path):
        self._path = path
        self._ready = False

    def read(self) -> str:
        """What was kept, without the blank end; "" for nothing. What is no text is told with marks in its place."""
        try:
            return self._path.read_bytes().decode("utf-8", errors="replace").rstrip()
        except FileNotFoundError:
            return ""
        except OSError as problem:
            log.error("reserve_not_read", problem=str(problem))
            return ""

    def take_place(self) -> None:
        """Have the block, if there is none yet."""
        if not self._ready:
            try:
                self._ready = self._path.stat().st_size == SIZE
            except OSError:
                self._ready = False
            self._ready = self._ready or self.write("")

    def write(self, text: str) -> bool:
        """Keep this, until the next write, over a power cut. False: it does not fit, or the disk refused this too."""
        data = text.encode()
        if len(data) > SIZE:
            return False
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.pwrite(descriptor, data.ljust(SIZE, b"\n"), 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            log.error("reserve_not_written", problem=str(problem))
            return False
        return True
