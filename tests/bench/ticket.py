"""What a ticket costs on the way to the paper: its bytes and seconds, beside the same ticket sent as one picture.

Both are made in this run, from the same paper. The seconds are modelled, not measured: a serial line of 115,200 baud
(8N1) brings 11,520 bytes a second, the head moves the paper at most 200 mm a second, and nothing is printed before its
bytes are there. A picture is printed row by row as it arrives, which is kind to it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from hardware.printer.document import Document, Raster
from hardware.printer.encode import Encoder, _Job
from hardware.printer.models import Model
from hardware.printer.raster import TextRasteriser
from tests.kiosk.ticket.papers import LANGUAGES, document_of
from tests.kiosk.ticket.printing import MODELS, print_document

BYTES_A_SECOND = 115_200 / 10
MILLIMETRES_A_SECOND = 200.0
LATIN = frozenset({"nl", "fr", "de", "en"})
MOST_BYTES, MOST_SECONDS = 0.1, 1.1  # the goals of a Latin ticket: of its picture, and of the paper's own speed


@dataclass(frozen=True)
class Row:
    """One ticket in one language on one width; `slower` is its time as a multiple of what the paper alone takes."""

    language: str
    paper: str
    millimetres: float
    bytes: int
    picture_bytes: int
    seconds: float
    picture_seconds: float
    slower: float

    @property
    def good(self) -> bool:
        """Whether a Latin ticket keeps to the goals; others have none."""
        if self.language not in LATIN:
            return True
        return self.bytes < MOST_BYTES * self.picture_bytes and self.slower <= MOST_SECONDS


def main(argv: list[str] | None = None) -> int:
    """Print a table, or JSON. 1 when a Latin ticket misses a goal."""
    parser = argparse.ArgumentParser(prog="bench ticket", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args(argv)
    rows = [measured(language, width) for width in MODELS for language in LANGUAGES]
    if arguments.json:
        print(json.dumps({"rows": [asdict(row) | {"good": row.good} for row in rows]}))
    else:
        print("\n".join(table(rows)))
    return 0 if all(row.good for row in rows) else 1


def measured(language: str, width: str) -> Row:
    """The ticket of `tests.kiosk.ticket.papers`, and the picture that a simulated printer makes of it, sent back."""
    model = MODELS[width]
    rasteriser = TextRasteriser(model.geometry)
    document = document_of("ticket", language, model.geometry, rasteriser)
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
        printed = print_document(document, Path(folder), model)
        with Image.open(printed.picture) as paper:
            margin = (paper.width - model.geometry.dots) // 2
            whole = paper.crop((margin, 0, paper.width - margin, paper.height)).convert("1")
    picture = Encoder(rasteriser, model).job(Document((Raster(whole),)))
    job = Encoder(rasteriser, model).job(document)
    seconds = modelled(document, model, rasteriser)
    return Row(
        language=language,
        paper=width,
        millimetres=job.millimetres,
        bytes=len(job.data),
        picture_bytes=len(picture.data),
        seconds=seconds,
        picture_seconds=max(len(picture.data) / BYTES_A_SECOND, picture.millimetres / MILLIMETRES_A_SECOND),
        slower=seconds / (job.millimetres / MILLIMETRES_A_SECOND),
    )


def modelled(document: Document, model: Model, rasteriser: TextRasteriser) -> float:
    """When the last of the paper is out: what stands behind each element waits for that element's bytes."""
    job = _Job(rasteriser, model)
    steps = [(0, 0.0)]
    for element in document.elements:
        job.add(element)
        so_far = job.finished()
        steps.append((len(so_far.data), so_far.millimetres))
    whole = steps[-1][1]
    arrivals = zip(steps[1:], steps, strict=False)
    return max(sent / BYTES_A_SECOND + (whole - before) / MILLIMETRES_A_SECOND for (sent, _), (_, before) in arrivals)


def table(rows: list[Row]) -> list[str]:
    """For people."""
    lines = [f"{'':10}{'length':>9}{'bytes':>9}{'picture':>10}{'of it':>8}{'seconds':>9}{'picture':>9}{'paper':>8}"]
    for row in rows:
        lines.append(
            f"{row.language} {row.paper:7}{row.millimetres:6.0f} mm{row.bytes:9,}{row.picture_bytes:10,}"
            f"{row.bytes / row.picture_bytes:8.1%}{row.seconds:9.2f}{row.picture_seconds:9.2f}{row.slower:7.2f}x"
            f"{'' if row.good else '  MISSES ITS GOAL'}"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
