"""The same bones on every screen: town and language, six steps, title, content, primary, back, help and stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.properties import NumericProperty, StringProperty

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Part, Picture, Row, Words
from kiosk.ui.widgets.touch import Choice, Primary


@dataclass(frozen=True, slots=True)
class FooterButton:
    """One of the places below; an empty text keeps the place empty."""

    name: str
    text: str
    icon: str
    event: Any
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """What the bones show around a screen's own content.

    `primary` "" hides the large button; `look_of` is "accent" or "done".
    """

    title: str
    lead: str = ""
    primary: str = ""
    primary_event: Any = None
    primary_enabled: bool = True
    look_of: str = "accent"


class Steps(Part):
    """Six bars with a word each: done, now, to come. The present one is thicker and bold, not only blue."""

    now = NumericProperty(-1)

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._labels: list[Words] = []
        self._bars: list[tuple[Color, Rectangle]] = []

    def show(self, labels: tuple[str, ...], now: int) -> None:
        """Six words and the index of the present step; no words hide the bar."""
        self.shown = bool(labels)
        while len(self._labels) < len(labels):
            words = Words(kind="steps", one_line=True, leading="tight")
            self._labels.append(words)
            self.add_widget(words)
            with self.canvas.before:
                self._bars.append((Color(), Rectangle()))
        for index, (words, label) in enumerate(zip(self._labels, labels, strict=False)):
            words.text = label
            words.tone = "pressed" if index == now else "ink" if index < now else "muted"
            words.weight = 700 if index == now else 400
            if look.theme.contrast:
                words.tone = "accent" if index == now else "ink"
        self.now = now

    def natural_height(self, width: float) -> float:
        """Bar and word."""
        return look.px(66)

    def paint(self) -> None:
        """The bars; words are parts of their own."""
        count = max(1, len(self._labels))
        gap = look.px(14)
        own = (self.width - gap * (count - 1)) / count
        for words in self._labels:
            words.most = 1.0
        scale = min((words.scale_for(own) for words in self._labels), default=1.0)
        for index, (words, (colour, bar)) in enumerate(zip(self._labels, self._bars, strict=True)):
            place = count - 1 - index if look.theme.right_to_left else index
            x = self.x + place * (own + gap)
            token = "accent" if index == self.now else "pressed" if index < self.now else "faint"
            thick = look.px(14 if index == self.now else 8)
            colour.rgba = look.colour(token)
            bar.pos, bar.size = (round(x), round(self.top - thick)), (round(own), thick)
            words.most = max(scale * 0.99, 0.5)
            words.arrange(x, self.y, own, self.height - look.px(18))


class Bones(Part):
    """Everything but the content, which is the last part added; see `Frame`."""

    municipality = StringProperty("")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._crest = Picture(source="crest", units=72)
        self._town = Words(kind="town", weight=600, one_line=True, grow=1)
        self._pill = Choice(kind="pill", small="pill", weight=400, radius=45, tall=90, side_by_side=True)
        self._header = Row(gap=20)
        for part in (self._crest, self._town, self._pill):
            self._header.add_widget(part)
        self.steps = Steps()
        self._title = Words(kind="title", weight=700, leading="tight", balanced=True)
        self._lead = Words(kind="lead", tone="muted", balanced=True)
        self._primary = Primary()
        self._footer = Row(gap=24, stretch=True)
        self._buttons = [Choice(kind="footer", weight=400, tall=128, side_by_side=True, grow=1) for _ in range(3)]
        self._clock = Words(kind="pill", plain=True, one_line=True)
        self._header.add_widget(self._clock)
        for button in self._buttons:
            self._footer.add_widget(button)
        self._footer_used = True
        for part in (self._header, self.steps, self._title, self._lead, self._primary, self._footer):
            self.add_widget(part)
        self.body: Part | None = None

    def put(self, body: Part) -> None:
        """Show this content in place of the present one."""
        if body is self.body:
            return
        if self.body is not None:
            self.remove_widget(self.body)
        self.body = body
        self.add_widget(body)

    def show(self, frame: Frame, footer: tuple[FooterButton, ...], town: str) -> None:
        """Take the words and buttons of a screen."""
        self._town.text = town
        self._title.text, self._lead.text = frame.title, frame.lead
        primary = self._primary
        primary.shown = bool(frame.primary)
        primary.text, primary.event, primary.look_of = frame.primary, frame.primary_event, frame.look_of
        primary.enabled = frame.primary_enabled
        self._footer_used = bool(footer)
        for index, button in enumerate(self._buttons):
            spec = footer[index] if index < len(footer) else None
            button.shown = spec is not None
            button.opacity = 0 if spec is None or not spec.text else 1
            if spec is not None:
                button.name, button.text, button.icon, button.event = spec.name, spec.text, spec.icon, spec.event
                button.enabled = spec.enabled and bool(spec.text)

    def show_corner(self, clock: str = "", language: str = "", event: Any = None) -> None:
        """At the end of the header: the time, or the language with a way to change it, or nothing."""
        self._clock.text, self._clock.shown = clock, bool(clock)
        pill = self._pill
        pill.name, pill.text, pill.event, pill.shown = "language", language, event, bool(language)
        pill.icon = "globe"

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """Portrait: one column. Landscape: title and primary at the start, content beside them."""
        super().arrange(x, y, width, height)
        px, margin = look.px, look.px(56)
        inner = width - 2 * margin
        at = y + height - px(40)
        wide = look.theme.landscape
        header = px(92)
        at -= header
        if wide and self.steps.shown:
            self._arrange_wide_header(x + margin, at, inner, header)
        else:
            self._header.arrange(x + margin, at, inner, header)
            if self.steps.shown:
                at -= px(32) + px(66)
                self.steps.arrange(x + margin, at, inner, px(66))
        bottom = y + px(40 if wide else 56)
        if self._footer_used:
            high = px(112 if wide else 128)
            self._footer.arrange(x + margin, bottom, inner, high)
            bottom += high + px(28 if wide else 36)
        if wide:
            self._arrange_wide(x + margin, bottom, inner, at - px(36) - bottom)
            return
        at -= px(50)
        at = self._arrange_title(x + margin, at, inner, (at - bottom) * 0.45)
        if self._primary.shown:
            high = self._primary.natural_height(inner)
            self._primary.arrange(x + margin, bottom, inner, high)
            bottom += high + px(32)
        if self.body is not None:
            self.body.arrange(x + margin, bottom, inner, at - px(40) - bottom)

    def _arrange_wide_header(self, x: float, y: float, width: float, height: float) -> None:
        """Steps between town and language, to spare a row."""
        middle = width * 0.50
        side = (width - middle) / 2
        self._header.arrange(x, y, width, height)
        crest = self._crest.natural_width()
        room = side - crest - look.px(44)
        if look.theme.right_to_left:
            self._town.arrange(x + width - crest - look.px(20) - room, self._town.y, room, self._town.height)
        else:
            self._town.arrange(x + crest + look.px(20), self._town.y, room, self._town.height)
        self.steps.arrange(x + side, y, middle, look.px(72))

    def _arrange_title(self, x: float, top: float, width: float, most: float) -> float:
        """Title and lead from the top; returns their lower edge."""
        px = look.px
        title, lead = self._title.natural_height(width), self._lead.natural_height(width)
        squeeze = min(1.0, most / max(1, title + lead))
        title, lead = title * squeeze, lead * squeeze
        self._title.arrange(x, top - title, width, title)
        top -= title
        if lead:
            top -= px(18) + lead
            self._lead.arrange(x, top, width, lead)
        else:
            self._lead.arrange(x, top, width, 0)
        return top

    def _arrange_wide(self, x: float, y: float, width: float, height: float) -> None:
        gap = look.px(64)
        left = (width - gap) * 0.36
        right = width - gap - left
        title_x, body_x = (x, x + left + gap) if not look.theme.right_to_left else (x + right + gap, x)
        low = self._primary.natural_height(left) + look.px(24) if self._primary.shown else 0
        self._arrange_title(title_x, y + height, left, height - low)
        if self._primary.shown:
            self._primary.arrange(title_x, y, left, self._primary.natural_height(left))
        if self.body is not None:
            self.body.arrange(body_x, y, right, height)
