"""Wide tiles: one choice, one fact or one thing to bring each; and lists of them that never hide anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Column, Part, Picture, Plated, Row, Words
from kiosk.ui.widgets.touch import Choice, Touchable


@dataclass(frozen=True, slots=True)
class TileSpec:
    """What one tile shows. Without an `event` it only informs.

    `tone`: "" (plain), "done", "sun" or "alert": always together with an icon and words.
    """

    heading: str
    hint: str = ""
    name: str = ""
    event: Any = field(default=None, compare=False)
    icon: str = ""
    card: str = ""  # the letter of a residence card to draw
    amount: str = ""
    mark: str = ""  # "go", "down": an arrow at the end
    selected: bool = False
    enabled: bool = True
    tone: str = ""
    compact: bool = False


class CardPicture(Part):
    """A residence card with its letter, as the parent holds it."""

    letter = StringProperty("")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._units = 96 if look.theme.landscape else 120
        self._picture = Picture(source="residence-card", units=self._units)
        self._letter = Words(kind="big", weight=700, align="end", plain=True, one_line=True)
        self.add_widget(self._picture)
        self.add_widget(self._letter)

    def natural_height(self, width: float) -> float:
        """The height of a card beside two lines of text."""
        return look.px(self._units)

    def natural_width(self) -> float:
        """ID-1 proportions, 85.6 to 54 mm."""
        return look.px(self._units * 85.6 / 54)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The letter stands top right, in every reading direction."""
        super().arrange(x, y, width, height)
        self._letter.text = self.letter
        self._picture.arrange(x, y, width, height)
        self._letter.arrange(x + width * 0.40, y + height * 0.42, width * 0.52, height * 0.54)


class Badge(Plated):
    """An icon on a quiet square."""

    source = StringProperty("")
    ink = StringProperty("pressed")

    def __init__(self, **kwargs: Any):
        super().__init__(radius=24, **kwargs)
        self._icon = Picture()
        self.add_widget(self._icon)

    def natural_height(self, width: float) -> float:
        """96 units."""
        return look.px(96)

    def natural_width(self) -> float:
        """Square."""
        return look.px(96)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The icon in the middle."""
        self._icon.source, self._icon.ink = self.source, self.ink
        super().arrange(x, y, width, height)
        air = look.px(16)
        self._icon.arrange(x + air, y + air, width - 2 * air, height - 2 * air)


_PLATES = {
    "": ("card", "faint", "tint", "pressed"),
    "done": ("done-tint", "done", "card", "done"),
    "sun": ("sun-tint", "sun", "card", "ink"),
    "alert": ("alert-tint", "alert", "card", "alert"),
}


class Tile(Touchable):
    """A `TileSpec` drawn: picture, heading and hint, amount or arrow."""

    def __init__(self, spec: TileSpec, **kwargs: Any):
        super().__init__(**kwargs)
        self._badge = Badge()
        self._card = CardPicture()
        self._heading = Words(kind="tile", weight=700, leading="tight")
        self._hint = Words(kind="hint", tone="muted")
        self._words = Column(gap=4, grow=1)
        self._words.add_widget(self._heading)
        self._words.add_widget(self._hint)
        self._amount = Words(kind="button", weight=700, plain=True, align="end", one_line=True)
        self._mark = Picture(units=48, ink="accent", mirrored=True)
        self._chosen = Picture(source="check", units=48, ink="accent")
        # On a landscape screen height is scarce; 112 units are still 34 mm there.
        self._least = 112 if look.theme.landscape else 148
        self._row = Row(gap=36, least=self._least)
        for part in (self._badge, self._card, self._words, self._amount, self._mark, self._chosen):
            self._row.add_widget(part)
        self.add_widget(self._row)
        self.spec = spec
        self._fill_in()

    def show(self, spec: TileSpec) -> None:
        """Become this tile."""
        self.event = spec.event
        if spec != self.spec:
            self.spec = spec
        self._fill_in()

    def _fill_in(self) -> None:
        spec = self.spec
        self.name, self.event = spec.name, spec.event
        self.enabled, self.selected = spec.enabled and spec.event is not None, spec.selected
        fill, line, badge, ink = _PLATES[spec.tone]
        tones = ("ink", "muted")
        if spec.event is not None:
            line = "line"
        if not spec.enabled:
            fill, line, tones = "disabled", "disabled", ("on-disabled", "on-disabled")
        if spec.selected:
            fill, line = "tint", "accent"
        if self.pressed:
            fill, line = "tint", "pressed"
        self.fill, self.line = fill, line
        self.line_width = 7 if spec.selected or self.pressed else 3
        self._badge.fill, self._badge.ink, self._badge.source = badge, ink, spec.icon
        if look.theme.contrast and not spec.tone:
            self._badge.ink = "accent"
        self._card.letter = spec.card
        self._heading.text, self._hint.text = spec.heading, spec.hint
        self._heading.tone, self._hint.tone = tones
        self._amount.text, self._amount.tone = spec.amount, tones[0]
        self._mark.source = spec.mark
        air = 10 if look.theme.landscape else 20 if spec.compact else 30
        self._row.padding = [40, air, 40, air]
        self._badge.shown = bool(spec.icon)
        self._card.shown = bool(spec.card)
        self._hint.shown = bool(spec.hint)
        self._amount.shown = bool(spec.amount)
        self._mark.shown = bool(spec.mark)
        self._chosen.shown = spec.selected

    def natural_height(self, width: float) -> float:
        """As high as its words need, never less than a finger."""
        return self._row.natural_height(width)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The row fills the tile."""
        super().arrange(x, y, width, height)
        self._row.arrange(x, y, width, height)

    def paint_state(self) -> None:
        """Only the plate shows the finger."""
        self._fill_in()
        self.paint()


