"""The pages of the fleet: for whom, of which municipality, and what they show of what is not known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils import timezone

from backend import administration
from backend.accounts.models import AuditEntry, Staff
from backend.console.entry_words import ENTRIES
from backend.editions import publishing
from backend.fleet.models import Kiosk, Municipality
from backend.tariffs.profiles import text_as_delivered
from backend.watch import charts, figures, orders, pictures, words
from backend.watch.models import Alert, ConsoleOrder, Recipient
from backend.watch.simulation import SimulatedKiosk
from kiosk.domain.fleet.orders import (
    OrderAnswered,
    OrderKind,
    OrderProblem,
    OrderRefused,
    OrderTaken,
    SignedOrder,
    open_order,
)
from kiosk.domain.profiles.profile import parse_profile
from kiosk.domain.record.care import DeviceCleaned, PaperRefilled, ReadinessReported
from kiosk.domain.wire import HeartbeatAnswer, digest_of
from kiosk.sync.keys import public_key_text
from kiosk.timeline.events import KINDS
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation
from tests.backend.kiosks import Story, TestKiosk

PAGES = ("", "alerts/", "paper/", "compare/", "told/")
BASE = "/console/kiosks/"


def staff(town: Municipality, name: str, role: str) -> Client:
    administration.staff_account(name, town, role)
    client = Client()
    client.force_login(Staff.objects.get(username=name))
    return client


@pytest.fixture
def els(town: Municipality) -> Client:
    return staff(town, "els", "kiosk-staff")


def beat(kiosk: TestKiosk, **changes: object) -> HeartbeatAnswer:
    simulated = SimulatedKiosk(1)
    simulated.last_visit = timezone.now()
    said = simulated.heartbeat(timezone.now())
    assert said is not None
    message = said.model_dump(mode="json")
    message["report"] = {name: value for name, value in (message["report"] | changes).items() if value is not None}
    answer = kiosk.post("/heartbeat", message)
    assert answer.status_code == 200, answer.content
    return HeartbeatAnswer.model_validate_json(answer.content)


def test_every_page_opens_for_kiosk_staff_and_for_nobody_else(
    els: Client, town: Municipality, kiosk: TestKiosk
) -> None:
    beat(kiosk)
    desk = staff(town, "dirk", "desk")
    for path in (*PAGES, f"{kiosk.id}/", f"{kiosk.id}/timeline/"):
        assert els.get(BASE + path).status_code == 200, path
        assert desk.get(BASE + path).status_code == 403, path
        assert Client().get(BASE + path).status_code == 302, path


def test_another_town_sees_and_does_nothing_here(kiosk: TestKiosk, other_town: Municipality) -> None:
    beat(kiosk)
    theirs = staff(other_town, "otto", "kiosk-staff")
    alert = Alert.objects.create(
        municipality_id=kiosk.municipality, kiosk_id=kiosk.id, part="disk", began_at=timezone.now()
    )
    for path in (f"{kiosk.id}/", f"{kiosk.id}/timeline/"):
        assert theirs.get(BASE + path).status_code == 404
    assert kiosk.name not in theirs.get(BASE).content.decode()
    assert theirs.post(f"{BASE}{kiosk.id}/order/", {"order": "restart"}).status_code == 404
    assert theirs.post(f"{BASE}alerts/{alert.pk}/", {"do": "acknowledge"}).status_code == 404
    assert ConsoleOrder.objects.count() == 0


def test_what_is_not_known_has_its_own_colour(els: Client, kiosk: TestKiosk) -> None:
    beat(kiosk, paper_left_mm=None)
    page = els.get(BASE).content.decode()
    assert '<span class="tag unknown">?</span>' in page and 'class="tag unknown"' in page
    assert page.count("tag go") == 0


def test_a_kiosk_that_is_well_is_said_to_be(els: Client, kiosk: TestKiosk) -> None:
    beat(kiosk)
    assert 'class="tag go"' in els.get(BASE).content.decode()


def test_what_was_done_at_a_kiosk_is_on_its_page_the_last_of_each(els: Client, kiosk: TestKiosk) -> None:
    page = f"{BASE}{kiosk.id}/"
    assert "nog geen" in els.get(page).content.decode()
    bodies = (
        PaperRefilled(roll_mm=80_000, member="an"),
        PaperRefilled(roll_mm=170_000, left_mm=5_000, member="karim"),
        DeviceCleaned(device="reader", member="an"),
        ReadinessReported(verdicts={"printer": "failed", "touch": "passed"}, member="an"),
        ReadinessReported(verdicts={"printer": "passed", "touch": "unknown", "antenna": "failed"}),
    )
    kiosk.upload([kiosk.entry(body) for body in bodies])
    shown = els.get(page).content.decode()
    for said in (
        "karim · 170,0\u00a0m; van de vorige was nog 5,0\u00a0m over",
        "Kaartlezer gereinigd",
        "van hier opgedragen",
        'Printer <span class="tag go">werkt</span>',
        'Aanraakscherm <span class="tag unknown">niet getest</span>',
        'antenna <span class="tag stop">werkt niet</span>',
    ):
        assert said in shown, said
    assert "80,0\u00a0m" not in shown and "Printer gereinigd" not in shown


def test_by_which_rules_a_kiosk_serves_and_why_not_by_the_latest(
    els: Client, kiosk: TestKiosk, town: Municipality
) -> None:
    def shown(**said: str) -> str:
        message = SimulatedKiosk(1).heartbeat(timezone.now()).model_dump(mode="json")  # type: ignore[union-attr]
        assert kiosk.post("/heartbeat", message | said).status_code == 200
        return els.get(f"{BASE}{kiosk.id}/", headers={"accept-language": "en"}).content.decode()

    rules = text_as_delivered(town)
    dearer = rules.replace("normal = 1200", "normal = 1300").replace('version = "', 'version = "dearer-')
    first, version = digest_of(rules), parse_profile(rules).version
    assert "<dd>those it came with</dd>" in shown()
    publishing.publish_profile(town, rules, by=None, now=timezone.now())
    assert f"<dd>version {version}</dd>" in shown(profile=first)
    publishing.publish_profile(town, dearer, by=None, now=timezone.now())
    assert f"<dd>version {version}; the latest hold from its next start</dd>" in shown(profile=first)
    refused = shown(profile=first, profile_problem="fees.normal: is no amount")
    assert f"<dd>version {version}; the latest could not be taken</dd>" in refused
    assert "does not take the latest rules: fees.normal: is no amount" in refused and 'class="tag stop"' in refused
    assert f"<dd>version dearer-{version}</dd>" in shown(profile=digest_of(dearer))


def test_everything_that_a_kiosk_can_be_in_has_its_word() -> None:
    assert set(map(str, Fault)) == words._FAULTS.keys()
    assert set(map(str, Situation)) - {"welcome"} <= words._SITUATIONS.keys()


def test_charts_can_be_read_without_eyes_and_carry_no_style(els: Client, kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays(), *story.takes_the_ticket()])
    beat(kiosk)
    page = els.get(f"{BASE}{kiosk.id}/").content.decode()
    pictures = re.findall(r"<svg[^>]*class=\"chart\".*?</svg>", page, re.S)
    assert len(pictures) == 4  # paper, visits, time, payments: nothing was abandoned, nothing went wrong
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        names = root.attrib["aria-labelledby"].split()
        assert [element.attrib["id"] for element in list(root)[:2]] == names
        assert root[0].text and root[1].text
        assert not any("style" in element.attrib or element.tag.endswith("style") for element in root.iter())
    assert page.count("<details>") == 4


def test_a_chart_says_a_question_mark_where_nothing_is_known() -> None:
    chart = charts.Chart("k", "stack", "t", "d", ("a", "b"), (charts.Series("s", (None, 2.0)),))
    assert chart.rows == (("a", "?"), ("b", "2"))
    assert charts.Chart("k", "stack", "t", "d", ("a",), (charts.Series("s", (0.0,)),)).is_empty


def test_what_is_not_known_has_its_own_colour_in_a_chart_whatever_else_there_is() -> None:
    now = datetime(2026, 11, 25, 10, tzinfo=UTC)
    for counts, places in (
        ({"unknown": 1}, [charts.UNKNOWN]),
        ({"paid": 3, "unknown": 1, "reversed": 2}, [charts.PLAIN, charts.UNKNOWN, charts.PALE]),
    ):
        chart = pictures.payments([(now, {"payments": counts})], [now.date()])
        assert [series.paint for series in chart.series] == places
        assert charts.COLOURS[charts.UNKNOWN] in charts.svg(chart)


def test_figures_are_counted_once_whatever_is_sent_twice(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    batch = [*story.asks(), *story.pays(), *story.takes_the_ticket()]
    for _ in range(3):
        kiosk.upload(batch)
    again = Story(kiosk, code="ABC-DEF-G")
    kiosk.upload([*again.asks(), *again.hears_nothing()])
    total = figures.total(figures.by_hour(kiosk.id, timezone.now() - timedelta(days=1), timezone.now()))
    assert (total["started"], total["finished"]) == (2, 1)
    assert total["payments"] == {"paid": 1, "unknown": 1} and total["errors"] == {"payment_unknown": 1}
    assert {name: sum(columns) for name, columns in total["steps"].items()} == {
        "choose": 1,
        "pay": 1,
        "print": 1,
        "take": 1,
    }


def test_the_median_lies_within_the_right_column() -> None:
    columns = figures.histogram(timedelta(seconds=s) for s in (3, 22, 24, 26, 28, 500))
    assert 20 <= figures.quantile(columns, 0.5) <= 30 and figures.quantile([0] * 16, 0.5) is None


def names(page: bytes) -> list[str]:
    return re.findall(r"<strong>(?:<span class=\"dot [a-z]+\"></span>)?(hall-\d)</strong>", page.decode())


def test_kiosks_are_found_by_name_and_listed_as_asked(
    els: Client, kiosk: TestKiosk, other_kiosk: TestKiosk, town: Municipality
) -> None:
    beat(kiosk, paper_left_mm=50_000)
    beat(other_kiosk, paper_left_mm=2_000)  # the less of it, the more urgent
    assert names(els.get(BASE).content) == ["hall-2", "hall-1"]
    assert names(els.get(BASE, {"sort": "name"}).content) == ["hall-1", "hall-2"]
    assert names(els.get(BASE, {"sort": "paper"}).content) == ["hall-2", "hall-1"]
    assert names(els.get(BASE, {"q": "HALL-1"}).content) == ["hall-1"]
    assert names(els.get(BASE, {"q": town.name[:5]}).content) == ["hall-2", "hall-1"]
    assert names(els.get(BASE, {"q": "nowhere"}).content) == []
    assert names(els.get(BASE, {"level": "stop", "q": "hall"}).content) == ["hall-2"]
    tiles = els.get(BASE, {"view": "tiles", "level": "stop", "sort": "name"})
    assert names(tiles.content) == ["hall-2"] and "<table" not in tiles.content.decode()
    assert "?level=go&amp;sort=name&amp;view=tiles" in tiles.content.decode()


def test_what_is_not_known_stands_before_what_is_little(els: Client, kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    beat(other_kiosk, paper_left_mm=2_000)
    assert names(els.get(BASE, {"sort": "paper"}).content) == ["hall-1", "hall-2"]
    assert names(els.get(BASE, {"sort": "heard"}).content) == ["hall-1", "hall-2"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_entry_has_words(kind: str) -> None:
    assert kind in ENTRIES


# --- Alerts ----------------------------------------------------------------------------------------------


def an_alert(kiosk: TestKiosk) -> Alert:
    now = timezone.now()
    return Alert.objects.create(
        municipality_id=kiosk.municipality,
        kiosk_id=kiosk.id,
        part="terminal",
        why="silent",
        began_at=now,
        raised_at=now,
    )


def test_an_alert_is_taken_once_and_that_is_written_down(els: Client, town: Municipality, kiosk: TestKiosk) -> None:
    alert = an_alert(kiosk)
    jan = staff(town, "jan", "kiosk-staff")
    assert els.post(f"{BASE}alerts/{alert.pk}/", {"do": "acknowledge"}).status_code == 302
    jan.post(f"{BASE}alerts/{alert.pk}/", {"do": "acknowledge"})
    alert.refresh_from_db()
    assert alert.owner is not None and alert.owner.username == "els"
    assert [(entry.who, entry.act) for entry in AuditEntry.objects.filter(act="alert-handled")] == [
        ("els", "alert-handled")
    ]


@pytest.mark.parametrize(
    "data", [{}, {"do": "explode"}, {"do": "snooze", "for": "99y"}, {"do": "hand-over", "to": "x"}]
)
def test_what_cannot_be_done_with_an_alert_is_not_found(els: Client, kiosk: TestKiosk, data: dict[str, str]) -> None:
    assert els.post(f"{BASE}alerts/{an_alert(kiosk).pk}/", data).status_code == 404


def test_only_a_manager_says_who_is_told(els: Client, town: Municipality) -> None:
    data = {"channel": "mail", "target": "a@b.example", "part": ""}
    assert els.post(f"{BASE}told/new/", data).status_code == 403
    assert Recipient.objects.count() == 0


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "9999-12-31T23:59:59+00:00", "0001-01-01"])
def test_a_moment_that_is_none_is_not_found(els: Client, kiosk: TestKiosk, at: str) -> None:
    assert els.get(f"{BASE}{kiosk.id}/timeline/", {"at": at}).status_code == 404


def test_the_timeline_names_nobody(els: Client, kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays(), *story.takes_the_ticket()])
    page = els.get(f"{BASE}{kiosk.id}/timeline/", headers={"accept-language": "en"}).content.decode()
    assert "visit begun" in page and "asked of the terminal" in page and "request confirmed" in page
    assert not re.search(r"El Amrani|Amina|85073003328|Yusuf", page)


# --- Orders ----------------------------------------------------------------------------------------------


def test_an_order_goes_with_the_heartbeats_until_it_is_taken_and_is_answered(els: Client, kiosk: TestKiosk) -> None:
    els.post(f"{BASE}{kiosk.id}/order/", {"order": "test-print"})
    (signed,) = beat(kiosk).orders
    assert beat(kiosk).orders == (signed,)
    order = open_order(signed, orders.signing_key().public_key(), kiosk.id, timezone.now())
    assert (order.kind, order.by) == (OrderKind.TEST_PRINT, "els")
    kiosk.upload([kiosk.entry(OrderTaken(order_id=order.id, order=order.kind.value, by=order.by))])
    assert beat(kiosk).orders == ()
    kiosk.upload([kiosk.entry(OrderAnswered(order_id=order.id, outcome="done"))])
    row = ConsoleOrder.objects.get()
    assert (row.outcome, row.answered_at is not None) == ("done", True)
    assert AuditEntry.objects.get(act="kiosk-ordered").details["order"] == "test-print"


def test_the_same_order_is_not_given_twice_and_one_too_late_is_not_told(els: Client, kiosk: TestKiosk) -> None:
    for _ in range(2):
        els.post(f"{BASE}{kiosk.id}/order/", {"order": "restart"})
    assert ConsoleOrder.objects.count() == 1
    ConsoleOrder.objects.update(expires_at=timezone.now())
    assert beat(kiosk).orders == ()


def test_an_order_is_good_for_one_kiosk_and_one_key_and_a_while(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    now = datetime(2026, 11, 27, 10, tzinfo=UTC)
    given = orders.give(Kiosk.objects.get(pk=kiosk.id), OrderKind.RESTART, "els", now)
    signed = SignedOrder(text=given.text, signature=given.signature)
    key = orders.signing_key().public_key()
    assert open_order(signed, key, kiosk.id, now).id == given.pk
    for wrong, problem in (
        ((signed, key, other_kiosk.id, now), OrderProblem.FOREIGN),
        ((signed, kiosk.key.public_key(), kiosk.id, now), OrderProblem.BAD_SIGNATURE),
        ((signed, key, kiosk.id, now + orders.LIFE), OrderProblem.EXPIRED),
        ((signed.model_copy(update={"text": given.text.replace("restart", "test-print")}), key, kiosk.id, now),
         OrderProblem.BAD_SIGNATURE),
        ((signed.model_copy(update={"signature": "é!"}), key, kiosk.id, now), OrderProblem.BAD_SIGNATURE),
    ):  # fmt: skip
        with pytest.raises(OrderRefused) as caught:
            open_order(*wrong)
        assert caught.value.problem is problem


def test_a_kiosk_gets_the_backends_key_when_it_enrols(town: Municipality, kiosk: TestKiosk) -> None:
    code, _ = administration.enrolment_code(town, 30)
    key = Ed25519PrivateKey.generate()
    answer = kiosk.api.post("/enrol", {"code": code, "public_key": public_key_text(key), "name": "x"})
    assert answer.json()["orders_key"] == orders.public_key()
