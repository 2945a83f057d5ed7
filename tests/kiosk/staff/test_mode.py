"""Service mode, told as stories: on a real journal, with a clock that is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest

from kiosk.domain.record.care import PaperRefilled, SettingChanged, StaffEntered, StaffRefused
from kiosk.domain.record.entries import CaseOpened, PaymentIntent, PaymentUnknown, TicketIssued
from kiosk.journal import Journal
from kiosk.staff import effects as fx
from kiosk.staff import events as e
from kiosk.staff import roster as r
from kiosk.staff.checks import GRID_COLUMNS, GRID_ROWS, Probe
from kiosk.staff.door import REST, TRIES
from kiosk.staff.events import Device, Task, Verdict
from kiosk.staff.house import Fitted, KioskHouse
from kiosk.staff.mode import StaffMode
from kiosk.staff.view import (
    CaseView,
    ChecksView,
    CleaningView,
    DoorView,
    LogView,
    MenuView,
    PaperView,
    SettingsView,
    StaffSituation,
    StepView,
    TerminalView,
)
from kiosk.visit.effects import Record
from kiosk.visit.events import Fault
from tests.kiosk.staff.test_roster import NUMBER, SECRET, token

S = StaffSituation
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FINGERPRINT = "a5" * 32


class Counter:
    """A kiosk's service mode, whose records go to a real journal."""

    def __init__(self, folder: Path):
        self.at = NOON
        self.faults: frozenset[Fault] = frozenset()
        self.visit_waits = self.own_card_in = self.too_early = False
        self.left_mm: int | None = 12_000
        self.wanted: list[fx.StaffEffect] = []
        nobody = r.new_roster()
        kas = r.Member(id="ka", name="Karim", card=r.card_print(nobody.key, NUMBER))
        els = r.Member(id="el", name="Els", role=r.Role.MANAGER, code=r.code_print("482915"), authenticator=SECRET)
        nora = r.Member(id="no", name="Nora", badge=r.badge_print(nobody.key, FINGERPRINT))
        self.roster_file = folder / "staff.toml"
        self.roster_file.write_text(r.written(r.Roster(key=nobody.key, member=(kas, els, nora))))
        self.roster_file.chmod(0o600)
        self.journal = Journal(folder / "journal.sqlite3", now=self.now)
        house = KioskHouse(
            self.journal,
            folder / "journal.sqlite3",
            None,
            self.roster_file,
            Fitted((Device.READER, Device.PRINTER, Device.TOUCH, Device.CLOCK), 80, ("nl", "fr"), volume=70),
            self.now,
            lambda: self.faults,
            lambda: self.visit_waits,
            lambda: self.left_mm,
            Random(4),
            own_card_in=lambda: self.own_card_in,
            too_early=lambda _case: self.too_early,
        )
        self.mode = StaffMode(house, "nl")

    def now(self) -> datetime:
        return self.at

    def do(self, *events: e.StaffEvent) -> list[fx.StaffEffect]:
        self.wanted = []
        for event in events:
            for effect in self.mode.handle(event):
                if isinstance(effect, Record):
                    self.journal.append(effect.body, effect.visit_id)
                else:
                    self.wanted.append(effect)
        return self.wanted

    def karim(self) -> None:
        self.do(e.StaffWanted(), e.BadgeRead(NUMBER))
        assert self.mode.view().member == "Karim"

    def els(self) -> None:
        self.do(e.StaffWanted(), e.CodeGiven("482915", token(self.at)))
        assert self.mode.view().member == "Els"

    def kinds(self) -> list[str]:
        return [entry.body.kind for entry in self.journal.entries()]

    def probe_ends(self, verdict: Verdict = Verdict.PASSED, detail: str = "") -> fx.StartProbe:
        probe = self.wanted[-1]
        assert isinstance(probe, fx.StartProbe)
        self.do(e.ProbeEnded(probe.probe_id, verdict, detail))
        return probe


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)
    yield counter
    counter.journal.close()


