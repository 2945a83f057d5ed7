"""Documents to ESC/POS bytes.

python-escpos builds the bytes (on its printer without a device); sending them and judging the outcome is
`hardware.printer.printer`'s. Left to itself the library picks a code page per character, and on common
profiles finds the euro in a Greek page that not every firmware has; a page that it is forced to use turns
what it lacks into "?" in silence. So a page is chosen here, for a whole line, and a line that no page
holds is drawn as a picture.

Nothing that a citizen typed can act as a command: control characters never get into a line (`printable`),
and the two-byte starts of real-time commands, which a printer obeys even inside a picture's data, are
broken up there by setting one dot.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import assert_never

import qrcode
from PIL import Image, ImageOps
from qrcode import constants as qr_levels

from hardware.printer.document import (
    PAPER_58_MM,
    PAPER_80_MM,
    Align,
    Columns,
    Cut,
    Document,
    Element,
    Feed,
    PaperGeometry,
    Qr,
    Raster,
    Rule,
    Text,
)
from hardware.printer.library import QR_ECLEVEL_H, QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, Dummy
from hardware.printer.raster import LEADING, Rasterise, Style

PREFERRED_PAGES = ("CP858", "CP1252")  # both have é ë ü ß and €; the second also Œ – ’

# The forms that catalogues and locale data use for spacing, as the printer's pages hold them.
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2011": "-", "\t": " "})
# Invisible characters that steer shaping and direction. They matter in a picture; in a page they are nothing.
_STEERING = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
_DOTS_PER_INCH = 203  # 8 dots a millimetre; GS P makes the printer count feeds in the same unit
QUIET_MODULES = 4  # of white around a QR code (ISO/IEC 18004)
_RULE_DOTS = 3
_LONGEST_FEED = 255  # dots in one ESC J
_TALLEST_PICTURE = 960  # rows in one GS v 0, a limit of python-escpos that printers share
_FEED_TO_TEAR_MM = 12.0  # from the head to the edge, where there is no knife
_REAL_TIME_START = re.compile(rb"\x10(?=[\x04\x05\x14])")  # DLE EOT, DLE ENQ, DLE DC4

_ESCPOS_LEVELS = {"L": QR_ECLEVEL_L, "M": QR_ECLEVEL_M, "Q": QR_ECLEVEL_Q, "H": QR_ECLEVEL_H}
_QRCODE_LEVELS = {
    "L": qr_levels.ERROR_CORRECT_L,
    "M": qr_levels.ERROR_CORRECT_M,
    "Q": qr_levels.ERROR_CORRECT_Q,
    "H": qr_levels.ERROR_CORRECT_H,
}


@dataclass(frozen=True, slots=True)
class Model:
    """A printer as the encoder sees it: the name of its python-escpos profile, and its paper."""

    profile: str
    geometry: PaperGeometry


# python-escpos has the TM-T88V at 180 dpi and 512 dots; these two are 203 dpi and fit the common printers.
MODEL_80_MM = Model("TM-T20II", PAPER_80_MM)
MODEL_58_MM = Model("POS-5890", PAPER_58_MM)


def printable(text: str) -> str:
    """Text without anything that is not text: control, private and unassigned characters become spaces.

    Newlines too: a line is a line. Spaces of odd width become plain ones.
    """
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "".join(
        character if character in _STEERING or unicodedata.category(character)[0] not in "CZ" else " "
        for character in plain
    )


def code_page(text: str, pages: tuple[str, ...] = PREFERRED_PAGES) -> str | None:
    """The first page that holds every character of a `printable` text; None: it has to be drawn."""
    for page in pages:
        try:
            codecs.encode(text, page)
        except UnicodeEncodeError:
            continue
        return page
    return None


class Encoder:
    """Encodes documents for one model. `rasterise` draws the lines that no code page holds."""

    def __init__(self, rasterise: Rasterise, model: Model = MODEL_80_MM):
        self._rasterise = rasterise
        self._model = model

    def encode(self, document: Document) -> bytes:
        """One whole job: reset, content, cut. It changes nothing in the printer that the next job would feel."""
        job = _Job(self._rasterise, self._model)
        for element in document.elements:
            job.add(element)
        if not document.elements or not isinstance(document.elements[-1], Cut):
            job.add(Cut())
        return job.finished()


class _Job:
    """The bytes of one job in the making: python-escpos remembers pages, so each job has its own."""

    def __init__(self, rasterise: Rasterise, model: Model):
        self._rasterise = rasterise
        self._geometry = model.geometry
        self._escpos = Dummy(profile=model.profile)
        installed = set(self._escpos.profile.profile_data["codePages"].values())
        self._pages = tuple(page for page in PREFERRED_PAGES if page in installed)
        self._cuts = self._escpos.profile.supports("paperFullCut") or self._escpos.profile.supports("paperPartCut")
        self._native_qr = self._escpos.profile.supports("qrCode")
        self._escpos.hw("INIT")
        self._raw(b"\x1da\x00")  # GS a 0: no automatic status blocks between the answers that are waited for
        self._raw(b"\x1dP" + bytes([_DOTS_PER_INCH, _DOTS_PER_INCH]))

    def finished(self) -> bytes:
        """All bytes of the job."""
        output = self._escpos.output
        assert isinstance(output, bytes)
        return output

    def add(self, element: Element) -> None:
        """Append one element."""
        match element:
            case Text():
                self._text(element)
            case Columns():
                self._columns(element)
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

    def _text(self, line: Text) -> None:
        text = printable(line.text)
        cells = _without_steering(text)
        if code_page(cells, self._pages) is not None:
            self._cells(cells, line)
        else:
            style = Style(line.bold, line.height, line.language, line.rtl, line.inverse)
            self._picture(self._rasterise(text, style), line.align)

    def _columns(self, line: Columns) -> None:
        outer = printable(line.left), printable(line.right)
        label, amount = map(_without_steering, outer)
        style = Text("", bold=line.bold, width=line.width, height=line.height)
        columns = self._geometry.columns // line.width
        if code_page(label + amount, self._pages) is not None:
            amount = amount[:columns]
            label = label[: max(columns - len(amount) - 1, 0)]
            left, right = (amount, label) if line.rtl else (label, amount)
            self._cells(left + " " * (columns - len(left) - len(right)) + right, style)
            return
        drawn = Style(line.bold, line.height, line.language, line.rtl)
        label_picture, amount_picture = self._rasterise(outer[0], drawn), self._rasterise(outer[1], drawn)
        height = max(label_picture.height, amount_picture.height)
        row = Image.new("L", (self._geometry.dots, height), 255)
        far = self._geometry.dots - amount_picture.width
        row.paste(label_picture, (self._geometry.dots - label_picture.width if line.rtl else 0, 0))
        # The amount is drawn last, on a white margin of one cell: a long label ends before it.
        margin = self._geometry.cell_width
        box = (0, 0, amount_picture.width + margin, height) if line.rtl else (far - margin, 0, row.width, height)
        row.paste(255, box)
        row.paste(amount_picture, (0 if line.rtl else far, 0))
        self._picture(row, Align.LEFT)

    def _cells(self, text: str, style: Text) -> None:
        """One line in the printer's own characters, cut off at the edge."""
        text = text[: self._geometry.columns // style.width]
        page = code_page(text, self._pages)
        assert page is not None, "the caller has looked"
        self._escpos.charcode(page)
        self._escpos.set(
            align=style.align.value,
            bold=style.bold,
            custom_size=True,
            width=style.width,
            height=style.height,
            invert=style.inverse,
        )
        leading = LEADING - self._geometry.cell_height
        self._raw(b"\x1b3" + bytes([self._geometry.cell_height * style.height + leading]))  # ESC 3: line spacing
        self._escpos.text(text + "\n")

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
        self._escpos.set(align=align.value)
        for top in range(first, end, _TALLEST_PICTURE):
            piece = dots.crop((0, top, dots.width, min(top + _TALLEST_PICTURE, end)))
            self._escpos.image(defuse(piece), impl="bitImageRaster", fragment_height=_TALLEST_PICTURE)
        self._feed(dots.height - end)

    def _qr(self, code: Qr) -> None:
        if self._native_qr:
            # The printer draws the bare symbol: the quiet zone above and below is ours to leave.
            quiet_zone = QUIET_MODULES * code.module_size
            self._feed(quiet_zone)
            self._escpos.set(align=Align.CENTER.value)
            self._escpos.qr(code.text, ec=_ESCPOS_LEVELS[code.error_correction], size=code.module_size, native=True)
            self._feed(quiet_zone)
        else:
            self._picture(qr_picture(code), Align.CENTER)

    def _rule(self, rule: Rule) -> None:
        if rule.dashed:
            self._cells("-" * self._geometry.columns, Text(""))
            return
        # Drawn: line-drawing characters are missing from many a printer's pages, and leave gaps between cells.
        above = (LEADING - _RULE_DOTS) // 2
        self._feed(above)
        self._picture(Image.new("1", (self._geometry.dots, _RULE_DOTS), 0), Align.LEFT)
        self._feed(above)

    def _feed(self, dots: int) -> None:
        while dots > 0:
            step = min(dots, _LONGEST_FEED)
            self._raw(b"\x1bJ" + bytes([step]))
            dots -= step

    def _cut(self) -> None:
        if self._cuts:
            self._escpos.cut(feed=False)  # GS V 66 0: to the knife, no further, and cut
        else:
            self._feed(self._geometry.to_dots(_FEED_TO_TEAR_MM))

    def _raw(self, data: bytes) -> None:
        self._escpos._raw(data)


def _without_steering(text: str) -> str:
    return "".join(character for character in text if character not in _STEERING)


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
