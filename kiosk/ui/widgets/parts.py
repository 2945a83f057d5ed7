"""Layout in one pass: a part says how high it wants to be at a width, and is then put into its place.

Kivy's own layouts settle over several rounds of callbacks. Here a whole screen is arranged in one call, top down,
so that what a person touches is where it is drawn, at once, and reading direction is one flag in a row.
All lengths are pixels, all paddings and gaps in layout files are units of the design.
"""

from __future__ import annotations

from kivy.graphics import BorderImage, Color, Rectangle
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui import shaping, vector
from kiosk.ui.theme import look
from kiosk.ui.widgets import textures


class Part(Widget):
    """Something with a place. `grow` is its share of the room that is left over."""

    grow = NumericProperty(0)
    shown = BooleanProperty(True)

    def on_shown(self, _part: Part, shown: bool) -> None:
        """A hidden part is neither drawn nor touched."""
        self.opacity = 1 if shown else 0

    def on_touch_down(self, touch):
        """Touches do not reach what is hidden."""
        return self.shown and super().on_touch_down(touch)

    @property
    def parts(self) -> list[Part]:
        """The children in the order in which they were added, without hidden ones."""
        return [child for child in reversed(self.children) if child.shown]

    def natural_height(self, width: float) -> float:
        """The height wanted at a width."""
        return 0

    def natural_width(self) -> float:
        """The width wanted in a row."""
        return 0

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """Take this place; `y` is the lower edge."""
        self.pos = (round(x), round(y))
        self.size = (round(width), round(height))
        self.paint()

    def paint(self) -> None:
        """Draw what belongs to this part itself."""


class Plated(Part):
    """A part on a rounded plate. Colours are tokens; an empty `fill` draws nothing."""

    fill = StringProperty("")
    line = StringProperty("")
    line_width = NumericProperty(3)
    radius = NumericProperty(28)
    drop = NumericProperty(0)
    drop_fill = StringProperty("pressed")

    def paint(self) -> None:
        """Lay the plate under everything else."""
        if not self.fill:
            self.canvas.before.clear()
            self._plate = None
            return
        palette = look.theme.palette
        # High contrast has outlines in place of depth.
        drop = 0 if look.theme.contrast else look.px(self.drop)
        thickness = max(2, look.px(self.line_width)) if self.line else 0
        radius = min(look.px(self.radius), int(min(self.width, self.height) / 2) - drop)
        texture, edge = textures.plate(
            palette[self.fill],
            palette[self.line or self.fill],
            thickness,
            max(radius, 1),
            drop,
            palette[self.drop_fill],
        )
        if getattr(self, "_plate", None) is None:
            with self.canvas.before:
                Color(1, 1, 1, 1)
                self._plate = BorderImage(auto_scale="off")
        self._plate.texture = texture
        self._plate.border = (edge, edge, edge, edge)
        self._plate.pos = (self.x, self.y - drop)
        self._plate.size = (self.width, self.height + drop)


class Column(Plated):
    """Parts below each other. Room left over goes to those that grow, or stays at `align`'s other end."""

    padding = ListProperty([0, 0, 0, 0])  # start, top, end, bottom
    gap = NumericProperty(0)
    align = StringProperty("top")  # or "middle", "bottom"

    def natural_height(self, width: float) -> float:
        """All parts, gaps and padding."""
        start, top, end, bottom = map(look.px, self.padding)
        inner = width - start - end
        parts = self.parts
        gaps = look.px(self.gap) * max(0, len(parts) - 1)
        return top + bottom + gaps + sum(part.natural_height(inner) for part in parts)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """Top down; what does not fit is made lower in proportion."""
        super().arrange(x, y, width, height)
        start, top, end, bottom = map(look.px, self.padding)
        if look.theme.right_to_left:
            start, end = end, start
        inner = width - start - end
        parts = self.parts
        gap = look.px(self.gap)
        heights = [part.natural_height(inner) for part in parts]
        room = height - top - bottom - gap * max(0, len(parts) - 1)
        spare = room - sum(heights)
        growing = sum(part.grow for part in parts)
        if spare < 0:
            heights = _squeezed(heights, [part.grow > 0 for part in parts], max(room, 0))
        elif growing:
            heights = [own + spare * part.grow / growing for own, part in zip(heights, parts, strict=True)]
        lead = 0.0
        if spare > 0 and not growing:
            lead = {"top": 0, "middle": spare / 2, "bottom": spare}[self.align]
        at = y + height - top - lead
        for part, own in zip(parts, heights, strict=True):
            at -= own
            part.arrange(x + start, at, inner, own)
            at -= gap


