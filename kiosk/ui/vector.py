"""Line icons and pictures from small SVG files, rasterised once with Pillow.

Kivy has no SVG. The files use a plain subset (path with M L H V C Q A Z in both cases, rect, circle, line; fill,
stroke, stroke-width, round caps and joins), so they stay editable with any drawing program. A colour that is a token of
the light look is exchanged for the same token of the look in use, so that high contrast recolours pictures too.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageColor, ImageDraw

from kiosk.ui.theme import LIGHT

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "icons"
_OVERSAMPLING = 4
_NUMBER = re.compile(r"[MmLlHhVvCcQqAaZz]|[-+]?(?:\d*\.\d+|\d+)(?:[eE][-+]?\d+)?")
_PARAMETERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "A": 7, "Z": 0}
_INHERITED = ("fill", "stroke", "stroke-width")

Point = tuple[float, float]


def names() -> list[str]:
    """The names of all pictures."""
    return sorted(path.stem for path in FOLDER.glob("*.svg"))


@lru_cache
def _document(name: str) -> ElementTree.Element:
    return ElementTree.parse(FOLDER / f"{name}.svg").getroot()


def proportions(name: str) -> float:
    """Width over height of a picture."""
    box = [float(part) for part in _document(name).attrib["viewBox"].split()]
    return box[2] / box[3]


def draw(name: str, width: int, height: int, palette: dict[str, str], ink: str | None = None) -> Image.Image:
    """The picture, as large as fits into the box (pixels), as RGBA. `ink` replaces `currentColor`.

    Raises FileNotFoundError for a name that has no file.
    """
    root = _document(name)
    left, top, across, down = (float(part) for part in root.attrib["viewBox"].split())
    scale = min(width / across, height / down)
    big = scale * _OVERSAMPLING
    image = Image.new("RGBA", (max(1, round(across * big)), max(1, round(down * big))), (0, 0, 0, 0))
    tokens = {value.upper(): token for token, value in reversed(LIGHT.items())}

    def colour(value: str | None) -> tuple[int, ...] | None:
        if value in (None, "none"):
            return None
        if value == "currentColor":
            value = ink or palette["ink"]
        elif value.upper() in tokens:
            value = palette[tokens[value.upper()]]
        return (*ImageColor.getrgb(value)[:3], 255)

    def place(point: Point) -> Point:
        return ((point[0] - left) * big, (point[1] - top) * big)

    def visit(element: ElementTree.Element, inherited: dict[str, str]) -> None:
        style = {key: element.attrib.get(key, inherited.get(key, "")) for key in _INHERITED}
        fill, stroke = colour(style["fill"] or None), colour(style["stroke"] or None)
        thickness = float(style["stroke-width"] or 1) * big
        for points, closed in _outlines(element):
            placed = [place(point) for point in points]
            pen = ImageDraw.Draw(image)
            if fill and len(placed) > 2:
                pen.polygon(placed, fill=fill)
            if stroke:
                _stroke(pen, placed + placed[:1] if closed else placed, stroke, thickness)
        for child in element:
            visit(child, style)

    visit(root, {"fill": "none", "stroke": "none", "stroke-width": "1"})
    # Colour of empty pixels bleeds into edges when they are averaged: scale premultiplied.
    small = (max(1, round(across * scale)), max(1, round(down * scale)))
    return image.convert("RGBa").resize(small, Image.Resampling.BOX).convert("RGBA")


def _stroke(pen: ImageDraw.ImageDraw, points: list[Point], colour: tuple[int, ...], thickness: float) -> None:
    radius = thickness / 2
    if len(points) > 1:
        pen.line(points, fill=colour, width=max(1, round(thickness)))
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _outlines(element: ElementTree.Element) -> list[tuple[list[Point], bool]]:
    shape = element.tag.rpartition("}")[2]
    get = {key: value for key, value in element.attrib.items()}
    if shape == "path":
        return _path(get["d"])
    if shape == "line":
        ends = [float(get[key]) for key in ("x1", "y1", "x2", "y2")]
        return [([(ends[0], ends[1]), (ends[2], ends[3])], False)]
    if shape == "circle":
        x, y, r = (float(get[key]) for key in ("cx", "cy", "r"))
        return [([(x + r * math.cos(a / 72 * math.tau), y + r * math.sin(a / 72 * math.tau)) for a in range(72)], True)]
    if shape == "rect":
        x, y, w, h, r = (float(get.get(key, 0)) for key in ("x", "y", "width", "height", "rx"))
        corners = [(x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90), (x + r, y + r, 180)]
        steps = range(0, 91, 10) if r else (0,)
        points = [
            (cx + r * math.cos(math.radians(start + step)), cy + r * math.sin(math.radians(start + step)))
            for cx, cy, start in corners
            for step in steps
        ]
        return [(points, True)]
    return []


def _path(data: str) -> list[tuple[list[Point], bool]]:
    tokens = _NUMBER.findall(data)
    outlines: list[tuple[list[Point], bool]] = []
    points: list[Point] = []
    command, at, start, index = "M", (0.0, 0.0), (0.0, 0.0), 0
    while index < len(tokens):
        if tokens[index].isalpha():
            command = tokens[index]
            index += 1
        kind = command.upper()
        values = [float(token) for token in tokens[index : index + _PARAMETERS[kind]]]
        index += len(values)
        base = at if command.islower() else (0.0, 0.0)
        if kind == "Z":
            outlines.append((points, True))
            points, at = [], start
            continue
        if kind == "M":
            if points:
                outlines.append((points, False))
            at = start = (base[0] + values[0], base[1] + values[1])
            points = [at]
            command = "l" if command == "m" else "L"
            continue
        if not points:
            points = [at]
        if kind == "H":
            new = [(base[0] + values[0], at[1])]
        elif kind == "V":
            new = [(at[0], base[1] + values[0])]
        elif kind == "A":
            new = _arc(at, values, (base[0] + values[5], base[1] + values[6]))
        else:
            ends = [(base[0] + values[n], base[1] + values[n + 1]) for n in range(0, len(values), 2)]
            new = ends if kind == "L" else _curve([at, *ends])
        points.extend(new)
        at = points[-1]
    if points:
        outlines.append((points, False))
    return outlines


def _curve(controls: list[Point]) -> list[Point]:
    points = []
    for step in range(1, 17):
        part, level = step / 16, controls
        while len(level) > 1:  # de Casteljau
            level = [(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in pairwise(level)]
        points.append(level[0])
    return points


def _arc(start: Point, values: list[float], end: Point) -> list[Point]:
    """A circular arc (the pictures use no ellipses and no rotation), as SVG 1.1 appendix F.6 derives it."""
    radius, large, sweep = values[0], values[3] != 0, values[4] != 0
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    half = math.hypot(dx, dy)
    radius = max(radius, half)
    offset = math.sqrt(max(0.0, radius**2 / half**2 - 1)) * (1 if large != sweep else -1)
    cx, cy = (start[0] + end[0]) / 2 + offset * dy, (start[1] + end[1]) / 2 - offset * dx
    first = math.atan2(start[1] - cy, start[0] - cx)
    turn = math.atan2(end[1] - cy, end[0] - cx) - first
    if sweep and turn < 0:
        turn += math.tau
    elif not sweep and turn > 0:
        turn -= math.tau
    return [
        (cx + radius * math.cos(first + turn * n / 16), cy + radius * math.sin(first + turn * n / 16))
        for n in range(1, 17)
    ]
