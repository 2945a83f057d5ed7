"""Service mode as a state machine: takes one event, returns what it wants done, and shows a new view.

It lies over the visit and does not touch it. A parent's visit waits underneath, with its timers held by the core
(`kiosk.core`), and goes on when the member of staff leaves: that is how a roll is changed in the middle of a print.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from kiosk.domain.care import (
    DeviceChecked,
    DeviceCleaned,
    PaperRefilled,
    ReadinessReported,
    SettingChanged,
    StaffEntered,
    StaffLeft,
    StaffRefused,
)
from kiosk.domain.entries import CaseClosed, EntryBody, ServiceChanged
from kiosk.staff import effects as fx
from kiosk.staff import events as e
from kiosk.staff import roster as r
from kiosk.staff.checks import GRID_COLUMNS, GRID_ROWS, Kind, Probe, Step, steps
from kiosk.staff.door import Door, door
from kiosk.staff.events import Device, Task, Verdict
from kiosk.staff.surroundings import House
from kiosk.staff.view import (
    CasesView,
    CaseView,
    ChecksView,
    CleaningView,
    DoorView,
    MenuView,
    PaperView,
    SettingsView,
    StaffContent,
    StaffSituation,
    StaffView,
    StepView,
    TerminalView,
)
from kiosk.visit.effects import Record
from kiosk.visit.events import Fault

S = StaffSituation

TERMINAL_QUESTIONS = ("status", "registration", "diagnosis", "end-of-day")
# What moves the terminal's own totals is a manager's to ask for.
_MANAGERS_QUESTIONS = frozenset({"end-of-day"})
_NUMBERS_OFFERED = 4  # a person who did not look at the page guesses right once in four


@dataclass(frozen=True, slots=True)
class _Checking:
    """A test in progress."""

    device: Device
    steps: tuple[Step, ...]
    index: int
    task: Task  # where it was asked for, and where it ends
    probe_id: UUID | None = None
    number: int = 0
    numbers: tuple[int, ...] = ()
    touched: frozenset[int] = frozenset()
    failed: tuple[str, ...] = ()

    @property
    def step(self) -> Step:
        return self.steps[self.index]


class StaffMode:
    """One kiosk's service mode. Not thread-safe: the core's queue feeds it."""

    def __init__(self, house: House, language: str):
        self._house = house
        self.language = language
        self.active = False
        self._member: r.Member | None = None
        self._used: frozenset[r.Step] = frozenset()
        self._effects: list[fx.StaffEffect] = []
        self._reset()

    def _reset(self) -> None:
        self._situation = S.DOOR
        self._member = None
        self._refused = self._reading = False
        self._checking: _Checking | None = None
        self._case: UUID | None = None
        self._asking: str | None = None
        self._answer: e.TerminalAnswered | None = None

    @property
    def at_the_door(self) -> bool:
        """Whether a card that is put in now is a badge."""
        return self.active and self._situation is S.DOOR

    # --- the two ends ---------------------------------------------------------------------------------

    def handle(self, event: e.StaffEvent) -> list[fx.StaffEffect]:
        """Take one event; the effects are to be carried out in order."""
        self._effects = []
        if isinstance(event, e.StaffWanted):
            if not self.active:
                self._reset()
                self.active = True
        elif self.active:
            self._take(event)
        return self._effects

    def time_out(self) -> list[fx.StaffEffect]:
        """Nobody touched the screen for long: close, so that the next person is no member of staff."""
        self._effects = []
        if self.active and self._asking is None:
            self._leave(timed_out=True)
        return self._effects

    def reading_badge(self) -> None:
        """A card is in, and being looked at."""
        self._reading, self._refused = True, False

    # --- one event ------------------------------------------------------------------------------------

    def _take(self, event: e.StaffEvent) -> None:
        if isinstance(event, e.StaffLeft):
            if self._asking is None:  # the terminal's answer is waited for, or nobody would see it
                self._leave()
        elif self._situation is S.DOOR:
            self._take_at_door(event)
        elif isinstance(event, e.StaffBack):
            self._go_back()
        elif isinstance(event, e.ProbeEnded):
            self._take_probe(event)
        elif isinstance(event, e.TerminalAnswered):
            self._asking, self._answer = None, event
        elif self._asking is None:
            self._take_work(event)

    def _take_at_door(self, event: e.StaffEvent) -> None:
        if not isinstance(event, (e.BadgeRead, e.CodeGiven)) or not self._door().open:
            return
        roster, by = self._house.roster(), "card" if isinstance(event, e.BadgeRead) else "code"
        member = None
        if isinstance(event, e.BadgeRead):
            self._reading = False
            member = roster.of_card(event.national_number) if event.national_number is not None else None
        else:
            found = r.of_code(roster, event.code, event.token, self._house.now(), self._used)
            if found is not None:
                member, used = found
                self._used |= {used}
        if member is None:
            self._refused = True
            self._record(StaffRefused(by="card" if by == "card" else "code"))
            return
        self._member, self._refused = member, False
        self._record(StaffEntered(member=member.id, by="card" if by == "card" else "code"))
        self._situation = S.MENU

    def _take_work(self, event: e.StaffEvent) -> None:
        match event:
            case e.TaskChosen() if self._situation is S.MENU:
                self._situation = S(event.task.value)
                self._answer = None
            case e.RollLoaded() if self._situation is S.PAPER:
                self._load_roll(event.millimetres)
            case e.Cleaned() if self._situation is S.CLEANING:
                self._clean(event.device)
            case e.CheckChosen() if self._situation is S.CHECKS:
                self._begin_check(event.device, Task.CHECKS)
            case e.StepAnswered() | e.NumberRead() | e.TargetTouched() if self._checking is not None:
                self._take_step(event)
            case e.ReportWanted() if self._situation is S.CHECKS:
                self._report()
            case e.TerminalAsked() if self._situation is S.TERMINAL and event.what in self._questions():
                self._asking, self._answer = event.what, None
                self._effects.append(fx.AskTerminal(event.what))
            case e.CaseChosen() if self._situation is S.CASES:
                if any(case.case_id == event.case_id for case in self._house.cases()):
                    self._case, self._situation = event.case_id, S.CASE
            case e.CaseDecided() if self._situation is S.CASE and event.case_id == self._case:
                self._decide(event)
            case e.ServiceWanted() | e.SettingChanged() | e.RestartWanted() if self._situation is S.SETTINGS:
                self._set(event)
            case _:
                pass  # a touch that means nothing here

    # --- paper and cleaning ---------------------------------------------------------------------------

    def _load_roll(self, millimetres: int) -> None:
        paper = self._house.paper()
        if millimetres not in paper.rolls_mm:
            return
        self._record(PaperRefilled(roll_mm=millimetres, left_mm=paper.left_mm, member=self._who))
        self._begin_check(Device.PRINTER, Task.PAPER)  # thermal paper prints on one side only

    def _clean(self, device: Literal["printer", "reader"]) -> None:
        self._record(DeviceCleaned(device=device, member=self._who))

    # --- tests of devices -----------------------------------------------------------------------------

    def _begin_check(self, device: Device, task: Task) -> None:
        plan = steps(device, self._house.fitted())
        if plan:
            self._checking = _Checking(device, plan, 0, task)
            self._situation = S.STEP
            self._enter_step()

    def _enter_step(self) -> None:
        checking = self._checking
        assert checking is not None
        if checking.step.probe is Probe.PRINT_TEST_PAGE:
            number = self._house.number()
            others: list[int] = []
            while len(others) < _NUMBERS_OFFERED - 1:
                other = self._house.number()
                if other != number and other not in others:
                    others.append(other)
            checking = replace(checking, number=number, numbers=tuple(sorted((number, *others))))
        probe = checking.step.probe
        if probe is not None:
            probe_id = self._house.new_id()
            checking = replace(checking, probe_id=probe_id)
            self._effects.append(fx.StartProbe(probe, probe_id, checking.number or None))
        self._checking = checking

    def _take_probe(self, event: e.ProbeEnded) -> None:
        checking = self._checking
        if checking is None or checking.probe_id != event.probe_id:
            return  # of a test that was left
        self._checking = replace(checking, probe_id=None)
        if event.verdict is Verdict.PASSED:
            self._next_step()
        else:
            self._end_check(event.verdict, event.detail)

    def _take_step(self, event: e.StepAnswered | e.NumberRead | e.TargetTouched) -> None:
        checking = self._checking
        assert checking is not None
        match event:
            case e.StepAnswered(works=False):
                self._end_check(Verdict.FAILED, "")
            case e.StepAnswered() if checking.step.kind is Kind.LOOK:
                self._next_step()
            case e.NumberRead() if checking.step.kind is Kind.NUMBER:
                if event.number == checking.number:
                    self._next_step()
                else:
                    self._end_check(Verdict.FAILED, "another number was read")
            case e.TargetTouched() if checking.step.kind is Kind.GRID and 0 <= event.index < GRID_COLUMNS * GRID_ROWS:
                checking = self._checking = replace(checking, touched=checking.touched | {event.index})
                if len(checking.touched) == GRID_COLUMNS * GRID_ROWS:
                    self._next_step()
            case _:
                pass

    def _next_step(self) -> None:
        checking = self._checking
        assert checking is not None
        if checking.index + 1 == len(checking.steps):
            self._end_check(Verdict.PASSED, "")
            return
        self._checking = replace(checking, index=checking.index + 1)
        self._enter_step()

    def _end_check(self, verdict: Verdict, detail: str) -> None:
        checking = self._checking
        assert checking is not None
        self._record(
            DeviceChecked(
                device=checking.device.value,
                verdict=verdict.value,
                failed_step=None if verdict is Verdict.PASSED else checking.step.name,
                detail=detail[:200],
                member=self._who,
            )
        )
        self._checking = None
        self._situation = S(checking.task.value)

    def _report(self) -> None:
        known = {result.device: result.verdict for result in self._house.results()}
        verdicts = {device: known.get(device, Verdict.UNKNOWN) for device in self._house.fitted()}
        self._record(ReadinessReported(verdicts={str(d): v.value for d, v in verdicts.items()}, member=self._who))
        name = self._member.name if self._member is not None else ""
        self._effects.append(fx.PrintReport(tuple(verdicts.items()), name))

    # --- decisions and settings -----------------------------------------------------------------------

    def _decide(self, event: e.CaseDecided) -> None:
        if not self._is_manager:
            return
        case = next((case for case in self._house.cases() if case.case_id == event.case_id), None)
        if case is None:
            self._case, self._situation = None, S.CASES
            return
        self._record(
            CaseClosed(case_id=case.case_id, decision="decided at the kiosk", outcome=event.outcome, by=self._who)
        )
        self._case, self._situation = None, S.CASES

    def _set(self, event: e.ServiceWanted | e.SettingChanged | e.RestartWanted) -> None:
        match event:
            case e.ServiceWanted():
                reasons = () if event.in_service else ("staff",)
                self._record(ServiceChanged(in_service=event.in_service, reasons=reasons, by=self._who))
                self._effects.append(fx.SetService(event.in_service))
            case e.SettingChanged() if self._is_manager:
                now = self._house.settings()
                volume = None if now.volume is None else event.volume
                brightness = None if now.brightness is None else event.brightness
                languages = event.languages
                if languages is not None and (not languages or not set(languages) <= set(now.all_languages)):
                    return
                self._record(
                    SettingChanged(member=self._who, volume=volume, brightness=brightness, languages=languages)
                )
                self._effects.append(fx.ChangeSetting(volume, brightness, languages))
            case e.RestartWanted() if not self._house.visit_waits():
                self._leave()
                self._effects.append(fx.Restart())
            case _:
                pass

    # --- inside ---------------------------------------------------------------------------------------

    def _leave(self, timed_out: bool = False) -> None:
        if self._member is not None:
            self._record(StaffLeft(member=self._member.id, timed_out=timed_out))
        self._reset()
        self.active = False

    def _go_back(self) -> None:
        match self._situation:
            case S.MENU:
                self._leave()
            case S.STEP:
                assert self._checking is not None
                self._end_check(Verdict.UNKNOWN, "left before its end")
            case S.CASE:
                self._case, self._situation = None, S.CASES
            case _ if self._asking is None:
                self._situation = S.MENU
            case _:
                pass

    @property
    def _who(self) -> str:
        assert self._member is not None
        return self._member.id

    @property
    def _is_manager(self) -> bool:
        return self._member is not None and self._member.role is r.Role.MANAGER

    def _door(self) -> Door:
        return door(self._house.wrong_tries(), self._house.now())

    def _questions(self) -> tuple[str, ...]:
        return tuple(q for q in TERMINAL_QUESTIONS if self._is_manager or q not in _MANAGERS_QUESTIONS)

    def _record(self, body: EntryBody) -> None:
        self._effects.append(Record(body, None, required=True))

    # --- the picture ----------------------------------------------------------------------------------

    def view(self) -> StaffView:
        """The present picture."""
        member = self._member.name if self._member is not None else None
        return StaffView(
            self._situation,
            self._content(),
            self.language,
            member,
            self._house.visit_waits(),
            self._house.now(),
            can_leave=self._asking is None,
        )

    def _content(self) -> StaffContent:
        draw: dict[StaffSituation, Callable[[], StaffContent]] = {
            S.DOOR: self._draw_door,
            S.MENU: self._draw_menu,
            S.PAPER: self._draw_paper,
            S.CLEANING: lambda: CleaningView(self._house.cleaned(), self._house.cleaning_due()),
            S.CHECKS: lambda: ChecksView(self._house.fitted(), self._house.results()),
            S.STEP: self._draw_step,
            S.TERMINAL: self._draw_terminal,
            S.CASES: lambda: CasesView(self._house.cases()),
            S.CASE: self._draw_case,
            S.SETTINGS: self._draw_settings,
            S.LOG: self._house.log,
        }
        return draw[self._situation]()

    def _draw_door(self) -> DoorView:
        now = self._door()
        return DoorView(now.tries_left, now.shut_until, self._refused, self._reading)

    def _draw_menu(self) -> MenuView:
        faults = self._house.faults()
        attention = set()
        if Fault.PAPER_OUT in faults:
            attention.add(Task.PAPER)
        if self._house.cleaning_due():
            attention.add(Task.CLEANING)
        if self._house.cases():
            attention.add(Task.CASES)
        if Fault.TERMINAL in faults:
            attention.add(Task.TERMINAL)
        return MenuView(tuple(Task), frozenset(attention), faults, self._house.in_service())

    def _draw_paper(self) -> PaperView:
        paper = self._house.paper()
        return PaperView(paper.left_mm, paper.last_refill, paper.rolls_mm)

    def _draw_step(self) -> StepView:
        checking = self._checking
        assert checking is not None
        return StepView(
            checking.device,
            checking.step,
            checking.index + 1,
            len(checking.steps),
            running=checking.probe_id is not None,
            numbers=checking.numbers if checking.step.kind is Kind.NUMBER else (),
            touched=checking.touched,
        )

    def _draw_terminal(self) -> TerminalView:
        answer = self._answer
        return TerminalView(
            self._questions(), self._asking, answer.done if answer else None, answer.lines if answer else ()
        )

    def _draw_case(self) -> CasesView | CaseView:
        case = next((case for case in self._house.cases() if case.case_id == self._case), None)
        if case is None:  # decided elsewhere meanwhile
            return CasesView(self._house.cases())
        return CaseView(case, self._is_manager)

    def _draw_settings(self) -> SettingsView:
        now = self._house.settings()
        return SettingsView(
            self._house.in_service(), self._is_manager, now.volume, now.brightness, now.languages, now.all_languages
        )
