"""Every page of staff's, for every role that opens it: WCAG 2.2 AA on a desk's screen and on a tablet, and by keyboard.

Pages are found in Django's own table of addresses: one that is added has to be put into `pages.LOOKS`, or into the
list of what is no page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.template.loader import render_to_string
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from backend.accounts.roles import Role
from tests.backend import pages
from tests.backend.chromium import CHROMIUM, FLAGS, accessibility_faults
from tests.backend.pages import DOORS, LOOKS, NO_PAGES, Look, Scene, addresses, roles_of

WIDTHS = (1280, 820)
CASES = [(look, role) for look in LOOKS for role in roles_of(look)]


@pytest.fixture(scope="module")
def scene(engine: str) -> Iterator[Scene]:
    made = pages.fill()
    for role in Role:
        made.session(role)
    with pages.served(made):
        yield made
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()


@pytest.fixture(scope="module")
def browser(scene: Scene) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser, scene: Scene) -> dict[Role, BrowserContext]:
    """A browser for each role, logged in."""
    made = {}
    for role, session in scene.sessions.items():
        made[role] = browser.new_context(locale="nl-BE", viewport={"width": WIDTHS[0], "height": 900})
        made[role].add_cookies([{"name": "sessionid", "value": session, "url": scene.url}])
        made[role].set_default_timeout(15_000)
    return made


def show(page: Page, scene: Scene, look: Look) -> None:
    answer = page.goto(scene.url + scene.fill_in(look.address))
    assert answer is not None and answer.status == 200, look.address
    if look.name.startswith("desk:"):
        page.wait_for_selector("#camera:not([hidden])")
    if look.act is not None:
        look.act(page, scene)


# A box that scrolls sideways hides its last column, and on a desk's screen the buttons in it.
_CUT_OFF = """() => [...document.querySelectorAll("main .card")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.scrollWidth - one.clientWidth} px of ${one.outerHTML.slice(0, 100)}`)"""


def faults_of(page: Page) -> list[str]:
    """Of WCAG, and of room: no page is wider than the screen, so that nobody scrolls sideways to read."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        found += [f"{width}: {fault}" for fault in accessibility_faults(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{width}: {wide} px too wide"] if wide > 0 else []
        found += [f"{width}: cut off: {part}" for part in page.evaluate(_CUT_OFF)]
    return found


def test_every_address_is_a_page_that_is_looked_at_or_is_said_to_be_none() -> None:
    known = {look.name for look in LOOKS} | set(DOORS) | set(NO_PAGES)
    assert known == {name for name, _ in addresses()}
    assert not ({look.name for look in LOOKS} | set(DOORS)) & set(NO_PAGES)


@pytest.mark.parametrize(("look", "role"), CASES, ids=[f"{look.id} - {role}" for look, role in CASES])
def test_everybody_can_use_every_page(
    scene: Scene, contexts: dict[Role, BrowserContext], look: Look, role: Role
) -> None:
    page = contexts[role].new_page()
    try:
        show(page, scene, look)
        assert faults_of(page) == []
    finally:
        page.close()


def test_everybody_can_use_the_doors(scene: Scene, browser: Browser) -> None:
    context = browser.new_context(locale="nl-BE")
    page, found = context.new_page(), {}
    for name, address in DOORS.items():
        if name == "mfa_authenticate":
            page.goto(scene.url + "/account/login/")
            page.locator("#id_login").fill("manager")
            page.locator("#id_password").fill(scene.passwords[Role.MANAGER])
            page.keyboard.press("Enter")
            page.wait_for_url(f"**{address}**")
        else:
            page.goto(scene.url + address)
        found[name] = faults_of(page)
    context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def _answer(text: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    return answer


def test_everybody_can_use_the_pages_of_a_refusal(scene: Scene, contexts: dict[Role, BrowserContext]) -> None:
    page = contexts[Role.DESK].new_page()
    found = {}
    for status, address in ((403, "/console/money/"), (404, "/console/nothing/")):
        answer = page.goto(scene.url + address)
        assert answer is not None and answer.status == status
        found[str(status)] = faults_of(page)
    for name in ("403_csrf.html", "429.html", "500.html", "accounts/no_answer.html", "accounts/no_role.html"):
        text = render_to_string(name)
        page.route("**/refused/", _answer(text))
        page.goto(scene.url + "/refused/")
        found[name] = faults_of(page)
        page.unroute("**/refused/")
    page.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_paper_holds_what_is_said_and_charts_two_by_two(scene: Scene, contexts: dict[Role, BrowserContext]) -> None:
    page = contexts[Role.MANAGER].new_page()
    (look,) = (look for look in LOOKS if look.id == "watch:kiosk in trouble")
    show(page, scene, look)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # what A4 leaves between the margins
    for pressed in (".bar", ".side", ".tabs", ".act", ".orders form", "details"):
        assert not page.locator(pressed).first.is_visible(), pressed
    boxes = [chart.bounding_box() for chart in page.locator(".charts svg.chart").all()]
    lefts = {round(box["x"]) for box in boxes if box is not None}
    page.close()
    assert len(boxes) >= 4 and len(lefts) == 2


# --- By keyboard alone -----------------------------------------------------------------------------------

# All that can be used with a pointer, a group of radio buttons once; what has the focus is counted off.
_TO_REACH = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const usable = (one) => !one.disabled && one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true });
    window.toReach = new Map(all.filter(usable).map((one) =>
        [one.type === "radio" ? `radio ${one.name}` : one, one.outerHTML.slice(0, 120)]));
}"""
_REACHED = """() => {
    const one = document.activeElement;
    const style = getComputedStyle(one);
    window.toReach.delete(one.type === "radio" ? `radio ${one.name}` : one);
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { left: window.toReach.size, body: one === document.body, unseen: seen ? "" : one.outerHTML.slice(0, 120) };
}"""
WALKED = (
    "desk:look-up green",
    "requests:requests",
    "requests:case",
    "appointments:week",
    "tariffs:edit",
    "money:money",
    "accounts:change",
    "watch:fleet",
    "watch:alerts",
    "watch:kiosk in trouble",
    "watch:compare two",
    "watch:notices",
    "watch:recipients",
)


@pytest.mark.parametrize("name", WALKED)
def test_the_keyboard_reaches_all_that_a_pointer_does(
    scene: Scene, contexts: dict[Role, BrowserContext], name: str
) -> None:
    (look,) = (look for look in LOOKS if look.id == name)
    page = contexts[Role.MANAGER].new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    show(page, scene, look)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.evaluate(_TO_REACH)
    invisible = []
    for _ in range(600):
        page.keyboard.press("Tab")
        reached = page.evaluate(_REACHED)
        if reached["unseen"] and not reached["body"]:
            invisible.append(reached["unseen"])
        if not reached["left"]:
            break
    left = page.evaluate("[...window.toReach.values()]")
    page.close()
    assert left == [] and invisible == []


def test_the_first_key_leads_past_the_navigation(scene: Scene, contexts: dict[Role, BrowserContext]) -> None:
    page = contexts[Role.MANAGER].new_page()
    page.goto(scene.url + "/console/requests/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()
