"""Between the console and a whole kiosk: what one of them does is seen at the other."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.wire import digest_of
from kiosk.profiles import PROFILE_FOLDER
from kiosk.staff import events as s
from kiosk.staff.events import Task
from kiosk.text import texts
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation
from tests.kiosk.commands.test_run import configuration
from tests.towns import TOWN

from .staff import T, badge_in, change_roll, leave_service
from .town_hall import Hall, a_hall
from .walk import PATIENCE_SECONDS, Walk, a_rig, until, words

S = Situation
RULES = (PROFILE_FOLDER / f"{TOWN}.toml").read_text(encoding="utf-8")
NEXT_WEEK = timedelta(days=7)


@pytest.fixture
def hall(day: Hall) -> Iterator[Hall]:
    """The kiosk, with nobody before it."""
    yield day
    day.rig.card.remove()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with a_rig(tmp_path_factory.mktemp("hall")) as rig, a_hall(rig) as hall:
        yield hall


def test_paper_that_runs_low_is_taken_in_the_console_and_changed_at_the_kiosk(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    change_roll(badge_in(walk))
    leave_service(walk)
    walk.kiosk.roll.printed(70_000)  # what the printer tells with each ticket, for three days of them
    hall.heartbeat()
    hall.watch_looks()
    low = f"Papier: nog {metres(walk)}"
    assert low in console.open("kiosks/")
    assert low in console.open("kiosks/alerts/") and "niemand zorgt ervoor" in console.words
    assert "aangenomen door manager" in console.press("Ik zorg ervoor")
    hall.watch_looks()
    assert "aangenomen door manager" in console.open("kiosks/alerts/")  # taken, and not over: the paper is as it was
    change_roll(badge_in(walk))
    leave_service(walk)
    hall.heartbeat()
    hall.watch_looks()
    assert "Er staat niets open" in console.open("kiosks/alerts/")
    assert metres(walk).startswith("79,") and metres(walk) in console.open("kiosks/")
    assert console.complaints == []  # the content security policy had nothing to forbid


def test_what_staff_do_at_the_kiosk_stands_on_its_page(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    change_roll(badge_in(walk))
    walk.touch(s.TaskChosen(Task.CLEANING)).staff_until(T.CLEANING)
    walk.touch(s.Cleaned("reader"), s.StaffBack(), s.TaskChosen(Task.CHECKS)).staff_until(T.CHECKS)
    walk.touch(s.ReportWanted()).until_recorded("readiness_reported")
    leave_service(walk).until_online()
    page = console.kiosk()
    for said in ("Nieuwe rol", "karim · 80,0 m", "Kaartlezer gereinigd"):
        assert said in page, said
    assert "Printer werkt" in page and "Aanraakscherm niet getest" in page


def test_what_the_console_orders_is_done_answered_and_in_the_audit_log(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    assert "gedaan" in ordered(hall, "Testpagina afdrukken")
    while "TESTPAGINA" not in words(walk.paper()):
        pass  # what was printed before
    assert "gedaan" in ordered(hall, "Buiten dienst stellen")
    walk.until(S.OUT_OF_SERVICE)
    assert walk.content(v.OutOfServiceView).faults == {Fault.STAFF}
    hall.heartbeat()
    assert "buiten dienst: door medewerkers buiten dienst gesteld" in console.kiosk()
    assert "gedaan" in ordered(hall, "Opnieuw in dienst")
    walk.until(S.WELCOME)
    assert "gedaan" in ordered(hall, "Gereedheidsverslag sturen")
    assert "van hier opgedragen" in console.words and "Systeem van het gemeentehuis werkt" in console.words
    assert "lukte niet er zijn geen regels uitgegeven" in ordered(hall, "Nieuw tarief nu toepassen")
    walk.begin()
    assert "lukte niet er staat iemand aan de kiosk" in ordered(hall, "Testpagina afdrukken")
    assert "gedaan na het bezoek" in ordered(hall, "Herstarten")
    assert not walk.kiosk.restart_wanted.is_set()
    walk.touch(e.Stop()).until(S.WELCOME, S.GOODBYE)
    assert walk.kiosk.restart_wanted.wait(PATIENCE_SECONDS)
    hall.restart()
    hall.heartbeat()
    assert "medewerkers vroegen het" in console.kiosk()
    log = console.open("accounts/audit/?act=kiosk-ordered")
    assert log.count("gaf een kiosk een opdracht") - 1 == 7  # the first is in the choice of deeds
    assert "manager" in log and "out-of-service" in log


def test_new_rules_wait_for_the_visit_and_hold_from_the_start_that_follows(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    walk.begin().card().service().child().to_review()
    before = walk.total_cents
    publish(hall, rules("dearer", 1300))
    assert "gedaan regels dearer" in ordered(hall, "Nieuw tarief nu toepassen")
    hall.heartbeat()
    assert "die waarmee ze geleverd is; de nieuwste gelden vanaf de volgende start" in console.kiosk()
    assert not walk.kiosk.restart_due
    walk.ask_to_pay()
    assert not walk.kiosk.restart_due
    walk.pay()
    assert not walk.kiosk.restart_due  # the ticket is still to be taken
    walk.leave()
    assert walk.kiosk.restart_due
    walk = hall.restart()
    hall.heartbeat()
    assert "versie dearer" in console.kiosk()
    console.page.locator("details summary").first.click()
    assert console.page.locator("details[open] table").is_visible()
    assert console.complaints == []  # the content security policy had nothing to forbid, charts included
    walk.begin().card().service().child().to_review()
    assert walk.total_cents == before + 100
    walk.stop_visit().leave()


def test_rules_that_a_kiosk_cannot_use_are_refused_and_the_console_says_so(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    held = walk.kiosk.editions.profile()
    hand_out_unseen(hall, rules("of-another-time", 1500) + '\n[weather]\nsnow = "closed"\n')
    hall.heartbeat()
    hall.heartbeat()
    hall.watch_looks()
    assert walk.kiosk.editions.profile() == held and not walk.kiosk.restart_due
    assert "de nieuwste werden niet aanvaard" in console.kiosk()
    assert "aanvaardt de nieuwste regels niet: " in console.open("kiosks/alerts/") and "weather" in console.words
    publish(hall, rules("dearer", 1300))
    hall.heartbeat()
    hall.heartbeat()
    hall.watch_looks()
    assert "Er staat niets open" in console.open("kiosks/alerts/")
    assert "werden niet aanvaard" not in console.kiosk()


def test_a_kiosk_that_nobody_stands_before_ends_by_itself_to_be_started_with_the_new_rules(
    hall: Hall, tmp_path: Path
) -> None:
    publish(hall, rules("dearest", 1400))
    hall.walk.stop()
    (tmp_path / "kiosk.toml").write_text(configuration(hall.rig), encoding="utf-8")
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(tmp_path / "kiosk.toml")]
    ended = subprocess.run(
        command, env=os.environ | {"SDL_VIDEODRIVER": "offscreen"}, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    page = hall.console.kiosk()  # heard with the first picture that it drew
    assert "de nieuwste gelden vanaf de volgende start" in page and "nog geen beeld" not in page
    hall.start()
    assert hall.walk.kiosk.profile.version == "dearest"
    hall.heartbeat()
    assert "versie dearest" in hall.console.kiosk()


def test_a_notice_of_the_console_stands_on_the_first_screen_until_its_end(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    from kiosk.ui.stage import Stage

    page = hall.console.page
    hall.console.open("kiosks/notices/")
    end = (datetime.now(UTC) + NEXT_WEEK).replace(second=0, microsecond=0)
    local = page.locator("input[name=first]").input_value()
    assert local  # from now on
    page.locator("input[name=text-nl]").fill("Het loket sluit vandaag om 15 uur.")
    page.locator("input[name=until]").fill(f"{end.astimezone(hall.walk.now().tzinfo):%Y-%m-%dT%H:%M}")
    hall.console.press("Uitgeven aan de kiosken")
    hall.heartbeat()
    shown = hall.walk.until(S.WELCOME, holds=lambda view: bool(view.notices))
    now = datetime.now(UTC)
    stage = Stage((540, 960), texts, clock=lambda: now)
    try:
        stage.show(shown)
        strip = stage.view._screen.ids.notice  # type: ignore[union-attr]
        assert strip.shown and strip.parts[0].text == "Het loket sluit vandaag om 15 uur."
        now = end - timedelta(seconds=1)
        stage.view._tick(1.0)
        assert strip.shown
        now = end
        stage.view._tick(1.0)
        assert not strip.shown
    finally:
        stage.close()
    hall.console.press("Intrekken")
    hall.heartbeat()
    hall.walk.until(S.WELCOME, holds=lambda view: not view.notices)


# --- helpers --------------------------------------------------------------------------------------------


def ordered(hall: Hall, button: str) -> str:
    """Press a button on the kiosk's page, and let the kiosk hear of it; what then stands beside the order."""
    answers = len(hall.walk.bodies("order_answered"))
    hall.console.kiosk()
    assert "onderweg" in hall.console.press(button)
    hall.heartbeat()
    until(lambda: len(hall.walk.bodies("order_answered")) > answers, "the answer to an order")
    hall.walk.until_online()
    hall.console.kiosk()
    newest = hall.console.page.locator(".orders tbody tr").first.inner_text()
    assert newest.startswith(button)
    return " ".join(newest.split())


def rules(version: str, cents: int) -> str:
    """The town's rules with another price of a normal card."""
    text = RULES.replace('version = "2026-11-22"', f'version = "{version}"').replace(
        "normal = 1200", f"normal = {cents}"
    )
    assert text != RULES
    return text


def publish(hall: Hall, text: str) -> None:
    """Hand out other rules, on the console's page for it."""
    hall.console.open("tariffs/edit/")
    hall.console.page.locator("textarea[name=text]").fill(text)
    hall.console.press("Nakijken")
    assert "Uitgegeven" in hall.console.press("Uitgeven aan de kiosken")


def hand_out_unseen(hall: Hall, text: str) -> None:
    """Rules that this version cannot read, as a backend of a later version may hand out."""
    row = (TOWN, "profile", text, digest_of(text), datetime.now(UTC).isoformat())
    with closing(sqlite3.connect(hall.rig.backend_folder / "backend.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO editions_edition (municipality_id, kind, text, digest, published_at) VALUES (?, ?, ?, ?, ?)",
            row,
        )


def metres(walk: Walk) -> str:
    """What is left of the roll, as the console writes it."""
    left = walk.kiosk.roll.left_mm
    assert left is not None
    return f"{left / 1000:.1f} m".replace(".", ",")
