"""How bright the panel is, through the kernel's backlight class (Documentation/ABI/stable/sysfs-class-backlight)."""

from __future__ import annotations

from pathlib import Path

LEAST = 10  # per cent: darker than this nobody finds the way back to this setting


class Backlight:
    """One folder of /sys/class/backlight. Raises OSError, ValueError where it is none, or may not be written."""

    def __init__(self, folder: Path):
        self._folder = folder

    def set_brightness(self, percent: int) -> None:
        """From 0 to 100; never quite dark."""
        most = int((self._folder / "max_brightness").read_text(encoding="ascii"))
        value = round(most * max(LEAST, percent) / 100)
        (self._folder / "brightness").write_text(f"{value}\n", encoding="ascii")
