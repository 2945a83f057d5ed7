"""Every picture that a screen, a service or a thing to bring asks for is there, and can be drawn in both looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.domain.quote import Service
from kiosk.domain.things import THINGS
from kiosk.ui import vector
from kiosk.ui.stage import Stage
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT

_UI = Path(__file__).parents[3] / "kiosk" / "ui"


def test_everything_asked_for_is_there() -> None:
    asked = {f"service-{service.value}" for service in Service} | {thing.icon for thing in THINGS.values()}
    for file in (*_UI.rglob("*.py"), *_UI.rglob("*.kv")):
        asked |= set(re.findall(r"""(?:icon|source)\s*[=:]\s*['"]([a-z-]+)['"]""", file.read_text()))
    assert asked - set(vector.names()) == set()


@pytest.mark.parametrize("name", vector.names())
def test_a_picture_draws_something_in_both_looks(name: str) -> None:
    for palette in (LIGHT, HIGH_CONTRAST):
        image = vector.draw(name, 48, 48, palette)
        assert max(image.size) == 48 and image.getbbox() is not None


def test_high_contrast_has_the_colours_of_the_light_look() -> None:
    assert set(LIGHT) == set(HIGH_CONTRAST)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground", "light", "high"),
    [
        ("ink", "paper", 15, 15),
        ("muted", "paper", 7, 15),
        ("muted", "tint", 4.5, 7),
        ("on-accent", "accent", 4.5, 15),
        ("on-accent", "pressed", 4.5, 15),
        ("on-done", "done", 4.5, 15),
        ("ink", "sun-tint", 7, 15),
        ("ink", "alert-tint", 7, 15),
        ("on-disabled", "disabled", 4.5, 7),
        ("line", "paper", 3, 15),
        ("line", "card", 3, 15),
    ],
)
def test_words_and_outlines_stand_out_from_their_ground(ink: str, ground: str, light: float, high: float) -> None:
    assert _contrast(LIGHT[ink], LIGHT[ground]) >= light
    assert _contrast(HIGH_CONTRAST[ink], HIGH_CONTRAST[ground]) >= high


def test_a_screenshot_is_the_viewport_and_nothing_beside_it(stage: Stage, tmp_path: Path) -> None:
    from PIL import Image

    stage.resize((541, 959))
    stage.view.screenshot(tmp_path / "screen.png")
    with Image.open(tmp_path / "screen.png") as image:
        assert image.size == (541, 959)
        assert image.getpixel((4, 4)) == (0xFB, 0xFA, 0xF6)


def test_layout_files_are_short() -> None:
    long = [file.name for file in _UI.rglob("*.kv") if len(file.read_text().splitlines()) > 150]
    assert long == []
