"""Pictures of a kiosk's days: drawn by matplotlib as SVG that stands in the page, with a table behind each.

The SVG carries `title` and `desc` for screen readers, its letters are letters, and it has no inline style (the pages'
content security policy forbids it): what matplotlib writes as style becomes attributes. Series differ by hatching as
well as by colour, so that a black-and-white print can be read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from backend.watch import words

BRUSSELS = ZoneInfo("Europe/Brussels")
INK, MUTED, LINE = "#14213d", "#46526a", "#dad5c8"
COLOURS = ("#0b5fa5", "#f2b705", "#b3261e", "#1b7f4b", "#8f897a", "#7b4fa3", "#46526a")
PLAIN, WAIT, STOP, GO, PALE, UNKNOWN, DARK = range(len(COLOURS))
_HATCHES = ("", "///", "xx", "..", "\\\\\\", "++", "--")
_SVG = "http://www.w3.org/2000/svg"
_WIDTH, _HEIGHT = 5.4, 2.5  # inches; the page scales it: beside another, a letter of 9 pt is 12 points high

Row = tuple[str, ...]


@dataclass(frozen=True)
class Series:
    """Numbers under one name; None is not known, and is a gap. `paint`: a place in `COLOURS`, else its own place."""

    name: str
    values: tuple[float | None, ...]
    paint: int | None = None


@dataclass(frozen=True)
class Chart:
    """What is to be drawn. `kind`: "stack" (columns), "lying" (bars side by side), "line".

    `labels` are below the columns or beside the bars; of a line they are moments in ISO form. `spans` of a line: a
    stretch that is shaded, and its middle. `limit`: a line across, with its name.
    """

    key: str
    kind: str
    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    spans: tuple[tuple[str, str, str], ...] = ()
    limit: tuple[float, str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: neither good nor bad news."""
        return not any(value is not None and (value or self.kind == "line") for s in self.series for value in s.values)

    @property
    def head(self) -> Row:
        """The head of its table."""
        return ("", *(series.name for series in self.series))

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its table. A line's is thinned out to one row in so many that a person may still read it."""
        step = max(1, len(self.labels) // 40) if self.kind == "line" else 1
        return tuple(
            (self._label(index), *(_number(series.values[index]) for series in self.series))
            for index in range(0, len(self.labels), step)
        )

    def _label(self, index: int) -> str:
        text = self.labels[index]
        if self.kind != "line":
            return text
        return f"{datetime.fromisoformat(text).astimezone(BRUSSELS):%d/%m %H:%M}"


@lru_cache(maxsize=256)
def svg(chart: Chart) -> str:
    """The picture. The same chart is drawn once."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": chart.key,
        "font.size": 9,
        "font.family": "sans-serif",
        "hatch.linewidth": 0.6,
        "axes.edgecolor": MUTED,
        "text.color": INK,
        "axes.labelcolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
    }
    with matplotlib.rc_context(settings):
        height = max(_HEIGHT * 0.6, 0.5 + 0.42 * len(chart.labels)) if chart.kind == "lying" else _HEIGHT
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        {"stack": _stack, "lying": _lying, "line": _line}[chart.kind](axes, chart)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x" if chart.kind == "lying" else "y", color=LINE, linewidth=0.7)
        axes.set_axisbelow(True)
        if len(chart.series) > 1:
            figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=8.5, handlelength=1.4)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _accessible(out.getvalue(), chart)


def _stack(axes: Any, chart: Chart) -> None:
    places = range(len(chart.labels))
    floor = [0.0] * len(chart.labels)
    for index, series in enumerate(chart.series):
        values = [value or 0.0 for value in series.values]
        axes.bar(places, values, bottom=floor, width=0.72, label=series.name, **_paint(series, index))
        floor = [low + value for low, value in zip(floor, values, strict=True)]
    every = max(1, -(-len(chart.labels) // 10))
    axes.set_xticks(list(places)[::every], chart.labels[::every])
    axes.set_ylim(0, max(1.0, max(floor, default=0) * 1.08))
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axes.set_ylabel(chart.unit)


def _lying(axes: Any, chart: Chart) -> None:
    count = len(chart.series)
    thick = 0.72 / count
    for index, series in enumerate(chart.series):
        places = [row + (index - (count - 1) / 2) * thick for row in range(len(chart.labels))]
        bars = axes.barh(
            places, [value or 0.0 for value in series.values], thick, label=series.name, **_paint(series, index)
        )
        axes.bar_label(bars, [_number(value) for value in series.values], padding=3, fontsize=8, color=INK)
    axes.set_yticks(range(len(chart.labels)), chart.labels)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlim(left=0)
    axes.set_xlabel(chart.unit)


def _line(axes: Any, chart: Chart) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter

    moments = [datetime.fromisoformat(label).astimezone(BRUSSELS) for label in chart.labels]
    for index, series in enumerate(chart.series):
        values = [float("nan") if value is None else value for value in series.values]
        axes.plot(moments, values, color=COLOURS[index], linewidth=1.6, label=series.name, linestyle=_DASHES[index % 4])
    for begin, middle, end in chart.spans:
        first, likely, last = (datetime.fromisoformat(text).astimezone(BRUSSELS) for text in (begin, middle, end))
        axes.axvspan(first, last, color=COLOURS[1], alpha=0.3, linewidth=0)
        axes.axvline(likely, color=COLOURS[2], linewidth=1.2, linestyle="--")
    if chart.limit is not None:
        axes.axhline(chart.limit[0], color=COLOURS[2], linewidth=1, linestyle=":")
        axes.annotate(chart.limit[1], (0, chart.limit[0]), (4, 3), xycoords=("axes fraction", "data"),
                      textcoords="offset points", fontsize=8, color=COLOURS[2])  # fmt: skip
    if len(moments) == 1:
        axes.set_xlim(moments[0] - timedelta(hours=12), moments[0] + timedelta(hours=12))
    axes.xaxis.set_major_locator(AutoDateLocator(maxticks=7, tz=BRUSSELS))
    axes.xaxis.set_major_formatter(DateFormatter("%d/%m", tz=BRUSSELS))
    axes.set_ylim(bottom=0)
    axes.set_ylabel(chart.unit)


_DASHES = ("-", "--", "-.", ":")


def _paint(series: Series, index: int) -> dict[str, Any]:
    which = (index if series.paint is None else series.paint) % len(COLOURS)
    return {"facecolor": COLOURS[which], "hatch": _HATCHES[which], "edgecolor": "white", "linewidth": 0.4}


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:g}" if value == int(value) else words.decimal(value)


def _accessible(drawn: str, chart: Chart) -> str:
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(drawn)
    for child in list(root):
        if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}defs") and not child.findall(f".//{{{_SVG}}}path"):
            root.remove(child)
    for element in root.iter():
        for holder in [child for child in element if child.tag == f"{{{_SVG}}}style"]:
            element.remove(holder)
        for name, value in _declarations(element.attrib.pop("style", "")):
            element.set(name, value)
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("stroke-linejoin", "round")
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-labelledby", f"{chart.key}-title {chart.key}-desc")
    for place, (tag, text) in enumerate((("title", chart.title), ("desc", chart.description))):
        said = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{chart.key}-{tag}"})
        said.text = text
        root.insert(place, said)
    return ElementTree.tostring(root, encoding="unicode")


def _declarations(style: str) -> Sequence[tuple[str, str]]:
    """`fill: #fff; font: 9px 'DejaVu Sans'` as attributes; the shorthand `font` has none, and is taken apart."""
    found = []
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if not colon:
            continue
        if name == "font" and (size := re.search(r"([\d.]+)px", value)):
            found += [("font-size", size[1]), ("font-family", "'Noto Sans', system-ui, sans-serif")]
        else:
            found.append((name, value))
    return found
