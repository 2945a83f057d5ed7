"""The desk's camera in a real browser: a printed ticket before the lens is read and answered; each way to see nothing.

Chromium plays a film in the place of a camera. On Linux it cannot read codes from pictures itself, so that the
pictures go to the backend, as on most desks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import cache
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Page, sync_playwright

from backend.accounts.models import AuditEntry
from backend.accounts.roles import Role
from backend.desk import camera
from hardware.simulators.process import SimulatorProcess
from kiosk.sync.client import BackendClient
from kiosk.sync.enrol import enrol
from kiosk.text import texts
from kiosk.ticket import compose_ticket
from tests.backend.chromium import CHROMIUM, FLAGS, accessibility_faults
from tests.backend.conftest import Login
from tests.backend.demo import Tickets, demo_backend, log_in
from tests.kiosk.ticket.examples import OFFICE, ticket
from tests.kiosk.ticket.printing import print_paper

SIGHT = (1280, 960)  # points of the camera
DESK_TOP = (150, 141, 128)
PICTURE = "/desk/picture/"

# --- What is before the lens ---------------------------------------------------------------------------


def printed_ticket(qr: str, out: Path) -> Image.Image:
    """The paper as the simulated printer draws it, down to below its QR code."""
    out.mkdir(exist_ok=True)
    with Image.open(print_paper(compose_ticket(ticket(), qr, OFFICE, texts("fr"), texts("nl")), out).picture) as paper:
        return paper.convert("RGB").crop((0, 0, paper.width, 900))


def photograph(paper: Image.Image | None) -> Image.Image:
    """A desk's top, seen from above; the paper a little askew on it, not quite sharp, in warm light."""
    seen = Image.new("RGB", SIGHT, DESK_TOP)
    if paper is not None:
        held = paper.convert("RGBA").rotate(7, expand=True, resample=Image.Resampling.BICUBIC)
        seen.paste(held, ((SIGHT[0] - held.width) // 2, 20), held)
    lamp = Image.new("RGB", SIGHT, (235, 220, 190))
    return ImageChops.multiply(seen, lamp).filter(ImageFilter.GaussianBlur(0.8))


def square(picture: Image.Image) -> Image.Image:
    """What the page sends of it."""
    left, side = (picture.width - picture.height) // 2, picture.height
    return picture.crop((left, 0, left + side, side)).resize((900, 900))


def jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with demo_backend(tmp_path_factory.mktemp("desk")) as process:
        yield process


@pytest.fixture(scope="module")
def tickets(server: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tickets]:
    with ExitStack() as stack:
        client = stack.enter_context(BackendClient(server.ready["url"]))
        key = tmp_path_factory.mktemp("kiosk") / "kiosk.pem"
        kiosk = enrol(client, server.ready["enrolment_code"], "hall-1", key)
        yield Tickets(kiosk, stack.enter_context(BackendClient(server.ready["url"], kiosk)))


Desk = Callable[..., Page]


@pytest.fixture
def desk(server: SimulatorProcess, tmp_path: Path) -> Iterator[Desk]:
    """The desk's page, before a camera that sees a film."""
    with ExitStack() as stack:

        def opened(*flags: str, film: bytes | None = None, allowed: bool = True, clock: bool = False) -> Page:
            if film is not None:
                (tmp_path / "film.mjpeg").write_bytes(film)
                file = f"--use-file-for-fake-video-capture={tmp_path / 'film.mjpeg'}"
                flags = ("--use-fake-device-for-media-stream", file, *flags)
            if allowed:
                flags = ("--use-fake-ui-for-media-stream", *flags)
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *flags])
            stack.callback(browser.close)
            page = browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 900})
            page.set_default_timeout(20_000)
            if clock:
                page.clock.install()
            log_in(page, server, "desk")
            page.wait_for_selector("#ticket")
            page.get_by_text("Connected").wait_for()
            return page

        yield opened


