"""When a kiosk may be used: one stretch a day, as the hall that it stands in is open.

Staff set it at the kiosk (`kiosk.domain.record.care.SettingChanged`). No days at all: at every hour. A holiday is not
known here; who closes a hall on one takes the kiosk out of service, or lets the building do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class OpenDay(BaseModel):
    """One weekday (0 is Monday): from `opens` up to `closes`, which is later on the same day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekday: int = Field(ge=0, le=6)
    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.opens < self.closes:
            raise ValueError("a day should close after it opens")
        return self


def is_open(hours: Sequence[OpenDay], now: datetime) -> bool:
    """Whether a visit may begin at this moment (local, aware)."""
    if not hours:
        return True
    at = now.time()
    return any(day.weekday == now.weekday() and day.opens <= at < day.closes for day in hours)


def opens_next(hours: Sequence[OpenDay], now: datetime) -> datetime | None:
    """When it opens after this moment (local, aware); None without hours."""
    for ahead in range(8):
        day = now + timedelta(days=ahead)
        for open_day in sorted(hours, key=lambda each: each.opens):
            begin = day.replace(hour=open_day.opens.hour, minute=open_day.opens.minute, second=0, microsecond=0)
            if open_day.weekday == day.weekday() and begin > now:
                return begin
    return None
