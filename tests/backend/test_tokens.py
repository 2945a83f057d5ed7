"""Who may call: enrolment codes and signed calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend import administration
from backend.fleet import tokens
from backend.fleet.enrolment import ALPHABET
from backend.fleet.keys import EnrolledKeys
from backend.fleet.models import EnrolmentCode, Kiosk, Municipality, RetiredKey
from backend.fleet.tokens import forget_expired_tokens
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import decode_public_key, key_change_text
from kiosk.sync.keys import public_key_text
from tests.backend.kiosks import BOTH, Api, TestKiosk

ENGINES = BOTH


def _enrol(api: Api, code: str, key: Ed25519PrivateKey | None = None) -> tuple[int, dict[str, Any]]:
    key = key or Ed25519PrivateKey.generate()
    answer = api.post("/enrol", {"code": code, "public_key": public_key_text(key), "name": "hall"})
    return answer.status_code, answer.json()


def _wrong(code: str) -> str:
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % len(ALPHABET)]


def _call(kiosk: TestKiosk, **changes: Any) -> tuple[int, str]:
    answer = kiosk.api.get("/entries", kiosk.token("GET", "/entries", b"", **changes))
    return answer.status_code, answer.json().get("reason", "answered")


def test_a_code_is_good_once(town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    assert _enrol(api, code)[0] == 200
    assert _enrol(api, code)[1]["reason"] == "code-used"
    assert Kiosk.objects.count() == 1


def test_a_lost_answer_to_enrolment_can_be_asked_for_again(town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    key = Ed25519PrivateKey.generate()
    assert _enrol(api, code, key)[1]["kiosk_id"] == _enrol(api, code, key)[1]["kiosk_id"]


def test_a_code_may_be_typed_in_any_case_and_with_the_letters_people_confuse(town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    assert _enrol(api, code.lower().replace("0", "o").replace("1", "l").replace("-", " "))[0] == 200


def test_wrong_guesses_use_up_the_tries_of_a_code(town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    reasons = [_enrol(api, _wrong(code))[1]["reason"] for _ in range(6)]
    assert reasons == ["wrong-code"] * 4 + ["no-tries-left"] * 2
    assert _enrol(api, code)[1]["reason"] == "no-tries-left"


def test_a_code_expires(town: Municipality, api: Api) -> None:
    code, _ = administration.enrolment_code(town, 30)
    EnrolmentCode.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert _enrol(api, code)[1]["reason"] == "code-expired"


def test_the_secret_part_of_a_code_is_not_stored(town: Municipality) -> None:
    code, _ = administration.enrolment_code(town, 30)
    row = EnrolmentCode.objects.get()
    assert code.replace("-", "")[4:] not in json.dumps([row.public_part, row.secret_digest])


def test_a_key_joins_once(town: Municipality, api: Api) -> None:
    key = Ed25519PrivateKey.generate()
    codes = [administration.enrolment_code(town, 30)[0] for _ in range(2)]
    assert [_enrol(api, code, key)[0] for code in codes] == [200, 409]


@pytest.mark.parametrize("public_key", ["!" * 43, "B" * 44, "A" * 42 + "B"])
def test_what_is_no_public_key_is_refused(town: Municipality, api: Api, public_key: str) -> None:
    code, _ = administration.enrolment_code(town, 30)
    answer = api.post("/enrol", {"code": code, "public_key": public_key, "name": "hall"})
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")


def test_a_signed_call_is_answered_and_a_replay_of_it_is_not(kiosk: TestKiosk) -> None:
    jti = uuid4().hex
    assert _call(kiosk, jti=jti) == (200, "answered")
    assert _call(kiosk, jti=jti) == (401, "replayed")


def test_a_call_without_a_token_is_refused(api: Api, kiosk: TestKiosk) -> None:
    assert api.get("/entries").json()["reason"] == "no-token"


@pytest.mark.parametrize("seconds", [-3600, -120, 3600, 10 * 365 * 86400])
def test_a_wrong_clock_is_told_apart_from_a_forgery(kiosk: TestKiosk, seconds: int) -> None:
    issued = int(datetime.now(UTC).timestamp()) + seconds
    token = kiosk.token("GET", "/entries", b"", iat=issued, exp=issued + 60)
    answer = kiosk.api.get("/entries", token)
    assert (answer.status_code, answer.json()["reason"]) == (401, "clock-skew")
    told = datetime.fromisoformat(answer.json()["server_time"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=10)


def test_a_clock_some_seconds_off_is_good_enough(kiosk: TestKiosk) -> None:
    issued = int(datetime.now(UTC).timestamp()) + 20
    assert _call(kiosk, iat=issued, exp=issued + 60) == (200, "answered")


def test_a_forged_signature_is_a_forgery_whatever_its_clock(kiosk: TestKiosk) -> None:
    assert _call(kiosk, key=Ed25519PrivateKey.generate()) == (401, "bad-signature")
    assert _call(kiosk, key=Ed25519PrivateKey.generate(), iat=0, exp=60) == (401, "bad-signature")


def test_a_kiosk_cannot_sign_for_another(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    assert _call(kiosk, kid=str(other_kiosk.id)) == (401, "bad-signature")
    assert _call(kiosk, kid=str(uuid4())) == (401, "unknown-kiosk")


def test_a_token_fits_one_request_only(kiosk: TestKiosk) -> None:
    token = kiosk.token("POST", "/entries", b'{"a": 1}')
    assert kiosk.api.post("/entries", b'{"a": 2}', token).json()["reason"] == "wrong-body"
    assert kiosk.api.post("/heartbeat", b'{"a": 1}', token).json()["reason"] == "wrong-body"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 2**40},
        {"jti": "short"},
        {"jti": None},
        {"jti": 7},
        {"iat": "now"},
        {"exp": None},
        {"aud": "another"},
        {"kid": "nobody"},
        {"iat": 10**30, "exp": 10**30},
    ],
)
def test_a_token_of_another_shape_is_refused(kiosk: TestKiosk, changes: dict[str, Any]) -> None:
    assert _call(kiosk, **changes) == (401, "malformed-token")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "é", "A" * 5000])
def test_what_is_no_token_is_refused(kiosk: TestKiosk, token: str) -> None:
    answer = kiosk.api.get("/entries", token)
    assert (answer.status_code, answer.json()["reason"]) == (401, "malformed-token")


def test_a_revoked_kiosk_is_told_so(kiosk: TestKiosk) -> None:
    administration.revoke(str(kiosk.id))
    assert _call(kiosk) == (403, "revoked")


def test_numbers_of_expired_tokens_are_forgotten(kiosk: TestKiosk) -> None:
    _call(kiosk)
    assert forget_expired_tokens(datetime.now(UTC)) == 0
    assert forget_expired_tokens(datetime.now(UTC) + timedelta(minutes=3)) == 1


def test_health_and_time_need_no_token(api: Api) -> None:
    assert api.get("/health").json()["status"] == "ok"
    assert "server_time" in api.get("/time").json()


def test_a_complaint_about_a_body_does_not_repeat_it(kiosk: TestKiosk) -> None:
    answer = kiosk.post("/heartbeat", {"sent_at": "El Amrani", "version": "1", "queue_depth": 0})
    assert answer.status_code == 422
    assert b"sent_at" in answer.content and b"El Amrani" not in answer.content


def _change_key(kiosk: TestKiosk, new: Ed25519PrivateKey, **changes: Any) -> tuple[int, dict[str, Any]]:
    raw = decode_public_key(public_key_text(new))
    proof = new.sign(key_change_text(changes.pop("kiosk_id", kiosk.id), raw)).hex()
    answer = kiosk.post("/key", {"public_key": public_key_text(new), "proof": proof} | changes)
    return answer.status_code, answer.json()


def test_a_kiosk_changes_its_key_and_the_old_one_calls_until_it_is_started_anew(kiosk: TestKiosk) -> None:
    new = Ed25519PrivateKey.generate()
    status, answer = _change_key(kiosk, new)
    assert (status, answer["key_id"]) == (200, key_id_of(decode_public_key(public_key_text(new))))
    assert _change_key(kiosk, new) == (200, answer)  # the answer was lost
    assert _call(kiosk) == (200, "answered") == _call(kiosk, key=new)
    RetiredKey.objects.update(calls_until=datetime.now(UTC))
    tokens._known.clear()  # as a minute later
    assert _call(kiosk) == (401, "bad-signature")
    assert _call(kiosk, key=new) == (200, "answered")


def test_tickets_of_a_replaced_key_stay_good_and_those_of_a_revoked_kiosk_do_not(kiosk: TestKiosk) -> None:
    old = key_id_of(decode_public_key(public_key_text(kiosk.key)))
    _change_key(kiosk, Ed25519PrivateKey.generate())
    assert EnrolledKeys()[old].kiosk == str(kiosk.id) and EnrolledKeys()[old].revoked_at is None
    assert len(list(EnrolledKeys())) == len(EnrolledKeys()) == 2
    administration.revoke(str(kiosk.id))
    assert EnrolledKeys()[old].revoked_at is not None


def test_a_key_is_changed_only_by_who_holds_the_new_one(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    new = Ed25519PrivateKey.generate()
    assert _change_key(kiosk, new, proof="00" * 64)[1]["reason"] == "invalid"
    assert _change_key(kiosk, new, proof="é" * 128)[1]["reason"] == "invalid"
    assert _change_key(kiosk, new, kiosk_id=other_kiosk.id)[1]["reason"] == "invalid"
    assert _change_key(kiosk, other_kiosk.key)[1]["reason"] == "key-known"
    _change_key(other_kiosk, new)
    assert _change_key(kiosk, other_kiosk.key)[1]["reason"] == "key-known"  # nor one that somebody had


def test_a_kiosk_is_refused_from_the_moment_it_is_revoked_though_its_key_is_remembered(kiosk: TestKiosk) -> None:
    assert _call(kiosk) == (200, "answered")
    assert kiosk.id in tokens._known
    administration.revoke(str(kiosk.id))
    assert _call(kiosk) == (403, "revoked")
