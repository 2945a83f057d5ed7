"""Over real processes, in a real browser: paper runs low, somebody takes the alert, a new roll goes in, it clears."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from backend.watch.simulation import SimulatedKiosk
from hardware.simulators.process import SimulatorProcess
from kiosk.domain.care import PaperRefilled
from kiosk.domain.heartbeat import Report
from kiosk.journal import Journal, JournalError
from kiosk.staff.roll import Roll
from kiosk.sync.client import BackendClient
from kiosk.sync.enrol import enrol
from kiosk.sync.worker import Status, SyncWorker
from tests.backend.chromium import CHROMIUM, FLAGS


@dataclass
class Rig:
    """A backend, a kiosk with a record and a roll of its own, and a watch that looks when it is told to."""

    server: SimulatorProcess
    folder: Path
    simulated: SimulatedKiosk = field(default_factory=lambda: SimulatedKiosk(1))

    def __post_init__(self) -> None:
        client = BackendClient(self.server.ready["url"])
        self.identity = enrol(client, self.server.ready["enrolment_code"], "Hal 1", self.folder / "kiosk.pem")
        self.journal = Journal(self.folder / "journal.sqlite3")
        self.roll = Roll(self.journal)
        self.worker = SyncWorker(
            self.journal, client, jitter=lambda: 0.0, status=self.status, journal_errors=(JournalError,)
        )

    def status(self) -> Status:
        self.simulated.last_visit = datetime.now(UTC)
        beat = self.simulated.heartbeat(datetime.now(UTC))
        assert beat is not None
        report = Report.model_validate(beat.report).model_copy(update={"paper_left_mm": self.roll.left_mm})
        return Status("0.1.0", True, "welcome", report)

    def refill(self, body: PaperRefilled) -> None:
        self.journal.append(body)
        self.roll.recorded(body)

    def time_goes_by(self) -> None:
        """The kiosk beats, and the watch looks."""
        self.worker.beat()
        self.worker.round()
        assert self.worker.state.problem is None
        command = [sys.executable, "-m", "backend", "watch", "--once", "--data", self.server.ready["data"]]
        subprocess.run(command, capture_output=True, check=True, timeout=60, env=os.environ)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    data = tmp_path_factory.mktemp("fleet")
    arguments = ["demo", "--json", "--port", "0", "--data", str(data), "--until-stdin-ends"]
    with SimulatorProcess("backend", *arguments, timeout=90.0) as process:
        process.ready["data"] = str(data)
        rig = Rig(process, tmp_path_factory.mktemp("kiosk"))
        yield rig
        rig.journal.close()


@pytest.fixture
def page(rig: Rig) -> Iterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(locale="nl-BE", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(rig.server.ready["url"])
        page.locator("input[name=login]").fill("kiosk-staff")
        page.locator("input[name=password]").fill(rig.server.ready["accounts"]["kiosk-staff"])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        yield page
        browser.close()


def test_paper_runs_low_is_taken_is_refilled_and_the_alert_clears(page: Page, rig: Rig) -> None:
    fleet = page.url
    rig.refill(PaperRefilled(roll_mm=80_000))
    rig.roll.printed(75_000)
    rig.time_goes_by()
    page.goto(fleet)
    assert "Papier: nog 5,0 m" in page.inner_text("table.fleet")
    page.get_by_role("link", name="Meldingen").click()
    alert = page.locator("article.alert")
    assert alert.count() == 1 and "niemand zorgt ervoor" in alert.inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Ik zorg ervoor").click()
    assert "aangenomen door kiosk-staff" in alert.inner_text()
    rig.time_goes_by()
    page.reload()
    assert alert.count() == 1  # taken, and not over: the paper is as it was
    rig.refill(PaperRefilled(roll_mm=80_000, left_mm=5_000))
    rig.time_goes_by()
    page.reload()
    assert alert.count() == 0 and "Er staat niets open" in page.inner_text("main")
    page.goto(fleet)
    assert "In orde" in page.inner_text("table.fleet") and "80,0 m" in page.inner_text("table.fleet")
    page.get_by_role("link", name="Hal 1").click()
    page.locator("details summary").first.click()
    assert page.locator("details[open] table").is_visible()
    assert page.complaints == []  # the content security policy had nothing to forbid, charts included


def test_an_order_of_the_console_reaches_the_kiosk_signed(page: Page, rig: Rig) -> None:
    told = []
    rig.worker._ordered = told.append
    page.get_by_role("link", name="Hal 1").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Testpagina afdrukken").click()
    assert "onderweg" in page.inner_text(".orders")
    rig.worker.beat()
    rig.worker.round()
    assert json.loads(told[0].text)["kind"] == "test-print" and rig.identity.orders_key is not None
