"""What staff set at the kiosk: in service, hours, languages, loudness, brightness, and a new start."""

from __future__ import annotations

from datetime import time
from itertools import groupby
from typing import Any

from kiosk.domain.opening import OpenDay
from kiosk.staff import events
from kiosk.staff.view import SettingsView, StaffView
from kiosk.text import LANGUAGES, Texts
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.staff.steppers import Stepper, Week, day_of_week
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.ui.widgets.tiles import Tile, TileSpec

_STEP = 10  # per cent a touch


class SettingsScreen(StaffScreen):
    """One list; opening hours and languages have a page of their own."""

    def __init__(self, *arguments: Any, **kwargs: Any):
        super().__init__(*arguments, **kwargs)
        self._page = ""
        self._week: Week | None = None

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """What this kiosk cannot is not there; what this person may not is shown and cannot be touched."""
        content = view.content
        assert isinstance(content, SettingsView)
        self.say(view, t)
        if not content.may_change:
            self.say(view, t, t("Hours, languages, sound and light are set by a manager."))
        if self._page == "hours":
            return self._draw_hours(content, t)
        if self._page == "languages":
            return self._draw_languages(content, t)
        parts: list[Any] = [Tile(self._service(content, t))]
        if content.volume is not None:
            parts.append(self._stepper(t("Volume"), content.volume, "volume", content.may_change))
        if content.brightness is not None:
            parts.append(self._stepper(t("Brightness"), content.brightness, "brightness", content.may_change))
        parts.append(Tile(self._door("hours", t("Opening hours"), self._hours_said(content, t), "time", content)))
        offered = ", ".join(LANGUAGES[code] for code in content.languages)
        parts.append(Tile(self._door("languages", t("Languages on offer"), offered, "globe", content)))
        waits = "" if content.may_restart else t("Not while a parent's visit waits")
        parts.append(
            Tile(
                TileSpec(
                    t("Restart the kiosk"),
                    hint=waits or t("Takes about a minute; nothing is lost"),
                    name="restart",
                    event=events.RestartWanted(),
                    icon="restart",
                    mark="go",
                    enabled=content.may_restart,
                )
            )
        )
        self.ids.tiles.show_parts(parts)
        return Frame(title=t("Settings"))

    def footer(self, view: StaffView, t: Texts) -> tuple[FooterButton, ...]:
        """From a page of its own, back to the list."""
        back, display, leave = super().footer(view, t)
        if self._page:
            back = FooterButton("back", t("Back"), "back", lambda: self._open(""))
        return back, display, leave

    def leave(self) -> None:
        """The list is what is shown next time."""
        self._page, self._week = "", None
        self.ids.tiles.show_parts([])
        self.ids.tiles.restart()

    def _open(self, page: str) -> None:
        self._page, self._week = page, None
        self.ids.tiles.restart()
        self.refresh()

    @staticmethod
    def _service(content: SettingsView, t: Texts) -> TileSpec:
        if content.in_service:
            return TileSpec(
                t("Take the kiosk out of service"),
                hint=t("Who is being served is served to the end"),
                name="service:off",
                event=events.ServiceWanted(in_service=False),
                icon="stop",
                mark="go",
            )
        return TileSpec(
            t("Back in service"),
            hint=t("It was taken out of service by people"),
            name="service:on",
            event=events.ServiceWanted(in_service=True),
            icon="check",
            mark="go",
            tone="sun",
        )

    def _door(self, page: str, heading: str, hint: str, icon: str, content: SettingsView) -> TileSpec:
        return TileSpec(
            heading,
            hint=hint,
            name=f"open:{page}",
            event=lambda: self._open(page),
            icon=icon,
            mark="go",
            enabled=content.may_change,
        )

    @staticmethod
    def _stepper(label: str, value: int, name: str, enabled: bool) -> Stepper:
        def changed(to: int) -> events.SettingChanged:
            return events.SettingChanged(**{name: to})  # type: ignore[arg-type]

        less = changed(value - _STEP) if value >= _STEP else None
        more = changed(value + _STEP) if value <= 100 - _STEP else None
        return Stepper(name, label, f"{value} %", less if enabled else None, more if enabled else None)

    @staticmethod
    def _hours_said(content: SettingsView, t: Texts) -> str:
        if not content.hours:
            return t("Open at every hour")
        said = []
        # Days of the same hours that follow each other: as many weekdays ahead as there are entries ahead.
        runs = groupby(enumerate(content.hours), key=lambda each: (each[1].weekday - each[0], *_stretch(each[1])))
        for (_, opens, closes), days in runs:
            names = [t.weekday_short(day_of_week(day.weekday)).rstrip(".") for _, day in days]
            together = f"{names[0]}–{names[-1]}" if len(names) > 2 else ", ".join(names)
            said.append(f"{together} {t.clock(opens)}–{t.clock(closes)}")
        return " · ".join(said)

    def _draw_hours(self, content: SettingsView, t: Texts) -> Frame:
        if self._week is None:
            self._week = Week(content.hours, self.refresh)
        week = self._week
        self.ids.tiles.show_parts(week.rows(t))
        hours: tuple[OpenDay, ...] = week.hours
        return Frame(
            title=t("Opening hours"),
            lead=t("Touch a day to open or close it. Without any open day the kiosk is open at every hour."),
            primary=t("Save"),
            primary_event=events.SettingChanged(hours=hours),
            primary_enabled=hours != content.hours,
        )

    def _draw_languages(self, content: SettingsView, t: Texts) -> Frame:
        parts = []
        for code in content.all_languages:
            on = code in content.languages
            after = tuple(c for c in content.all_languages if (c in content.languages) != (c == code))
            parts.append(
                Tile(
                    TileSpec(
                        LANGUAGES[code],
                        name=f"language:{code}",
                        event=events.SettingChanged(languages=after) if after else None,
                        selected=on,
                        enabled=bool(after),
                    )
                )
            )
        self.ids.tiles.show_parts(parts)
        return Frame(title=t("Languages on offer"), lead=t("At least one; the first is that of the welcome screen."))


def _stretch(day: OpenDay) -> tuple[time, time]:
    return day.opens, day.closes
