"""No word is cut and no target too small, in any language, size or shape of the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.ui.gallery import views
from kiosk.ui.stage import Stage
from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Part, Words
from kiosk.ui.widgets.touch import Touchable

PORTRAIT, LANDSCAPE = (540, 960), (960, 540)


def _shown(part: Part) -> list[Part]:
    return [part, *(below for child in part.parts for below in _shown(child))]


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_every_word_stays_inside_its_part(stage: Stage, language: str, large: bool, size: tuple[int, int]) -> None:
    stage.resize(size)
    faults = []
    for name, view in views(language):
        stage.view.show(replace(view, large=large))
        for part in _shown(stage.view):
            if not isinstance(part, Words) or not part.text:
                continue
            width, height = part.drawn_size
            if width > part.width + 1 or height > part.height + 1:
                faults.append((name, part.text, part.drawn_size, tuple(part.size)))
            if part.x < stage.view.x - 1 or part.right > stage.view.right + 1 or part.y < -1:
                faults.append((name, part.text, "outside", tuple(part.pos)))
    assert faults == []


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_targets_are_large_and_do_not_touch_each_other(stage: Stage, large: bool) -> None:
    faults = []
    for name, view in views("nl"):
        stage.view.show(replace(view, large=large))
        targets = [part for part in stage.view._touchables() if part.opacity and part.enabled]
        for part in targets:
            # 88 units are 20 mm on the smallest screen that is supported in portrait (a width of 245 mm).
            if min(part.size) < look.px(80):
                faults.append((name, part.name, tuple(part.size)))
        faults += [(name, a.name, b.name) for a in targets for b in targets if a is not b and _overlap(a, b)]
    assert faults == []


def _overlap(a: Touchable, b: Touchable) -> bool:
    return a.x < b.right - 1 and b.x < a.right - 1 and a.y < b.top - 1 and b.y < a.top - 1
