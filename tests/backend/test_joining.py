"""A kiosk comes with a code from the console, and goes when a manager says so."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from backend import administration
from backend.accounts.models import AuditEntry, Staff
from backend.fleet.models import EnrolmentCode, Kiosk, Municipality
from kiosk.sync.keys import public_key_text
from tests.backend.kiosks import Api, TestKiosk

BASE = "/console/kiosks/"


def _staff(town: Municipality, role: str) -> Client:
    administration.staff_account(role, town, role)
    client = Client()
    client.force_login(Staff.objects.get(username=role))
    return client


@pytest.fixture
def manager(town: Municipality, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(
        "backend.accounts.login.is_mfa_enabled", lambda user: True
    )  # the second factor has its own tests
    return _staff(town, "manager")


def test_a_code_from_the_console_makes_a_kiosk_known(manager: Client, town: Municipality, api: Api) -> None:
    assert b"shown this once" not in manager.get(f"{BASE}join/", headers={"accept-language": "en"}).content
    answer = manager.post(f"{BASE}join/", headers={"accept-language": "en"})
    assert answer.status_code == 200, (answer.status_code, answer.headers)
    code = re.search(r'class="code">([0-9A-Z-]+)<', answer.content.decode()).group(1)  # type: ignore[union-attr]
    assert code not in manager.get(f"{BASE}join/").content.decode()
    key = public_key_text(Ed25519PrivateKey.generate())
    joined = api.post("/enrol", {"code": code, "public_key": key, "name": "hall"})
    assert joined.status_code == 200 and joined.json()["municipality"] == town.pk
    assert AuditEntry.objects.filter(act="kiosk-changed", details__what="code-made").count() == 1


def test_a_code_can_be_taken_back(manager: Client, town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    manager.post(f"{BASE}join/{EnrolmentCode.objects.get().pk}/withdraw/")
    answer = api.post(
        "/enrol", {"code": code, "public_key": public_key_text(Ed25519PrivateKey.generate()), "name": "x"}
    )
    assert answer.json()["reason"] == "no-tries-left"


def test_a_kiosk_is_revoked_only_after_its_name_was_typed(manager: Client, kiosk: TestKiosk) -> None:
    page = f"{BASE}{kiosk.id}/revoke/"
    manager.post(page, {"name": "hall-2"})
    assert kiosk.get("/entries").status_code == 200
    manager.post(page, {"name": "hall-1"})
    assert kiosk.get("/entries").json()["reason"] == "revoked"
    assert manager.get(page).status_code == 404


def test_only_managers_and_only_of_their_own_municipality(
    manager: Client, town: Municipality, other_town: Municipality, api: Api
) -> None:
    stranger = TestKiosk.enrolled(other_town, api, "elsewhere")
    assert manager.post(f"{BASE}{stranger.id}/revoke/", {"name": "elsewhere"}).status_code == 404
    administration.enrolment_code(other_town, 30)
    foreign = EnrolmentCode.objects.get(municipality=other_town, used_by=None)
    assert manager.post(f"{BASE}join/{foreign.pk}/withdraw/").status_code == 404
    assert manager.post(f"{BASE}join/987654321/withdraw/").status_code == 404
    assert foreign.public_part not in manager.get(f"{BASE}join/").content.decode()
    assert not Kiosk.objects.filter(revoked_at__isnull=False).exists()
    for role in ("kiosk-staff", "desk"):
        client = _staff(town, role)
        for path in ("join/", f"{stranger.id}/revoke/"):
            assert client.get(BASE + path).status_code == 403
            assert client.post(BASE + path).status_code == 403


def test_there_is_an_end_to_open_codes(manager: Client, town: Municipality) -> None:
    for _ in range(22):
        manager.post(f"{BASE}join/")
    assert EnrolmentCode.objects.count() == 20
    assert all(code.expires_at > datetime.now(UTC) for code in EnrolmentCode.objects.all())
