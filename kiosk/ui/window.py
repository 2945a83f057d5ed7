"""The kiosk's picture: draws a `View`, sends back events. And the window that it hangs in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glPixelStorei, glReadPixels
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.staff.events import StaffWanted
from kiosk.staff.view import StaffSituation, StaffView
from kiosk.text import LANGUAGES, Texts
from kiosk.ui import shaping
from kiosk.ui.gesture import SHIELD_UNITS, Hold
from kiosk.ui.screens import screen_class
from kiosk.ui.screens.base import Screen, mark
from kiosk.ui.staff.languages import LANGUAGE_NAMES, next_language
from kiosk.ui.theme import Theme, look
from kiosk.ui.widgets import textures
from kiosk.ui.widgets.bones import Bones, Frame
from kiosk.ui.widgets.parts import Column, Part
from kiosk.ui.widgets.touch import StrikeGuard, Touchable
from kiosk.visit import events, notices
from kiosk.visit.view import Overlay, Situation, Step, View

_STEPS: dict[Step, str] = {
    Step.CARD: mark("Your card"),
    Step.CHILDREN: mark("Children"),
    Step.BRING: mark("Bring"),
    Step.APPOINTMENT: mark("Appointment"),
    Step.PAY: mark("Pay"),
    Step.TICKET: mark("Ticket"),
}
# Between visits nothing of a person may remain, not even in a cache of drawn words.
_NOBODY = frozenset({Situation.WELCOME, Situation.OUT_OF_SERVICE})
_GL_PACK_ALIGNMENT = 0x0D05
Picture = View | StaffView
SERVICE_KEY = 290  # F9, as Kivy numbers keys: a switch behind the kiosk's lock can be wired as a keyboard with this one


def _now() -> datetime:
    return datetime.now(UTC)


class KioskView(Part):
    """The whole screen of the kiosk as one widget.

    `send(event)` gets what a person does; `texts_for(language)` gives the words. `clock` (aware) drives the time on
    the welcome screen and the countdown, `monotonic` (seconds) the guard against double strikes.
    """

    def __init__(
        self,
        send: Callable[[events.Event], None],
        texts_for: Callable[[str], Texts],
        clock: Callable[[], datetime] = _now,
        monotonic: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.send = send
        self.guard = StrikeGuard(monotonic)
        self._texts_for = texts_for
        self._clock = clock
        self._view: Picture | None = None
        self._theme: Theme | None = None
        self._screens: dict[Situation | Overlay | StaffSituation, Screen] = {}
        self._screen: Screen | None = None
        self._bones: Bones | None = None
        self._panel: _Panel | None = None
        self._minute = ""
        self._page: notices.Page | None = None
        self._hold = Hold(monotonic, lambda: self.send(StaffWanted()))
        with self.canvas.before:
            self._paper_colour = Color()
            self._paper = Rectangle()
        self.bind(size=self._resized, pos=self._resized)
        self._ticking = Clock.schedule_interval(self._tick, 1.0)

    # --- What the owner calls ---

    def show(self, view: Picture) -> None:
        """Draw this view. A new look (size, contrast, direction) builds new parts.

        A view that differs by nothing but the time changes nothing, so that a report of some device never takes a
        button away from under a finger.
        """
        former, self._view = self._view, view
        if former is not None and replace(former, now=view.now) == view:
            return
        arrives = view.situation in _NOBODY and (former is None or former.situation not in _NOBODY)
        staff_left = isinstance(former, StaffView) and isinstance(view, View)
        if arrives or staff_left:
            textures.forget_words()
        self._draw()

    def target(self, name: str) -> tuple[float, float] | None:
        """The middle of the touchable part of this name, in window pixels from the lower left.

        None if there is no such part, or it cannot be touched now. While an overlay is open only its own parts
        are found.
        """
        for part in self._touchables():
            if part.name == name and part.enabled:
                return part.to_window(*part.center)
        return None

    def targets(self) -> list[str]:
        """The names of all parts that can be touched now."""
        return [part.name for part in self._touchables() if part.enabled]

    def screenshot(self, path: Path | str) -> None:
        """Save this widget, and nothing beside it, as PNG. Raises RuntimeError while it hangs in no window."""
        window = self.get_root_window()
        if window is None:
            raise RuntimeError("a screenshot needs a window")
        left, low = (round(value) for value in self.to_window(*self.pos))
        width, height = round(self.width), round(self.height)
        # What the buffer holds after a flip is undefined, so it is drawn again; widths need not be multiples of 4.
        window.dispatch("on_draw")
        glPixelStorei(_GL_PACK_ALIGNMENT, 1)
        pixels = glReadPixels(left, low, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
        image = Image.frombytes("RGBA", (width, height), bytes(pixels))
        image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("RGB").save(path)

    def close(self) -> None:
        """Stop the clock; the widget is not used any more."""
        self._ticking.cancel()

    # --- Touch ---

    def on_touch_down(self, touch: Any) -> bool:
        """A touch that hits nothing still says that somebody is there."""
        if not self.collide_point(*touch.pos):
            return False
        if self._on_the_shield(touch):
            self._hold.begin(touch.uid)
        if self._panel is not None:
            self._panel.on_touch_down(touch)
        elif self._bones is not None:
            self._bones.on_touch_down(touch)
        if not touch.grab_list:
            self.send(events.Touched())
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """A finger that leaves the shield is no gesture."""
        if not self._on_the_shield(touch):
            self._hold.end(touch.uid)
        return bool(super().on_touch_move(touch))

    def on_touch_up(self, touch: Any) -> bool:
        """A finger that rested long enough was one."""
        self._hold.look()
        self._hold.end(touch.uid)
        return bool(super().on_touch_up(touch))

    def key_pressed(self, key: int, name: str) -> None:
        """A key of whatever keyboard there is: the service key, or one that a screen waits for."""
        if key == SERVICE_KEY:
            self.send(StaffWanted())
        elif self._screen is not None:
            self._screen.key_pressed(name)

    def _on_the_shield(self, touch: Any) -> bool:
        """The corner where the town's shield stands: where reading begins, and nothing else can be touched."""
        reach = SHIELD_UNITS * look.theme.unit
        x, y = touch.pos
        from_side = self.right - x if look.theme.right_to_left else x - self.x
        return 0 <= from_side <= reach and 0 <= self.top - y <= reach

    # --- Drawing ---

    def _draw(self) -> None:
        view = self._view
        if view is None or self.width < 2 or self.height < 2:
            return
        t = self._texts_for(view.language)
        theme = Theme(
            width=round(self.width),
            height=round(self.height),
            large=view.large,
            contrast=view.contrast,
            right_to_left=t.right_to_left,
        )
        if theme != self._theme:
            self._rebuild(theme)
        look.language = view.language
        assert self._bones is not None
        screen = self._screen_for(view.situation)
        if screen is not self._screen:
            if self._screen is not None:
                self._screen.leave()
            self._screen = screen
        if isinstance(view, View) and view.situation in _NOBODY:
            view = replace(view, now=self._clock())
            self._page = self._page_of(view)
        frame = screen.draw(view, t)
        self._show_bones(view, screen, frame, t)
        self._bones.put(screen)
        self._bones.arrange(self.x, self.y, self.width, self.height)
        self._show_overlay(view, t)

    def _rebuild(self, theme: Theme) -> None:
        if self._screen is not None:
            self._screen.leave()
        self._theme = look.theme = theme
        self.clear_widgets()
        self._screens.clear()
        self._screen = None
        self._panel = None
        self._paper_colour.rgba = theme.colour("paper")
        self._bones = Bones()
        self.add_widget(self._bones)

    def _screen_for(self, which: Situation | Overlay | StaffSituation) -> Screen:
        if which not in self._screens:
            extra = {"texts_for": self._texts_for} if which is Situation.WELCOME else {}
            self._screens[which] = screen_class(which)(self._send, self._draw, **extra)
        return self._screens[which]

    def _send(self, event: events.Event) -> None:
        self.send(event)

    def _show_bones(self, view: Picture, screen: Screen, frame: Frame, t: Texts) -> None:
        bones = self._bones
        assert bones is not None
        bones.show(frame, screen.footer(view, t), view.municipality)
        if view.situation in _NOBODY:
            self._minute = t.time(self._clock())
            bones.show_corner(clock=self._minute)
        elif isinstance(view, StaffView):
            bones.show_corner(language=LANGUAGE_NAMES[view.language], event=next_language(view))
        elif screen.language_pill and len(view.languages) > 1:
            language = LANGUAGES.get(view.language, view.language)
            bones.show_corner(language=language, event=events.LanguageMenuWanted())
        else:
            bones.show_corner()
        step = view.step if isinstance(view, View) else None
        now = list(Step).index(step) if step is not None else -1
        bones.steps.show(tuple(t(label) for label in _STEPS.values()) if step is not None else (), now)

    def _show_overlay(self, view: Picture, t: Texts) -> None:
        if isinstance(view, StaffView) or view.overlay is None:
            self._drop_panel()
            return
        screen = self._screen_for(view.overlay)
        if self._panel is None or self._panel.content is not screen:
            self._drop_panel()
            self._panel = _Panel(screen)
            self.add_widget(self._panel)
        screen.draw(view, t)
        self._count_down(view, t)
        self._panel.arrange(self.x, self.y, self.width, self.height)

    def _drop_panel(self) -> None:
        if self._panel is not None:
            self._panel.content.leave()
            self._panel.release()
            self.remove_widget(self._panel)
            self._panel = None

    def _count_down(self, view: View, t: Texts) -> int | None:
        if view.overlay is not Overlay.STILL_THERE or view.overlay_deadline is None or self._panel is None:
            return None
        seconds = max(0, ceil((view.overlay_deadline - self._clock()).total_seconds()))
        self._panel.content.show_seconds(seconds, t)
        return seconds

    def _tick(self, _elapsed: float) -> None:
        """Once a second: nothing is drawn unless the minute, the countdown or the notice is another."""
        self._hold.look()
        view = self._view
        if view is None:
            return
        t = self._texts_for(view.language)
        if isinstance(view, StaffView):
            self._tick_staff(view, t)
            return
        if self._count_down(view, t) is not None and self._panel is not None:
            self._panel.arrange(self.x, self.y, self.width, self.height)
        if view.situation in _NOBODY and (t.time(self._clock()), self._page_of(view)) != (self._minute, self._page):
            self._draw()

    def _page_of(self, view: View) -> notices.Page | None:
        """What stands in the strip of notices now."""
        now = self._clock()
        return notices.turn(notices.pages(view.notices, view.languages, now), now)

    def _tick_staff(self, view: StaffView, t: Texts) -> None:
        """A step may ask whether the clock is right: it has to be the clock of now."""
        minute = t.time(self._clock())
        if view.situation is StaffSituation.STEP and minute != self._minute:
            self._minute, self._view = minute, replace(view, now=self._clock())
            self._draw()

    def _resized(self, *_args: object) -> None:
        self._paper.pos, self._paper.size = self.pos, self.size
        self._draw()

    def _touchables(self) -> Iterator[Touchable]:
        root = self._panel if self._panel is not None else self._bones
        waiting: list[Part] = [root] if root is not None else []
        while waiting:
            part = waiting.pop()
            if isinstance(part, Touchable):
                yield part
            waiting.extend(part.parts)


