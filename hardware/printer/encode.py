"""Documents to ESC/POS bytes.

python-escpos builds the bytes (on its printer without a device); sending them and judging the outcome is
`hardware.printer.printer`'s. Left to itself the library picks a code page per character, and on common
profiles finds the euro in a Greek page that not every firmware has; a page that it is forced to use turns
what it lacks into "?" in silence. So a page is chosen here, for a whole line and by the number that the model
knows, and a line that no page holds is drawn as a picture.

Nothing that a citizen typed can act as a command: control characters never get into a line (`printable`),
and the two-byte starts of real-time commands, which a printer obeys even inside a picture's data, are
broken up there by setting one dot.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

import qrcode
from PIL import Image, ImageOps
from qrcode import constants as qr_levels

from hardware.printer.document import (
    FRAME,
    LARGEST_MAGNIFICATION,
    STEP,
    Align,
    Columns,
    Cut,
    Document,
    Element,
    Feed,
    Qr,
    Raster,
    Rule,
    Text,
)
from hardware.printer.library import QR_ECLEVEL_H, QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, Dummy
from hardware.printer.models import ALL_CHANGES, MODEL_80_MM, WESTERN, Model, StatusBy
from hardware.printer.raster import LEADING, SMALL_LEADING, Rasterise, Style, box_to_tick

# The forms that catalogues and locale data use for spacing, as the printer's pages hold them.
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2011": "-", "\t": " "})
# Invisible characters that steer shaping and direction. They matter in a picture; in a page they are nothing.
_STEERING = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
_DOTS_PER_INCH = 203  # 8 dots a millimetre; GS P makes the printer count feeds and positions in the same unit
QUIET_MODULES = 4  # of white around a QR code (ISO/IEC 18004)
_LONGEST_FEED = 255  # dots in one ESC J
_TALLEST_PICTURE = 960  # rows in one GS v 0, a limit of python-escpos that printers share
FEED_TO_KNIFE_MM = 12.0  # from the head to the knife or, where there is none, to the edge to tear at
_SIDE, _OTHER_SIDE = 0xF0, 0x0F  # of a frame, in pixels of two dots: nearest to its width from within
_DASHES = 0xFC  # of a rule: eight pixels of two dots each, six of them black
_REAL_TIME_START = re.compile(rb"\x10(?=[\x04\x05\x14])")  # DLE EOT, DLE ENQ, DLE DC4

_ESCPOS_LEVELS = {"L": QR_ECLEVEL_L, "M": QR_ECLEVEL_M, "Q": QR_ECLEVEL_Q, "H": QR_ECLEVEL_H}
_QRCODE_LEVELS = {
    "L": qr_levels.ERROR_CORRECT_L,
    "M": qr_levels.ERROR_CORRECT_M,
    "Q": qr_levels.ERROR_CORRECT_Q,
    "H": qr_levels.ERROR_CORRECT_H,
}


def printable(text: str) -> str:
    """Text without anything that is not text: control, private and unassigned characters become spaces.

    Newlines too: a line is a line. Spaces of odd width become plain ones.
    """
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "".join(
        character if character in _STEERING or unicodedata.category(character)[0] not in "CZ" else " "
        for character in plain
    )


def code_page(text: str, pages: Iterable[str] = WESTERN) -> str | None:
    """The first page that holds every character of a `printable` text; None: it has to be drawn."""
    for page in pages:
        try:
            codecs.encode(text, page)
        except UnicodeEncodeError:
            continue
        return page
    return None


class Job(NamedTuple):
    """One job for the printer: its bytes, and the paper that it takes from the roll, in millimetres."""

    data: bytes
    millimetres: float


class Encoder:
    """Encodes documents for one model. `rasterise` draws the lines that no code page holds."""

    def __init__(self, rasterise: Rasterise, model: Model = MODEL_80_MM):
        self._rasterise = rasterise
        self.model = model

    def encode(self, document: Document) -> bytes:
        """The bytes of one whole job; see `job`."""
        return self.job(document).data

    def job(self, document: Document) -> Job:
        """One whole job: reset, content, cut. It changes nothing in the printer that the next job would feel."""
        job = _Job(self._rasterise, self.model)
        for element in document.elements:
            job.add(element)
        if not document.elements or not isinstance(document.elements[-1], Cut):
            job.add(Cut())
        return job.finished()


@dataclass(frozen=True, slots=True)
class _Part:
    """Some characters of a line: where they begin, in dots from the left, and how they look."""

    left: int
    text: str
    style: Text


@dataclass(frozen=True, slots=True)
class _Modes:
    """What the printer was last told; None: nothing yet. A mode is sent when it changes."""

    page: str | None = None
    align: Align | None = None
    spacing: int | None = None
    small: bool | None = None
    bold: bool | None = None
    size: tuple[int, int] | None = None
    inverse: bool | None = None


class _Job:
    """The bytes of one job in the making."""

    def __init__(self, rasterise: Rasterise, model: Model):
        self._rasterise = rasterise
        self._geometry = model.geometry
        self._escpos = Dummy(profile=model.profile)
        profile = self._escpos.profile
        installed = set(profile.profile_data["codePages"].values())
        self._pages = {page: number for page, number in model.pages.items() if page in installed}
        self._cuts = profile.supports("paperFullCut") or profile.supports("paperPartCut")
        self._native_qr = profile.supports("qrCode")
        self._boxes_in_lines = profile.supports("bitImageColumn")
        self._modes = _Modes()
        self._dots = 0  # fed so far
        self._escpos.hw("INIT")
        # GS a: no automatic status blocks between the answers that are waited for, unless they are the status.
        self._raw(b"\x1da" + bytes([ALL_CHANGES if model.status_by is StatusBy.AUTOMATIC else 0]))
        self._raw(b"\x1dP" + bytes([_DOTS_PER_INCH, _DOTS_PER_INCH]))

    def finished(self) -> Job:
        """All bytes of the job, and the paper they take."""
        output = self._escpos.output
        assert isinstance(output, bytes)
        return Job(output, self._dots / self._geometry.dots_per_mm)

    def add(self, element: Element) -> None:
        """Append one element."""
        match element:
            case Text():
                self._line((element,))
            case Columns():
                self._line((element.left, element.right))
            case Raster():
                self._picture(element.image, element.align)
            case Qr():
                self._qr(element)
            case Rule():
                self._rule(element)
            case Feed():
                self._feed(self._geometry.to_dots(element.mm))
            case Cut():
                self._cut()
            case _:
                assert_never(element)

    # --- Lines ---------------------------------------------------------------------------------------

    def _line(self, texts: tuple[Text, ...]) -> None:
        """One text, or two at the ends of a line: as characters where one page holds all, or else as a picture."""
        first = texts[0]
        cells = [_without_steering(printable(text.text)) for text in texts]
        to_draw = first.drawn or (first.box and not self._boxes_in_lines)
        if to_draw or code_page("".join(cells), self._pages) is None:
            self._draw_line(texts)
        elif len(texts) == 1 and not (first.box or first.indent or first.framed):
            self._characters((_Part(-1, cells[0][: self._fitting(first, self._geometry.dots)], first),), first.align)
        else:
            self._place_line(texts, cells)

    def _place_line(self, texts: tuple[Text, ...], cells: list[str]) -> None:
        """Characters at places of their own (ESC $), with a box or a frame, or at the two ends of a line."""
        first = texts[0]
        room = self._geometry.dots - first.start - self._far_inset(first)
        kept = cells[-1][: self._fitting(texts[-1], room)] if len(texts) == 2 else ""
        taken = len(kept) * self._cell(texts[-1]) + self._geometry.cell_width if kept else 0
        text = cells[0][: self._fitting(first, room - taken)]
        parts = []
        if text:
            parts.append(_Part(self._left(first, len(text) * self._cell(first), first.align), text, first))
        if kept:
            width = len(kept) * self._cell(texts[-1])
            left = self._far_inset(first) if first.rtl else self._geometry.dots - self._far_inset(first) - width
            parts.append(_Part(left, kept, texts[-1]))
        self._characters(tuple(parts), Align.LEFT)

    def _characters(self, parts: tuple[_Part, ...], align: Align) -> None:
        """Parts of one line in the printer's own characters; a place below 0 leaves it to `align`."""
        page = code_page("".join(part.text for part in parts), self._pages)
        assert page is not None, "the caller has looked"
        styles = [part.style for part in parts]
        height = max((self._cell_height(style) for style in styles), default=self._geometry.cell_height)
        leading = LEADING - self._geometry.cell_height
        if all(style.small for style in styles):
            leading = SMALL_LEADING - self._geometry.small_height
        framed = bool(styles) and styles[0].framed
        sides = min(math.ceil((height + leading) / self._geometry.small_height), LARGEST_MAGNIFICATION)
        # Bars of white on black touch the line above and below, and so do the sides of a frame.
        bar = bool(styles) and styles[0].inverse
        spacing = height if bar else height + leading
        if framed:
            spacing = max(height, sides * self._geometry.small_height)
        self._set(page=page, align=align, spacing=spacing)
        side = Text(" ", small=True, height=sides, inverse=True)
        if framed:
            parts = (_Part(0, " ", side), *parts, _Part(self._geometry.dots - FRAME, " ", side))
        for part in sorted(parts, key=lambda part: part.left):
            style = part.style
            if style.box:
                self._go_to(self._box_left(style))
                self._raw(_box_in_line())
            if part.left >= 0:
                self._go_to(part.left)
            self._set(small=style.small, bold=style.bold, size=(style.width, style.height), inverse=style.inverse)
            self._raw(codecs.encode(part.text, page))
        self._raw(b"\n")
        self._dots += spacing

    def _draw_line(self, texts: tuple[Text, ...]) -> None:
        """A line as a picture; only its own ink's width is sent where nothing else stands on the line."""
        first = texts[0]
        room = self._geometry.dots - first.start - self._far_inset(first)
        drawn = [self._rasterise(printable(text.text), self._style_of(text, room)) for text in texts]
        if len(texts) == 1 and first.inverse and first.align is Align.CENTER:
            self._picture(_bar(drawn[0], self._geometry.dots), Align.LEFT)
            return
        if len(texts) == 1 and not (first.box or first.indent or first.framed):
            self._picture(drawn[0], first.align)
            return
        baselines = [picture.info.get("baseline", picture.height) for picture in drawn]
        above = max(baselines)
        height = above + max(picture.height - line for picture, line in zip(drawn, baselines, strict=True))
        row = Image.new("L", (self._geometry.dots, height), 255)
        row.paste(drawn[0], (self._left(first, drawn[0].width, first.align), above - baselines[0]))
        if len(texts) == 2:
            # The right one is drawn last, on a white margin of one cell: a long text on the left ends before it.
            width, margin = drawn[1].width, self._geometry.cell_width
            inset = self._far_inset(first)
            left = inset if first.rtl else row.width - inset - width
            row.paste(255, (max(left - margin, 0), 0, min(left + width + margin, row.width), height))
            row.paste(drawn[1], (left, above - baselines[1]))
        if first.box:
            box = box_to_tick()
            row.paste(box, (self._box_left(first), max(above - box.height + 2, 0)))
        if first.framed:
            for left in (0, row.width - FRAME):
                row.paste(0, (left, 0, left + FRAME, height))
        self._picture(row, Align.LEFT)

    def _style_of(self, text: Text, room: int) -> Style:
        return Style(text.bold, text.height, text.language, text.rtl, text.inverse, text.small, room)

    def _left(self, text: Text, width: int, align: Align) -> int:
        """Where a text of this width begins, in dots from the left."""
        near, far = text.start, self._far_inset(text)
        if text.rtl:
            near, far = far, near
        room = self._geometry.dots - near - far
        match align:
            case Align.LEFT:
                return near
            case Align.CENTER:
                return near + max(room - width, 0) // 2
            case Align.RIGHT:
                return max(self._geometry.dots - far - width, near)

    def _far_inset(self, text: Text) -> int:
        return FRAME + STEP // 2 if text.framed else 0

    def _box_left(self, text: Text) -> int:
        """The box stands one step before the words, on the side that they are read from."""
        before = text.start - STEP
        return self._geometry.dots - before - box_to_tick().width if text.rtl else before

    def _cell(self, text: Text) -> int:
        return (self._geometry.small_width if text.small else self._geometry.cell_width) * text.width

    def _cell_height(self, text: Text) -> int:
        return (self._geometry.small_height if text.small else self._geometry.cell_height) * text.height

    def _fitting(self, text: Text, room: int) -> int:
        """How many characters fit so many dots."""
        return max(room, 0) // self._cell(text)

    def _go_to(self, left: int) -> None:
        self._raw(b"\x1b$" + left.to_bytes(2, "little"))

    def _set(self, **modes: object) -> None:
        """Tell the printer what changes."""
        before = self._modes
        now = self._modes = replace(before, **modes)  # type: ignore[arg-type]
        if now.page != before.page and now.page is not None:
            self._raw(b"\x1bt" + bytes([self._pages[now.page]]))
        if now.spacing != before.spacing and now.spacing is not None:
            self._raw(b"\x1b3" + bytes([min(now.spacing, 255)]))
        if now.align != before.align and now.align is not None:
            self._escpos.set(align=now.align.value)
        if now.small != before.small:
            self._escpos.set(font="b" if now.small else "a")
        if now.bold != before.bold:
            self._escpos.set(bold=now.bold)
        if now.size != before.size and now.size is not None:
            self._escpos.set(custom_size=True, width=now.size[0], height=now.size[1])
        if now.inverse != before.inverse:
            self._escpos.set(invert=now.inverse)

    # --- Pictures ------------------------------------------------------------------------------------

    def _picture(self, image: Image.Image, align: Align) -> None:
        """GS v 0, placed by ESC a. Only the ink's own width is sent, and white above and below is fed."""
        if image.width > self._geometry.dots:
            image = image.crop((0, 0, self._geometry.dots, image.height))
        if not (image.width and image.height):
            return
        dots = _in_whole_bytes(image, align)
        ink = ImageOps.invert(dots).getbbox() or (0, dots.height, 0, dots.height)
        first, end = ink[1], ink[3]
        self._feed(first)
        self._set(align=align)
        for top in range(first, end, _TALLEST_PICTURE):
            piece = dots.crop((0, top, dots.width, min(top + _TALLEST_PICTURE, end)))
            self._escpos.image(defuse(piece), impl="bitImageRaster", fragment_height=_TALLEST_PICTURE)
        self._dots += end - first
        self._feed(dots.height - end)

    def _qr(self, code: Qr) -> None:
        if not self._native_qr:
            self._picture(qr_picture(code), Align.CENTER)
            return
        # The printer draws the bare symbol: the quiet zone above and below is ours to leave.
        quiet_zone = QUIET_MODULES * code.module_size
        self._feed(quiet_zone)
        self._set(align=Align.CENTER)
        self._escpos.qr(code.text, ec=_ESCPOS_LEVELS[code.error_correction], size=code.module_size, native=True)
        self._dots += qr_modules(code.text, code.error_correction) * code.module_size
        self._feed(quiet_zone)

    def _rule(self, rule: Rule) -> None:
        """GS v 0 with pixels of two by two dots. Line-drawing characters are missing from many a printer's pages."""
        self._feed(rule.above)
        self._set(align=Align.LEFT)
        pixels = self._geometry.dots // 2
        line = bytes([_DASHES if rule.dashed else 0xFF]) * (pixels // 8)
        sides = bytes([_SIDE]) + bytes(pixels // 8 - 2) + bytes([_OTHER_SIDE])
        rows = (rule.inside + rule.thickness) // 2
        dots = sides * (rule.inside // 2) + line * (rule.thickness // 2)
        picture = ImageOps.invert(Image.frombytes("1", (pixels, rows), dots))
        self._escpos.image(picture, high_density_vertical=False, high_density_horizontal=False, impl="bitImageRaster")
        self._dots += rule.inside + rule.thickness
        self._feed(rule.below)

    # --- Paper ---------------------------------------------------------------------------------------

    def _feed(self, dots: int) -> None:
        self._dots += dots
        while dots > 0:
            step = min(dots, _LONGEST_FEED)
            self._raw(b"\x1bJ" + bytes([step]))
            dots -= step

    def _cut(self) -> None:
        if self._cuts:
            self._escpos.cut(feed=False)  # GS V 66 0: to the knife, no further, and cut
            self._dots += self._geometry.to_dots(FEED_TO_KNIFE_MM)
        else:
            self._feed(self._geometry.to_dots(FEED_TO_KNIFE_MM))

    def _raw(self, data: bytes) -> None:
        self._escpos._raw(data)


def _box_in_line() -> bytes:
    """ESC * 33: a picture of 24 dots in height among the characters of a line."""
    box = box_to_tick()
    lying = ImageOps.invert(box.convert("1")).transpose(Image.Transpose.TRANSPOSE)
    return b"\x1b*\x21" + box.width.to_bytes(2, "little") + lying.tobytes()


def _bar(words: Image.Image, width: int) -> Image.Image:
    """White words in the middle of a black bar across the paper."""
    bar = Image.new("L", (width, words.height), 0)
    bar.paste(words, ((width - words.width) // 2, 0))
    return bar


def _without_steering(text: str) -> str:
    return "".join(character for character in text if character not in _STEERING)


def qr_modules(text: str, error_correction: str = "M") -> int:
    """How many modules wide the QR code of a text is, without its quiet zone."""
    code = qrcode.QRCode(error_correction=_QRCODE_LEVELS[error_correction])
    code.add_data(text)
    return 17 + 4 * int(code.best_fit())


def qr_picture(code: Qr) -> Image.Image:
    """A QR code as a picture with its quiet zone of four modules, one pixel a dot."""
    drawing = qrcode.QRCode(
        error_correction=_QRCODE_LEVELS[code.error_correction], box_size=code.module_size, border=QUIET_MODULES
    )
    drawing.add_data(code.text)
    drawing.make(fit=True)
    matrix = drawing.get_matrix()  # with the border
    picture = Image.new("1", (len(matrix), len(matrix)), 1)
    picture.putdata([0 if dark else 1 for row in matrix for dark in row])
    return picture.resize(
        (picture.width * code.module_size, picture.height * code.module_size), Image.Resampling.NEAREST
    )


def _in_whole_bytes(image: Image.Image, align: Align) -> Image.Image:
    """Black and white, and a multiple of 8 wide; the white goes to the side away from the edge."""
    grey = image.convert("L")
    missing = -grey.width % 8
    left = {Align.LEFT: 0, Align.CENTER: missing // 2, Align.RIGHT: missing}[align]
    padded = Image.new("L", (grey.width + missing, grey.height), 255)
    padded.paste(grey, (left, 0))
    return padded.point(lambda value: 0 if value < 128 else 255).convert("1", dither=Image.Dither.NONE)


def defuse(picture: Image.Image) -> Image.Image:
    """A picture of mode "1" and whole bytes, without runs of dots that a printer takes for a real-time command.

    A printer looks for DLE EOT, DLE ENQ and DLE DC4 in all that arrives, also in the data of a picture, and
    would answer or act. In such a place one dot is set (0x10 becomes 0x30): nobody sees it.
    """
    data = ImageOps.invert(picture).tobytes()
    return ImageOps.invert(Image.frombytes("1", picture.size, _REAL_TIME_START.sub(b"\x30", data)))
