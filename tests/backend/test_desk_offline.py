"""The desk's page in a real browser: with a line and without one, by keyboard alone, and for everybody."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import BrowserContext, Page, sync_playwright

from hardware.simulators.process import SimulatorProcess
from kiosk.sync.client import BackendClient, Identity
from kiosk.sync.enrol import enrol
from tests.backend.chromium import CHROMIUM, FLAGS, accessibility_faults
from tests.backend.demo import Tickets, demo_backend, log_in
from tests.towns import TOWN


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[SimulatorProcess]:
    with demo_backend(tmp_path_factory.mktemp("desk"), port) as process:
        yield process


@pytest.fixture(scope="module")
def client(server: SimulatorProcess) -> Iterator[BackendClient]:
    with BackendClient(server.ready["url"]) as client:
        yield client


@pytest.fixture(scope="module")
def kiosk(server: SimulatorProcess, client: BackendClient, tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return enrol(client, server.ready["enrolment_code"], "hall-1", tmp_path_factory.mktemp("kiosk") / "kiosk.pem")


# Nothing is evaluated from a text in this page: its policy forbids it, so that no waiting of Playwright's own works.
_PREPARED = """new Promise((resolve) => setInterval(() => {
    const keys = Object.keys(localStorage).some((name) => name.startsWith("loket-keys"));
    if (keys && navigator.serviceWorker.controller) resolve();
}, 50))"""


@pytest.fixture(scope="module")
def tickets(kiosk: Identity, client: BackendClient, server: SimulatorProcess) -> Iterator[Tickets]:
    with BackendClient(server.ready["url"], kiosk) as signed:
        yield Tickets(kiosk, signed)


@pytest.fixture(scope="module")
def context(server: SimulatorProcess, kiosk: Identity) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        page = context.new_page()
        log_in(page, server, "desk")
        page.wait_for_selector("#ticket")
        page.evaluate(_PREPARED)
        yield context
        browser.close()


@pytest.fixture
def page(context: BrowserContext, server: SimulatorProcess) -> Iterator[Page]:
    context.set_offline(False)
    page = context.pages[0]
    page.goto(f"{server.ready['url']}/desk/")
    page.evaluate("localStorage.removeItem('loket-scans')")
    page.reload()
    page.get_by_text("Connected").wait_for()
    yield page
    context.set_offline(False)


def _scan(page: Page, text: str) -> tuple[str, float]:
    """As a scanner does, wherever the focus is. The title of the answer, and the seconds it took."""
    page.evaluate("document.getElementById('answer').replaceChildren()")
    page.keyboard.insert_text("") if page.evaluate("document.activeElement.id") == "ticket" else page.keyboard.press(
        "L"
    )
    page.locator("#ticket").fill(text)
    page.evaluate("window.begun = performance.now()")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer .answer h1")
    seconds = page.evaluate("(performance.now() - window.begun) / 1000")
    return page.inner_text("#answer .answer h1"), seconds


def _scans(page: Page) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(page.evaluate("localStorage.getItem('loket-scans')") or "[]")
    return rows


def _hand_over_without_a_line(page: Page) -> None:
    for box in page.locator("#answer input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Hand over, and send it later").click()
    page.get_by_role("button", name="Press again to confirm").click()
    page.wait_for_selector("[data-result=collected]")


def test_an_answer_comes_within_a_second_with_a_line(page: Page, tickets: Tickets) -> None:
    ticket, code, qr = tickets.ticket()
    tickets.send(ticket, code)
    title, seconds = _scan(page, qr)
    assert title == "Valid, nothing to pay" and seconds < 1
    assert "El Amrani" in page.inner_text("#answer")


def test_a_ticket_is_checked_without_a_line_and_what_was_done_is_sent_later(
    page: Page, context: BrowserContext, tickets: Tickets
) -> None:
    ticket, code, qr = tickets.ticket()
    tickets.send(ticket, code)
    context.set_offline(True)
    page.reload()  # the page itself comes out of the browser's own store
    title, seconds = _scan(page, qr)
    assert title == "Genuine; no line" and seconds < 1
    assert "No line" in page.inner_text("#line") and code in page.inner_text("#answer")
    _hand_over_without_a_line(page)
    kept = _scans(page)
    assert [(row["ticket"], row["action"], row["outcome"]) for row in kept] == [(str(ticket), "collected", "kept")]
    assert not any(word in json.dumps(kept) for word in ("El Amrani", "Amina", "Yusuf", "85073003328", "LK1:"))
    assert _scan(page, qr)[0] == "Already used here"
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("sent and noted").wait_for()
    assert _scan(page, qr)[0] == "Already used"


def test_a_second_handover_is_shown_as_double(page: Page, context: BrowserContext, tickets: Tickets) -> None:
    ticket, code, qr = tickets.ticket()
    tickets.send(ticket, code)
    context.set_offline(True)
    _scan(page, qr)
    _hand_over_without_a_line(page)
    rows = _scans(page)
    # another desk, without a line at the same time, and sooner back
    page.evaluate(
        "rows => localStorage.setItem('loket-scans', JSON.stringify(rows))",
        [rows[0] | {"id": str(uuid4()), "at": "2026-11-02T09:00:00Z"}, *rows],
    )
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("DOUBLE").wait_for()
    # What was sent is shown for half a day, so that the other desk's scan of weeks ago is gone from here.
    assert [row["outcome"] for row in _scans(page)] == ["double"]
    assert "before:" in page.inner_text("#kept")


def test_a_handover_can_be_taken_back_before_it_is_sent(page: Page, context: BrowserContext, tickets: Tickets) -> None:
    _, _, qr = tickets.ticket()
    context.set_offline(True)
    _scan(page, qr)
    _hand_over_without_a_line(page)
    page.locator("#kept button").first.click()
    assert _scans(page) == []


def test_a_scan_waits_until_the_kiosks_request_is_there(page: Page, context: BrowserContext, tickets: Tickets) -> None:
    ticket, code, qr = tickets.ticket()
    context.set_offline(True)
    _scan(page, qr)
    _hand_over_without_a_line(page)
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("has not arrived yet").first.wait_for()
    tickets.send(ticket, code)
    assert _scan(page, qr)[0] == "Already used"


def test_what_the_page_refuses_without_a_line(page: Page, context: BrowserContext, tickets: Tickets) -> None:
    _, code, qr = tickets.ticket()
    changed = qr[:-9] + ("A" if qr[-9] != "A" else "B") + qr[-8:]
    stranger = tickets.ticket(key=Ed25519PrivateKey.generate())[2]
    context.set_offline(True)
    assert _scan(page, changed)[0] in ("Not genuine", "Not readable")
    assert _scan(page, stranger)[0] == "Unknown kiosk; no line"
    assert _scan(page, tickets.ticket(municipality="anderstad")[2])[0] == "Another municipality"
    assert _scan(page, "https://example.org/5412345678908")[0] == "This is not a ticket"
    assert _scan(page, "LK1:ABC")[0] == "Not readable"
    assert _scan(page, code)[0] == "No line"
    assert _scan(page, "K7M")[0] == "This is not a ticket code"
    assert _scans(page) == []


def test_the_page_and_the_rules_agree_on_every_changed_ticket(
    page: Page, context: BrowserContext, tickets: Tickets
) -> None:
    """The page's own reader refuses what `kiosk.domain.tickets.signature` refuses, one character at a time."""
    _, _, qr = tickets.ticket()
    random = Random(5)
    texts = [qr, qr + "0", qr[:-1], qr.replace("LK1:", "LK2:"), "]Q3" + qr]
    for _ in range(60):
        place = random.randrange(4, len(qr))
        texts.append(qr[:place] + random.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") + qr[place + 1 :])
    module = page.evaluate("[...document.scripts].find((one) => one.type === 'module').src")
    said = page.evaluate(
        """async ([texts, module, town]) => {
            const source = await (await fetch(module)).text();
            const path = source.match(/from "(\\.\\/ticket[^"]*)"/)[1];
            const { verify } = await import(new URL(path, module).href);
            const keys = JSON.parse(localStorage.getItem(`loket-keys-${town}`));
            return Promise.all(texts.map(async (text) => (await verify(text, keys, town)).result));
        }""",
        [texts, module, TOWN],
    )
    assert said[0] == "genuine" and said[4] == "genuine"
    for text, result in zip(texts, said, strict=True):
        assert (result == "genuine") == (text.removeprefix("]Q3") == qr), text


def test_the_keyboard_alone_is_enough(page: Page, tickets: Tickets) -> None:
    ticket, code, qr = tickets.ticket()
    tickets.send(ticket, code)
    _scan(page, qr)
    page.keyboard.press("F6")
    for _ in range(30):
        kind = page.evaluate("document.activeElement.type")
        if kind == "checkbox" or (kind == "radio" and not page.evaluate("document.activeElement.checked")):
            page.keyboard.press("Space")
        elif page.evaluate("document.activeElement.className") == "primary":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".confirm")
    assert page.evaluate("document.activeElement.textContent") == "Yes, confirm"
    page.keyboard.press("Enter")
    page.wait_for_selector(".undo")
    assert page.inner_text("#answer h1") == "Handed over"
    assert page.evaluate("document.activeElement.id") == "ticket"
    page.keyboard.press("F6")
    page.keyboard.press("Enter")
    page.wait_for_selector(".deeds")
    assert page.inner_text("#answer h1") == "Valid, nothing to pay"


