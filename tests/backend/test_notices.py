"""A notice goes from the console, over the API, to the screens of the kiosks that it is meant for, and away again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditEntry
from backend.accounts.roles import Role
from backend.editions.models import Edition
from backend.fleet.models import Municipality
from kiosk.domain.wire import MAX_NOTICE_CHARACTERS, EditionAnswer, EditionKind
from kiosk.sync.editions import EditionStore
from kiosk.visit.events import HealthChanged, LanguageChosen, NoticesHandedOut
from kiosk.visit.faults import Fault
from kiosk.visit.notices import TURN_SECONDS, pages, turn
from tests.backend.conftest import Login
from tests.backend.kiosks import Api, TestKiosk
from tests.kiosk.visit.story import Story as Visit

PAGE = "/console/kiosks/notices/"
DUTCH, FRENCH = "Maandag [b]gesloten[/b] <i>&amp;", "Fermé lundi"


def _form(**changes: object) -> dict[str, object]:
    now = timezone.localtime()
    moments = {name: f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for name, hours in (("first", -1), ("until", 3))}
    return moments | {"text-nl": DUTCH, "text-fr": FRENCH} | changes


def _at_the_kiosk(kiosk: TestKiosk, folder: Path) -> Visit:
    """The visit of a kiosk that followed what its heartbeat's answer names."""
    told = kiosk.post("/heartbeat", {"sent_at": datetime.now(UTC), "version": "1", "queue_depth": 0}).json()
    answer = EditionAnswer.model_validate_json(kiosk.get("/editions/notices").content)
    assert told["notices"] == answer.digest and answer.kind is EditionKind.NOTICES
    store = EditionStore(folder / str(kiosk.id), kiosk.municipality)
    store.take(answer)
    visit = Visit()
    visit.tell(NoticesHandedOut(store.notices(kiosk.id)))
    return visit


def _read(visit: Visit, later: timedelta = timedelta(0)) -> list[str]:
    view = visit.visit.view()
    return [page.text for page in pages(view.notices, ("nl", "fr", "de", "en"), datetime.now(UTC) + later)]


@pytest.mark.parametrize("role", [Role.KIOSK_STAFF, Role.MANAGER])
def test_a_notice_is_written_shown_where_it_is_meant_for_and_withdrawn(
    town: Municipality, kiosk: TestKiosk, api: Api, login: Login, role: Role, tmp_path: Path
) -> None:
    browser, other = login(role), TestKiosk.enrolled(town, api, "hall-2")
    assert browser.post(PAGE, _form(kiosks=[str(kiosk.id)])).status_code == 302
    shown = _at_the_kiosk(kiosk, tmp_path)
    assert _read(shown) == [DUTCH, FRENCH]
    assert _read(shown, timedelta(hours=4)) == [] == _read(shown, timedelta(hours=-2))
    assert _read(_at_the_kiosk(other, tmp_path)) == []
    listed = browser.get(PAGE).content.decode()
    assert "[b]gesloten[/b] &lt;i&gt;&amp;amp;" in listed and "hall-1" in listed
    address = re.search(rf"{PAGE}[0-9a-f]+/withdraw/", listed).group()  # type: ignore[union-attr]
    assert browser.post(address).status_code == 302 and browser.post(address).status_code == 404
    assert _read(_at_the_kiosk(kiosk, tmp_path)) == []
    noted = AuditEntry.objects.filter(act="notice-changed", municipality=town).order_by("pk")
    assert [entry.details["what"] for entry in noted] == ["written", "withdrawn"]


def test_it_stands_where_nobody_is_served_and_nowhere_else(
    town: Municipality, kiosk: TestKiosk, login: Login, tmp_path: Path
) -> None:
    login(Role.KIOSK_STAFF).post(PAGE, _form())
    visit = _at_the_kiosk(kiosk, tmp_path)
    visit.tell(HealthChanged(frozenset({Fault.STAFF})))
    assert visit.situation.value == "out_of_service" and _read(visit) == [DUTCH, FRENCH]
    visit.tell(HealthChanged(frozenset()))
    assert visit.situation.value == "welcome" and _read(visit) == [DUTCH, FRENCH]
    visit.tell(LanguageChosen("fr"))
    assert visit.situation.value not in ("welcome", "out_of_service") and _read(visit) == []


def test_languages_take_turns(town: Municipality, kiosk: TestKiosk, login: Login, tmp_path: Path) -> None:
    login(Role.KIOSK_STAFF).post(PAGE, _form())
    every, now = pages(_at_the_kiosk(kiosk, tmp_path).visit.view().notices, ("fr", "nl"), datetime.now(UTC)), 1_800_000
    moments = [datetime.fromtimestamp((now + step) * TURN_SECONDS, UTC) for step in range(3)]
    assert [turn(every, at).language for at in moments] == ["fr", "nl", "fr"]  # type: ignore[union-attr]
    assert turn((), moments[0]) is None


NOT_TAKEN: list[dict[str, object]] = [
    {"text-nl": ""},
    {"text-nl": "x" * (MAX_NOTICE_CHARACTERS + 1)},
    {"text-fr": "turned \u202e around"},
    {"text-fr": "a bell \x07 rings"},
    {"until": "2020-01-01T10:00"},
    {"until": "2099-01-01T10:00"},
    {"first": "2099-01-01T10:00"},
    {"first": "tomorrow"},
    {"kiosks": ["00000000-0000-0000-0000-000000000000"]},
]


@pytest.mark.parametrize("wrong", NOT_TAKEN)
def test_what_cannot_be_shown_is_said_beside_its_field(
    town: Municipality, login: Login, wrong: dict[str, object]
) -> None:
    answer = login(Role.KIOSK_STAFF).post(PAGE, _form(**wrong))
    assert answer.status_code == 200 and b"complaint" in answer.content
    assert not Edition.objects.exists()


def test_a_third_at_the_same_time_has_to_wait(town: Municipality, kiosk: TestKiosk, login: Login) -> None:
    browser = login(Role.KIOSK_STAFF)
    for text in ("one", "two"):
        assert browser.post(PAGE, _form(**{"text-nl": text})).status_code == 302
    assert b"two notices for this time" in browser.post(PAGE, _form(**{"text-nl": "three"})).content
    tomorrow = {
        n: f"{timezone.localtime() + timedelta(days=d):%Y-%m-%dT%H:%M}" for n, d in (("first", 1), ("until", 2))
    }
    assert browser.post(PAGE, _form(**tomorrow)).status_code == 302


def test_only_the_own_municipality_and_only_these_roles(
    town: Municipality, other_town: Municipality, kiosk: TestKiosk, login: Login
) -> None:
    login(Role.KIOSK_STAFF).post(PAGE, _form())
    stranger: Client = login(Role.MANAGER, other_town)
    key = re.search(rf"{PAGE}([0-9a-f]+)/", login(Role.MANAGER).get(PAGE).content.decode()).group(1)  # type: ignore[union-attr]
    assert FRENCH not in stranger.get(PAGE).content.decode()
    assert stranger.post(f"{PAGE}{key}/withdraw/").status_code == 404
    assert stranger.post(PAGE, _form(kiosks=[str(kiosk.id)])).status_code == 200  # not one of theirs
    assert Edition.objects.count() == 1
    for role in (Role.DESK, Role.FINANCE, Role.PLATFORM):
        assert login(role).get(PAGE).status_code == 403 == login(role, name=f"{role.value}-2").post(PAGE).status_code
