"""Staff at the kiosk, over the real drivers: badges, a new roll in mid-visit, a case that is decided, settings kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from hardware.simulators.card.people import PEOPLE
from kiosk.demo.rig import Rig
from kiosk.staff import events as s
from kiosk.staff import roster as r
from kiosk.staff.events import Task
from kiosk.staff.view import MenuView, StaffSituation, StepView
from kiosk.visit import view as v
from kiosk.visit.view import Situation

from .walk import Walk, a_rig, captured, words

S, T = Situation, StaffSituation
BEFORE_THE_END = 900  # bytes: the head of the ticket is on paper, its end is not
BADGE = "karim"  # a member of staff's own eID, whose chip can prove that it is no copy


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("service"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def begin(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """Starts a kiosk with its own journal and with Karim (badge, manager) on its roster."""
    started: list[Walk] = []

    def make(situation: Situation = S.WELCOME, **timing: float) -> Walk:
        write_roster(tmp_path / "staff.toml")
        started.append(Walk(rig, tmp_path, timing={"farewell": 0.1, **timing}))
        started[-1].before = len(started[-1].ledger())
        return started[-1].start(situation)

    yield make
    rig.card.remove()
    rig.terminal.do("plug")
    rig.terminal.do("speak")
    rig.printer.do("cover", open=False)
    rig.printer.do("refill")
    for walk in started:
        walk.stop()


def write_roster(path: Path) -> None:
    nobody = r.new_roster()
    number = PEOPLE[BADGE].national_number(date.today())
    karim = r.Member(id="ka", name="Karim", role=r.Role.MANAGER, card=r.card_print(nobody.key, number))
    path.write_text(r.written(r.Roster(key=nobody.key, member=(karim,))))
    path.chmod(0o600)


def badge_in(walk: Walk, card: str = BADGE) -> Walk:
    """The gesture, and a badge in the reader that a parent may have had their card in."""
    walk.touch(s.StaffWanted()).staff_until(T.DOOR)
    walk.card(card).staff_until(T.MENU)
    return walk


def leave_service(walk: Walk) -> Walk:
    """Leave; the badge still in has to come out first, or the kiosk would take it for the parent's card."""
    walk.touch(s.StaffLeft()).staff_until(T.CARD_OUT)
    return walk.take_card()


def refill(walk: Walk, number_read: Callable[[int], int] = lambda number: number) -> str:
    """Put a new roll in, and read the number off the page; returns the page's words."""
    walk.printer("refill").touch(s.TaskChosen(Task.PAPER)).staff_until(T.PAPER)
    walk.touch(s.RollLoaded(80_000))
    walk.staff_until(T.STEP, lambda view: asks(view, "test-page-number"))
    page = words(walk.paper())
    while "80" not in page:  # the scrap of a broken ticket comes out before it
        page = words(walk.paper())
    step = walk.staff_views[-1].content
    assert isinstance(step, StepView)
    (number,) = [number for number in step.numbers if str(number) in page]
    walk.touch(s.NumberRead(number_read(number)))
    return page


def asks(view: object, step: str) -> bool:
    content = getattr(view, "content", None)
    return isinstance(content, StepView) and content.step.name == step and not content.running


def test_paper_that_ends_in_mid_ticket_is_changed_by_staff_and_the_visit_goes_on(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.printer("fault_at", bytes=BEFORE_THE_END, fault="paper-out").at_terminal("approve").until(S.PRINT_TROUBLE)
    code = walk.content(v.PrintTroubleView).ticket_code
    walk.take_card()
    badge_in(walk)
    menu = walk.staff_views[-1]
    assert menu.member == "Karim" and menu.waiting_visit
    assert isinstance(menu.content, MenuView) and Task.PAPER in menu.content.attention
    refill(walk)
    walk.staff_until(T.STEP, lambda view: asks(view, "test-page-sharp"))
    assert [body.copy_mark for body in walk.bodies("print_started")] == [False]  # not while the roll is being put in
    walk.touch(s.StepAnswered(works=True)).staff_until(T.PAPER)
    leave_service(walk).until(S.TAKE)
    assert walk.verified(walk.whole_paper(code)).code == code
    assert len(captured(walk.new_lines())) == 1 and "case_opened" not in walk.kinds()
    kinds = walk.kinds()
    assert [k for k in kinds if k in ("staff_entered", "paper_refilled", "device_checked", "staff_left")] == [
        "staff_entered",
        "paper_refilled",
        "device_checked",
        "staff_left",
    ]
    assert walk.body("paper_refilled").member == "ka" and walk.body("staff_entered").by == "card"
    walk.until(S.WELCOME)
