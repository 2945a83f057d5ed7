"""When the parent comes: days of this kiosk's lease, then times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kiosk.domain.appointments import Slot
from kiosk.text import Texts
from kiosk.text.catalogue import BRUSSELS
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Grid, Part, Words
from kiosk.ui.widgets.touch import Choice
from kiosk.visit import events
from kiosk.visit.view import AppointmentView, View

load_layout(__file__)

_DAYS_PER_PAGE = 5


class AppointmentScreen(Screen):
    """A strip of days, and the times of the chosen day."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._day: date | None = None
        self._first = 0

    def draw(self, view: View, t: Texts) -> Frame:
        """The day of the chosen slot is open; the first day when none is chosen."""
        content = view.content
        assert isinstance(content, AppointmentView)
        self.show_times(content.slots, content.selected, t)
        length = t.count("{n} minute", "{n} minutes", content.minutes)
        many = t.count("for {n} child", "for {n} children", content.children)
        return Frame(
            title=t("When will you come?"),
            lead=f"{content.desk} · {length} {many}",
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def show_times(self, slots: Sequence[Slot], selected: str | None, t: Texts) -> None:
        """The days that have times, and the times of the one that is open."""
        by_day: dict[date, list[Slot]] = {}
        for slot in sorted(slots):
            by_day.setdefault(slot.start.astimezone(BRUSSELS).date(), []).append(slot)
        days = list(by_day)
        if self._day not in by_day:
            chosen = next((slot for slot in slots if slot.id == selected), None)
            self._day = chosen.start.astimezone(BRUSSELS).date() if chosen else days[0] if days else None
            if self._day is not None:
                self._first = days.index(self._day) // _DAYS_PER_PAGE * _DAYS_PER_PAGE
        self._draw_days(days, t)
        self.ids.times.show_parts(self._times(by_day.get(self._day, []) if self._day else [], selected, t))

    def leave(self) -> None:
        """Start from the first day next time."""
        self._day, self._first = None, 0
        self.ids.times.show_parts([])
        self.ids.times.restart()

    def _draw_days(self, days: list[date], t: Texts) -> None:
        strip = self.ids.days
        strip.clear_widgets()
        for day in days[self._first : self._first + _DAYS_PER_PAGE]:
            strip.add_widget(
                Choice(
                    name=f"day:{day.isoformat()}",
                    above=t.weekday_short(day),
                    text=str(day.day),
                    below=t.month_short(day),
                    kind="button",
                    weight=700,
                    tall=196,
                    selected=day == self._day,
                    event=lambda day=day: self._open(day),
                )
            )
        more = len(days) > _DAYS_PER_PAGE
        self.ids.turn.shown = more
        self.ids.earlier.text, self.ids.later.text = t("Earlier"), t("Later")
        self.ids.earlier.event, self.ids.later.event = self._earlier, self._later
        self.ids.earlier.enabled = self._first > 0
        self.ids.later.enabled = self._first + _DAYS_PER_PAGE < len(days)

    def _times(self, slots: list[Slot], selected: str | None, t: Texts) -> list[Part]:
        halves = (
            (t("Morning"), [slot for slot in slots if slot.start.astimezone(BRUSSELS).hour < 12]),
            (t("Afternoon"), [slot for slot in slots if slot.start.astimezone(BRUSSELS).hour >= 12]),
        )
        parts: list[Part] = []
        for heading, group in halves:
            for start in range(0, len(group), 3):
                if start == 0:
                    parts.append(Words(text=heading, kind="lead", tone="muted"))
                row = Grid(columns=3, gap=24, cell=124)
                for slot in group[start : start + 3]:
                    row.add_widget(
                        Choice(
                            name=f"slot:{slot.id}",
                            text=t.time(slot.start),
                            kind="tile",
                            plain=True,
                            tall=124,
                            selected=slot.id == selected,
                            event=events.SlotChosen(slot.id),
                        )
                    )
                parts.append(row)
        return parts

    def _open(self, day: date) -> None:
        self._day = day
        self.ids.times.restart()
        self.send(events.Touched())
        self.refresh()

    def _earlier(self) -> None:
        self._first -= _DAYS_PER_PAGE
        self.refresh()

    def _later(self) -> None:
        self._first += _DAYS_PER_PAGE
        self.refresh()
