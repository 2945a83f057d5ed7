"""Example views of service mode, for pictures and for the tests of its screens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from kiosk.domain.opening import OpenDay
from kiosk.profiles import DEMO_PROFILE
from kiosk.staff import view as v
from kiosk.staff.checks import STEPS, Kind
from kiosk.staff.events import Device, Task, Totals, Verdict
from kiosk.staff.view import StaffSituation, StaffView
from kiosk.text import LANGUAGES
from kiosk.visit.events import Fault

S = StaffSituation
NOW = datetime(2026, 11, 20, 13, 32, tzinfo=UTC)
_CASE = UUID("6f2c1a52-93f5-4b7c-9e9c-3b1f5a6f9d10")
_LOG = (
    "14:28:01 visit started  language=nl",
    "14:29:44 payment intent  cents=2400",
    "14:29:44 payment sent",
    "14:31:02 ! payment unknown  reason=no-answer",
    "14:31:02 ! case opened  about=payment  reason=no-answer",
    "14:31:40 staff entered  member=ka  by=card",
)
# What a screen shows only after a touch of its own, by the name of the view: parts to touch one after the other.
TOUCHES: dict[str, tuple[str, ...]] = {
    "staff-settings": ("open:hours", "day:0", "day:5"),
    "staff-settings-all": ("open:languages",),
    "staff-case": ("outcome:not-paid",),
    "staff-door": ("digit:1", "digit:2", "field:token", "digit:4"),
}


def example(situation: StaffSituation, content: v.StaffContent, language: str = "nl", **changes: object) -> StaffView:
    """A view of this situation, with Karim in."""
    member = None if situation is S.DOOR else "Karim"
    base = StaffView(situation, content, language, member, False, NOW, municipality=DEMO_PROFILE.title())
    return replace(base, **changes)


def views(language: str = "nl") -> Iterator[tuple[str, StaffView]]:
    """A name and a view for every situation, with its hard cases."""

    def one(name: str, content: v.StaffContent, **changes: object) -> tuple[str, StaffView]:
        situation = S(name.split("-")[0])
        return f"staff-{name}", example(situation, content, language, **changes)

    yield one("door", v.DoorView(5, None, "", False))
    yield one("door-reading", v.DoorView(5, None, "", True))
    yield one("door-unread", v.DoorView(5, None, "", False, unread=True))
    yield one("door-refused", v.DoorView(3, None, "code", False))
    yield one("door-card-refused", v.DoorView(5, None, "card", False))
    yield one("door-resting", v.DoorView(5, None, "", False, resting=True))
    yield one("door-shut", v.DoorView(0, NOW + timedelta(minutes=13), "code", False))
    tasks = tuple(Task)
    yield one("menu", v.MenuView(tasks, frozenset(), frozenset(), True))
    wrong = frozenset({Fault.PAPER_OUT, Fault.OPEN_CASE})
    menu = v.MenuView(tasks, frozenset({Task.PAPER, Task.CASES, Task.CLEANING}), wrong, True)
    yield one("menu-waiting", menu, waiting_visit=True, unsaved=False)
    yield one("menu-unsaved", menu, unsaved=True)
    owed = frozenset({Fault.MONEY_UNRECORDED, Fault.DISK})
    yield one("menu-owed", v.MenuView(tasks, frozenset({Task.CASES}), owed, True))
    week_ago = NOW - timedelta(days=7)
    rolls = (80_000, 170_000, 300_000)
    yield one("paper", v.PaperView(12_400, week_ago, rolls))
    yield one("paper-unknown", v.PaperView(None, None, rolls))
    yield one("paper-unproven", v.PaperView(80_000, NOW, rolls, unproven=True))
    yield one("cleaning", v.CleaningView((("printer", week_ago), ("reader", None)), frozenset({"reader"})))
    devices = tuple(Device)
    results = (
        v.Result(Device.READER, Verdict.PASSED, week_ago),
        v.Result(Device.PRINTER, Verdict.FAILED, NOW, "test-page-sharp"),
        v.Result(Device.SOUND, Verdict.UNKNOWN, NOW, "sound-headset"),
    )
    yield one("checks", v.ChecksView(devices, results))
    for device, steps in STEPS.items():
        for position, step in enumerate(steps, start=1):
            content = v.StepView(
                device,
                step,
                position,
                len(steps),
                running=step.kind is Kind.PROBE,
                numbers=(267, 388, 541, 906) if step.kind is Kind.NUMBER else (),
                touched=frozenset({0, 1, 5, 6, 10}),
            )
            yield one(f"step-{step.name}", content)
    questions = ("status", "registration", "diagnosis", "end-of-day")
    yield one("terminal", v.TerminalView(questions, None, None, ()))
    yield one("terminal-asking", v.TerminalView(questions, "diagnosis", None, ()), can_leave=False)
    totals = Totals(4_800, 2, 6_000, 3)
    yield one("terminal-day", v.TerminalView(questions, None, True, ("KASSENSCHNITT", "TID 52500041"), totals))
    yield one("terminal-said", v.TerminalView(questions, None, True, ("Ready", "TID 52500041")))
    yield one(
        "terminal-failed", v.TerminalView(questions, None, False, ("NeedsService", "B4 receipt printer: no paper"))
    )
    evidence = (
        v.Evidence(NOW - timedelta(minutes=3), "payment_intent"),
        v.Evidence(NOW - timedelta(minutes=3), "payment_sent"),
        v.Evidence(NOW - timedelta(minutes=2), "payment_unknown", "no-answer"),
    )
    payment = v.OpenCase(_CASE, "payment", NOW - timedelta(minutes=2), "no-answer", "K7M-3QX-Q", 2400, evidence)
    said = 'it had said "declined" (result 5)'
    told = "cents 2400, receipt 231, trace 42, terminal 52500041, at 2026-11-20T14:31:02+01:00"
    why = f"the terminal approved this payment after {said} ({told}); it was told to take the money back"
    again = (
        *evidence[:2],
        v.Evidence(NOW - timedelta(minutes=2), "payment_not_paid", "declined"),
        v.Evidence(NOW - timedelta(minutes=1), "payment_approved_late", said),
    )
    late = v.OpenCase(UUID(int=4), "payment", NOW - timedelta(minutes=1), why, "K7M-3QX-Q", 2400, again)
    ticket = v.OpenCase(UUID(int=2), "ticket", NOW - timedelta(days=2), "paper-out", "R4T-8WN-C", 1200, evidence[:1])
    day = v.OpenCase(UUID(int=3), "day", NOW, "the terminal's day has 1200 cents, the kiosk's 2400", None, None, ())
    yield one("cases", v.CasesView((ticket, late, day)))
    yield one("cases-none", v.CasesView(()))
    yield one("case", v.CaseView(payment, ("paid", "not-paid")))
    yield one("case-late", v.CaseView(late, ("paid", "not-paid")))
    yield one("case-too-early", v.CaseView(payment, ("paid", "not-paid"), too_early=True))
    yield one("case-ticket", v.CaseView(ticket, (None,)))
    yield one("case-console", v.CaseView(day, ()))
    languages = tuple(LANGUAGES)
    week = tuple(OpenDay(weekday=day, opens=time(9), closes=time(16, 30)) for day in range(5))
    yield one("settings", v.SettingsView(True, True, 60, 80, languages, languages, week))
    yield one("log", v.LogView(_LOG, "\n".join(_LOG)[:900]))
    yield one("settings-all", v.SettingsView(False, True, 60, None, languages[:1], languages, (), may_restart=False))
    yield one("log-none", v.LogView((), ""))
    yield one("settings-kiosk", v.SettingsView(True, False, None, None, languages, languages))
    yield one("card_out", v.CardOutView(), waiting_visit=True)
