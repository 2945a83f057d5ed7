"""Every card that cannot be used has its own screen, and the parent's own card is read after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from kiosk.app import now_in_brussels
from kiosk.visit import view as v
from kiosk.visit.events import CardProblem
from kiosk.visit.view import Situation

from .walk import Walk, a_rig

S = Situation


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """One kiosk for all: what a refused card leaves behind would show in the next test."""
    with a_rig(tmp_path_factory.mktemp("refused"), backend=False, pcsc=False) as rig:
        walk = Walk(rig, tmp_path_factory.mktemp("journal"), timing={"farewell": 0.1}).start()
        yield walk
        walk.stop()


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("bank", CardProblem.BANK_CARD),
        ("foreign-id", CardProblem.FOREIGN_CARD),
        ("library", CardProblem.NOT_EID),
        ("belgian", CardProblem.BELGIAN),
        ("kids-id", CardProblem.KIDS_ID),
        ("child", CardProblem.CHILD_CARD),
        ("expired", CardProblem.EXPIRED),
        ("forged", CardProblem.FORGED),
        ("foreign-root", CardProblem.FORGED),
        ("future", CardProblem.NOT_YET_VALID),
        ("tomorrow", CardProblem.NOT_RESIDENCE),
        ("mute", CardProblem.NO_ANSWER),
    ],
)
def test_a_card_that_cannot_be_used_says_why_and_the_own_card_is_read_after_it(
    walk: Walk, card: str, problem: CardProblem
) -> None:
    walk.begin("fr").card(card)
    view = walk.until(S.CARD_REFUSED)
    refused = walk.content(v.CardRefusedView)
    assert (refused.problem, refused.card_in, view.language) == (problem, True, "fr")
    if card == "expired":
        assert refused.expired_on == now_in_brussels().date() - timedelta(days=40)
    assert view.greeting_name is None and not view.can_continue
    walk.take_card().until(S.INSERT_CARD)
    walk.card().until(S.SERVICE, holds=lambda view: view.greeting_name == "Amina")
    assert walk.bodies("card_refused")[-1].reason == problem.value
    walk.stop_visit().leave()