def test_nothing_happens_before_the_gesture(counter: Counter):
    counter.do(e.BadgeRead(NUMBER), e.TaskChosen(Task.PAPER), e.RestartWanted())
    assert not counter.mode.active and counter.kinds() == []


def test_a_badge_lets_in_and_leaving_is_on_the_record(counter: Counter):
    counter.karim()
    assert isinstance(counter.mode.view().content, MenuView)
    counter.do(e.StaffLeft())
    assert not counter.mode.active
    assert counter.kinds() == ["staff_entered", "staff_left"]


def test_a_towns_badge_lets_in_and_another_one_does_not(counter: Counter):
    counter.do(e.StaffWanted(), e.BadgeRead("b" * 64, "badge"), e.BadgeRead(FINGERPRINT, "card"))
    assert counter.mode.view().member is None
    counter.do(e.BadgeRead(FINGERPRINT, "badge"))
    assert counter.mode.view().member == "Nora"
    refused, number, entered = (entry.body for entry in counter.journal.entries())
    assert refused == StaffRefused(by="badge", why="unknown") and number == StaffRefused(by="card", why="unknown")
    assert entered == StaffEntered(member="no", by="badge")


def test_five_wrong_codes_shut_the_door_to_codes_and_a_card_that_proves_itself_still_opens(counter: Counter):
    counter.do(e.StaffWanted(), *[e.CodeGiven("482916", "000000")] * TRIES)
    content = counter.mode.view().content
    assert isinstance(content, DoorView) and content.shut_until == NOON + timedelta(minutes=15)
    counter.do(e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member is None
    counter.do(e.BadgeRead(NUMBER))
    assert counter.mode.view().member == "Karim"
    counter.do(e.StaffLeft(), e.StaffWanted(), e.BadgeRead(FINGERPRINT, "badge"))
    assert counter.mode.view().member == "Nora"
    counter.do(e.StaffLeft(), e.StaffWanted(), e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member is None  # a card forgives no code
    counter.at += timedelta(minutes=15)
    counter.do(e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member == "Els"
    assert counter.kinds().count("staff_refused") == TRIES


def test_unknown_cards_are_on_the_record_and_shut_the_door_to_nobody(counter: Counter):
    unknown = [e.BadgeRead("85073003427"), e.BadgeRead(None, "badge", "copy"), e.BadgeRead(None, "card", "other-card")]
    counter.do(e.StaffWanted(), *unknown, *unknown)
    content = counter.mode.view().content
    assert content == DoorView(TRIES, None, refused="card", reading=False)
    whys = [entry.body.why for entry in counter.journal.entries() if isinstance(entry.body, StaffRefused)]
    assert whys == ["unknown", "copy", "other-card"] * 2
    assert counter.mode.badge_in() == REST.total_seconds()
    content = counter.mode.view().content
    assert isinstance(content, DoorView) and content.resting and not content.reading
    counter.do(e.BadgeRead(NUMBER))
    assert counter.mode.view().member == "Karim"
    counter.do(e.StaffLeft(), e.StaffWanted())
    assert counter.mode.badge_in() == 0  # they are forgiven


def test_a_card_that_is_taken_out_waits_no_longer(counter: Counter):
    counter.do(e.StaffWanted(), *[e.BadgeRead(None)] * TRIES)
    counter.mode.badge_in()
    counter.do(e.OwnCardOut())
    assert counter.mode.view().content == DoorView(TRIES, None, refused="", reading=False)


def test_a_card_that_cannot_be_read_is_no_try(counter: Counter):
    counter.do(e.StaffWanted(), *[e.BadgeUnread()] * (TRIES + 1))
    content = counter.mode.view().content
    assert content == DoorView(TRIES, None, refused="", reading=False, unread=True)
    counter.do(e.BadgeRead(NUMBER))
    assert counter.mode.view().member == "Karim"


def test_who_was_taken_off_the_roster_does_not_come_in_and_a_broken_roster_lets_nobody_in(counter: Counter):
    counter.roster_file.write_text("no roster")
    counter.do(e.StaffWanted(), e.BadgeRead(NUMBER))
    assert counter.mode.view().member is None


def test_a_code_is_good_once(counter: Counter):
    counter.els()
    counter.do(e.StaffLeft(), e.StaffWanted(), e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member is None


def test_a_code_is_good_once_also_over_a_restart(counter: Counter):
    counter.els()
    counter.do(e.StaffLeft())
    counter.mode = StaffMode(counter.mode.house, "nl")
    counter.do(e.StaffWanted(), e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member is None
    counter.at += timedelta(minutes=2)
    counter.do(e.CodeGiven("482915", token(counter.at)))
    assert counter.mode.view().member == "Els"


def test_nobody_at_the_screen_closes_service_mode(counter: Counter):
    counter.karim()
    for effect in counter.mode.time_out():
        assert isinstance(effect, Record)
        counter.journal.append(effect.body)
    assert not counter.mode.active
    assert counter.kinds()[-1] == "staff_left"


def test_a_new_roll_is_counted_from_and_asks_for_a_test_page_that_a_person_reads(counter: Counter):
    counter.faults = frozenset({Fault.PAPER_OUT})
    counter.karim()
    menu = counter.mode.view().content
    assert isinstance(menu, MenuView) and Task.PAPER in menu.attention
    counter.do(e.TaskChosen(Task.PAPER))
    paper = counter.mode.view().content
    assert isinstance(paper, PaperView) and paper.left == 12_000
    counter.do(e.RollLoaded(paper.rolls[0]))
    refill = counter.journal.entries(kinds=["paper_refilled"])[0].body
    assert refill == PaperRefilled(roll_mm=paper.rolls[0], left_mm=12_000, member="ka")
    assert counter.probe_ends().probe is Probe.PRINTER_STATUS
    page = counter.probe_ends()
    assert page.probe is Probe.PRINT_TEST_PAGE and page.number is not None
    step = counter.mode.view().content
    assert isinstance(step, StepView) and page.number in step.numbers and len(set(step.numbers)) == 4
    counter.do(e.NumberRead(page.number), e.StepAnswered(works=True))
    assert isinstance(counter.mode.view().content, PaperView)
    assert counter.kinds() == ["staff_entered", "paper_refilled", "device_checked"]


def test_a_length_that_is_not_sold_is_no_refill(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.PAPER), e.RollLoaded(5))
    assert counter.kinds() == ["staff_entered"]


@pytest.mark.parametrize("wrong_step", ["probe", "number", "look"])
def test_a_printer_passes_only_when_every_step_did(counter: Counter, wrong_step: str):
    counter.karim()
    counter.do(e.TaskChosen(Task.CHECKS), e.CheckChosen(Device.PRINTER))
    counter.probe_ends()
    if wrong_step == "probe":
        counter.probe_ends(Verdict.UNKNOWN, "no answer")
    else:
        number = counter.probe_ends().number
        assert number is not None
        counter.do(e.NumberRead(number if wrong_step == "look" else number + 1), e.StepAnswered(works=False))
    view = counter.mode.view().content
    assert isinstance(view, ChecksView)
    (result,) = view.results
    assert result.verdict is (Verdict.UNKNOWN if wrong_step == "probe" else Verdict.FAILED)
    assert (
        result.detail
        == {"probe": "print-test-page", "number": "test-page-number", "look": "test-page-sharp"}[wrong_step]
    )


def test_a_touch_screen_passes_when_every_target_was_touched_and_not_before(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.CHECKS), e.CheckChosen(Device.TOUCH))
    targets = [e.TargetTouched(index) for index in range(GRID_COLUMNS * GRID_ROWS)]
    counter.do(*targets[:-1], targets[0], e.TargetTouched(-1), e.TargetTouched(GRID_COLUMNS * GRID_ROWS))
    assert counter.mode.view().situation is S.STEP
    counter.do(targets[-1])
    assert counter.mode.view().situation is S.CHECKS


def test_a_device_that_is_not_fitted_has_no_test(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.CHECKS), e.CheckChosen(Device.TERMINAL))
    assert counter.mode.view().situation is S.CHECKS and counter.wanted == []


def test_a_test_that_was_left_is_unknown_and_its_probe_comes_too_late(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.CHECKS), e.CheckChosen(Device.CLOCK))
    probe = counter.wanted[-1]
    assert isinstance(probe, fx.StartProbe)
    counter.do(e.StaffBack(), e.ProbeEnded(probe.probe_id, Verdict.PASSED))
    view = counter.mode.view().content
    assert isinstance(view, ChecksView) and view.results[0].verdict is Verdict.UNKNOWN


def test_the_readiness_report_never_calls_an_untested_device_ready(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.CHECKS), e.CheckChosen(Device.CLOCK))
    counter.probe_ends()
    counter.do(e.StepAnswered(works=True), e.ReportWanted())
    assert counter.wanted == [
        fx.PrintReport(
            (
                (Device.READER, Verdict.UNKNOWN),
                (Device.PRINTER, Verdict.UNKNOWN),
                (Device.TOUCH, Verdict.UNKNOWN),
                (Device.CLOCK, Verdict.PASSED),
            ),
            "Karim",
        )
    ]
    assert counter.kinds()[-1] == "readiness_reported"


