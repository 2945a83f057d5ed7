"""The screens of service mode: every situation drawn, nothing cut, each touch its event, and the way in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from kiosk.domain.opening import OpenDay
from kiosk.staff import events as s
from kiosk.staff.events import Device, Task
from kiosk.staff.view import StaffSituation
from kiosk.ui.gallery import example as visit_example
from kiosk.ui.gesture import HOLD_SECONDS
from kiosk.ui.staff.gallery import TOUCHES, views
from kiosk.ui.stage import Finger, Stage
from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Words
from kiosk.ui.window import SERVICE_KEY
from kiosk.visit.view import Situation

from .test_nothing_overflows import LANDSCAPE, LEAST, PORTRAIT, _overlap, _shown, _words_out_of_place

VIEWS = dict(views("en"))


@pytest.mark.parametrize(
    ("size", "language", "large", "contrast"),
    [(PORTRAIT, "nl", False, False), (PORTRAIT, "de", True, False), (LANDSCAPE, "fr", True, True)],
    ids=["portrait", "portrait-large", "landscape-large-contrast"],
)
def test_words_stay_inside_and_targets_stay_large(
    stage: Stage, size: tuple[int, int], language: str, large: bool, contrast: bool
) -> None:
    stage.resize(size)
    faults: list[tuple[object, ...]] = []
    for name, view in views(language):
        stage.view.show(replace(view, large=large, contrast=contrast))
        for target in ("", *TOUCHES.get(name, ())):
            if target and target in stage.view.targets():
                stage.tap(target)
            for part in _shown(stage.view):
                if isinstance(part, Words) and part.text:
                    faults += [(name, target, *fault) for fault in _words_out_of_place(stage, part)]
            targets = [part for part in stage.view._touchables() if part.opacity and part.enabled]
            least = look.px(LEAST[size])
            faults += [(name, t.name, tuple(t.size)) for t in targets if min(t.size) < least - 1]
            faults += [(name, a.name, b.name) for a in targets for b in targets if a is not b and _overlap(a, b)]
    assert faults == []


def test_every_situation_has_a_screen() -> None:
    assert {view.situation for view in VIEWS.values()} == set(StaffSituation)


@pytest.mark.parametrize(
    ("name", "touches", "event"),
    [
        ("menu", ["task:paper"], s.TaskChosen(Task.PAPER)),
        ("menu", ["leave"], s.StaffLeft()),
        ("menu", ["display"], s.DisplayChosen("en", True, False)),
        ("menu", ["language"], s.DisplayChosen("nl", False, False)),
        ("paper", ["roll:80000"], s.RollLoaded(80_000)),
        ("paper", ["back"], s.StaffBack()),
        ("cleaning", ["clean:printer"], s.Cleaned("printer")),
        ("checks", ["check:reader"], s.CheckChosen(Device.READER)),
        ("checks", ["primary"], s.ReportWanted()),
        ("step-insert-test-card", ["primary"], s.StepAnswered(works=True)),
        ("step-insert-test-card", ["broken"], s.StepAnswered(works=False)),
        ("step-card-read", ["broken"], s.StepAnswered(works=False)),
        ("step-test-page-number", ["number:541"], s.NumberRead(541)),
        ("step-touch-grid", ["target:23"], s.TargetTouched(23)),
        ("terminal", ["ask:diagnosis"], s.TerminalAsked("diagnosis")),
        ("settings", ["service:off"], s.ServiceWanted(in_service=False)),
        ("settings", ["volume:less"], s.SettingChanged(volume=50)),
        ("settings", ["restart"], s.RestartWanted()),
        ("log", ["primary"], s.LogPrintWanted()),
    ],
)
def test_a_touch_sends_its_event(stage: Stage, name: str, touches: list[str], event: object) -> None:
    stage.show(VIEWS[f"staff-{name}"])
    for target in touches:
        stage.tap(target)
    assert stage.sent == [event]


def test_a_code_is_typed_unseen_and_forgotten_after_a_wrong_try(stage: Stage) -> None:
    stage.show(VIEWS["staff-door"])
    assert "primary" not in stage.view.targets()
    for digit in "482915":
        stage.tap(f"digit:{digit}")
    stage.tap("field:token")
    for digit in "123456":
        stage.tap(f"digit:{digit}")
    stage.draw()
    seen = [part.text for part in _shown(stage.view) if isinstance(part, Words)]
    assert "482915" not in " ".join(seen) and "123456" in seen
    stage.tap("primary")
    assert stage.sent == [s.CodeGiven("482915", "123456")]
    stage.show(VIEWS["staff-door-refused"])
    assert "primary" not in stage.view.targets()


def test_a_case_is_decided_in_two_touches(stage: Stage) -> None:
    stage.show(VIEWS["staff-case"])
    assert "primary" not in stage.view.targets()
    stage.tap("outcome:not-paid")
    stage.tap("primary")
    (decided,) = stage.sent
    assert isinstance(decided, s.CaseDecided) and decided.outcome == "not-paid"


def test_opening_hours_are_changed_on_the_screen_and_sent_once(stage: Stage) -> None:
    stage.show(VIEWS["staff-settings-all"])
    for target in ("open:hours", "day:0", "hours:0:0:less", "hours:0:1:more", "primary"):
        stage.tap(target)
    assert stage.sent == [s.SettingChanged(hours=(OpenDay(weekday=0, opens=time(8, 30), closes=time(17, 30)),))]


def test_a_week_is_told_in_short_and_never_with_a_day_that_is_closed(stage: Stage) -> None:
    week = [OpenDay(weekday=day, opens=time(9), closes=time(17)) for day in (0, 1, 2, 4, 5)]
    content = replace(VIEWS["staff-settings"].content, hours=tuple(week))  # type: ignore[type-var]
    stage.show(replace(VIEWS["staff-settings"], content=content))
    seen = [part.text for part in _shown(stage.view) if isinstance(part, Words)]
    assert "Mon–Wed 9:00–17:00 · Fri, Sat 9:00–17:00" in seen


def test_what_a_kiosk_hears_of_its_keypad_is_shown(stage: Stage) -> None:
    stage.show(VIEWS["staff-step-keypad-keys"])
    for key in "15":
        stage.view.key_pressed(ord(key), key)
    assert any(part.text == "1  5" for part in _shown(stage.view) if isinstance(part, Words))
    assert stage.sent == []


@pytest.mark.parametrize(
    ("seconds", "moves", "opens"),
    [(HOLD_SECONDS + 0.1, False, True), (HOLD_SECONDS - 0.1, False, False), (HOLD_SECONDS + 0.1, True, False)],
    ids=["long", "short", "moved-away"],
)
def test_a_finger_that_rests_on_the_shield_opens_service_mode(
    stage: Stage, seconds: float, moves: bool, opens: bool
) -> None:
    stage.show(visit_example(Situation.WELCOME))
    finger = Finger(stage.window, 40, stage.view.top - 40)
    finger.down()
    if moves:
        finger.move(270, 480)
    stage.now += seconds
    finger.up()
    assert (s.StaffWanted() in stage.sent) is opens


def test_the_service_key_opens_service_mode_and_no_other_key_does_anything(stage: Stage) -> None:
    stage.show(visit_example(Situation.WELCOME))
    for key in (*range(1, 128), *range(256, 400)):
        stage.view.key_pressed(key, "x")
    assert stage.sent == [s.StaffWanted()] and SERVICE_KEY == 290


def test_after_hours_a_parent_reads_when_it_opens(stage: Stage) -> None:
    from kiosk.visit.events import Fault
    from kiosk.visit.view import OutOfServiceView

    opens = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    closed = OutOfServiceView(frozenset({Fault.CLOSED}), opens)
    stage.show(visit_example(Situation.OUT_OF_SERVICE, closed, "en"))
    seen = " ".join(part.text for part in _shown(stage.view) if isinstance(part, Words))
    assert "It opens again on Monday 23 November at 9:00." in seen and "staff" not in seen
