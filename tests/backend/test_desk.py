"""The pickup desk: every kind of scan has its own answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from backend import administration
from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import Role
from backend.desk.finding import Result, find
from backend.desk.words import WORDS
from backend.fleet.models import Municipality
from kiosk.domain.tickets.claims import Claims, Payment, PaymentState, RequestedCard, new_code
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import decode_public_key
from kiosk.sync.keys import public_key_text
from kiosk.ticket.signature import sign
from tests.backend.conftest import Login
from tests.backend.kiosks import BOTH, Api, Story, TestKiosk

ENGINES = BOTH

CODE = new_code(Random(4))


def _qr(story: Story, key: Ed25519PrivateKey | None = None, **changes: object) -> str:
    kiosk = story.kiosk
    key = key or kiosk.key
    values = {
        "ticket_id": story.ticket,
        "code": story.code,
        "municipality": kiosk.municipality,
        "kiosk": str(kiosk.id),
        "issued_at": datetime(2026, 11, 22, 14, 36, tzinfo=UTC),
        "service": "application",
        "appointment": None,
        "payment": Payment(PaymentState.PAID, 2400),
        "requests": (RequestedCard("A", "normal"),),
    }
    return sign(Claims(**(values | changes)), key, key_id_of(decode_public_key(public_key_text(key))))


@pytest.fixture
def story(kiosk: TestKiosk) -> Story:
    return Story(kiosk, code=CODE)


@pytest.fixture
def browser(login: Login) -> Client:
    return login(Role.DESK, name="desk")


def test_a_paid_request_is_found_by_its_code_however_it_is_typed(town: Municipality, story: Story) -> None:
    story.kiosk.upload([*story.asks(), *story.pays()])
    for typed in (story.code, story.code.lower(), story.code.replace("-", " "), f"  {story.code}\n"):
        found = find(typed, town)
        assert (found.result, found.request and found.request.surname) == (Result.PAID, "El Amrani")


def test_a_scanned_ticket_is_found_by_what_identifies_it(town: Municipality, story: Story) -> None:
    story.kiosk.upload([*story.asks(), *story.pays()])
    assert find("]Q1" + _qr(story), town).result is Result.PAID


def test_a_ticket_whose_request_has_not_arrived_is_genuine_all_the_same(town: Municipality, story: Story) -> None:
    found = find(_qr(story), town)
    assert (found.result, found.claims and found.claims.code, found.kiosk) == (Result.NOT_ARRIVED, story.code, "hall-1")


def test_money_decides_the_answer(town: Municipality, kiosk: TestKiosk) -> None:
    def judged(*parts: str, cents: int = 2400) -> Result:
        story = Story(kiosk)
        kiosk.upload(story.asks(cents))
        for part in parts:
            kiosk.upload(getattr(story, part)())
        return find(_qr(story, code=CODE), town).result

    assert judged() is Result.NOT_PAID
    assert judged("is_declined") is Result.NOT_PAID
    assert judged("begins_to_pay") is Result.OPEN_CASE  # sent, and no word since: money may have moved
    assert judged("hears_nothing") is Result.OPEN_CASE
    assert judged("pays") is Result.PAID
    assert judged(cents=0) is Result.NOTHING_TO_PAY


def test_a_forged_ticket_is_not_genuine(town: Municipality, story: Story) -> None:
    genuine = _qr(story)
    tampered = genuine[:-8] + ("A" if genuine[-8] != "A" else "B") + genuine[-7:]
    assert find(tampered, town).result in (Result.BAD_SIGNATURE, Result.DAMAGED)
    assert find(_qr(story, kiosk="another"), town).result is Result.BAD_SIGNATURE
    assert find(_qr(story, key=Ed25519PrivateKey.generate()), town).result is Result.UNKNOWN_KIOSK


def test_a_withdrawn_kiosk_signs_nothing(town: Municipality, story: Story) -> None:
    administration.revoke(str(story.kiosk.id))
    assert find(_qr(story), town).result is Result.REVOKED_KIOSK


def test_a_ticket_of_another_municipality_is_not_shown(town: Municipality, other_town: Municipality, api: Api) -> None:
    story = Story(TestKiosk.enrolled(other_town, api, "elsewhere-1"), code=CODE)
    story.kiosk.upload(story.asks())
    by_code, by_qr = find(story.code, town), find(_qr(story), town)
    assert (by_code.result, by_code.request) == (Result.WRONG_MUNICIPALITY, None)
    assert (by_qr.result, by_qr.request, by_qr.municipality) == (Result.WRONG_MUNICIPALITY, None, other_town.name)


def test_one_code_on_two_tickets_is_said(town: Municipality, kiosk: TestKiosk) -> None:
    for _ in range(2):
        kiosk.upload(Story(kiosk, code=CODE).asks())
    assert find(CODE, town).result is Result.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("K7M", Result.MISTYPED),
        ("K7M-3QX-O", Result.MISTYPED),
        ("", Result.MISTYPED),
        ("https://example.org/a", Result.NOT_A_TICKET),
        ("5412345678908123456789", Result.NOT_A_TICKET),
        ("LK1:", Result.DAMAGED),
        ("LK1:" + "7" * 5000, Result.DAMAGED),
        ("LK9:ABC", Result.NOT_A_TICKET),
        ("\x00\ud800", Result.MISTYPED),
    ],
)
def test_what_is_no_ticket_has_its_own_answer(town: Municipality, text: str, result: Result) -> None:
    assert find(text, town).result is result


def test_a_wrong_character_is_told_apart_from_an_unknown_code(town: Municipality) -> None:
    assert find(CODE, town).result is Result.UNKNOWN_CODE
    swapped = CODE[1] + CODE[0] + CODE[2:]
    assert find(swapped, town).result is Result.MISTYPED


def test_every_answer_has_words() -> None:
    assert set(WORDS) == set(Result)


def test_the_page_shows_the_request_and_notes_who_looked(browser: Client, story: Story) -> None:
    story.kiosk.upload([*story.asks(), *story.pays()])
    page = browser.post("/desk/", {"ticket": story.code}).content.decode()
    for words in ("Valid and paid", "El Amrani", "Yusuf", "Lina", "€24.00", "receipt 214", "New card"):
        assert words in page, words
    look = AuditEntry.objects.get()
    assert (look.who, look.act, look.about_id) == ("desk", "ticket-looked-up", str(story.ticket))
    assert look.details == {"result": "paid"}


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Geldig en betaald"), ("fr", "Valable et payé"), ("en", "Valid and paid")]
)
def test_the_page_speaks_three_languages(browser: Client, story: Story, language: str, words: str) -> None:
    story.kiosk.upload([*story.asks(), *story.pays()])
    browser.post("/account/language/", {"language": language, "next": "/desk/"})
    page = browser.post("/desk/", {"ticket": story.code}).content.decode()
    assert f">{words}</h1>" in page and f'<html lang="{language}">' in page


def test_nobody_looks_without_a_login(town: Municipality) -> None:
    answer = Client().post("/desk/", {"ticket": "x"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/desk/")
    assert Client().get("/account/login/").status_code == 200


def test_a_wrong_password_is_refused_in_words(town: Municipality) -> None:
    administration.staff_account("desk", town)
    answer = Client(headers={"accept-language": "en"}).post("/account/login/", {"login": "desk", "password": "x"})
    assert b"are not correct" in answer.content


def test_a_form_from_elsewhere_is_refused(town: Municipality) -> None:
    administration.staff_account("desk", town)
    client = Client(enforce_csrf_checks=True)
    client.force_login(Staff.objects.get(), backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.post("/desk/", {"ticket": "x"}).status_code == 403


def test_every_page_forbids_frames_and_scripts_but_the_desks_own(browser: Client) -> None:
    for page in (browser.get("/desk/"), Client().get("/account/login/"), Client().get("/nowhere/")):
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert page["X-Frame-Options"] == "DENY"
        assert b"style=" not in page.content and b"onclick" not in page.content
        scripts = re.findall(rb"<script[^>]*>", page.content)
        assert all(b' src="/static/loket/desk/' in script for script in scripts)
        assert ("script-src 'self'" in policy) == bool(scripts)
    assert "no-store" in browser.get("/desk/")["Cache-Control"]
    assert browser.get("/desk/")["Permissions-Policy"].startswith("camera=(self)")
    assert Client().get("/account/login/")["Permissions-Policy"].startswith("camera=()")


def test_an_account_without_a_municipality_sees_nothing(browser: Client, story: Story) -> None:
    story.kiosk.upload(story.asks())
    Staff.objects.update(municipality=None)
    answer = browser.post("/desk/", {"ticket": story.code})
    assert answer.status_code == 403 and b"El Amrani" not in answer.content
    assert b"no municipality yet" in browser.get("/").content


def test_a_lookup_of_a_ticket_that_names_nobody_is_harmless(town: Municipality, story: Story) -> None:
    assert find(_qr(story, ticket_id=uuid4()), town).result is Result.NOT_ARRIVED