def _squeezed(heights: list[float], elastic: list[bool], room: float) -> list[float]:
    """Heights that fit into `room`: elastic parts (pictures, lists with pages) give way first, then all alike."""
    firm = sum(own for own, gives in zip(heights, elastic, strict=True) if not gives)
    soft = sum(heights) - firm
    if firm <= room and soft:
        share = (room - firm) / soft
        return [own * share if gives else own for own, gives in zip(heights, elastic, strict=True)]
    share = room / firm if firm else 0
    return [0.0 if gives else own * min(share, 1.0) for own, gives in zip(heights, elastic, strict=True)]


class Row(Plated):
    """Parts beside each other in reading direction; those that grow share what the others leave."""

    padding = ListProperty([0, 0, 0, 0])  # start, top, end, bottom
    gap = NumericProperty(0)
    stretch = BooleanProperty(False)  # parts as high as the row
    least = NumericProperty(0)  # minimum height, in units

    def _widths(self, width: float) -> list[float]:
        parts = self.parts
        start, _top, end, _bottom = map(look.px, self.padding)
        room = width - start - end - look.px(self.gap) * max(0, len(parts) - 1)
        fixed = [0 if part.grow else min(part.natural_width(), room) for part in parts]
        growing = sum(part.grow for part in parts)
        spare = max(0.0, room - sum(fixed))
        return [spare * part.grow / growing if part.grow else own for part, own in zip(parts, fixed, strict=True)]

    def natural_height(self, width: float) -> float:
        """The highest part."""
        _start, top, _end, bottom = map(look.px, self.padding)
        heights = [part.natural_height(own) for part, own in zip(self.parts, self._widths(width), strict=True)]
        return max(look.px(self.least), top + bottom + max(heights, default=0))

    def natural_width(self) -> float:
        """All parts at the width they want."""
        start, _top, end, _bottom = map(look.px, self.padding)
        parts = self.parts
        return start + end + look.px(self.gap) * max(0, len(parts) - 1) + sum(part.natural_width() for part in parts)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """Side by side, from the side where reading begins."""
        super().arrange(x, y, width, height)
        start, top, _end, bottom = map(look.px, self.padding)
        room = height - top - bottom
        at = float(start)
        for part, own in zip(self.parts, self._widths(width), strict=True):
            high = room if self.stretch else min(room, part.natural_height(own))
            left = x + width - at - own if look.theme.right_to_left else x + at
            part.arrange(left, y + bottom + (room - high) / 2, own, high)
            at += own + look.px(self.gap)


