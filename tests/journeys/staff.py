"""A member of staff at the kiosk: comes in with a badge, puts a roll in, reads the number off the page, leaves."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.staff import events as s
from kiosk.staff.events import Task
from kiosk.staff.view import StaffSituation, StepView
from kiosk.visit.view import Situation

from .walk import Walk, words

T = StaffSituation
BADGE = "karim"  # a member of staff's own eID, whose chip can prove that it is no copy
TOWN_BADGE = "badge"  # what the town gave its people


def badge_in(walk: Walk, card: str = BADGE) -> Walk:
    """The gesture, and a badge in the reader that a parent may have had their card in."""
    walk.touch(s.StaffWanted()).staff_until(T.DOOR)
    walk.card(card).staff_until(T.MENU)
    return walk


def leave_service(walk: Walk) -> Walk:
    """Leave; the badge still in has to come out first, or the kiosk would take it for the parent's card."""
    walk.touch(s.StaffLeft()).staff_until(T.CARD_OUT)
    before = len(walk.views)  # none is shown while service mode lies over them
    walk.take_card().until(*Situation, holds=lambda view: len(walk.views) > before)
    return walk


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


def change_roll(walk: Walk) -> None:
    """From the menu and back to it: a new roll, and a test page that is as it should be."""
    refill(walk)
    walk.staff_until(T.STEP, lambda view: asks(view, "test-page-sharp"))
    walk.touch(s.StepAnswered(works=True)).staff_until(T.PAPER)
    walk.touch(s.StaffBack()).staff_until(T.MENU)


def asks(view: object, step: str) -> bool:
    """Whether this step of a test waits for a person."""
    content = getattr(view, "content", None)
    return isinstance(content, StepView) and content.step.name == step and not content.running
