"""One window for all tests of the screen: no X server is needed, and Kivy opens one window per process."""

from __future__ import annotations

import os

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")

from collections.abc import Iterator

import pytest

from kiosk.text import Texts, texts
from kiosk.ui.gallery import NOW, example
from kiosk.ui.stage import Stage
from kiosk.visit.view import Situation

_ARABIC = {
    "Next": "متابعة",
    "Back": "رجوع",
    "Help": "مساعدة",
    "Stop": "إنهاء",
    "Which card does {name} need?": "ما البطاقة التي يحتاجها {name}؟",
    "limited stay": "إقامة محدودة",
    "unlimited stay": "إقامة غير محدودة",
    "A card": "بطاقة A",
    "B card": "بطاقة B",
}


def words(language: str) -> Texts:
    """The catalogues, and a little Arabic to see the mirror."""
    if language == "ar":
        return Texts("ar", _ARABIC, {}, lambda number: 0 if number == 1 else 1)
    return texts(language)


@pytest.fixture(scope="session")
def _stage() -> Iterator[Stage]:
    stage = Stage((540, 960), words, clock=lambda: NOW)
    yield stage
    stage.close()


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    _stage.resize((540, 960))
    _stage.show(example(Situation.WELCOME, language="en"))
    _stage.now += 10.0
    _stage.sent.clear()
    return _stage
