"""A value with a button for less and one for more; and a week of opening hours made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any

from kiosk.domain.opening import OpenDay
from kiosk.text import Texts
from kiosk.ui.widgets.parts import Row, Words
from kiosk.ui.widgets.touch import Choice

_A_MONDAY = date(2026, 11, 23)
_USUAL = (9 * 60, 17 * 60)  # minutes after midnight
_STEP = 30
_LAST = 24 * 60 - _STEP


def day_of_week(weekday: int) -> date:
    """Any day of this weekday, for its name."""
    return _A_MONDAY + timedelta(days=weekday)


class Stepper(Row):
    """Label, less, value, more. A direction without an event cannot be touched."""

    def __init__(self, name: str, label: str, value: str, less: Any, more: Any, **kwargs: Any):
        super().__init__(gap=20, stretch=True, **kwargs)
        if label:
            words = Words(text=label, kind="tile", weight=700, grow=2)
            self.add_widget(words)
        self.add_widget(_button(f"{name}:less", "−", less))
        self.add_widget(Words(text=value, kind="tile", align="centre", plain=True, one_line=True, grow=1.2))
        self.add_widget(_button(f"{name}:more", "+", more))


def _button(name: str, text: str, event: Any) -> Choice:
    return Choice(name=name, text=text, kind="button", tall=112, grow=0.9, event=event, enabled=event is not None)


class Week:
    """Opening hours while they are being changed; `changed` is called after each touch."""

    def __init__(self, hours: Sequence[OpenDay], changed: Callable[[], None]):
        self._changed = changed
        self._days = {day.weekday: (_minutes(day.opens), _minutes(day.closes)) for day in hours}

    @property
    def hours(self) -> tuple[OpenDay, ...]:
        """As they would be kept."""
        return tuple(
            OpenDay(weekday=weekday, opens=_clock(opens), closes=_clock(closes))
            for weekday, (opens, closes) in sorted(self._days.items())
        )

    def rows(self, t: Texts) -> list[Row]:
        """One row a day: its name, and when it opens and closes, or that it is closed."""
        return [self._row(weekday, t) for weekday in range(7)]

    def _row(self, weekday: int, t: Texts) -> Row:
        row = Row(gap=14, stretch=True)
        name = t.weekday_short(day_of_week(weekday)).rstrip(".")
        hours = self._days.get(weekday)
        day = Choice(
            name=f"day:{weekday}",
            text=name,
            tall=96,
            grow=0.8,
            selected=hours is not None,
            event=lambda: self._toggle(weekday),
        )
        row.add_widget(day)
        if hours is None:
            row.add_widget(Words(text=t("closed"), kind="tile", tone="muted", align="centre", grow=4.4))
            return row
        for side in (0, 1):
            less, more = self._moved(weekday, side, -_STEP), self._moved(weekday, side, _STEP)
            row.add_widget(_small(f"hours:{weekday}:{side}:less", "−", less))
            row.add_widget(Words(text=t.clock(_clock(hours[side])), kind="hint", align="centre", plain=True, grow=0.8))
            row.add_widget(_small(f"hours:{weekday}:{side}:more", "+", more))
        return row

    def _toggle(self, weekday: int) -> None:
        if weekday in self._days:
            del self._days[weekday]
        else:
            self._days[weekday] = next(iter(self._days.values()), _USUAL)
        self._changed()

    def _moved(self, weekday: int, side: int, minutes: int) -> Callable[[], None] | None:
        """The touch that moves one end of a day; None where the day would end before it begins, or not that day."""
        moved = list(self._days[weekday])
        moved[side] += minutes
        opens, closes = moved
        if not 0 <= opens < closes <= _LAST:
            return None

        def move() -> None:
            self._days[weekday] = (opens, closes)
            self._changed()

        return move


def _small(name: str, text: str, event: Any) -> Choice:
    return Choice(name=name, text=text, kind="tile", tall=96, grow=0.7, event=event, enabled=event is not None)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
