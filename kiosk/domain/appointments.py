"""Appointment times, and the leases that give a kiosk slots of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One appointment time at a desk. `id` is the backend's; `start` is aware."""

    start: datetime
    id: str
    minutes: int
    desk: str

    @property
    def end(self) -> datetime:
        """When the desk is free again."""
        return self.start + timedelta(minutes=self.minutes)