def test_while_the_terminal_is_asked_nothing_else_is_and_nobody_leaves(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.TERMINAL))
    counter.do(e.TerminalAsked("end-of-day"))
    assert counter.wanted == []  # not for this role
    counter.do(e.TerminalAsked("status"), e.TerminalAsked("diagnosis"), e.StaffLeft(), e.StaffBack())
    assert counter.mode.active and counter.mode.view().situation is S.TERMINAL and not counter.mode.view().can_leave
    counter.do(e.TerminalAnswered(True, ("ready",)))
    content = counter.mode.view().content
    assert isinstance(content, TerminalView) and content.lines == ("ready",) and content.done


def open_case(counter: Counter) -> UUID:
    visit, ticket, payment, case = uuid4(), uuid4(), uuid4(), uuid4()
    for body in (
        PaymentIntent(payment_id=payment, ticket_id=ticket, cents=2400),
        PaymentUnknown(payment_id=payment, reason="silence"),
        TicketIssued(ticket_id=ticket, ticket_code="K7M-3QX-Q", qr="LKT1:X"),
        CaseOpened(case_id=case, about="payment", ticket_id=ticket, payment_id=payment, reason="silence"),
    ):
        counter.journal.append(body, visit)
    return case


def test_a_case_shows_its_evidence_and_only_a_manager_decides_it(counter: Counter):
    case = open_case(counter)
    counter.karim()
    counter.do(e.TaskChosen(Task.CASES), e.CaseChosen(case))
    content = counter.mode.view().content
    assert isinstance(content, CaseView) and not content.outcomes
    assert (content.case.cents, content.case.ticket_code) == (2400, "K7M-3QX-Q")
    assert [said.kind for said in content.case.evidence] == ["payment_intent", "payment_unknown", "ticket_issued"]
    counter.do(e.CaseDecided(case, "paid"), e.StaffLeft())
    assert counter.journal.open_cases("payment") == 1
    counter.els()
    counter.do(e.TaskChosen(Task.CASES), e.CaseChosen(case), e.CaseDecided(case, "not-paid"))
    assert counter.journal.open_cases("payment") == 0
    closed = counter.journal.entries(kinds=["case_closed"])[0].body
    assert closed.kind == "case_closed" and (closed.by, closed.outcome) == ("el", "not-paid")


