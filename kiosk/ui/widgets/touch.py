"""What can be touched: acts on release inside, shows at once that it is pressed, and never acts twice by mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Picture, Plated, Row, Words

# EN 301 549 §5.8: a second strike within half a second is the tremor of a hand, not a wish.
DOUBLE_STRIKE_SECONDS = 0.5
# Letters come in pairs (Anna); a trembling hand has the large mode, where keys wait the full time.
KEY_STRIKE_SECONDS = 0.2


class StrikeGuard:
    """Refuses the second strike on the same target or, after a change of screen, on the same place."""

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._last: tuple[float, str, float, float] | None = None

    def allows(self, name: str, x: float, y: float, seconds: float) -> bool:
        """Whether a release here and now counts; remembers it when it does."""
        now = self._clock()
        if self._last is not None:
            at, last_name, last_x, last_y = self._last
            near = abs(x - last_x) + abs(y - last_y) < look.px(40)
            if now - at < seconds and (name == last_name or near):
                return False
        self._last = (now, name, x, y)
        return True


class Touchable(Plated):
    """Sends `event` (one of `kiosk.visit.events`, or a function of the screen's own) when released inside."""

    name = StringProperty("")
    event = ObjectProperty(None, allownone=True)
    enabled = BooleanProperty(True)
    pressed = BooleanProperty(False)
    selected = BooleanProperty(False)
    strike_seconds = NumericProperty(DOUBLE_STRIKE_SECONDS)

    def on_touch_down(self, touch: Any) -> bool:
        """Light up, and follow this finger."""
        if not self.shown or not self.collide_point(*touch.pos) or not self.enabled:
            return False
        touch.grab(self)
        self.pressed = True
        self.paint_state()
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Sliding off cancels; sliding back takes it up again."""
        if touch.grab_current is not self:
            return False
        inside = bool(self.collide_point(*touch.pos))
        if inside != self.pressed:
            self.pressed = inside
            self.paint_state()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Act, if the finger is still on it."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self.pressed = False
        self.paint_state()
        if self.collide_point(*touch.pos) and self.enabled and self.get_parent_window() is not None:
            self.activate(*touch.pos)
        return True

    def activate(self, x: float, y: float) -> None:
        """Send the event, unless this is a double strike."""
        root = self.root
        if not root.guard.allows(self.name, x, y, self.strike_seconds) or self.event is None:
            return
        if callable(self.event):
            self.event()
        else:
            root.send(self.event)

    @property
    def root(self) -> Any:
        """The `KioskView` that this part stands in."""
        part = self.parent
        while not hasattr(part, "guard"):
            part = part.parent
        return part

    def paint_state(self) -> None:
        """Draw the plate again in the colours of the present state."""
        self.paint()


class Choice(Touchable):
    """One word or two to choose: a language, a day, a time, a month, a key.

    `text` large, `above` and `below` small; selected is filled, and has a thicker edge as well as another colour.
    """

    text = StringProperty("")
    above = StringProperty("")
    below = StringProperty("")
    kind = StringProperty("tile")
    small = StringProperty("hint")
    weight = NumericProperty(600)
    tall = NumericProperty(148)
    language = StringProperty("")
    icon = StringProperty("")
    plain = BooleanProperty(False)
    side_by_side = BooleanProperty(False)

    def __init__(self, **kwargs: Any):
        self._box = None
        super().__init__(**kwargs)
        self._above = Words(kind=self.small, align="centre", one_line=True, leading="tight")
        self._text = Words(kind=self.kind, weight=self.weight, align="centre", one_line=True, leading="tight")
        self._below = Words(kind=self.small, align="centre", one_line=True, leading="tight")
        self._icon = Picture(units=44, mirrored=True)
        self.on_side_by_side()

    def on_side_by_side(self, *_args: Any) -> None:
        """Icon and word beside each other, or all below each other."""
        if not hasattr(self, "_icon"):
            return
        if self._box is not None:
            self._box.clear_widgets()
            self.remove_widget(self._box)
        if self.side_by_side:
            self._box = Row(gap=16)
            self._text.grow = 1  # into what the icon leaves, and smaller where that is too little
            parts = (self._icon, self._text)
        else:
            self._box = Column(gap=6, align="middle")
            self._text.grow = 0
            parts = (self._icon, self._above, self._text, self._below)
        for part in parts:
            self._box.add_widget(part)
        self.add_widget(self._box)

    def _fill_in(self) -> None:
        strong = self.selected
        plate = {"fill": "accent" if strong else "card", "line": "accent" if strong else "line"}
        tone = "on-accent" if strong else "ink"
        if self.pressed:
            plate, tone = {"fill": "pressed", "line": "pressed"}, "on-accent"
        if not self.enabled:
            plate, tone = {"fill": "disabled", "line": "disabled"}, "on-disabled"
        self.fill, self.line = plate["fill"], plate["line"]
        for words, text in ((self._above, self.above), (self._text, self.text), (self._below, self.below)):
            words.text, words.tone, words.plain, words.language = text, tone, self.plain, self.language
            words.shown = bool(text)
        self._icon.source, self._icon.ink = self.icon, tone
        self._icon.shown = bool(self.icon)
        self._text.kind, self._text.weight = self.kind, self.weight

    def natural_height(self, width: float) -> float:
        """As high as a finger needs, or as the words need."""
        self._fill_in()
        inner = width - 2 * look.px(16)
        return max(look.px(self.tall), self._box.natural_height(inner) + look.px(24))

    def natural_width(self) -> float:
        """Words and air."""
        self._fill_in()
        return self._box.natural_width() + 2 * look.px(30) if self.side_by_side else self._text.natural_width()

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The words in the middle."""
        self._fill_in()
        super().arrange(x, y, width, height)
        margin, air = look.px(26 if self.side_by_side else 14), look.px(8)
        inner, room = width - 2 * margin, height - 2 * air
        if self.side_by_side:
            used = min(inner, self._box.natural_width())
            high = min(room, self._box.natural_height(used))
            self._box.arrange(x + (width - used) / 2, y + (height - high) / 2, used, high)
        else:
            self._box.arrange(x + margin, y + air, inner, room)

    def paint_state(self) -> None:
        """Plate and words change together."""
        self._fill_in()
        for part in (self, self._above, self._text, self._below, self._icon):
            part.paint()


class Primary(Touchable):
    """The one large button, wide and low. `look_of` is "accent" or "done"."""

    text = StringProperty("")
    look_of = StringProperty("accent")

    def __init__(self, **kwargs: Any):
        super().__init__(name="primary", radius=30, drop=10, **kwargs)
        self._text = Words(kind="button", weight=700, align="centre", one_line=True, leading="tight")
        self.add_widget(self._text)

    def natural_height(self, width: float) -> float:
        """168 units, its depth included, or two lines of large text."""
        return look.px(168)

    def _fill_in(self) -> None:
        colour = self.look_of
        self.drop_fill = f"{colour}-pressed" if colour == "done" else "pressed"
        self.fill = self.drop_fill if self.pressed else colour
        self.line = ""
        self._text.tone = "on-done" if colour == "done" else "on-accent"
        if not self.enabled:
            self.fill, self.drop_fill, self._text.tone = "disabled", "faint", "on-disabled"
            self.line = "line" if look.theme.contrast else ""
        self._text.text = self.text

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The plate stands on its depth."""
        self._fill_in()
        depth = look.px(self.drop)
        super().arrange(x, y + depth, width, height - depth)
        air = look.px(30)
        self._text.arrange(x + air, y + depth + look.px(8), width - 2 * air, height - depth - look.px(16))

    def paint_state(self) -> None:
        """Plate and word change together."""
        self._fill_in()
        self.paint()
        self._text.paint()
