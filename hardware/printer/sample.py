"""A page that shows at a glance whether a printer is set up right: width, characters, shaped text, sizes, QR."""

from __future__ import annotations

from PIL import Image, ImageDraw

from hardware.printer.document import (
    CENTER,
    RIGHT,
    Columns,
    Document,
    Element,
    Feed,
    PaperGeometry,
    Qr,
    Raster,
    Rule,
    Text,
)

_TICK_DOTS = 8  # one millimetre


def sample_page(geometry: PaperGeometry, printed_by: str) -> Document:
    """The page; `printed_by` is one line of ASCII, for the heading and the QR code."""
    columns = geometry.columns
    elements: tuple[Element, ...] = (
        Text("LOKET", bold=True, width=2, height=2, align=CENTER),
        Text("test page", align=CENTER),
        Text(printed_by, align=CENTER),
        Rule(dashed=False),
        Raster(_ruler(geometry)),
        Text(f"{geometry.dots} dots, {columns} characters"),
        Text("".join(str(column % 10) for column in range(1, columns + 1))),
        Rule(),
        Text("é è ê ë ï ö ü ç ß Æ ø ñ  € 12,00"),
        Text("Œuvre – l’été"),
        Text("bold", bold=True),
        Text("wide and high", width=2, height=2),
        Text(" white on black ", inverse=True, align=CENTER),
        Columns(Text("label"), Text("€ 24,00", bold=True)),
        Rule(),
        Text("ما تحضره معك: جواز السفر، 12,00 €", language="ar", rtl=True, align=RIGHT),
        Text("Що взяти з собою: їжак, ґанок", language="uk"),
        Rule(),
        Qr(f"LOKET TEST {printed_by}", module_size=5),
        Text("scan me", align=CENTER),
        Feed(4),
    )
    return Document(elements)


def _ruler(geometry: PaperGeometry) -> Image.Image:
    """Ticks of a millimetre from edge to edge; a line at each edge shows what the paper's guide cuts off."""
    picture = Image.new("1", (geometry.dots, 32), 1)
    pen = ImageDraw.Draw(picture)
    for index, left in enumerate(range(0, geometry.dots, _TICK_DOTS)):
        height = 24 if index % 10 == 0 else 16 if index % 5 == 0 else 8
        pen.line((left, 0, left, height), fill=0, width=2 if index % 10 == 0 else 1)
    pen.line((geometry.dots - 1, 0, geometry.dots - 1, 24), fill=0)
    pen.line((0, 0, geometry.dots, 0), fill=0, width=2)
    return picture
