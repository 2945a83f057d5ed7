"""Children who cannot have a card, times that are gone, clocks that are wrong: each has its screen and a way on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.app import now_in_brussels
from kiosk.demo.rig import Rig
from kiosk.domain.quote import Reason
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation

from .walk import Walk, a_rig

S = Situation


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("choices"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def walks(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """Makes a kiosk with its own journal, not yet started."""
    made: list[Walk] = []

    def make(**choices: object) -> Walk:
        made.append(Walk(rig, tmp_path, timing={"farewell": 0.1}, **choices))  # type: ignore[arg-type]
        return made[-1]

    yield make
    rig.card.remove()
    for walk in made:
        walk.stop()


def test_a_child_of_twelve_and_a_child_to_come_are_told_why_and_a_right_date_goes_on(
    walks: Callable[..., Walk],
) -> None:
    walk = walks().start().begin("en").card().service()
    walk.touch(e.NameGiven("Sami")).until(S.BIRTH_DATE)
    today = walk.now().date()
    for born, reason in ((walk.born(12), Reason.TOO_OLD), (today + timedelta(days=1), Reason.BORN_IN_FUTURE)):
        walk.touch(e.BirthDateGiven(born)).until(S.CHILD_REFUSED)
        assert walk.content(v.ChildRefusedView).reason is reason
        walk.touch(e.Back()).until(S.BIRTH_DATE)
    walk.touch(e.BirthDateGiven(walk.born(4))).until(S.QUESTION)
    walk.answer().until(S.CARD_TYPE)
    walk.touch(e.Continue(), e.Continue()).until(S.CHILDREN)
    # A second child that cannot have one does not take the first with it.
    walk.touch(e.AddChild(), e.NameGiven("Big"), e.BirthDateGiven(walk.born(12))).until(S.CHILD_REFUSED)
    walk.touch(e.Continue()).until(S.CHILDREN)
    assert [line.child.first_name for line in walk.content(v.ChildrenView).children] == ["Sami"]


def test_without_free_times_the_parent_pays_and_calls_for_an_appointment(walks: Callable[..., Walk]) -> None:
    walk = walks(slots=0).start().begin().card().service().child().to_review()
    assert S.NO_SLOTS in walk.situations
    assert walk.content(v.ReviewView).appointment_by_phone
    walk.ask_to_pay().pay()
    assert walk.verified(walk.paper()).appointment is None
    walk.leave()


def test_a_time_whose_lease_ends_while_choosing_is_chosen_afresh_before_money_moves(
    walks: Callable[..., Walk],
) -> None:
    walk = walks().start().begin().card().service().child().to_review()
    chosen = walk.content(v.ReviewView).slot
    assert chosen is not None
    walk.kiosk.journal.add_slots([chosen], lease_expires=walk.now() - timedelta(seconds=1))
    walk.touch(e.Continue()).until(S.APPOINTMENT)
    offered = walk.content(v.AppointmentView)
    assert offered.selected is None and chosen.id not in {slot.id for slot in offered.slots}
    assert "payment_intent" not in walk.kinds() and not walk.kiosk.visit.faults
    walk.touch(e.SlotChosen(offered.slots[0].id), e.Continue()).until(S.REVIEW)
    walk.ask_to_pay().pay()
    claims = walk.verified(walk.paper())
    assert claims.appointment is not None and claims.appointment.start == offered.slots[0].start
    walk.leave()


@pytest.mark.parametrize("years", [-6, 25])
def test_a_clock_that_is_wrong_by_years_is_out_of_service_until_it_is_right(
    walks: Callable[..., Walk], years: int
) -> None:
    wrong = timedelta(days=365 * years)

    def now() -> datetime:
        return now_in_brussels() + wrong

    walk = walks(now=now).start(S.OUT_OF_SERVICE)
    walk.until(S.OUT_OF_SERVICE, holds=lambda view: _faults(view) == {Fault.CLOCK})
    wrong = timedelta(0)
    walk.until(S.WELCOME)


def test_a_card_inserted_and_touches_made_out_of_service_begin_nothing(walks: Callable[..., Walk], rig: Rig) -> None:
    walk = walks().start().printer("paper", state="out")
    walk.until(S.OUT_OF_SERVICE)
    walk.card().touch(e.LanguageChosen("nl"), e.Continue(), e.Stop(), e.HelpWanted(), e.Back()).until_quiet()
    assert walk.view.situation is S.OUT_OF_SERVICE and "visit_started" not in walk.kinds()
    walk.take_card().printer("refill").until(S.WELCOME)


def test_every_touch_on_every_screen_leaves_a_visit_that_still_works(walks: Callable[..., Walk]) -> None:
    """What a child does who hammers on the glass, as fast as the queue takes it."""
    walk = walks().start()
    anything: tuple[e.Event, ...] = (
        e.Back(),
        e.SlotChosen("no such time"),
        e.ProcedureChosen("no such procedure"),
        e.BirthDateGiven(walk.born(3)),
        e.NameGiven("  "),
        e.RemoveChild(7),
        e.EditChild(-1),
        e.CancelPayment(),
        e.LanguageMenuWanted(),
        e.HelpWanted(),
        e.Touched(),
        e.AddChild(),
        e.LanguageChosen("xx"),
    )
    walk.begin().card().service()
    for _ in range(3):
        for touch in anything:
            walk.touch(touch, touch)
    walk.until_quiet()
    assert not walk.kiosk.core.crashed.is_set()
    walk.touch(e.Stop(), e.Stop(), e.Stop()).until(S.GOODBYE)
    walk.take_card().until(S.WELCOME)
    walk.to_pay().pay().leave()


def _faults(view: v.View) -> frozenset[Fault]:
    assert isinstance(view.content, v.OutOfServiceView)
    return view.content.faults
