"""Cards in a reader behind pcscd: dead, pulled, swapped, put back, forgotten. In-process where pcscd cannot run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.demo.rig import Rig
from kiosk.staff import roster
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import CardProblem
from kiosk.visit.view import Overlay, Situation

from .staff import badge_in, leave_service
from .walk import Walk, a_rig

S = Situation


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("cards"), backend=False) as rig:
        yield rig


@pytest.fixture(scope="module")
def kiosk(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    walk = Walk(rig, tmp_path_factory.mktemp("journal"), timing={"farewell": 0.2})
    walk.start()
    yield walk
    walk.stop()


@pytest.fixture
def walk(kiosk: Walk) -> Iterator[Walk]:
    """One kiosk for all: each visit has to leave it as it found it."""
    kiosk.until(S.WELCOME)
    yield kiosk
    kiosk.take_card()
    if kiosk.view.situation is not S.WELCOME:
        kiosk.touch(e.Stop(), e.Stop()).until(S.WELCOME)


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("bank", CardProblem.BANK_CARD),
        ("mute", CardProblem.NO_ANSWER),
        ("badge", CardProblem.NOT_EID),
        ("badge-rsa-t1", CardProblem.NOT_EID),
    ],
)
def test_what_is_no_identity_card_says_so_and_the_own_card_is_read_after_it(
    walk: Walk, card: str, problem: CardProblem
) -> None:
    walk.begin().card(card).until(S.CARD_REFUSED)
    assert walk.content(v.CardRefusedView).problem is problem
    walk.take_card().until(S.INSERT_CARD)
    walk.card().until(S.SERVICE)


@pytest.mark.parametrize("badge", ["badge", "badge-p384", "badge-rsa"])
def test_a_towns_badge_opens_service_mode_and_is_no_parents_card_afterwards(walk: Walk, rig: Rig, badge: str) -> None:
    nobody = roster.new_roster()
    nora = roster.Member(id="no", name="Nora", badge=roster.badge_print(nobody.key, rig.badge(badge)))
    roster.write(walk.journal_folder / "staff.toml", roster.Roster(key=nobody.key, member=(nora,)))
    badge_in(walk, badge)
    assert walk.staff_views[-1].member == "Nora" and walk.bodies("staff_entered")[-1].by == "badge"
    leave_service(walk).until(S.WELCOME)


def test_a_card_pulled_while_reading_says_so_and_is_read_when_it_comes_back(walk: Walk) -> None:
    walk.begin().card(pull_at=6).until(S.CARD_REFUSED, holds=lambda view: not _refused(view).card_in)
    assert walk.content(v.CardRefusedView).problem is CardProblem.PULLED
    walk.card().until(S.SERVICE)


def test_a_card_swapped_while_reading_never_gives_its_name_to_the_next(walk: Walk) -> None:
    walk.begin().card("leila", pull_at=10)
    walk.card("joao").until(S.SERVICE, holds=lambda view: view.greeting_name == "João")
    assert not any(view.greeting_name == "Leila" for view in _of_this_visit(walk))


def test_a_card_put_in_before_the_first_touch_is_read_at_once(walk: Walk) -> None:
    walk.card().until_card_is_in()
    walk.touch(e.LanguageChosen("en")).until(S.SERVICE)


def test_taking_the_card_in_mid_visit_asks_and_putting_it_back_goes_on(walk: Walk) -> None:
    walk.begin().card().service().take_card().until(S.CHILD_NAME, holds=_asks)
    walk.card().until(S.CHILD_NAME, holds=lambda view: view.overlay is None)
    assert walk.view.greeting_name == "Amina"


def test_another_persons_card_in_mid_visit_ends_the_visit(walk: Walk) -> None:
    walk.begin().card().service().child().take_card().until(S.CHILDREN, holds=_asks)
    walk.card("joao").until(S.GOODBYE)
    assert walk.view.greeting_name is None and walk.content(v.GoodbyeView).card_in
    assert walk.bodies("visit_closed")[-1].reason == "stopped"


def test_a_forgotten_card_is_never_read_for_the_next_person(walk: Walk) -> None:
    walk.begin().card().service().stop_visit()
    walk.until(S.GOODBYE)
    before = len(walk.kinds())
    walk.touch(e.LanguageChosen("nl"), e.Continue(), e.LanguageChosen("fr"), e.DisplayChanged(True, False))
    walk.until(S.GOODBYE, holds=lambda view: view.large)
    assert len(walk.kinds()) == before
    walk.leave()


def test_a_card_service_that_falls_closes_the_kiosk_and_the_next_person_is_served_when_it_is_back(
    walk: Walk, rig: Rig
) -> None:
    if rig.pcscd is None:
        pytest.skip("pcscd cannot run here")
    rig.pcscd.kill()
    walk.until(S.OUT_OF_SERVICE)
    rig.pcscd.start()
    walk.until(S.WELCOME)
    walk.begin("fr").card("joao").until(S.SERVICE, holds=lambda view: view.greeting_name == "João")


def test_a_card_service_that_falls_in_mid_visit_is_a_card_taken_out(walk: Walk, rig: Rig) -> None:
    if rig.pcscd is None:
        pytest.skip("pcscd cannot run here")
    walk.begin().card().service()
    rig.pcscd.kill()
    walk.until(S.CHILD_NAME, holds=_asks)
    rig.pcscd.start()
    walk.card().until(S.CHILD_NAME, holds=lambda view: view.overlay is None)
    assert walk.view.greeting_name == "Amina"


def _asks(view: v.View) -> bool:
    return view.overlay is Overlay.STILL_THERE


def _refused(view: v.View) -> v.CardRefusedView:
    assert isinstance(view.content, v.CardRefusedView)
    return view.content


def _of_this_visit(walk: Walk) -> list[v.View]:
    views = walk.views[:]
    begun = max(index for index, view in enumerate(views) if view.situation is S.WELCOME)
    return views[begun:]