class Pages(Part):
    """A list of parts. What does not fit is on a next page, with large visible buttons up and down.

    With `columns` 2, a landscape screen that is too low for all of it takes a second column before it takes a page.
    """

    columns = NumericProperty(1)
    share = NumericProperty(0.5)  # of the width, for the first of two columns

    def __init__(self, gap: float = 28, **kwargs: Any):
        super().__init__(**kwargs)
        self.gap = gap
        self._items: list[Part] = []
        self._page: int | None = None
        self._thick = 112
        self._up = Choice(name="list:up", icon="up", event=lambda: self._turn(-1), tall=112)
        self._down = Choice(name="list:down", icon="down", event=lambda: self._turn(1), tall=112)
        self._where = Words(kind="hint", tone="muted", align="centre", plain=True, one_line=True, grow=1)
        self._bar: Part = Column(gap=24) if look.theme.landscape else Row(gap=24, stretch=True)
        self._up.grow = self._down.grow = 1.3
        for part in (self._up, self._where, self._down):
            self._bar.add_widget(part)
        self.add_widget(self._bar)

    def show(self, specs: Sequence[TileSpec]) -> None:
        """Show these tiles; tiles that are there already are used again."""
        for index, spec in enumerate(specs):
            if index < len(self._items) and isinstance(self._items[index], Tile):
                self._items[index].show(spec)
            else:
                self._drop(index)
                self._append(Tile(spec))
        self._drop(len(specs))

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show these parts of other kinds."""
        self._drop(0)
        for part in parts:
            self._append(part)

    def restart(self) -> None:
        """Back to the page of what is chosen, or to the first."""
        self._page = None

    def _append(self, part: Part) -> None:
        self._items.append(part)
        self.add_widget(part)

    def _drop(self, count: int) -> None:
        for part in self._items[count:]:
            self.remove_widget(part)
        del self._items[count:]

    def _turn(self, pages: int) -> None:
        self._page = (self._page or 0) + pages
        self.arrange(self.x, self.y, self.width, self.height)

    def natural_height(self, width: float) -> float:
        """All of it at once."""
        gaps = look.px(self.gap) * max(0, len(self._items) - 1)
        return gaps + sum(item.natural_height(width) for item in self._items)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The items of this page from the top; the buttons at the bottom, or on a landscape screen at the end."""
        super().arrange(x, y, width, height)
        gap = look.px(self.gap)
        wide = look.theme.landscape
        if wide and self.columns > 1 and self.natural_height(width) > height + 1:
            second = self._second_column(gap)
            if second is not None:
                self._arrange_columns(second, gap)
                return
        heights = [item.natural_height(width) for item in self._items]
        starts = [0]
        between = max(1, len(heights) - 1)
        room = height
        if sum(heights) + gap * between > height and sum(heights) + gap * between * 0.5 <= height + 1:
            gap = int((height - sum(heights)) / between)  # a little closer spares a page
        elif self.natural_height(width) > height + 1:
            width, room = self._arrange_bar(x, y, width, height)
            heights = [item.natural_height(width) for item in self._items]
            starts = _starts(heights, gap, room)
        if wide and look.theme.right_to_left:
            x = self.right - width
        bounds = [*starts, len(heights)]
        if self._page is None:
            chosen = next((n for n, item in enumerate(self._items) if getattr(item, "selected", False)), 0)
            self._page = sum(start <= chosen for start in starts) - 1
        self._page = min(max(self._page, 0), len(starts) - 1)
        first, last = bounds[self._page], bounds[self._page + 1]
        at = y + height
        for index, (item, own) in enumerate(zip(self._items, heights, strict=True)):
            item.shown = first <= index < last
            if item.shown:
                own = min(own, room)
                at -= own
                item.arrange(x, at, width, own)
                at -= gap
        self._bar.shown = len(starts) > 1
        if self._bar.shown:
            self._where.text = f"{self._page + 1} / {len(starts)}"
            self._up.enabled = self._page > 0
            self._down.enabled = self._page < len(starts) - 1
            bar = self._bar
            bar.arrange(bar.x, bar.y, bar.width, bar.height)

    def _arrange_bar(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Put the buttons into their place; returns the width and the height that they leave to the items."""
        gap, thick = look.px(self.gap), look.px(self._thick)
        if not look.theme.landscape:
            self._bar.arrange(x, y, width, thick)
            return width, height - thick - gap
        at = x if look.theme.right_to_left else x + width - thick
        self._bar.arrange(at, y, thick, height)
        return width - thick - gap, height

    def _widths(self, gap: int) -> tuple[float, float]:
        first = (self.width - gap) * self.share
        return first, self.width - gap - first

    def _second_column(self, gap: int) -> int | None:
        """The item with which a second column would begin; None where two columns do not hold all of it."""
        first, last = self._widths(gap)
        for begin in range(1, len(self._items)):
            columns = ((self._items[:begin], first), (self._items[begin:], last))
            if all(_height(items, own, gap) <= self.height + 1 for items, own in columns):
                return begin
        return None

    def _arrange_columns(self, second: int, gap: int) -> None:
        """All of it on one page, from item `second` on in the second column."""
        first, last = self._widths(gap)
        left, right = (self.x + last + gap, self.x) if look.theme.right_to_left else (self.x, self.x + first + gap)
        for items, x, own in ((self._items[:second], left, first), (self._items[second:], right, last)):
            at = self.y + self.height
            for item in items:
                high = item.natural_height(own)
                at -= high
                item.shown = True
                item.arrange(x, at, own, high)
                at -= gap
        self._page, self._bar.shown = 0, False


def _height(items: Sequence[Part], width: float, gap: int) -> float:
    return sum(item.natural_height(width) for item in items) + gap * max(0, len(items) - 1)


def _starts(heights: Sequence[float], gap: int, room: float) -> list[int]:
    """Where each page, or column, of this height begins."""
    starts, used = [0], 0.0
    for index, own in enumerate(heights):
        if used and used + own > room + 1:
            starts.append(index)
            used = 0
        used += own + gap
    return starts


class Note(Column):
    """Something to know, marked by an icon and a colour."""

    text = StringProperty("")
    tone = StringProperty("sun")
    icon = StringProperty("info")

    def __init__(self, **kwargs: Any):
        super().__init__(padding=[34, 24, 34, 24], radius=20, **kwargs)
        self._icon = Picture(units=56, ink="ink")
        self._words = Words(kind="hint", grow=1)
        row = Row(gap=28)
        row.add_widget(self._icon)
        row.add_widget(self._words)
        self.add_widget(row)

    def _fill_in(self) -> None:
        self.fill, self.line, _badge, ink = _PLATES[self.tone]
        self._icon.source, self._icon.ink = self.icon, ink
        self._words.text = self.text

    def natural_height(self, width: float) -> float:
        """Nothing without words."""
        self._fill_in()
        return super().natural_height(width) if self.text else 0

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """As any column."""
        self._fill_in()
        super().arrange(x, y, width, height)


class Facts(Column):
    """A white box with rows of a label and a value; the last may be a total."""

    def __init__(self, **kwargs: Any):
        air, gap = (14, 8) if look.theme.landscape else (26, 16)
        super().__init__(fill="card", line="faint", padding=[40, air, 40, air], gap=gap, **kwargs)

    def add_words(self, text: str) -> None:
        """A few words on the row above, over the whole width; nothing for no text."""
        if text:
            self.add_widget(Words(text=text, kind="hint", tone="muted"))

    def add_fact(self, label: str, value: str, hint: str = "", total: bool = False, amount: bool = False) -> None:
        """One row: label (with a hint beneath) at the start, the value at the end."""
        kind = ("tile" if look.theme.landscape else "button") if total else "lead"
        left = Column(grow=1)
        left.add_widget(Words(text=label, kind=kind, weight=700 if total else 400))
        if hint:
            left.add_widget(Words(text=hint, kind="hint", tone="muted"))
        right = Words(text=value, kind=kind, weight=700, align="end", plain=amount, one_line=amount)
        self.add_widget(_Amount(left, right) if amount else _Fact(left, right))


class _Amount(Row):
    """A label, and an amount at the end."""

    def __init__(self, left: Column, right: Words):
        super().__init__(gap=30)
        self.add_widget(left)
        self.add_widget(right)


class _Fact(Row):
    """A label and a value beside each other, or below each other where there is no room for both."""

    narrow = 480  # units

    def __init__(self, left: Column, right: Words):
        super().__init__(gap=30)
        self._left, self._right = left, right
        right.grow = 2.25
        self.add_widget(left)
        self.add_widget(right)

    def natural_height(self, width: float) -> float:
        """One row, or two."""
        if width >= look.px(self.narrow):
            return super().natural_height(width)
        return self._left.natural_height(width) + self._right.natural_height(width)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """The value behind the label, or beneath it."""
        beneath = width < look.px(self.narrow)
        self._right.align = "start" if beneath else "end"
        super().arrange(x, y, width, height)
        if beneath:
            high = self._right.natural_height(width)
            self._left.arrange(x, y + high, width, height - high)
            self._right.arrange(x, y, width, high)


class Lines(Column):
    """A white box of sentences, each behind its icon."""

    def __init__(self, lines: Sequence[tuple[str, str]], **kwargs: Any):
        super().__init__(fill="card", line="faint", padding=[34, 26, 34, 26], gap=24, **kwargs)
        for icon, words in lines:
            row = Row(gap=28)
            row.add_widget(Picture(source=icon, units=52, ink="accent" if look.theme.contrast else "pressed"))
            row.add_widget(Words(text=words, kind="hint", grow=1))
            self.add_widget(row)

    @classmethod
    def boxes(cls, lines: Sequence[tuple[str, str]]) -> list[Lines]:
        """As many boxes as it takes, so that they can stand on different pages."""
        most = 2 if look.theme.landscape else 4
        boxes = -(-len(lines) // most)
        own = -(-len(lines) // boxes) if boxes else 0
        return [cls(lines[start : start + own]) for start in range(0, len(lines), own or 1)]