class _Panel(Part):
    """An overlay: the screen beneath is dimmed, the panel stands low, where hands are."""

    def __init__(self, content: Screen, **kwargs: Any):
        super().__init__(**kwargs)
        self.content = content
        with self.canvas.before:
            red, green, blue, _alpha = look.colour("ink") if not look.theme.contrast else (0, 0, 0, 1)
            Color(red, green, blue, 0.72)
            self._veil = Rectangle()
        self._sheet = Column(fill="paper", line="paper", radius=40, padding=[56, 52, 56, 52])
        if look.theme.contrast:
            self._sheet.line = "line"
        self._sheet.add_widget(content)
        self.add_widget(self._sheet)

    def release(self) -> None:
        """Let go of the content, which is used again."""
        self._sheet.clear_widgets()

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """As high as its content, at most the screen."""
        super().arrange(x, y, width, height)
        self._veil.pos, self._veil.size = self.pos, self.size
        wide = min(width - 2 * look.px(36), look.px(1080))
        high = min(self._sheet.natural_height(wide), height - 2 * look.px(36))
        self._sheet.arrange(x + (width - wide) / 2, y + look.px(36), wide, high)


class KioskApp(App):
    """A window with the kiosk's screen, and room for another widget beside it (the demonstration's dock).

    The viewport is 9:16 and as high as the window, or fills the window when it is wider than high and nothing stands
    beside it. `started` is called once the first frame can be drawn.
    """

    def __init__(
        self,
        view: KioskView,
        beside: Widget | None = None,
        started: Callable[[], None] | None = None,
        title: str = "Loket",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.title = title
        self.kiosk_view = view
        self._beside = beside
        self._started = started

    def build(self) -> Widget:
        """The root: both widgets, placed by `_place`."""
        root = Widget()
        root.add_widget(self.kiosk_view)
        if self._beside is not None:
            root.add_widget(self._beside)
        root.bind(size=self._place)
        return root

    def open_settings(self, *_args: object) -> bool:
        """Kivy opens its own settings on F1; a kiosk has no such door."""
        return False

    def on_start(self) -> None:
        """Tell the owner, and listen to keys."""
        from kivy.core.window import Window

        Window.bind(on_key_down=self._key_down)
        if self._started is not None:
            self._started()

    def on_stop(self) -> None:
        """Let go of the clock."""
        self.kiosk_view.close()

    def _key_down(self, _window: object, key: int, _scan: int, text: str | None, _modifiers: object) -> bool:
        self.kiosk_view.key_pressed(key, text or str(key))
        return True  # Kivy has habits for some keys, and a kiosk wants none of them

    def _place(self, root: Widget, size: tuple[float, float]) -> None:
        width, height = size
        view, beside = self.kiosk_view, self._beside
        if beside is None and width > height:
            view.pos, view.size = (0, 0), (width, height)
            return
        wide = min(width, round(height * 9 / 16))
        left = 0 if beside is not None else (width - wide) / 2
        view.pos, view.size = (round(left), 0), (wide, height)
        if beside is not None:
            beside.pos, beside.size = (wide, 0), (max(0, width - wide), height)


def run_window(
    view: KioskView, beside: Widget | None = None, started: Callable[[], None] | None = None, fullscreen: bool = False
) -> None:
    """Open the window and stay until it is closed. Raises `shaping.TextUnavailable` before a window opens."""
    shaping.check()
    from kivy.core.window import Window

    if fullscreen:
        Window.fullscreen = "auto"
        Window.show_cursor = False
    KioskApp(view, beside, started).run()
