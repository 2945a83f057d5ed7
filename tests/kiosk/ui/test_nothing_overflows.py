"""No word is cut and no target too small, in any language, size or shape of the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.ui.gallery import TOUCHES, views
from kiosk.ui.stage import Stage
from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Part, Words
from kiosk.ui.widgets.touch import Touchable

PORTRAIT, LANDSCAPE = (540, 960), (960, 540)
# The smallest that a target may become, in units; 148 is usual. On a portrait screen of 24 inches (300 mm wide)
# 80 units are 22 mm; in landscape the same panel is 530 mm wide, so that fewer units make 20 mm.
LEAST = {PORTRAIT: 80, LANDSCAPE: 62}


def _shown(part: Part) -> list[Part]:
    return [part, *(below for child in part.parts for below in _shown(child))]


@pytest.mark.parametrize(
    ("size", "large"),
    [(PORTRAIT, False), (PORTRAIT, True), (LANDSCAPE, True)],
    ids=["portrait", "portrait-large", "landscape-large"],
)
@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_words_stay_inside_and_targets_stay_large(
    stage: Stage, language: str, size: tuple[int, int], large: bool
) -> None:
    stage.resize(size)
    faults: list[tuple[object, ...]] = []
    for name in _shown_views(stage, language, large):
        for part in _shown(stage.view):
            if isinstance(part, Words) and part.text:
                faults += [(name, *fault) for fault in _words_out_of_place(stage, part)]
        targets = [part for part in stage.view._touchables() if part.opacity and part.enabled]
        faults += [(name, t.name, tuple(t.size)) for t in targets if min(t.size) < look.px(LEAST[size]) - 1]
        faults += [(name, a.name, b.name) for a in targets for b in targets if a is not b and _overlap(a, b)]
    assert faults == []


def _shown_views(stage: Stage, language: str, large: bool) -> Iterator[str]:
    """Each example view, and again after each touch that shows more of it."""
    for name, view in views(language):
        stage.view.show(replace(view, large=large))
        yield name
        for target in TOUCHES.get(name, ()):
            stage.tap(target)
            yield f"{name} {target}"


def _words_out_of_place(stage: Stage, part: Words) -> list[tuple[object, ...]]:
    width, height = part.drawn_size
    if width > part.width + 1 or height > part.height + 1:
        return [(part.text, part.drawn_size, tuple(part.size))]
    if part.x < -1 or part.right > stage.view.right + 1 or part.y < -1 or part.top > stage.view.top + 1:
        return [(part.text, "outside", tuple(part.pos))]
    return []


def _overlap(a: Touchable, b: Touchable) -> bool:
    return a.x < b.right - 1 and b.x < a.right - 1 and a.y < b.top - 1 and b.y < a.top - 1
