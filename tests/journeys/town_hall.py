"""The town hall's end of a journey: its console in Debian's Chromium, and its watch, which looks when it is told to.

Backend, kiosk and browser are as they run for real, in processes of their own or in this one; between them are HTTP on
loopback and the simulators' real protocols. What a kiosk does by the clock (a heartbeat in half a minute) is asked for.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, sync_playwright

from kiosk.demo.rig import Rig
from kiosk.visit.view import Situation
from tests.backend.chromium import CHROMIUM, FLAGS

from .walk import Walk

MANAGER = "manager"


class Console:
    """The console, opened by a manager, in Dutch."""

    def __init__(self, page: Page, rig: Rig):
        self.page = page
        self.complaints: list[str] = []  # the browser's own: what the content security policy forbids, above all
        page.on("console", lambda message: self.complaints.append(message.text))
        self._rig = rig
        self._url = str(rig.backend.ready["url"])
        self._log_in()

    def _log_in(self) -> None:
        page = self.page
        page.goto(self._url)
        page.locator("input[name=login]").fill(MANAGER)
        page.locator("input[name=password]").fill(self._rig.backend.ready["accounts"][MANAGER])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        secret = base64.b32decode(page.locator("#authenticator_secret").input_value())
        page.locator("input[name=code]").fill(TOTP(secret, 6, SHA1(), 30).generate(time.time()).decode())
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def open(self, path: str) -> str:
        """Open a page of the console; its words."""
        self.page.goto(f"{self._url}/console/{path}")
        return self.words

    def kiosk(self) -> str:
        """Open the page of the rig's kiosk, anew; its words."""
        self.open("kiosks/")
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=self._rig.config.kiosk.name, exact=True).click()
        return self.words

    def press(self, button: str) -> str:
        """Press a button that leads to a page; its words."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()
        return self.words

    @property
    def words(self) -> str:
        """All that can be read on the page."""
        return self.page.inner_text("main").replace("\xa0", " ")


class Hall:
    """One kiosk in the hall, and the console that looks after it."""

    def __init__(self, rig: Rig, console: Console):
        self.rig = rig
        self.console = console
        self.walk = self.start()

    def start(self, situation: Situation = Situation.WELCOME) -> Walk:
        """Start the kiosk with the record that it has; its first heartbeat has been answered."""
        self.walk = Walk(self.rig, self.rig.config.journal.folder, slots=None, timing={"farewell": 0.1, "take": 1.0})
        self.walk.start(situation).until_online()
        return self.walk

    def restart(self, situation: Situation = Situation.WELCOME) -> Walk:
        """As what keeps the kiosk running does, when it has ended."""
        self.walk.stop()
        return self.start(situation)

    def heartbeat(self) -> None:
        """A picture is drawn, and the heartbeat that hangs on it goes; before it goes what was recorded."""
        kiosk = self.walk.kiosk
        kiosk.frames.drawn()
        kiosk.sync.beat()
        self.walk.until_online()

    def watch_looks(self) -> None:
        """The watch looks once at all kiosks."""
        self.rig.backend_command("watch", "--once")


@contextmanager
def a_hall(rig: Rig) -> Iterator[Hall]:
    """The console in a browser, and the kiosk."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(locale="nl-BE", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        hall = Hall(rig, Console(context.new_page(), rig))
        try:
            yield hall
        finally:
            hall.walk.stop()
            browser.close()
