"""A birth date in three touches, with the choice so far above and always changeable."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date
from typing import Any

from kiosk.domain.quote import BirthKnown
from kiosk.text import Texts
from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Grid, Row, Space, Words
from kiosk.ui.widgets.touch import Choice

# More years than this stand in four columns.
_THREE_COLUMNS = 15


class DatePicker(Column):
    """Year tiles, month tiles, day tiles; `changed` is called after each, `chosen` is the date once it is enough.

    Some passports and cards have no day, or the year only: one tile more says so.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(gap=28, **kwargs)
        self.changed: Callable[[], None] = lambda: None
        self._year: int | None = None
        self._month: int | None = None
        self._day: int | None = None
        self._known: BirthKnown | None = None  # how much of it the parent can say, once that is settled
        self._years: tuple[int, ...] = ()
        self._today = date.max
        self._crumbs = Row(gap=20, stretch=True)
        self._grid = Grid(columns=3, gap=22)
        self._no_more = Choice(name="no_more", kind="lead", tall=112, radius=22, icon="help", side_by_side=True)
        self._whole = Words(kind="button", weight=700, align="centre", balanced=True)
        self._frame = Column(padding=[30, 30, 30, 30], line_width=6)
        self._frame.add_widget(self._whole)
        for part in (self._crumbs, self._grid, self._no_more, Space(grow=1), self._frame, Space(grow=1)):
            self.add_widget(part)

    @property
    def chosen(self) -> tuple[date, BirthKnown] | None:
        """The date and how much of it is known (the rest of it is 1), or None."""
        if self._year is None or self._known is None:
            return None
        return date(self._year, self._month or 1, self._day or 1), self._known

    def start(
        self, years: tuple[int, ...], today: date, birth_date: date | None, known: BirthKnown = BirthKnown.DAY
    ) -> None:
        """Ask for a date in one of `years`, not after `today`; `birth_date` was given earlier."""
        self._years, self._today = years, today
        self._year = self._month = self._day = self._known = None
        if birth_date is not None:
            self._year, self._known = birth_date.year, known
            self._month = birth_date.month if known is not BirthKnown.YEAR else None
            self._day = birth_date.day if known is BirthKnown.DAY else None

    def forget(self) -> None:
        """No date."""
        self.start((), date.max, None)
        self._whole.text = ""
        self._grid.clear_widgets()
        self._crumbs.clear_widgets()

    def question(self, t: Texts) -> str:
        """What to touch now."""
        if self._known is not None:
            said = t("{day}. Is this right?", day=self._said(t))
            return said[:1].upper() + said[1:]
        if self._year is None:
            return t("Touch the year")
        return t("Touch the month") if self._month is None else t("Touch the day")

    def _said(self, t: Texts) -> str:
        """As much of the date as is known."""
        if self.chosen is None:
            return ""
        day, known = self.chosen
        if known is BirthKnown.YEAR:
            return t("the year {year}", year=day.year)
        return t.day_with_year(day) if known is BirthKnown.DAY else t.month_with_year(day)

    def ask(self, t: Texts) -> None:
        """Draw the tiles of the question that is open."""
        self._fill_crumbs(t)
        self._grid.clear_widgets()
        if self._year is None:
            self._grid.columns, self._grid.cell = (3, 148) if len(self._years) <= _THREE_COLUMNS else (4, 128)
            for year in self._years:
                self._grid.add_widget(self._tile(f"year:{year}", str(year), lambda year=year: self._choose(year=year)))
        elif self._month is None:
            self._grid.columns, self._grid.cell = 3, 120
            for month in range(1, 13):
                tile = self._tile(f"month:{month}", t.month_name(month), lambda month=month: self._choose(month=month))
                tile.enabled = date(self._year, month, 1) <= self._today
                tile.tall = 120
                self._grid.add_widget(tile)
        else:
            # Numbers without weekdays: a parent knows the date of a birth, and a calendar's columns only distract.
            self._grid.columns, self._grid.cell = 7, 104
            for day in range(1, calendar.monthrange(self._year, self._month)[1] + 1):
                moment = date(self._year, self._month, day)
                tile = self._tile(f"day:{moment.isoformat()}", str(day), lambda day=day: self._choose(day=day))
                tile.enabled = moment <= self._today
                tile.selected = day == self._day
                tile.tall = 104
                self._grid.add_widget(tile)
        self._ask_for_no_more(t)
        self._whole.text = self._said(t)
        # Where there is no room for it here, the date stands beside, in the lead.
        self._frame.shown = self._known is not None and not look.theme.landscape and not look.theme.large
        self._frame.fill, self._frame.line = "tint", "accent"

    def _ask_for_no_more(self, t: Texts) -> None:
        """The tile for those who cannot say the month, or the day."""
        self._no_more.shown = self._year is not None and self._known is not BirthKnown.DAY
        month = self._month is None
        self._no_more.text = t("I know only the year") if month else t("I do not know the day")
        self._no_more.event = self._only_year if month else self._only_month
        self._no_more.selected = self._known is (BirthKnown.YEAR if month else BirthKnown.MONTH)

    def _only_year(self) -> None:
        self._known = BirthKnown.YEAR
        self.changed()

    def _only_month(self) -> None:
        self._known, self._day = BirthKnown.MONTH, None
        self.changed()

    def _fill_crumbs(self, t: Texts) -> None:
        self._crumbs.clear_widgets()
        crumbs: list[Choice] = []
        if self._year is not None:
            crumbs.append(self._tile("change:year", str(self._year), self._change_year))
        if self._month is not None:
            crumbs.append(self._tile("change:month", t.month_name(self._month), self._change_month))
        for crumb in crumbs:
            crumb.grow, crumb.icon, crumb.side_by_side, crumb.tall = 1, "edit", True, 112
            self._crumbs.add_widget(crumb)
        self._crumbs.shown = bool(crumbs)

    @staticmethod
    def _tile(name: str, text: str, event: Callable[[], None]) -> Choice:
        return Choice(name=name, text=text, event=event, kind="tile", plain=text.isdigit(), radius=22)

    def _choose(self, *, year: int | None = None, month: int | None = None, day: int | None = None) -> None:
        self._year, self._month = year or self._year, month or self._month
        self._day = day or self._day
        self._known = BirthKnown.DAY if self._day is not None else None
        self.changed()

    def _change_year(self) -> None:
        self._year = self._month = self._day = self._known = None
        self.changed()

    def _change_month(self) -> None:
        self._month = self._day = self._known = None
        self.changed()