def test_a_payment_is_not_closed_as_not_paid_while_the_terminal_may_still_take_it(counter: Counter):
    case = open_case(counter)
    counter.els()
    counter.too_early = True
    counter.do(e.TaskChosen(Task.CASES), e.CaseChosen(case), e.CaseDecided(case, "not-paid"))
    content = counter.mode.view().content
    assert isinstance(content, CaseView) and content.too_early and "not-paid" in content.outcomes
    assert counter.journal.open_cases("payment") == 1
    counter.too_early = False  # the terminal is ready again
    counter.do(e.CaseDecided(case, "not-paid"))
    assert counter.journal.open_cases("payment") == 0


def test_out_of_service_outlives_a_restart_and_names_who_ordered_it(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.SETTINGS), e.ServiceWanted(in_service=False))
    assert counter.wanted == [fx.ApplySettings()]
    content = counter.mode.view().content
    assert isinstance(content, SettingsView) and not content.in_service
    changed = counter.journal.entries(kinds=["service_changed"])[0].body
    assert changed.kind == "service_changed" and changed.by == "ka"


def test_settings_are_a_managers_and_what_the_kiosk_cannot_is_not_set(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.SETTINGS), e.SettingChanged(volume=20), e.StaffLeft())
    assert counter.wanted == []
    counter.els()
    counter.do(
        e.TaskChosen(Task.SETTINGS),
        e.SettingChanged(volume=20, brightness=10),
        e.SettingChanged(languages=("fr",)),
        e.SettingChanged(languages=()),
        e.SettingChanged(languages=("xx",)),
    )
    kept = [entry.body for entry in counter.journal.entries(kinds=["setting_changed"])]
    assert kept == [SettingChanged(member="el", volume=20), SettingChanged(member="el", languages=("fr",))]
    content = counter.mode.view().content
    assert isinstance(content, SettingsView)
    assert (content.volume, content.brightness, content.languages) == (20, None, ("fr",))


