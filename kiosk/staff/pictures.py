"""Draws the view of service mode: one small function a situation, no decisions of its own."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.staff import view as v
from kiosk.staff.checks import Kind
from kiosk.staff.events import Task
from kiosk.staff.standing import Standing
from kiosk.staff.view import StaffSituation, StaffView
from kiosk.visit.events import Fault

S = StaffSituation


def draw(at: Standing) -> StaffView:
    """The present picture."""
    situation = at.situation
    if situation is S.CASE and at.chosen_case() is None:
        situation = S.CASES  # decided elsewhere meanwhile
    return StaffView(
        situation,
        _CONTENT[situation](at),
        at.language,
        at.member.name if at.member is not None else None,
        at.house.visit_waits(),
        at.house.now(),
        can_leave=at.asking is None,
        large=at.large,
        contrast=at.contrast,
        unsaved=at.unsaved,
        municipality=at.house.municipality(),
    )


def _door(at: Standing) -> v.DoorView:
    now = at.door()
    return v.DoorView(now.tries_left, now.shut_until, at.refused, at.reading, at.unread, at.resting)


def _menu(at: Standing) -> v.MenuView:
    house = at.house
    faults = house.faults()
    waits = {
        Task.PAPER: bool(faults & {Fault.PAPER_OUT, Fault.PAPER_SHORT, Fault.PAPER_UNPROVEN}),
        Task.CLEANING: bool(house.cleaning_due()),
        Task.CASES: bool(house.cases()),
        Task.TERMINAL: Fault.TERMINAL in faults,
    }
    attention = frozenset(task for task, something in waits.items() if something)
    return v.MenuView(tuple(Task), attention, faults, house.in_service())


def _paper(at: Standing) -> v.PaperView:
    paper = at.house.paper()
    return v.PaperView(paper.left_mm, paper.last_refill, paper.rolls_mm, paper.unproven)


def _cleaning(at: Standing) -> v.CleaningView:
    return v.CleaningView(at.house.cleaned(), at.house.cleaning_due())


def _checks(at: Standing) -> v.ChecksView:
    return v.ChecksView(at.house.fitted(), at.house.results())


def _step(at: Standing) -> v.StepView:
    checking = at.checking
    assert checking is not None
    return v.StepView(
        checking.device,
        checking.step,
        checking.index + 1,
        len(checking.steps),
        running=checking.probe_id is not None,
        numbers=checking.numbers if checking.step.kind is Kind.NUMBER else (),
        touched=checking.touched,
    )


def _terminal(at: Standing) -> v.TerminalView:
    answer = at.answer
    if answer is None:
        return v.TerminalView(at.questions(), at.asking, None, ())
    return v.TerminalView(at.questions(), at.asking, answer.done, answer.lines, answer.totals)


def _cases(at: Standing) -> v.CasesView:
    return v.CasesView(at.house.cases())


def _case(at: Standing) -> v.CaseView:
    case = at.chosen_case()
    assert case is not None
    return v.CaseView(case, at.outcomes(case), at.too_early)


def _settings(at: Standing) -> v.SettingsView:
    now = at.house.settings()
    return v.SettingsView(
        at.house.in_service(),
        at.is_manager,
        now.volume,
        now.brightness,
        now.languages,
        now.all_languages,
        now.hours,
        may_restart=not at.house.visit_waits(),
    )


_CONTENT: dict[StaffSituation, Callable[[Standing], v.StaffContent]] = {
    S.DOOR: _door,
    S.MENU: _menu,
    S.PAPER: _paper,
    S.CLEANING: _cleaning,
    S.CHECKS: _checks,
    S.STEP: _step,
    S.TERMINAL: _terminal,
    S.CASES: _cases,
    S.CASE: _case,
    S.SETTINGS: _settings,
    S.LOG: lambda at: at.house.log(),
    S.CARD_OUT: lambda at: v.CardOutView(),
}