def trouble_after_camera_key(page: Page) -> str:
    page.keyboard.press("F2")
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.locator("#finder").is_hidden() and page.get_attribute("#camera", "aria-pressed") == "false"
    assert page.evaluate("document.activeElement.id") == "ticket"  # the scanner and the keys go on
    return page.inner_text("#trouble")


# --- At the desk ---------------------------------------------------------------------------------------


def test_a_printed_ticket_before_the_camera_is_read_and_answered(desk: Desk, tickets: Tickets, tmp_path: Path) -> None:
    request, code, qr = tickets.ticket()
    tickets.send(request, code)
    empty, held = jpeg(photograph(None)), jpeg(photograph(printed_ticket(qr, tmp_path)))
    page = desk(film=empty * 5 + held * 40)
    page.keyboard.press("F2")
    page.wait_for_selector("#answer .answer.go")
    assert page.inner_text("#answer h1") == "Valid, nothing to pay"
    assert "El Amrani" in page.inner_text("#answer")
    assert page.get_attribute("#camera", "aria-pressed") == "true"
    assert page.inner_text("#finder p") == "Hold the QR code of the ticket in the square."
    assert page.evaluate("document.activeElement.id") == "ticket"
    for width in (1280, 820):
        page.set_viewport_size({"width": width, "height": 1000})
        assert accessibility_faults(page) == []
    page.keyboard.press("F2")
    assert page.locator("#finder").is_hidden()
    assert page.evaluate("document.querySelector('#finder video').srcObject") is None


def test_a_forged_ticket_before_the_camera_is_answered_in_red(desk: Desk, tickets: Tickets, tmp_path: Path) -> None:
    _, _, qr = tickets.ticket()
    forged = qr[:-9] + ("A" if qr[-9] != "A" else "B") + qr[-8:]
    page = desk(film=jpeg(photograph(printed_ticket(forged, tmp_path))) * 10)
    page.keyboard.press("F2")
    page.wait_for_selector("#answer .answer.stop")
    assert page.inner_text("#answer h1") == "Not genuine"


def test_a_camera_that_is_not_allowed_is_said_so(desk: Desk) -> None:
    page = desk(film=jpeg(photograph(None)), allowed=False)
    assert "does not allow the camera" in trouble_after_camera_key(page)


def test_a_desk_without_a_camera_is_told_so(desk: Desk) -> None:
    assert "No camera was found" in trouble_after_camera_key(desk())


def test_a_camera_that_does_not_start_is_said_to_be_in_use(desk: Desk) -> None:
    """A film cannot be in use elsewhere: the browser's own words for it stand in."""
    page = desk(film=jpeg(photograph(None)) * 5)
    page.evaluate(
        """() => {
            const problem = new DOMException("Could not start video source", "NotReadableError");
            navigator.mediaDevices.getUserMedia = () => Promise.reject(problem);
        }"""
    )
    assert "in use elsewhere, or does not start" in trouble_after_camera_key(page)