def test_a_restart_waits_for_the_parents_visit(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.SETTINGS))
    counter.visit_waits = True
    counter.do(e.RestartWanted())
    assert counter.mode.active and counter.wanted == []
    counter.visit_waits = False
    counter.do(e.RestartWanted())
    assert counter.wanted == [fx.Restart()] and not counter.mode.active


def test_the_log_tells_the_last_events_small_enough_for_a_code(counter: Counter):
    open_case(counter)
    counter.karim()
    counter.do(e.TaskChosen(Task.LOG))
    content = counter.mode.view().content
    assert isinstance(content, LogView)
    assert any("payment unknown" in line for line in content.lines)
    assert 0 < len(content.qr) <= 900
    assert "staff entered" in content.qr and "ka" not in content.qr.replace("=", " ").split()


def test_a_log_that_cannot_be_read_leaves_the_record_to_be_told(counter: Counter, tmp_path: Path):
    open_case(counter)
    counter.mode.house._files = tmp_path / "journal.sqlite3", tmp_path / "nowhere" / "kiosk.jsonl"  # type: ignore[attr-defined]
    counter.karim()
    counter.do(e.TaskChosen(Task.LOG))
    content = counter.mode.view().content
    assert isinstance(content, LogView) and any("payment unknown" in line for line in content.lines)
    assert str(tmp_path) not in content.qr


def test_a_new_kiosk_is_clean_and_an_old_one_wants_cleaning_until_it_was(counter: Counter):
    counter.karim()
    counter.do(e.TaskChosen(Task.CLEANING))
    assert counter.mode.view().content == CleaningView((("printer", None), ("reader", None)), frozenset())
    counter.at += timedelta(days=31)
    due = counter.mode.view().content
    assert isinstance(due, CleaningView) and due.due == {"printer"}
    counter.do(e.Cleaned("printer"))
    assert counter.mode.view().content == CleaningView((("printer", counter.at), ("reader", None)), frozenset())


def test_every_situation_is_drawn(counter: Counter):
    case = open_case(counter)
    counter.karim()
    seen = {S.DOOR, S.MENU}
    for task in Task:
        counter.do(e.TaskChosen(task))
        seen.add(counter.mode.view().situation)
        counter.do(e.CaseChosen(case), e.CheckChosen(Device.TOUCH))
        seen.add(counter.mode.view().situation)
        counter.do(e.StaffBack())
        if counter.mode.view().situation is not S.MENU:
            counter.do(e.StaffBack())
    assert seen == set(S) - {S.CARD_OUT}
    counter.own_card_in = True
    counter.do(e.StaffLeft())
    assert counter.mode.view().situation is S.CARD_OUT and counter.mode.active
    counter.do(e.StaffBack(), e.OwnCardOut())
    assert not counter.mode.active
