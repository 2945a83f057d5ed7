"""Commands to marks on paper: the modes of a printer, its line buffer, and what each command does to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image

from hardware.simulators.printer.commands import (
    AutomaticStatus,
    Bold,
    Characters,
    ColumnPicture,
    Command,
    Cut,
    FeedLines,
    FeedUnits,
    Font,
    GoTo,
    Graphics,
    Ignored,
    Initialise,
    Inverse,
    Justify,
    LineFeed,
    LineSpacing,
    MotionUnits,
    ReportSensor,
    RowPicture,
    SelectPage,
    Size,
    Symbol,
)
from hardware.simulators.printer.paper import (
    CELL_HEIGHT,
    CELL_WIDTH,
    Piece,
    Strip,
    Style,
    cell,
    picture_of_columns,
    picture_of_rows,
    qr_symbol,
)

PAGES = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    15: "iso8859_7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    45: "cp1250",
    46: "cp1251",
}
_DOTS_PER_INCH = 203
_DEFAULT_SPACING = 34  # dots: one sixth of an inch
_JUSTIFY = ("left", "center", "right")
_QR = 49
_GRAPHICS_STORE, _GRAPHICS_PRINT = (112,), (2, 50)


@dataclass(frozen=True, slots=True)
class Modes:
    """What ESC @ resets."""

    page: int = 0
    justify: int = 0
    spacing: int = _DEFAULT_SPACING
    dots_per_unit: float = 0.5  # without GS P a unit is 1/406 inch
    dots_per_step: float = 1.0  # and across the paper 1/203
    style: Style = field(default_factory=Style)


@dataclass(slots=True)
class Interpreter:
    """Carries out commands on one strip of paper, and tells of each line and picture what is `ugly` about it.

    `on_cut` gets each piece; `answer` sends bytes to the host; `sensor` gives the answer to GS r 1 or 2, and
    `automatic` takes the mask of GS a.
    """

    strip: Strip
    on_cut: Callable[[Piece], None]
    answer: Callable[[bytes], None]
    sensor: Callable[[int], int]
    automatic: Callable[[int], None]
    modes: Modes = field(default_factory=Modes)
    _line: list[tuple[Image.Image, str, Style]] = field(default_factory=list)
    _ugly: str = ""  # what is wrong with the line so far: "wrapped" by the printer, or "overprinted"
    _graphics: Image.Image | None = None
    _qr: dict[int, bytes] = field(default_factory=dict)

    def forget(self) -> None:
        """Empty the line buffer and what was stored: buffers cleared, or power lost. Modes go with the power only."""
        self._line.clear()
        self._graphics = None
        self._qr.clear()

    def run(self, command: Command) -> None:
        """Carry out one command."""
        match command:
            case Characters(data):
                self._characters(data)
            case LineFeed():
                self._print_line(self.modes.spacing)
            case GoTo(units):
                self._go_to(round(units * self.modes.dots_per_step))
            case FeedUnits(units):
                self._print_line(None)
                self.strip.feed(self._dots(units))
            case FeedLines(lines):
                self._print_line(None)
                self.strip.feed(lines * self.modes.spacing)
            case RowPicture():
                picture = picture_of_rows(command.width_bytes, command.height, command.data)
                self._picture(_scaled(picture, command.x_scale, command.y_scale))
            case ColumnPicture():
                picture = picture_of_columns(command.rows, command.width, command.data)
                scaled = _scaled(picture, command.x_scale, 24 // command.rows)
                self._line.append((scaled, "", self.modes.style))
            case Graphics(function, data):
                self._run_graphics(function, data)
            case Symbol(kind, function, data):
                if kind == _QR:
                    self._run_qr(function, data)
            case Cut(feed):
                self._print_line(None)
                self.on_cut(self.strip.cut(None if feed is None else self._dots(feed)))
            case ReportSensor(number):
                if number in (1, 2, 49, 50):
                    self.answer(bytes([self.sensor(number)]))
            case AutomaticStatus(mask):
                self.automatic(mask)
            case Ignored():
                pass
            case _:
                self._set(command)

    def _set(self, command: Command) -> None:
        """The commands that only change a mode."""
        modes = self.modes
        match command:
            case Initialise():
                self._line.clear()
                self.modes = Modes()
            case SelectPage(number):
                self.modes = replace(modes, page=number)
            case Bold(on):
                self.modes = replace(modes, style=replace(modes.style, bold=on))
            case Font(small):
                self.modes = replace(modes, style=replace(modes.style, small=small))
            case Inverse(on):
                self.modes = replace(modes, style=replace(modes.style, inverse=on))
            case Size(width, height):
                self.modes = replace(modes, style=replace(modes.style, width=width, height=height))
            case Justify(where):
                if where < len(_JUSTIFY) and not self._line:  # obeyed at the beginning of a line only
                    self.modes = replace(modes, justify=where)
            case LineSpacing(units):
                self.modes = replace(modes, spacing=_DEFAULT_SPACING if units is None else self._dots(units))
            case MotionUnits(horizontal, vertical):
                across = _DOTS_PER_INCH / horizontal if horizontal else 1.0
                down = _DOTS_PER_INCH / vertical if vertical else 0.5
                self.modes = replace(modes, dots_per_step=across, dots_per_unit=down)

    def _dots(self, units: int) -> int:
        return round(units * self.modes.dots_per_unit)

    def _characters(self, data: bytes) -> None:
        style = self.modes.style
        page = PAGES.get(self.modes.page)
        text = data.decode(page, errors="replace") if page else "?" * len(data)
        for character in text:
            if self._line_width() + style.cell_width > self.strip.width:
                self._ugly = "wrapped"
                self._print_line(self.modes.spacing)
            self._line.append((cell(character, style), character, style))

    def _go_to(self, left: int) -> None:
        """White up to a place further right; a place further left would overprint, which is told and not drawn."""
        missing = left - self._line_width()
        if missing < 0:
            self._ugly = "overprinted"
        if missing > 0 and left < self.strip.width:
            white = Image.new("1", (missing, 1), 1)
            self._line.append((white, " " * max(missing // CELL_WIDTH, 1), Style()))

    def _line_width(self) -> int:
        return sum(image.width for image, _, _ in self._line)

    def _print_line(self, spacing: int | None) -> None:
        """Print the line buffer and feed one line; with None, feed only as far as the line is high."""
        if not self._line:
            self.strip.feed(spacing or 0)
            return
        height = max(image.height for image, _, _ in self._line)
        row = Image.new("1", (self._line_width(), height), 1)
        left = 0
        for image, _, _ in self._line:
            row.paste(image, (left, height - image.height))  # letters of all sizes share the lower edge
            left += image.width
        text = "".join(character for _, character, _ in self._line)
        style = max((style for _, text, style in self._line if text.strip()), key=_prominence, default=Style())
        self._line.clear()
        details = {
            "small": style.small,
            "bold": style.bold,
            "inverse": style.inverse,
            "width": style.width,
            "height": style.height,
            "ugly": self._ugly,
        }
        self._ugly = ""
        kind = "line" if text else "picture"
        self.strip.draw(row, self._left(row.width), kind, text=text, align=_JUSTIFY[self.modes.justify], **details)
        if spacing is not None:
            self.strip.feed(max(spacing - height, 0))  # a line higher than the spacing moves the paper by itself

    def _left(self, width: int) -> int:
        return (self.strip.width - width) * self.modes.justify // 2

    def _picture(self, picture: Image.Image) -> None:
        details = {"width": picture.width, "height": picture.height, "align": _JUSTIFY[self.modes.justify]}
        ugly = "clipped" if picture.width > self.strip.width else ""
        self.strip.draw(picture, self._left(picture.width), "picture", ugly=ugly, **details)

    def _run_graphics(self, function: int, data: bytes) -> None:
        if function in _GRAPHICS_STORE and len(data) >= 8:
            _, x_scale, y_scale, _ = data[:4]
            width, height = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
            width_bytes = (width + 7) // 8
            rows = data[8 : 8 + width_bytes * height].ljust(width_bytes * height, b"\0")
            self._graphics = _scaled(picture_of_rows(width_bytes, height, rows), x_scale or 1, y_scale or 1)
        elif function in _GRAPHICS_PRINT and self._graphics is not None:
            self._picture(self._graphics)
            self._graphics = None

    def _run_qr(self, function: int, data: bytes) -> None:
        """65 model, 67 module size, 69 error correction, 80 store, 81 print."""
        self._qr[function] = data
        stored = self._qr.get(80, b"")[1:]
        if function != 81 or not stored:
            return
        module = max(1, min(self._qr.get(67, b"\x03")[0], 16))
        level = self._qr.get(69, b"0")[0]
        text = stored.decode("utf-8", errors="replace")
        symbol = qr_symbol(text, module, level if level in range(48, 52) else 48)
        if symbol.width > self.strip.width:
            return  # a printer prints nothing when the symbol is wider than the paper
        self.strip.draw(
            symbol, self._left(symbol.width), "qr", text=text, module=module, align=_JUSTIFY[self.modes.justify]
        )


def _prominence(style: Style) -> int:
    return style.height * CELL_HEIGHT // (2 if style.small else 1)


def _scaled(picture: Image.Image, x_scale: int, y_scale: int) -> Image.Image:
    return picture.resize((picture.width * x_scale, picture.height * y_scale), Image.Resampling.NEAREST)
