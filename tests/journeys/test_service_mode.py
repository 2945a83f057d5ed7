"""Staff at the kiosk, over the real drivers: badges, a new roll in mid-visit, a case that is decided, settings kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from queue import Queue
from time import sleep

import pytest

from hardware.simulators.card.people import PEOPLE
from kiosk.app import now_in_brussels
from kiosk.config import Panel, SoundOut
from kiosk.demo.rig import Rig
from kiosk.devices.timing import DeviceTiming
from kiosk.domain.opening import OpenDay
from kiosk.staff import events as s
from kiosk.staff import roster as r
from kiosk.staff.checks import GRID_COLUMNS, GRID_ROWS, Kind
from kiosk.staff.door import REST, TRIES
from kiosk.staff.events import Device, Order, Task
from kiosk.staff.view import (
    CaseView,
    ChecksView,
    DoorView,
    MenuView,
    PaperView,
    SettingsView,
    StaffSituation,
    StaffView,
    StepView,
    TerminalView,
)
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Overlay, Situation, View

from .staff import BADGE, TOWN_BADGE, asks, badge_in, leave_service, refill
from .walk import QUICK_DEVICES, Walk, a_rig, captured, until, words

S, T = Situation, StaffSituation
ACCOUNT = "an.peeters-vandenbossche@voorbeeldstad.example.org"  # as long as accounts at the town hall are
BEFORE_THE_END = 900  # bytes: the head of the ticket is on paper, its end is not


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("service"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def begin(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """Starts a kiosk with its own journal, and with Karim (own eID, manager) and Nora (badge) on its roster."""
    started: list[Walk] = []

    def make(
        situation: Situation = S.WELCOME,
        devices: DeviceTiming = QUICK_DEVICES,
        now: Callable[[], datetime] = now_in_brussels,
        **timing: float,
    ) -> Walk:
        write_roster(tmp_path / "staff.toml", rig.badge(TOWN_BADGE))
        started.append(Walk(rig, tmp_path, now=now, timing={"farewell": 0.1, "take": 1.0, **timing}, devices=devices))
        started[-1].before = len(started[-1].ledger())
        return started[-1].start(situation)

    yield make
    rig.card.remove()
    rig.terminal.do("plug")
    rig.terminal.do("speak")
    rig.printer.do("cover", open=False)
    rig.printer.do("refill")
    for walk in started:
        if walk in stopped:
            continue
        walk.stop()


stopped: list[Walk] = []


def write_roster(path: Path, badge: str) -> None:
    nobody = r.new_roster()
    number = PEOPLE[BADGE].national_number(date.today())
    karim = r.Member(id="ka", name="Karim", role=r.Role.MANAGER, card=r.card_print(nobody.key, number))
    nora = r.Member(id="no", name="Nora", badge=r.badge_print(nobody.key, badge))
    path.write_text(r.written(r.Roster(key=nobody.key, member=(karim, nora))))
    path.chmod(0o600)


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


def test_a_white_page_keeps_the_kiosk_from_printing_until_the_roll_is_in_the_right_way(
    begin: Callable[..., Walk],
) -> None:
    walk = badge_in(begin())
    refill(walk, number_read=lambda number: number + 1)
    walk.staff_until(T.PAPER, lambda view: isinstance(view.content, PaperView) and view.content.unproven)
    leave_service(walk).until(S.OUT_OF_SERVICE)
    assert walk.content(v.OutOfServiceView).faults == {Fault.PAPER_UNPROVEN}
    walk = after_restart(walk, begin, S.OUT_OF_SERVICE)  # a restart makes no white page readable
    badge_in(walk)
    refill(walk)
    walk.staff_until(T.STEP, lambda view: asks(view, "test-page-sharp"))
    walk.touch(s.StepAnswered(works=True)).staff_until(T.PAPER)
    assert walk.kiosk.roll.left_mm == 80_000 - printed_since_the_roll(walk)
    leave_service(walk).until(S.WELCOME)


def test_a_parent_in_the_middle_of_choosing_goes_on_when_staff_have_left(begin: Callable[..., Walk]) -> None:
    walk = begin(idle=2.0, still_there=2.0, card_taken=2.0).begin().card().service().child().to_review()
    walk.touch(s.StaffWanted()).staff_until(T.DOOR)
    walk.take_card().card(BADGE).staff_until(T.MENU)
    sleep(2.2)  # longer than a parent may be silent: their clocks stand still
    leave_service(walk)
    walk.until(S.REVIEW, holds=lambda view: view.overlay is Overlay.STILL_THERE)
    walk.card("amina").until(S.REVIEW, holds=lambda view: view.overlay is None)
    walk.ask_to_pay().pay().leave()


def test_another_card_left_in_place_of_the_parents_ends_their_visit(begin: Callable[..., Walk]) -> None:
    walk = begin().begin().card().service().child().to_review()
    badge_in(walk.touch(s.StaffWanted()).take_card())
    leave_service(walk).until(S.REVIEW, holds=lambda view: view.overlay is Overlay.STILL_THERE)
    walk.card("joao").until(S.GOODBYE)
    assert walk.body("visit_closed").reason == "stopped"


def test_a_payment_that_is_approved_while_staff_are_there_is_not_lost(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay().touch(s.StaffWanted())
    walk.staff_until(T.DOOR)
    walk.at_terminal("approve").until_recorded("ticket_delivered")
    walk.touch(s.StaffLeft()).until(S.TAKE)
    assert len(captured(walk.new_lines())) == 1
    walk.leave()


def test_wrong_codes_shut_the_door_to_codes_alone_and_the_visit_behind_it_goes_on(begin: Callable[..., Walk]) -> None:
    walk = begin().begin().card().service().child().touch(s.StaffWanted())
    walk.staff_until(T.DOOR)
    walk.take_card().card("mute").staff_until(T.DOOR, lambda view: getattr(view.content, "unread", False))
    walk.take_card().touch(*[s.CodeGiven("482915", "000000")] * TRIES)
    # Whether it still says "wrong code" hangs on whether the card's going was heard before.
    walk.staff_until(T.DOOR, lambda view: isinstance(view.content, DoorView) and view.content.tries_left == 0)
    walk.touch(s.StaffLeft()).until(S.CHILDREN, holds=lambda view: view.overlay is Overlay.STILL_THERE)
    assert walk.kinds().count("staff_refused") == TRIES and "staff_entered" not in walk.kinds()
    badge_in(walk, TOWN_BADGE)
    leave_service(walk).until(S.CHILDREN, holds=lambda view: view.overlay is Overlay.STILL_THERE)
    walk.card("amina").until(S.CHILDREN, holds=lambda view: view.overlay is None)


def test_a_towns_badge_puts_in_a_new_roll_and_a_copy_of_it_does_nothing(begin: Callable[..., Walk]) -> None:
    walk = begin()
    for card in ("badge-clone", "badge-expired", "badge-stranger", "badge-bare"):
        walk.touch(s.StaffWanted()).staff_until(T.DOOR, lambda view: refused(view) == "")
        walk.card(card).staff_until(T.DOOR, lambda view: refused(view) == "card")
        leave_service(walk).until(S.WELCOME)
    badge_in(walk, TOWN_BADGE)
    assert walk.staff_views[-1].member == "Nora"
    refill(walk)
    walk.staff_until(T.STEP, lambda view: asks(view, "test-page-sharp"))
    walk.touch(s.StepAnswered(works=True)).staff_until(T.PAPER)
    walk.touch(s.StaffBack(), s.TaskChosen(Task.SETTINGS))  # which a manager may change, as Nora is none
    walk.staff_until(T.SETTINGS, lambda view: isinstance(view.content, SettingsView) and not view.content.may_change)
    leave_service(walk).until(S.WELCOME)
    whys = [body.why for body in walk.bodies("staff_refused")]
    assert whys == ["copy", "not-valid", "untrusted", "no-certificate"]
    assert {body.by for body in walk.bodies("staff_refused")} == {"badge"}
    entered = walk.body("staff_entered")
    assert (entered.member, entered.by, walk.body("paper_refilled").member) == ("no", "badge", "no")


def test_after_many_unknown_cards_the_right_one_is_looked_at_a_moment_later(begin: Callable[..., Walk]) -> None:
    late = timedelta()
    walk = begin(now=lambda: now_in_brussels() + late).touch(s.StaffWanted())
    walk.staff_until(T.DOOR)
    for count, card in enumerate(("leila", "bank", "library", "badge-clone", "amina"), start=1):
        walk.card(card).until_count("staff_refused", count)
        walk.take_card()
    walk.card(BADGE).staff_until(T.DOOR, lambda view: getattr(view.content, "resting", False))
    walk.take_card().staff_until(T.DOOR, lambda view: not getattr(view.content, "resting", True))
    late += REST - timedelta(seconds=1)  # as if they had waited
    walk.card(BADGE).staff_until(T.MENU)
    assert walk.kinds().count("staff_refused") == TRIES and walk.body("staff_entered").member == "ka"


def test_nobody_comes_in_while_the_disk_refuses_the_record_of_it(begin: Callable[..., Walk]) -> None:
    walk = begin().touch(s.StaffWanted())
    walk.staff_until(T.DOOR)
    walk.kiosk.journal._connection.execute("PRAGMA query_only=ON")  # as a disk that went read-only
    walk.card(BADGE).staff_until(T.DOOR, lambda view: view.unsaved)
    walk.take_card().kiosk.journal._connection.execute("PRAGMA query_only=OFF")
    walk.card(BADGE).staff_until(T.MENU)
    walk.kiosk.journal._connection.execute("PRAGMA query_only=ON")
    walk.touch(s.TaskChosen(Task.PAPER), s.RollLoaded(80_000)).staff_until(T.MENU, lambda view: view.unsaved)
    assert "paper_refilled" not in walk.kinds() and walk.kiosk.roll.left_mm is None
    leave_service(walk)  # what cannot be recorded keeps nobody in
    walk.kiosk.journal._connection.execute("PRAGMA query_only=OFF")
    walk.until(S.WELCOME)


def test_a_case_that_staff_close_lets_the_next_parent_pay_by_card(begin: Callable[..., Walk]) -> None:
    walk = begin(devices=replace(QUICK_DEVICES, look_up_for=0.5)).to_pay()
    walk.at_terminal("silence").until(S.OUTCOME_UNKNOWN)
    walk.until_recorded("case_opened")
    walk.at_terminal("speak").at_terminal("abort")  # the customer presses stop, and nobody hears it
    walk.until(S.OUTCOME_UNKNOWN, holds=lambda view: view.can_continue)
    walk.touch(e.Continue()).until(S.GOODBYE)
    walk.leave().until_fault(Fault.OPEN_CASE)
    badge_in(walk).touch(s.TaskChosen(Task.CASES)).staff_until(T.CASES)
    case_id = walk.body("case_opened").case_id
    shown = walk.touch(s.CaseChosen(case_id)).staff_until(T.CASE).content
    assert isinstance(shown, CaseView)
    assert [said.kind for said in shown.case.evidence][:3] == ["payment_intent", "payment_sent", "payment_unknown"]
    until(lambda: not walk.kiosk.late.too_early(case_id), "the terminal says that it is out of the payment")
    walk.touch(s.CaseDecided(case_id, "not-paid")).staff_until(T.CASES)
    leave_service(walk).until_fault(Fault.OPEN_CASE, holds=False)
    assert (walk.body("case_closed").by, walk.body("case_closed").outcome) == ("ka", "not-paid")
    walk.until(S.WELCOME)
    walk.to_pay().pay().leave()


def test_the_terminals_day_is_closed_by_staff_with_its_totals_beside_the_kiosks(begin: Callable[..., Walk]) -> None:
    walk = begin()
    badge_in(walk).touch(s.TaskChosen(Task.TERMINAL)).staff_until(T.TERMINAL)
    assert ask(walk, "end-of-day").done  # what the kiosks before this one sold
    leave_service(walk).until(S.WELCOME)
    walk.to_pay().pay().leave()
    badge_in(walk).touch(s.TaskChosen(Task.TERMINAL)).staff_until(T.TERMINAL)
    for question in ("status", "registration", "diagnosis"):
        assert ask(walk, question).done
    shown = ask(walk, "end-of-day")
    assert shown.totals is not None
    assert (shown.totals.terminal_cents, shown.totals.kiosk_cents) == (walk.total_cents, walk.total_cents)
    assert walk.bodies("day_closed")[-1].cents == walk.total_cents
    leave_service(walk).until(S.WELCOME)


def test_what_staff_set_outlives_a_restart(begin: Callable[..., Walk]) -> None:
    walk = badge_in(begin()).touch(s.TaskChosen(Task.SETTINGS))
    walk.staff_until(T.SETTINGS)
    yesterday = (walk.now().weekday() - 1) % 7
    hours = (OpenDay(weekday=yesterday, opens=time(9), closes=time(17)),)
    walk.touch(s.SettingChanged(languages=("fr", "nl")), s.SettingChanged(hours=hours))
    walk.touch(s.ServiceWanted(in_service=False))
    walk.staff_until(T.SETTINGS, lambda view: not view.content.in_service)  # type: ignore[union-attr]
    leave_service(walk).until(S.OUT_OF_SERVICE, holds=lambda view: Fault.STAFF in faults_of(view))
    walk = after_restart(walk, begin, S.OUT_OF_SERVICE)
    walk.until(S.OUT_OF_SERVICE, holds=lambda view: faults_of(view) == {Fault.STAFF, Fault.CLOSED})
    assert walk.view.languages == ("nl", "fr")
    badge_in(walk).touch(s.TaskChosen(Task.SETTINGS), s.ServiceWanted(in_service=True))
    walk.staff_until(T.SETTINGS, lambda view: view.content.in_service)  # type: ignore[union-attr]
    leave_service(walk).until(S.OUT_OF_SERVICE, holds=lambda view: faults_of(view) == {Fault.CLOSED})
    opens = walk.content(v.OutOfServiceView).opens_at
    assert opens is not None and (opens.weekday(), opens.hour) == (yesterday, 9)


def test_volume_and_brightness_are_set_again_at_every_start(
    begin: Callable[..., Walk], rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixer, panel = tmp_path / "programs" / "amixer", tmp_path / "backlight"
    for folder in (mixer.parent, panel):
        folder.mkdir()
    mixer.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/mixed.new && mv {tmp_path}/mixed.new {tmp_path}/mixed\n')
    mixer.chmod(0o755)
    monkeypatch.setenv("PATH", str(mixer.parent), prepend=os.pathsep)
    (panel / "max_brightness").write_text("255\n")
    devices = {"sound": SoundOut(device="hw:0", volume=60), "panel": Panel(backlight=panel)}
    monkeypatch.setattr(rig, "config", rig.config.model_copy(update=devices))

    def machine_starts() -> None:
        (tmp_path / "mixed").unlink(missing_ok=True)
        (panel / "brightness").write_text("255\n")

    def are_set(percent: int, value: int) -> bool:
        mixed = tmp_path / "mixed"
        loud = mixed.exists() and mixed.read_text().split()[-1] == f"{percent}%"
        return loud and (panel / "brightness").read_text() == f"{value}\n"

    machine_starts()
    walk = begin()
    until(lambda: are_set(60, 255), "what the configuration says")
    badge_in(walk).touch(s.TaskChosen(Task.SETTINGS)).staff_until(T.SETTINGS)
    walk.touch(s.SettingChanged(volume=35), s.SettingChanged(brightness=40))
    until(lambda: are_set(35, 102), "what staff set")
    leave_service(walk).until(S.WELCOME)
    machine_starts()
    walk = after_restart(walk, begin, S.WELCOME)
    until(lambda: are_set(35, 102), "what staff set, after a restart")
    badge_in(walk).touch(s.TaskChosen(Task.SETTINGS))
    shown = walk.staff_until(T.SETTINGS).content
    assert isinstance(shown, SettingsView) and (shown.volume, shown.brightness) == (35, 40)
    leave_service(walk).until(S.WELCOME)


def test_all_devices_are_tested_and_the_report_is_printed_and_recorded(begin: Callable[..., Walk]) -> None:
    walk = badge_in(begin()).touch(s.TaskChosen(Task.CHECKS))
    devices = walk.staff_until(T.CHECKS).content
    assert isinstance(devices, ChecksView) and Device.SOUND not in devices.devices  # this kiosk has none
    for device in devices.devices:
        walk.touch(s.CheckChosen(device))
        while walk.staff_until_resting().situation is T.STEP:
            answer_step(walk)
    walk.touch(s.ReportWanted())
    report = walk.until_recorded("readiness_reported")
    passed = {d.value: "passed" for d in devices.devices}
    without_line = {"network": "failed", "backend": "failed"}  # this rig has no backend
    assert report.verdicts == passed | without_line  # type: ignore[union-attr]
    papers = [words(walk.paper()) for _ in range(2)]  # the printer's test page, and the report
    assert "Kaartlezer" in papers[1] and "Karim" in papers[1]


def test_orders_from_the_town_hall_are_carried_out_and_answered(begin: Callable[..., Walk]) -> None:
    walk, answers = begin(), Queue[tuple[bool, str]]()

    def order(what: Order) -> tuple[bool, str]:
        walk.touch(s.Ordered(what, ACCOUNT, lambda done, words: answers.put((done, words))))
        return answers.get(timeout=30)

    assert order(Order.OUT_OF_SERVICE) == (True, "")
    walk.until(S.OUT_OF_SERVICE, holds=lambda view: faults_of(view) == {Fault.STAFF})
    assert walk.body("service_changed").by == ACCOUNT
    assert order(Order.BACK_IN_SERVICE) == (True, "")
    walk.until(S.WELCOME)
    assert order(Order.TEST_PRINT) == (True, "") and "TESTPAGINA" in words(walk.paper())
    assert order(Order.READINESS_REPORT) == (True, "")
    verdicts = walk.body("readiness_reported").verdicts
    assert (verdicts["disk"], verdicts["touch"], verdicts["backend"]) == ("passed", "unknown", "failed")
    walk.begin()
    assert order(Order.TEST_PRINT) == (False, "somebody is at the kiosk")
    assert order(Order.RESTART) == (True, "after the visit")
    assert not walk.kiosk.restart_wanted.is_set()
    walk.touch(e.Stop()).until(S.WELCOME, S.GOODBYE)
    assert walk.kiosk.restart_wanted.wait(10)


# --- helpers --------------------------------------------------------------------------------------------


def after_restart(walk: Walk, begin: Callable[..., Walk], situation: Situation) -> Walk:
    walk.rig.card.remove()
    walk.stop()
    stopped.append(walk)
    return begin(situation)


def answer_step(walk: Walk) -> None:
    """As a person to whom everything works."""
    step = walk.staff_views[-1].content
    assert isinstance(step, StepView)
    match step.step.kind:
        case Kind.LOOK:
            walk.touch(s.StepAnswered(works=True))
        case Kind.NUMBER:
            (number,) = {number for number in step.numbers} & {int(n) for n in printed_numbers(walk)}
            walk.touch(s.NumberRead(number))
        case Kind.GRID:
            walk.touch(*[s.TargetTouched(index) for index in range(GRID_COLUMNS * GRID_ROWS)])
        case Kind.PROBE:
            raise AssertionError(step)


def printed_numbers(walk: Walk) -> list[str]:
    page = walk.paper()
    walk.rig.printer.events.put(page)  # it is looked at once more
    return re.findall(r"\b\d{3}\b", words(page))


def ask(walk: Walk, question: str) -> TerminalView:
    """Ask the terminal, and wait for the answer to this question."""
    before = len(walk.staff_views)

    def answered(view: StaffView) -> bool:
        asked = any(getattr(view.content, "asking", None) == question for view in walk.staff_views[before:])
        return asked and getattr(view.content, "asking", question) is None

    shown = walk.touch(s.TerminalAsked(question)).staff_until(T.TERMINAL, answered).content
    assert isinstance(shown, TerminalView)
    return shown


def refused(view: StaffView) -> str:
    return view.content.refused if isinstance(view.content, DoorView) else ""


def faults_of(view: View) -> frozenset[Fault]:
    return view.content.faults if isinstance(view.content, v.OutOfServiceView) else frozenset()


def printed_since_the_roll(walk: Walk) -> int:
    """Millimetres, from the record."""
    total = 0
    for body in walk.bodies("paper_refilled", "paper_printed"):
        total = 0 if body.kind == "paper_refilled" else total + body.millimetres
    assert total > 50  # a test page
    return total
