"""Nobody there: every wait ends, nothing of a person stays, and no card is read for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.rig import Rig
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.view import Overlay, Situation

from .walk import Walk, a_rig

S = Situation


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("waits"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def walk_with(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """A kiosk with these waits, on a reader that is empty at the end."""
    started: list[Walk] = []

    def make(**timing: float) -> Walk:
        started.append(Walk(rig, tmp_path, timing={"farewell": 0.1, **timing}))
        return started[-1]

    yield make
    rig.card.remove()
    for walk in started:
        walk.stop()


def test_without_a_card_the_kiosk_goes_back_to_welcome(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(insert_card=0.2).start()
    walk.begin().until(S.WELCOME)
    assert walk.body("visit_closed").reason == "timed_out"


def test_a_refused_card_that_stays_in_is_nobodys(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(card_refused=0.2).start()
    walk.begin().card("bank").until(S.GOODBYE)
    assert walk.body("visit_closed").reason == "timed_out"
    walk.leave()


def test_a_card_left_in_before_the_first_touch_is_not_the_next_persons(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(insert_card=0.2).start()
    walk.card().until(S.GOODBYE)
    assert S.READING not in walk.situations
    walk.leave()


def test_a_card_that_is_in_at_start_up_is_nobodys(rig: Rig, walk_with: Callable[..., Walk]) -> None:
    rig.card.insert("amina")
    walk = walk_with().start(S.GOODBYE)
    assert S.READING not in walk.situations
    walk.leave()


def test_a_parent_who_left_is_asked_once_and_forgotten(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(idle=0.3, still_there=0.3).start()
    walk.begin().card().service()
    walk.until(S.CHILD_NAME, holds=lambda view: view.overlay is Overlay.STILL_THERE)
    assert walk.until(S.GOODBYE).greeting_name is None
    walk.touch(e.LanguageChosen("fr"))
    walk.leave()
    assert walk.body("visit_closed").reason == "timed_out"


def test_a_ticket_that_is_taken_and_a_card_that_is_not(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(take=0.3).start().to_pay().pay()
    assert walk.until(S.GOODBYE).content == v.GoodbyeView(card_in=True)
    walk.touch(e.LanguageChosen("fr"), e.DisplayChanged(large=True, contrast=False))
    walk.until(S.GOODBYE, holds=lambda view: view.large)
    assert walk.kinds().count("visit_started") == 1
    walk.leave()
