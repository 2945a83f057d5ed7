"""The strip of notices takes turns, goes when its time is over, and moves nothing under a finger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.domain.wire import Notice
from kiosk.ui.gallery import NOW, example
from kiosk.ui.stage import Stage
from kiosk.visit.notices import TURN_SECONDS
from kiosk.visit.view import Situation

TEXTS = {"nl": "[b]Kort[/b]", "fr": "Une phrase bien plus longue, qui tient sur deux lignes au moins, même en petit."}


def test_it_takes_turns_and_ends(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = Notice(texts=TEXTS, first=NOW - timedelta(hours=1), until=NOW + timedelta(minutes=1))
    view = example(Situation.WELCOME, language="nl", languages=("nl", "fr"), notices=(notice,))
    stage.show(replace(view, notices=()))
    bare = stage.view.target("language:fr")
    stage.show(view)
    strip = stage.view._screen.ids.notice  # type: ignore[union-attr]
    seen, places = [], set()
    for turns in range(3):
        monkeypatch.setattr(stage.view, "_clock", lambda turns=turns: NOW + timedelta(seconds=turns * TURN_SECONDS))
        stage.view._tick(1.0)
        seen.append((strip.shown, strip.parts[0].text))
        places.add((tuple(strip.pos), tuple(strip.size), stage.view.target("language:fr")))
    assert sorted(seen[:2]) == sorted((True, text) for text in TEXTS.values()) and seen[2] == seen[0]
    assert len(places) == 1 and places.pop()[2] == bare
    monkeypatch.setattr(stage.view, "_clock", lambda: NOW + timedelta(minutes=1))
    stage.view._tick(1.0)
    assert not strip.shown and stage.view.target("language:fr") == bare
