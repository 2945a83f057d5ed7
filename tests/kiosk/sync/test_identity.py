"""The key file, enrolment, and what the client puts on the wire."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import wire
from kiosk.sync.client import BackendClient, Identity, SyncError, SyncProblem
from kiosk.sync.enrol import IdentityFileError, change_key, enrol, load_identity
from kiosk.sync.keys import KeyFileError, KeyProblem, load_key, load_or_create_key, public_key_text
from tests.kiosk.sync.fakes import START, Clock, problem
from tests.towns import TOWN


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "kiosk.pem"
    first, second = load_or_create_key(path), load_or_create_key(path)
    assert public_key_text(first) == public_key_text(second)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def _x25519() -> bytes:
    return X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        (b"", 0o600, KeyProblem.NOT_A_KEY),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, KeyProblem.NOT_A_KEY),
        (_x25519(), 0o600, KeyProblem.NOT_A_KEY),
        (b"", 0o640, KeyProblem.OPEN_TO_OTHERS),
    ],
)
def test_an_unusable_key_file_says_why(tmp_path: Path, content: bytes, mode: int, expected: KeyProblem) -> None:
    path = tmp_path / "kiosk.pem"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(KeyFileError) as caught:
        load_or_create_key(path)
    assert caught.value.problem is expected
    assert path.read_bytes() == content


def test_a_missing_key_is_missing_and_an_impossible_place_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        load_key(tmp_path / "none.pem")
    assert caught.value.problem is KeyProblem.MISSING
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError) as caught:
        load_or_create_key(tmp_path / "file" / "kiosk.pem")
    assert caught.value.problem is KeyProblem.NOT_WRITABLE


def _client(answer: httpx.Response, seen: list[httpx.Request], identity: Identity | None = None) -> BackendClient:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    return BackendClient("http://backend", identity, now=Clock(), transport=httpx.MockTransport(handle), attempts=1)


def test_enrolment_is_remembered_beside_the_key(tmp_path: Path) -> None:
    path, seen = tmp_path / "kiosk.pem", list[httpx.Request]()
    assert load_identity(path) is None
    answer = wire.EnrolAnswer(kiosk_id=uuid4(), municipality=TOWN, server_time=START)
    client = _client(httpx.Response(200, text=answer.model_dump_json()), seen)
    identity = enrol(client, "ABCD-EFGH-JKMN", "hall-1", path)
    again = load_identity(path)
    assert again is not None and (again.kiosk_id, again.municipality) == (answer.kiosk_id, TOWN)
    assert client.identity is identity
    assert json.loads(seen[0].content)["public_key"] == public_key_text(load_key(path))
    assert "Authorization" not in seen[0].headers


def test_a_refused_code_leaves_no_identity(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.pem"
    with pytest.raises(SyncError) as caught:
        enrol(_client(problem(403, wire.Refusal.WRONG_CODE), []), "ABCD-EFGH-JKMN", "hall-1", path)
    assert (caught.value.problem, caught.value.refusal) == (SyncProblem.REFUSED, wire.Refusal.WRONG_CODE)
    assert load_identity(path) is None


def test_an_identity_goes_with_its_own_key_only(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.pem"
    answer = wire.EnrolAnswer(kiosk_id=uuid4(), municipality=TOWN, server_time=START)
    enrol(_client(httpx.Response(200, text=answer.model_dump_json()), []), "ABCD-EFGH-JKMN", "hall-1", path)
    path.unlink()
    load_or_create_key(path)
    with pytest.raises(KeyFileError):
        load_identity(path)
    (tmp_path / "identity.json").write_text("{")
    with pytest.raises(IdentityFileError):
        load_identity(path)


def test_each_call_carries_a_token_of_its_own_tied_to_its_body() -> None:
    identity, seen = Identity(uuid4(), TOWN, Ed25519PrivateKey.generate()), list[httpx.Request]()
    answer = wire.SlotReturnAnswer(returned=())
    client = _client(httpx.Response(200, text=answer.model_dump_json()), seen, identity)
    client.return_slots(["a"])
    client.return_slots(["a"])
    tokens = [request.headers["Authorization"].removeprefix("Bearer ") for request in seen]
    options = {"verify_exp": False, "verify_iat": False}
    claims = [
        jwt.decode(t, identity.key.public_key(), ["EdDSA"], options, audience=wire.TOKEN_AUDIENCE) for t in tokens
    ]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[0]["exp"] - claims[0]["iat"] <= wire.TOKEN_LIFE_SECONDS
    assert claims[0]["call"] == wire.call_digest("POST", "/api/v1/slots/return", seen[0].content)
    assert jwt.get_unverified_header(tokens[0])["kid"] == str(identity.kiosk_id)


def test_a_kiosk_that_is_not_enrolled_sends_nothing() -> None:
    seen = list[httpx.Request]()
    with pytest.raises(SyncError):
        _client(httpx.Response(200), seen).stored()
    assert seen == []


def test_a_call_that_got_no_answer_is_tried_once_more() -> None:
    calls = list[str]()

    def flaky(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if len(calls) == 1:
            raise httpx.RemoteProtocolError("closed")
        return httpx.Response(200, text=wire.ServerTime(server_time=START).model_dump_json())

    with BackendClient("http://backend", transport=httpx.MockTransport(flaky)) as client:
        assert client.server_time() == START
    assert len(calls) == 2


@given(st.binary(min_size=32, max_size=32))
def test_a_public_key_survives_the_wire(raw: bytes) -> None:
    text = wire.encode_public_key(raw)
    assert len(text) == 43 and wire.decode_public_key(text) == wire.decode_public_key(text + "=") == raw


@given(st.text(max_size=60))
def test_what_is_no_public_key_is_a_value_error(text: str) -> None:
    try:
        raw = wire.decode_public_key(text)
    except ValueError:
        return
    assert wire.encode_public_key(raw) == text.rstrip("=")


def _rekeying(path: Path, answers: list[httpx.Response]) -> tuple[BackendClient, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers[len(seen) - 1]

    identity = load_identity(path)
    return BackendClient("http://b", identity, now=Clock(), transport=httpx.MockTransport(handle), attempts=1), seen


def _enrolled(path: Path) -> None:
    answer = wire.EnrolAnswer(kiosk_id=uuid4(), municipality=TOWN, server_time=START)
    enrol(_client(httpx.Response(200, text=answer.model_dump_json()), []), "ABCD-EFGH-JKMN", "hall-1", path)


def _yes() -> httpx.Response:
    return httpx.Response(200, text=wire.KeyChangeAnswer(key_id="x", old_key_until=START).model_dump_json())


def test_a_new_key_takes_the_old_ones_place_once_the_backend_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.pem"
    _enrolled(path)
    old = public_key_text(load_key(path))
    client, seen = _rekeying(path, [_yes()])
    change_key(client, path)
    new = public_key_text(load_key(path))
    assert new != old and json.loads(seen[0].content)["public_key"] == new
    assert load_identity(path).key.public_key() == client.identity.key.public_key()  # type: ignore[union-attr]
    assert not path.with_name("kiosk.pem.next").exists() and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_of_key_whose_answer_was_lost_is_asked_again_with_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.pem"
    _enrolled(path)
    client, seen = _rekeying(path, [httpx.Response(502), _yes()])
    with pytest.raises(SyncError):
        change_key(client, path)
    assert load_identity(path) is not None  # the kiosk goes on with the old one
    change_key(client, path)
    bodies = [json.loads(request.content) for request in seen]
    assert bodies[0]["public_key"] == bodies[1]["public_key"] == public_key_text(load_key(path))


def test_a_power_cut_between_the_two_files_of_a_new_key_is_mended_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.pem"
    _enrolled(path)
    new = load_or_create_key(path.with_name("kiosk.pem.next"))
    content = json.loads((tmp_path / "identity.json").read_text()) | {"public_key": public_key_text(new)}
    (tmp_path / "identity.json").write_text(json.dumps(content))
    assert load_identity(path).key.public_key() == new.public_key()  # type: ignore[union-attr]
    assert public_key_text(load_key(path)) == public_key_text(new)