@pytest.mark.parametrize("width", [1280, 820])
def test_everybody_can_use_the_page(page: Page, tickets: Tickets, width: int) -> None:
    ticket, code, qr = tickets.ticket()
    tickets.send(ticket, code)
    page.set_viewport_size({"width": width, "height": 1000})
    _scan(page, qr)
    assert accessibility_faults(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_names_are_hidden_until_they_are_asked_for(page: Page, tickets: Tickets) -> None:
    ticket, code, _ = tickets.ticket()
    tickets.send(ticket, code)
    page.locator("#question").fill("el amr")
    page.keyboard.press("Enter")
    page.wait_for_selector(".list")
    assert "E. A." in page.inner_text(".list") and "El Amrani" not in page.inner_text(".list")
    page.keyboard.press("F7")
    page.get_by_text("El Amrani").first.wait_for()
    assert "amr" not in page.url
    page.keyboard.press("F7")


def test_the_console_is_for_everybody_too(server: SimulatorProcess, context: BrowserContext) -> None:
    page = context.new_page()
    found = {}
    for path in ("/desk/", "/console/requests/", "/console/appointments/", "/console/appointments/book/"):
        page.goto(server.ready["url"] + path)
        found[path] = accessibility_faults(page)
    page.close()
    assert all(faults == [] for faults in found.values()), found