class Grid(Part):
    """Parts of one size in columns. `cell` is the least height of a row, in units."""

    columns = NumericProperty(2)
    gap = NumericProperty(26)
    cell = NumericProperty(148)

    def _cell_width(self, width: float) -> float:
        return (width - look.px(self.gap) * (self.columns - 1)) / self.columns

    def natural_height(self, width: float) -> float:
        """All rows."""
        rows = -(-len(self.parts) // self.columns)
        own = self._cell_width(width)
        high = max([look.px(self.cell), *(part.natural_height(own) for part in self.parts)])
        return rows * high + max(0, rows - 1) * look.px(self.gap)

    def arrange(self, x: float, y: float, width: float, height: float) -> None:
        """Row by row in reading direction."""
        super().arrange(x, y, width, height)
        rows = -(-len(self.parts) // self.columns)
        if not rows:
            return
        gap, own = look.px(self.gap), self._cell_width(width)
        high = (height - gap * (rows - 1)) / rows
        for index, part in enumerate(self.parts):
            row, column = divmod(index, self.columns)
            if look.theme.right_to_left:
                column = self.columns - 1 - column
            part.arrange(x + column * (own + gap), y + height - (row + 1) * high - row * gap, own, high)


class Space(Part):
    """Room: a fixed height in units, or what is left."""

    units = NumericProperty(0)

    def natural_height(self, width: float) -> float:
        """The fixed height."""
        return look.px(self.units)

    def natural_width(self) -> float:
        """The same in a row."""
        return look.px(self.units)


class Rule(Part):
    """A thin line between rows."""

    def natural_height(self, width: float) -> float:
        """Three units."""
        return max(2, look.px(3))

    def paint(self) -> None:
        """One quiet rectangle."""
        if not getattr(self, "_bar", None):
            with self.canvas.before:
                Color(*look.colour("faint"))
                self._bar = Rectangle()
        self._bar.pos, self._bar.size = self.pos, self.size


# How far text may shrink to stay inside its box, and in which order.
_SHRINK = (1.0, 0.92, 0.85, 0.78, 0.7, 0.62, 0.54, 0.46)
_ONE_LINE = (1.0, 0.92, 0.85)


class Words(Part):
    """A paragraph. It wraps; in a box too small for it, it becomes smaller rather than being cut.

    `one_line`: try to stay on one line before wrapping. `plain`: never mirrored (amounts, codes, letters).
    """

    text = StringProperty("")
    kind = StringProperty("body")
    weight = NumericProperty(400)
    tone = StringProperty("ink")
    align = StringProperty("start")
    leading = StringProperty("normal")
    balanced = BooleanProperty(False)
    one_line = BooleanProperty(False)
    plain = BooleanProperty(False)
    language = StringProperty("")
    most = NumericProperty(1.0)  # scale that is never exceeded, so that neighbours look alike

    def _setting(self, scale: float, width: float | None) -> shaping.Setting:
        language = self.language or look.language
        return shaping.Setting(
            size=max(6, int(look.theme.type_size(self.kind) * min(scale, self.most))),
            weight=int(self.weight),
            language=language,
            right_to_left=not self.plain
            and (look.theme.right_to_left if not self.language else shaping.family_for("", language) == "arabic"),
            align=self.align,
            leading=self.leading,
            width=None if width is None else max(1, int(width)),
            balanced=self.balanced,
        )

    def _fitted(self, width: float, height: float | None = None) -> shaping.Setting:
        if self.one_line:
            for scale in _ONE_LINE:
                setting = self._setting(scale, None)
                high = shaping.height_of(1, setting)
                if shaping.width_of(self.text, setting) <= width and (height is None or high <= height + 1):
                    return setting
        for scale in _SHRINK:
            setting = self._setting(scale, width)
            if shaping.longest_word(self.text, setting) > width:
                continue
            high = shaping.height_of(len(shaping.lines(self.text, setting)), setting)
            if height is None or high <= height + 1:
                break
        return setting

    def scale_for(self, width: float) -> float:
        """The largest scale at which this fits on one line."""
        wanted = shaping.width_of(self.text, self._setting(1.0, None))
        return min(1.0, width / wanted) if wanted else 1.0

    def natural_width(self) -> float:
        """On one line."""
        return shaping.width_of(self.text, self._setting(1.0, None)) + 2 if self.text else 0

    def natural_height(self, width: float) -> float:
        """As many lines as the width needs; nothing for no text."""
        if not self.text:
            return 0
        setting = self._fitted(width)
        return shaping.height_of(len(shaping.lines(self.text, setting)), setting)

    def paint(self) -> None:
        """One coloured mask, on whole pixels."""
        if not getattr(self, "_box", None):
            with self.canvas.before:
                self._colour = Color()
                self._box = Rectangle()
        if not self.text or self.width < 1 or self.height < 1:
            self._box.size = (0, 0)
            self._box.texture = None
            return
        setting = self._fitted(self.width, self.height)
        texture = textures.words(self.text, setting)
        self._colour.rgba = look.colour(self.tone)
        width, height = texture.size
        at_right = (self.align == "end") != setting.right_to_left
        middle = self.x + (self.width - width) / 2
        x = middle if self.align == "centre" else self.right - width if at_right else self.x
        self._box.texture = texture
        self._box.size = texture.size
        self._box.pos = (round(x), round(self.y + (self.height - height) / 2))

    @property
    def drawn_size(self) -> tuple[float, float]:
        """What is painted, in pixels: never larger than the part."""
        box = getattr(self, "_box", None)
        return tuple(box.size) if box else (0, 0)


class Picture(Part):
    """An icon or drawing of assets/icons, as large as its box, in the middle of it."""

    source = StringProperty("")
    ink = StringProperty("ink")
    units = NumericProperty(0)  # height wanted, in units
    mirrored = BooleanProperty(False)  # points the other way where reading does

    def natural_height(self, width: float) -> float:
        """`units`, or less where the width does not allow it."""
        if not self.source:
            return 0
        return min(look.px(self.units), width / vector.proportions(self.source))

    def natural_width(self) -> float:
        """At the height of `units`."""
        return look.px(self.units) * vector.proportions(self.source) if self.source else 0

    def paint(self) -> None:
        """One texture."""
        if not getattr(self, "_box", None):
            with self.canvas.before:
                Color(1, 1, 1, 1)
                self._box = Rectangle()
        # A large drawing that has been squeezed to a stamp says nothing any more.
        if not self.source or min(self.size) < max(2, look.px(self.units) * 0.25):
            self._box.size = (0, 0)
            return
        name = self.source
        if self.mirrored and look.theme.right_to_left:
            name = {"go": "back", "back": "go"}.get(name, name)
        texture = textures.picture(name, int(self.width), int(self.height), self.ink)
        self._box.texture = texture
        self._box.size = texture.size
        self._box.pos = (
            round(self.x + (self.width - texture.width) / 2),
            round(self.y + (self.height - texture.height) / 2),
        )
