"""A parent who comes back, with the real backend, the real record and real paper; and with the line cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.demo.rig import Rig
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Action, LookUpProblem
from kiosk.visit.view import Situation

from .walk import Walk, a_rig, words

S = Situation


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("coming-back"), pcsc=False) as rig:
        yield rig


@pytest.fixture
def walk(rig: Rig, tmp_path: Path) -> Iterator[Walk]:
    walk = Walk(rig, tmp_path, slots=None, timing={"farewell": 0.1}).start()
    walk.until_online()
    yield walk
    rig.card.remove()
    walk.stop()


def comes_back(walk: Walk, language: str = "fr") -> v.MyRequestsView:
    walk.begin(language).card().until(S.SERVICE)
    walk.touch(e.RequestsWanted())
    walk.until(S.MY_REQUESTS, holds=lambda view: not getattr(view.content, "looking", True))
    return walk.content(v.MyRequestsView)


def opens(walk: Walk, code: str) -> v.MyRequestView:
    request = next(one for one in walk.content(v.MyRequestsView).requests if one.ticket_code == code)
    walk.touch(e.RequestChosen(request.ticket_id)).until(S.MY_REQUEST)
    return walk.content(v.MyRequestView)


def test_a_parent_prints_the_ticket_again_moves_the_appointment_and_cancels_it(walk: Walk) -> None:
    walk.to_pay("nl", ("Yusuf", "Lina")).pay()
    first, code = walk.paper(), walk.content(v.TakeView).ticket_code
    walk.leave().until_online()

    found = comes_back(walk)
    assert found.problem is None and not found.requests[0].here
    mine = opens(walk, code)
    assert [child.first_name for child in mine.request.children] == ["Yusuf", "Lina"]
    assert mine.actions == (Action.PRINT, Action.MOVE, Action.CANCEL)
    walk.touch(e.ActionChosen(Action.PRINT)).until(S.TAKE)
    copy = walk.paper()
    said, before = walk.verified(copy), walk.verified(first)
    assert (said.ticket_id, said.code, said.appointment, said.payment) == (
        before.ticket_id,
        code,
        before.appointment,
        before.payment,
    )
    assert "COPIE" in words(copy) and code in words(copy)
    assert walk.bodies("print_started")[-1].copy_mark
    walk.leave()

    comes_back(walk)
    opens(walk, code)
    walk.touch(e.ActionChosen(Action.MOVE)).until(S.OTHER_TIME)
    time = walk.content(v.OtherTimeView).slots[-1]
    walk.touch(e.SlotChosen(time.id), e.Continue()).until(S.TAKE)
    moved = walk.verified(walk.paper())
    assert moved.appointment is not None and moved.appointment.start == time.start
    walk.leave().until_online()

    comes_back(walk)
    seen = opens(walk, code).request.appointment
    assert seen is not None and seen.start == time.start
    walk.touch(e.ActionChosen(Action.CANCEL)).until(S.CANCEL_TIME)
    walk.touch(e.Continue()).until(S.MY_REQUEST, holds=lambda view: getattr(view.content, "cancelled", False))
    walk.stop_visit().leave().until_online()
    comes_back(walk)
    assert opens(walk, code).request.appointment is None
    assert walk.rig.stored()["dead_letters"] == 0


def test_with_the_line_cut_this_kiosk_still_knows_what_it_took_itself(rig: Rig, tmp_path: Path) -> None:
    with Walk(rig, tmp_path, timing={"farewell": 0.1}).start() as walk:  # an identity that no backend knows
        walk.to_pay("nl", ("Salma",)).pay()
        code = walk.content(v.TakeView).ticket_code
        walk.leave()
        found = comes_back(walk, "nl")
        assert found.problem is LookUpProblem.NO_LINE
        (request,) = found.requests
        assert request.here and request.ticket_code == code and request.paid is not None
        opens(walk, code)
        walk.touch(e.ActionChosen(Action.MOVE)).until(S.OTHER_TIME)
        time = walk.content(v.OtherTimeView).slots[2]
        walk.touch(e.SlotChosen(time.id), e.Continue()).until(S.TAKE)
        assert "NIEUW" in words(walk.paper()).upper()
        walk.leave()
        again = comes_back(walk, "nl").requests[0].appointment
        assert again is not None and again.start == time.start
        walk.stop_visit().leave()
