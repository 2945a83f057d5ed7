"""The ticket printer: documents, ESC/POS bytes, the link, and a status that can be trusted.

    from hardware.printer import CENTER, RIGHT, Columns, Document, Encoder, Outcome
    from hardware.printer import Printer, Qr, Ready, Text, TextRasteriser, link_to

    printer = Printer(link_to("tcp://192.0.2.7:9100"), Encoder(TextRasteriser()))
    if isinstance(printer.status(), Ready):
        result = printer.print(Document((
            Text("K7M-3QX-Q", bold=True, width=2, height=2, align=CENTER),
            Columns(Text("Yusuf · A-kaart"), Text("12,00", bold=True)),
            Text("ما تحضره معك", language="ar", rtl=True, align=RIGHT),
            Qr("LKT1:…", module_size=4),
        )))
        if result.outcome is not Outcome.OUT:
            ...  # result.reason: paper-out, cover-open, disconnected, …

`status()` and `print()` never raise for what is wrong with the printer, and never hang. OUT means that the
printer confirmed the end of the job behind the cut. NOT_OUT: print it again, nobody has it. UNKNOWN: some of it
may be in somebody's hand; what is printed next must be marked as a copy.
"""

from hardware.printer.document import (
    CENTER,
    LEFT,
    PAPER_58_MM,
    PAPER_80_MM,
    RIGHT,
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
from hardware.printer.encode import Encoder, Job
from hardware.printer.link import Link, LinkError, LinkReason, link_to
from hardware.printer.models import MODEL_58_MM, MODEL_80_MM, MODELS, Model, StatusBy
from hardware.printer.printer import Delays, Outcome, Printer, PrintResult, read_status
from hardware.printer.raster import Rasterise, ShapingMissing, Style, TextRasteriser
from hardware.printer.status import (
    CoverOpen,
    CutterError,
    DeviceError,
    Disconnected,
    Overheated,
    PaperOut,
    Ready,
    Status,
    Trouble,
    Unknown,
)

__all__ = [
    "CENTER",
    "LEFT",
    "MODELS",
    "MODEL_58_MM",
    "MODEL_80_MM",
    "PAPER_58_MM",
    "PAPER_80_MM",
    "RIGHT",
    "Align",
    "Columns",
    "CoverOpen",
    "Cut",
    "CutterError",
    "Delays",
    "DeviceError",
    "Disconnected",
    "Document",
    "Element",
    "Encoder",
    "Feed",
    "Job",
    "Link",
    "LinkError",
    "LinkReason",
    "Model",
    "Outcome",
    "Overheated",
    "PaperGeometry",
    "PaperOut",
    "PrintResult",
    "Printer",
    "Qr",
    "Raster",
    "Rasterise",
    "Ready",
    "Rule",
    "ShapingMissing",
    "Status",
    "StatusBy",
    "Style",
    "Text",
    "TextRasteriser",
    "Trouble",
    "Unknown",
    "link_to",
    "read_status",
]