def test_a_camera_that_is_pulled_out_is_said_to_be_gone(desk: Desk) -> None:
    page = desk(film=jpeg(photograph(None)) * 5)
    page.keyboard.press("F2")
    page.get_by_text("Hold the QR code").wait_for()
    page.evaluate(
        "document.querySelector('#finder video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    page.get_by_text("The camera was taken away.").wait_for()
    assert page.locator("#finder").is_hidden()


def test_a_code_that_nobody_can_read_is_helped_and_the_camera_goes_off(desk: Desk) -> None:
    page = desk(film=jpeg(photograph(None)) * 5, clock=True)
    page.keyboard.press("F2")
    page.get_by_text("Hold the QR code").wait_for()
    page.clock.fast_forward(16_000)
    page.get_by_text("Still no code. Hold it closer").wait_for()
    page.clock.fast_forward(120_000)
    page.get_by_text("No code for two minutes: the camera is off.").wait_for()
    assert page.locator("#finder").is_hidden()
    assert page.evaluate("document.querySelector('#finder video').srcObject") is None


def test_without_a_line_the_page_says_to_scan_or_type(desk: Desk) -> None:
    page = desk(film=jpeg(photograph(None)) * 5)
    page.context.set_offline(True)
    page.keyboard.press("F2")
    page.get_by_text("No line: the camera waits. Use the scanner, or type the code.").wait_for()
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_text("Hold the QR code").wait_for()


def test_a_browser_that_reads_codes_itself_sends_no_picture(desk: Desk, tickets: Tickets) -> None:
    """Chromium here has no reader of its own: one that answers in its words stands in for it."""
    request, code, qr = tickets.ticket()
    tickets.send(request, code)
    page = desk(film=jpeg(photograph(None)) * 5)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url))
    page.evaluate(
        """text => {
            window.BarcodeDetector = class {
                static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
                detect() { return Promise.resolve([{ rawValue: "SOMETHING ELSE" }, { rawValue: text }]); }
            };
        }""",
        qr,
    )
    page.keyboard.press("F2")
    page.wait_for_selector("#answer .answer.go")
    assert not [url for url in sent if url.endswith(PICTURE)]


# --- What reads the pictures ---------------------------------------------------------------------------


def post(browser: object, body: bytes) -> tuple[int, dict[str, str]]:
    answer = browser.post(PICTURE, body, content_type="image/jpeg")  # type: ignore[attr-defined]
    return answer.status_code, answer.json() if answer.status_code != 403 else {}


def test_a_picture_is_read_and_nothing_of_it_is_noted(login: Login, tmp_path: Path) -> None:
    browser = login(Role.DESK)
    before = AuditEntry.objects.count()
    assert post(browser, jpeg(square(photograph(printed_ticket("LK1:A TEXT", tmp_path))))) == (
        200,
        {"text": "LK1:A TEXT"},
    )
    assert post(browser, jpeg(square(photograph(None)))) == (200, {"text": ""})
    assert AuditEntry.objects.count() == before


def test_a_tickets_code_comes_before_any_other_in_the_picture(tmp_path: Path) -> None:
    ours = printed_ticket("LK1:OURS", tmp_path / "ours")
    other = printed_ticket("https://example.be/parking", tmp_path / "other").resize(ours.size)
    for pair in ((ours, other), (other, ours)):
        both = Image.new("RGB", (ours.width * 2, ours.height), "white")
        both.paste(pair[0], (0, 0))
        both.paste(pair[1], (ours.width, 0))
        assert camera.read_code(jpeg(both.resize((1000, 1000 * both.height // both.width)))) == "LK1:OURS"


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff\xe0 no more than the beginning",
        jpeg(Image.new("L", (1201, 20))),
        jpeg(square(photograph(None)))[:2000],
    ],
    ids=["nothing", "another kind", "noise", "too wide", "cut off"],
)
def test_what_is_no_picture_of_a_camera_is_refused(login: Login, picture: bytes) -> None:
    assert post(login(Role.DESK), picture) == (422, {"problem": "no picture"})


def test_a_picture_that_is_too_large_is_not_even_read(login: Login) -> None:
    assert post(login(Role.DESK), bytes(camera.MAX_BYTES + 1)) == (413, {"problem": "too large"})


def test_pictures_are_for_the_desk_with_a_token_and_not_without_end(login: Login) -> None:
    picture = jpeg(Image.new("L", (40, 40)))
    assert post(login(Role.FINANCE), picture)[0] == 403
    careless = login(Role.DESK)
    careless.handler.enforce_csrf_checks = True
    assert post(careless, picture)[0] == 403
    cache.clear()
    browser = login(Role.DESK, name="tireless")
    told = [post(browser, picture)[0] for _ in range(601)]
    assert set(told[:600]) == {200} and told[600] == 429
