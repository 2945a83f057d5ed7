"""From a paper to a picture: the real encoder, and the simulated printer that knows nothing of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.printer.document import PAPER_58_MM, Document
from hardware.printer.encode import Encoder
from hardware.printer.models import MODEL_80_MM, Model
from hardware.printer.raster import TextRasteriser
from hardware.simulators.printer.machine import Machine
from kiosk.ticket import Paper, lay_out

MODELS = {"80 mm": MODEL_80_MM, "58 mm": Model(MODEL_80_MM.profile, PAPER_58_MM)}


@dataclass(frozen=True)
class Printed:
    """One piece of paper: its document, its bytes, what the printer reports of it and where its picture is."""

    document: Document
    data: bytes
    report: dict[str, Any]

    @property
    def picture(self) -> Path:
        return Path(self.report["path"])

    @property
    def lines(self) -> list[str]:
        return [line["text"].strip() for line in self.report["lines"]]

    def scanned(self) -> str:
        """What zbar reads in the picture."""
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(self.picture)]
        return subprocess.run(command, capture_output=True, check=True, timeout=30, text=True).stdout.rstrip("\n")


def print_paper(paper: Paper, out: Path, model: Model = MODEL_80_MM) -> Printed:
    """Lay out and print."""
    return print_document(lay_out(paper, model.geometry, TextRasteriser(model.geometry).measure), out, model)


def print_document(document: Document, out: Path, model: Model = MODEL_80_MM) -> Printed:
    """Print on a simulated printer, and take the paper."""
    data = Encoder(TextRasteriser(model.geometry), model).encode(document)
    told: list[dict[str, Any]] = []
    machine = Machine(
        out,
        model.geometry.dots,
        send=lambda answer: None,
        tell=lambda event, **details: told.append({"event": event, **details}),
    )
    machine.receive(data)
    (report,) = [report for report in told if report["event"] == "printed"]
    return Printed(document, data, report)
