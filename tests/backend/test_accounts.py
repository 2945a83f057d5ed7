"""The ways in: a second factor for those who give rights, a municipality's own login, and limits on guessing."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.test import Client, override_settings

from backend import administration
from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import Role
from backend.environment import Environment, SingleSignOn
from backend.fleet.models import Municipality
from tests.backend.conftest import Login


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def _enter(name: str, password: str, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client(headers={"accept-language": "en"})
    return client, client.post("/account/login/", {"login": name, "password": password})


# --- The second factor ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MANAGER, Role.PLATFORM])
def test_who_gives_rights_can_do_nothing_without_a_second_factor(town: Municipality, role: Role) -> None:
    password = administration.staff_account("boss", town, role)
    client, answer = _enter("boss", password)
    assert answer.status_code == 302
    for path in ("/", "/console/accounts/", "/console/accounts/audit/", "/desk/"):
        assert client.get(path)["Location"] == "/account/second-factor/app/"
    page = client.get("/account/second-factor/app/").content.decode()
    secret = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)
    assert secret is not None
    assert client.post("/account/second-factor/app/", {"code": "000000"}).status_code == 200
    assert client.post("/account/second-factor/app/", {"code": _code(secret[1])}).status_code == 302
    assert client.get("/console/accounts/").status_code == 200
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret[1] not in json.dumps(kept.data), "the secret lies encrypted"

    second, answer = _enter("boss", password)
    assert answer["Location"].startswith("/account/second-factor/authenticate/")
    assert second.get("/console/accounts/")["Location"].startswith("/account/login/")
    assert second.post("/account/second-factor/authenticate/", {"code": "123456"}).status_code == 200
    assert second.get("/console/accounts/")["Location"].startswith("/account/login/")


def test_a_desk_needs_a_password_only(town: Municipality) -> None:
    client, _ = _enter("an", administration.staff_account("an", town))
    assert client.get("/desk/").status_code == 200


def test_guesses_at_a_password_are_limited(town: Municipality) -> None:
    password = administration.staff_account("an", town)
    for _ in range(5):
        assert b"not correct" in _enter("an", "wrong")[1].content
    client, answer = _enter("an", password)
    assert answer.status_code == 200 and b"Too many failed" in answer.content
    assert client.get("/desk/").status_code == 302


def test_nobody_signs_up(town: Municipality) -> None:
    for path in ("/account/signup/", "/account/email/", "/account/password/reset/"):
        assert Client().get(path).status_code in (302, 404)
        assert Client().post(path, {"username": "x", "password1": "long-enough-to-do"}).status_code in (302, 404)
    assert not Staff.objects.exists()


def test_an_account_is_made_changed_and_closed(town: Municipality, login: Login) -> None:
    manager = login(Role.MANAGER)
    page = manager.post("/console/accounts/new/", {"username": "bert", "first_name": "Bert", "role": "finance"})
    password = re.search(rb'class="code">([0-9a-f-]+)<', page.content)
    assert password is not None
    client, _ = _enter("bert", password[1].decode())
    assert client.get("/console/money/").status_code == 200
    key = Staff.objects.get(username="bert").pk
    manager.post(f"/console/accounts/{key}/", {"role": "desk", "first_name": "Bert"})
    assert client.get("/console/money/").status_code == 302, "logged out with the change"
    client, _ = _enter("bert", password[1].decode(), client)
    assert client.get("/console/money/").status_code == 403
    assert manager.post("/console/accounts/new/", {"username": "a@b", "role": "desk"}).status_code == 200
    assert not Staff.objects.filter(username="a@b").exists(), "an @ is in names from elsewhere only"
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {"staff-changed"}


def test_the_audit_log_is_only_added_to(town: Municipality, login: Login) -> None:
    login(Role.DESK).post("/desk/", {"ticket": "K7M-3QX-Q"})
    entry = AuditEntry.objects.get()
    for change in (entry.save, entry.delete):
        with pytest.raises(TypeError):
            change()
    page = login(Role.MANAGER).get("/console/accounts/audit/?act=ticket-looked-up").content.decode()
    assert "looked up a ticket" in page and "K7M" not in page


# --- A municipality's own login -------------------------------------------------------------------------


class _Provider(BaseHTTPRequestHandler):
    """An OpenID Connect provider on loopback: discovery, token and user info, for one person at a time."""

    person: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        if urlsplit(self.path).path == "/.well-known/openid-configuration":
            self._say(
                {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "userinfo_endpoint": f"{base}/userinfo",
                    "jwks_uri": f"{base}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif self.path == "/userinfo" and self.headers.get("Authorization") == "Bearer access":
            self._say(self.person)
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append(asked)
        if asked.get("code") == ["good"] and asked.get("client_secret") == ["s3cret"] and asked.get("code_verifier"):
            self._say({"access_token": "access", "token_type": "Bearer"})
        else:
            self.send_error(400)

    def _say(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider(town: Municipality, tmp_path: Path) -> Iterator[SingleSignOn]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "doors.toml").write_text(
        f"""
        [[provider]]
        id = "town-login"
        name = "Login of the town"
        municipality = "{town.pk}"
        server = "http://127.0.0.1:{server.server_port}"
        client_id = "loket"
        client_secret_file = "{tmp_path / "secret"}"
        roles = {{ "loket-managers" = "manager", "burgerzaken" = "desk" }}
        """
    )
    environment = Environment(LOKET_SINGLE_SIGN_ON=tmp_path / "doors.toml")
    (door,) = environment.single_sign_on
    app = {"provider_id": door.id, "name": door.name, "client_id": door.client_id, "secret": "s3cret"}
    apps = [app | {"settings": {"server_url": str(door.server).rstrip("/"), "uid_field": "sub"}}]
    providers = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    with override_settings(ENVIRONMENT=environment, SOCIALACCOUNT_PROVIDERS=providers):
        yield door
    server.shutdown()
    server.server_close()


def _come_in(person: dict[str, Any], code: str = "good", state: str | None = None) -> tuple[Client, Any]:
    _Provider.person = person
    client = Client(headers={"accept-language": "en"})
    away = client.post("/account/own/town-login/")
    assert away.status_code == 302
    question = parse_qs(urlsplit(away["Location"]).query)
    assert question["redirect_uri"] == ["http://testserver/account/own/town-login/back/"]
    assert question["code_challenge_method"] == ["S256"] and "openid" in question["scope"][0]
    answer = {"code": code, "state": state or question["state"][0]}
    return client, client.get("/account/own/town-login/back/", answer)


AN = {"sub": "7f3", "preferred_username": "an.peeters@town.example", "given_name": "An", "groups": ["burgerzaken"]}


def test_a_municipalitys_own_login_lets_its_people_in_with_their_role(provider: SingleSignOn) -> None:
    page = Client().get("/account/login/")
    assert provider.name.encode() in page.content
    assert provider.origin in page["Content-Security-Policy"], "the form may lead there"
    client, answer = _come_in(AN)
    assert answer.status_code == 302
    staff = Staff.objects.get()
    assert (staff.username, staff.role, staff.municipality_id) == (
        "an.peeters@town-login",
        "desk",
        provider.municipality,
    )
    assert not staff.has_usable_password() and client.get("/desk/").status_code == 200
    _come_in(AN)
    assert Staff.objects.count() == 1


def test_groups_count_anew_at_every_login(provider: SingleSignOn) -> None:
    _come_in(AN)
    client, _ = _come_in(AN | {"groups": ["burgerzaken", "loket-managers"]})
    assert Staff.objects.get().role == "manager"
    assert client.get("/console/accounts/")["Location"] == "/account/second-factor/app/"
    client, answer = _come_in(AN | {"groups": []})
    assert answer.status_code == 403 and b"none of your groups" in answer.content
    assert not Staff.objects.get().is_active and client.get("/desk/").status_code == 302


def test_nobody_gets_another_ones_account_by_a_name(provider: SingleSignOn, town: Municipality) -> None:
    administration.staff_account("an.peeters", town, Role.MANAGER)
    _come_in(AN)
    _come_in(AN | {"sub": "other"})
    assert Staff.objects.get(username="an.peeters").role == "manager"
    assert Staff.objects.filter(role="desk").count() == 2


@pytest.mark.parametrize(("code", "state"), [("forged", None), ("good", "forged")])
def test_what_the_provider_did_not_say_is_refused_in_words(
    provider: SingleSignOn, code: str, state: str | None
) -> None:
    client, answer = _come_in(AN, code, state)
    assert answer.status_code in (200, 401, 403, 502) and b"did not answer, or was broken off" in answer.content
    assert not Staff.objects.exists() and client.get("/desk/").status_code == 302


def test_a_provider_that_is_away_is_said_in_words(provider: SingleSignOn, tmp_path: Path) -> None:
    gone = json.loads(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))
    gone["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    with override_settings(SOCIALACCOUNT_PROVIDERS=gone):
        answer = Client(headers={"accept-language": "en"}).post("/account/own/town-login/")
    assert b"did not answer, or was broken off" in answer.content


def test_a_file_of_logins_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "doors.toml").write_text('[[provider]]\nid = "x"\nroles = { a = "platform" }\n')
    with pytest.raises(ValueError, match="roles"):
        assert Environment(LOKET_SINGLE_SIGN_ON=tmp_path / "doors.toml").single_sign_on
