"""Service mode as a state machine: takes one event, returns what it wants done, and shows a new view.

It lies over the visit and does not touch it. A parent's visit waits underneath, with its timers held by the core
(`kiosk.core`), and goes on when the member of staff leaves: that is how a roll is changed in the middle of a print.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk.domain.record.care import (
    DeviceChecked,
    DeviceCleaned,
    PaperRefilled,
    ReadinessReported,
    SettingChanged,
    StaffEntered,
    StaffLeft,
    StaffRefused,
    Way,
)
from kiosk.domain.record.entries import CaseClosed, EntryBody, ServiceChanged
from kiosk.staff import effects as fx
from kiosk.staff import events as e
from kiosk.staff import pictures
from kiosk.staff import roster as r
from kiosk.staff.checks import GRID_COLUMNS, GRID_ROWS, Kind, Probe, steps
from kiosk.staff.events import Device, Task, Verdict
from kiosk.staff.standing import Checking, Standing
from kiosk.staff.surroundings import House
from kiosk.staff.view import StaffSituation, StaffView
from kiosk.visit.effects import Record

S = StaffSituation

_NUMBERS_OFFERED = 4  # a person who did not look at the page guesses right once in four


class StaffMode(Standing):
    """One kiosk's service mode. Not thread-safe: the core's queue feeds it."""

    def __init__(self, house: House, language: str):
        super().__init__(house, language)
        self._used = house.codes_used()
        self._effects: list[fx.StaffEffect] = []
        self._entering = self._timed_out = False

    # --- the two ends ---------------------------------------------------------------------------------

    def handle(self, event: e.StaffEvent) -> list[fx.StaffEffect]:
        """Take one event; the effects are to be carried out in order."""
        self._effects = []
        self._entering = self.unsaved = False
        if isinstance(event, e.StaffWanted):
            if not self.active:
                self.reset()
                self.active = True
        elif self.active:
            self._take(event)
        return self._effects

    def time_out(self) -> list[fx.StaffEffect]:
        """Nobody touched the screen for long: close, so that the next person is no member of staff."""
        self._effects = []
        if self.active:
            self._leave(timed_out=True)
        return self._effects

    def not_recorded(self) -> None:
        """The disk refused the last record, so that nothing behind it was done: where that leaves us."""
        if not self.active:
            return
        self.checking = self.case = self.asking = None
        if self._entering:
            self.member = None
        self.situation = S.DOOR if self.member is None else S.MENU
        self.unsaved = True

    def view(self) -> StaffView:
        """The present picture."""
        return pictures.draw(self)

    def badge_in(self) -> float:
        """A card is in at the door: after how many seconds it is to be looked at."""
        seconds = self.rest().total_seconds()
        self.refused, self.unread = "", False
        self.resting, self.reading = seconds > 0, not seconds
        return seconds

    def reading_badge(self) -> None:
        """The card that waited is being looked at."""
        self.resting, self.reading = False, True

    # --- one event ------------------------------------------------------------------------------------

    def _take(self, event: e.StaffEvent) -> None:
        if isinstance(event, e.DisplayChosen):
            self.language, self.large, self.contrast = event.language, event.large, event.contrast
        elif isinstance(event, e.StaffLeft):
            if self.asking is None:  # the terminal's answer is waited for, or nobody would see it
                self._leave()
        elif self.situation is S.CARD_OUT:
            if isinstance(event, e.OwnCardOut):
                self._close()
        elif self.situation is S.DOOR:
            self._take_at_door(event)
        elif isinstance(event, e.StaffBack):
            self._go_back()
        elif isinstance(event, e.ProbeEnded):
            self._take_probe(event)
        elif isinstance(event, e.TerminalAnswered):
            self.asking, self.answer = None, event
        elif self.asking is None:
            self._take_work(event)

    def _take_at_door(self, event: e.StaffEvent) -> None:
        if isinstance(event, e.StaffBack):
            self._leave()
        elif isinstance(event, e.OwnCardOut):
            self.resting = False
            if not self.door().open:
                self.refused = ""  # what is left to say is when codes are taken again
        elif isinstance(event, e.BadgeUnread):
            self.reading, self.unread = False, True
        elif isinstance(event, e.BadgeRead):
            self.reading = self.unread = False
            self._take_badge(event)
        elif isinstance(event, e.CodeGiven) and self.door().open:
            self._take_code(event)

    def _take_badge(self, event: e.BadgeRead) -> None:
        """A card that proved itself opens, whatever was tried before it."""
        member = None
        if event.proven is not None:
            roster = self.house.roster()
            member = roster.of_card(event.proven) if event.by == "card" else roster.of_badge(event.proven)
        if member is not None:
            self._enter(member, event.by)
        else:
            self.refused = "card"
            self._record(StaffRefused(by=event.by, why=event.why or "unknown"))

    def _take_code(self, event: e.CodeGiven) -> None:
        found = r.of_code(self.house.roster(), event.code, event.token, self.house.now(), self._used)
        if found is not None:
            member, used = found
            self._used |= {used}
            self._enter(member, "code")
        else:
            self.refused = "code"
            self._record(StaffRefused(by="code"))

    def _enter(self, member: r.Member, by: Way) -> None:
        self.member, self.refused, self._entering = member, "", True
        self._record(StaffEntered(member=member.id, by=by))
        self.situation = S.MENU

    def _take_work(self, event: e.StaffEvent) -> None:
        match event:
            case e.TaskChosen() if self.situation is S.MENU:
                self.situation = S(event.task.value)
                self.answer = None
            case e.RollLoaded() if self.situation is S.PAPER:
                self._load_roll(event.millimetres)
            case e.Cleaned() if self.situation is S.CLEANING:
                self._clean(event.device)
            case e.CheckChosen() if self.situation is S.CHECKS:
                self._begin_check(event.device, Task.CHECKS)
            case e.StepAnswered() | e.NumberRead() | e.TargetTouched() if self.checking is not None:
                self._take_step(event)
            case e.ReportWanted() if self.situation is S.CHECKS:
                self._report()
            case e.TerminalAsked() if self.situation is S.TERMINAL and event.what in self.questions():
                self.asking, self.answer = event.what, None
                self._effects.append(fx.AskTerminal(event.what))
            case e.CaseChosen() if self.situation is S.CASES:
                if any(case.case_id == event.case_id for case in self.house.cases()):
                    self.case, self.situation, self.too_early = event.case_id, S.CASE, False
            case e.CaseDecided() if self.situation is S.CASE and event.case_id == self.case:
                self._decide(event)
            case e.LogPrintWanted() if self.situation is S.LOG:
                self._effects.append(fx.PrintLog(self.house.log().lines))
            case e.ServiceWanted() | e.SettingChanged() | e.RestartWanted() if self.situation is S.SETTINGS:
                self._set(event)
            case _:
                pass  # a touch that means nothing here

    # --- paper and cleaning ---------------------------------------------------------------------------

    def _load_roll(self, millimetres: int) -> None:
        paper = self.house.paper()
        if millimetres not in paper.rolls_mm:
            return
        self._record(PaperRefilled(roll_mm=millimetres, left_mm=paper.left_mm, member=self._who))
        self._begin_check(Device.PRINTER, Task.PAPER)  # thermal paper prints on one side only

    def _clean(self, device: Literal["printer", "reader"]) -> None:
        self._record(DeviceCleaned(device=device, member=self._who))

    # --- tests of devices -----------------------------------------------------------------------------

    def _begin_check(self, device: Device, task: Task) -> None:
        plan = steps(device, self.house.fitted())
        if plan:
            self.checking = Checking(device, plan, 0, task)
            self.situation = S.STEP
            self._enter_step()

    def _enter_step(self) -> None:
        checking = self.checking
        assert checking is not None
        if checking.step.probe is Probe.PRINT_TEST_PAGE:
            number = self.house.number()
            others: list[int] = []
            while len(others) < _NUMBERS_OFFERED - 1:
                other = self.house.number()
                if other != number and other not in others:
                    others.append(other)
            checking = replace(checking, number=number, numbers=tuple(sorted((number, *others))))
        probe = checking.step.probe
        if probe is not None:
            probe_id = self.house.new_id()
            checking = replace(checking, probe_id=probe_id)
            self._effects.append(fx.StartProbe(probe, probe_id, checking.number or None))
        self.checking = checking

    def _take_probe(self, event: e.ProbeEnded) -> None:
        checking = self.checking
        if checking is None or checking.probe_id != event.probe_id:
            return  # of a test that was left
        self.checking = replace(checking, probe_id=None)
        if event.verdict is Verdict.PASSED:
            self._next_step()
        else:
            self._end_check(event.verdict, event.detail)

    def _take_step(self, event: e.StepAnswered | e.NumberRead | e.TargetTouched) -> None:
        checking = self.checking
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
                checking = self.checking = replace(checking, touched=checking.touched | {event.index})
                if len(checking.touched) == GRID_COLUMNS * GRID_ROWS:
                    self._next_step()
            case _:
                pass

    def _next_step(self) -> None:
        checking = self.checking
        assert checking is not None
        if checking.index + 1 == len(checking.steps):
            self._end_check(Verdict.PASSED, "")
            return
        self.checking = replace(checking, index=checking.index + 1)
        self._enter_step()

    def _end_check(self, verdict: Verdict, detail: str) -> None:
        checking = self.checking
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
        self.checking = None
        self.situation = S(checking.task.value)

    def _report(self) -> None:
        known = {result.device: result.verdict for result in self.house.results()}
        verdicts = {device: known.get(device, Verdict.UNKNOWN) for device in self.house.fitted()}
        self._record(ReadinessReported(verdicts={str(d): v.value for d, v in verdicts.items()}, member=self._who))
        name = self.member.name if self.member is not None else ""
        self._effects.append(fx.PrintReport(tuple(verdicts.items()), name))

    # --- decisions and settings -----------------------------------------------------------------------

    def _decide(self, event: e.CaseDecided) -> None:
        case = self.chosen_case()
        if case is not None and event.outcome not in self.outcomes(case):
            return
        self.too_early = case is not None and event.outcome == "not-paid" and self.house.too_early(case.case_id)
        if self.too_early:
            return
        if case is not None:
            decision = "decided at the kiosk"
            self._record(CaseClosed(case_id=case.case_id, decision=decision, outcome=event.outcome, by=self._who))
        self.case, self.situation = None, S.CASES

    def _set(self, event: e.ServiceWanted | e.SettingChanged | e.RestartWanted) -> None:
        match event:
            case e.ServiceWanted():
                reasons = () if event.in_service else ("staff",)
                self._record(ServiceChanged(in_service=event.in_service, reasons=reasons, by=self._who))
                self._effects.append(fx.ApplySettings())
            case e.SettingChanged() if self.is_manager:
                self._change(event)
            case e.RestartWanted() if not self.house.visit_waits():
                self._leave()
                self._effects.append(fx.Restart())
            case _:
                pass

    def _change(self, event: e.SettingChanged) -> None:
        now = self.house.settings()
        changed = SettingChanged(
            member=self._who,
            volume=None if now.volume is None else event.volume,
            brightness=None if now.brightness is None else event.brightness,
            languages=event.languages,
            hours=event.hours,
        )
        languages = changed.languages
        if languages is not None and (not languages or not set(languages) <= set(now.all_languages)):
            return
        if changed != SettingChanged(member=self._who):
            self._record(changed)
            self._effects.append(fx.ApplySettings())

    # --- inside ---------------------------------------------------------------------------------------

    def _leave(self, timed_out: bool = False) -> None:
        """Close, once the card that staff put in is out: it would be taken for the parent's."""
        self._timed_out = timed_out
        if self.checking is not None:
            self._end_check(Verdict.UNKNOWN, "left before its end")
        if self.house.own_card_in():
            self.situation = S.CARD_OUT
        else:
            self._close()

    def _close(self) -> None:
        if self.member is not None:
            # A disk that refuses must not keep anybody in.
            left = StaffLeft(member=self.member.id, timed_out=self._timed_out)
            self._effects.append(Record(left, None, required=False))
        self.reset()
        self.active = False

    def _go_back(self) -> None:
        match self.situation:
            case S.MENU:
                self._leave()
            case S.CARD_OUT:
                pass
            case S.STEP:
                assert self.checking is not None
                self._end_check(Verdict.UNKNOWN, "left before its end")
            case S.CASE:
                self.case, self.situation = None, S.CASES
            case _ if self.asking is None:
                self.situation = S.MENU
            case _:
                pass

    @property
    def _who(self) -> str:
        assert self.member is not None
        return self.member.id

    def _record(self, body: EntryBody) -> None:
        self._effects.append(Record(body, None, required=True))
