"""Kiosks of the version before are served as ever, and newer ones are not lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend import administration
from backend.appointments.models import Slot
from backend.fleet.models import Municipality
from kiosk.domain import wire
from kiosk.sync.keys import public_key_text
from tests.backend.kiosks import Api, Story, TestKiosk

# What a kiosk of version 1 sent, word for word, and the fields that it reads of the answers. Nothing here may change
# while version 1 is spoken (`wire.OLDEST_VERSION`).
HEARTBEAT_1 = {"version": "0.1.0", "queue_depth": 0, "dead_letters": 0, "in_service": True, "screen": "welcome"}
LEASE_1 = {"wanted": 3, "days": 14, "minutes": 5, "long_wanted": 0, "long_minutes": 0}
READ_1 = {
    "/heartbeat": {"server_time", "decisions"},
    "/entries": {"batch_id", "answers", "stored"},
    "/slots/lease": {"slots", "lease_expires"},
    "/slots/return": {"returned"},
    "/enrol": {"kiosk_id", "municipality", "server_time"},
}
REFUSALS_1 = {
    *("no-token", "malformed-token", "bad-signature", "unknown-kiosk", "revoked", "clock-skew", "replayed"),
    *("wrong-body", "invalid", "too-large", "busy", "wrong-code", "code-expired", "code-used", "no-tries-left"),
    "key-known",
}


def test_a_kiosk_of_the_version_before_is_served_as_ever(town: Municipality, api: Api) -> None:
    assert wire.OLDEST_VERSION == 1 < wire.VERSION
    code, _ = administration.enrolment_code(town, 30)
    key = Ed25519PrivateKey.generate()
    joined = api.post("/enrol", {"code": code, "public_key": public_key_text(key), "name": "hall"})
    assert joined.json().keys() >= READ_1["/enrol"]
    kiosk = TestKiosk(UUID(joined.json()["kiosk_id"]), key, "hall", town.pk, api)
    moment = datetime.now(UTC)
    lease = kiosk.post("/slots/lease", LEASE_1 | {"earliest": (moment + timedelta(hours=2)).isoformat()})
    assert lease.json().keys() >= READ_1["/slots/lease"]
    assert lease.json()["slots"][0].keys() >= {"id", "start", "minutes", "desk"}
    slot = wire.LeasedSlot.model_validate(lease.json()["slots"][0])
    story = Story(kiosk)
    entries = [
        _as_in_1(entry) for entry in [*story.asks(), *story.books(slot), *story.pays(), *story.takes_the_ticket()]
    ]
    upload = kiosk.post("/entries", {"batch_id": str(uuid4()), "entries": entries})
    assert upload.json().keys() >= READ_1["/entries"]
    assert {answer["outcome"] for answer in upload.json()["answers"]} == {"accepted"}
    assert upload.json()["stored"].keys() >= {"entries", "dead_letters", "contiguous_to", "gaps"}
    beat = kiosk.post("/heartbeat", HEARTBEAT_1 | {"sent_at": moment.isoformat()})
    assert (beat.status_code, beat.json().keys() >= READ_1["/heartbeat"]) == (200, True)
    back = kiosk.post("/slots/return", {"slot_ids": [str(Slot.objects.filter(leased_to=kiosk.id).first().pk)]})
    assert back.json().keys() >= READ_1["/slots/return"]


def _as_in_1(entry: dict[str, Any]) -> dict[str, Any]:
    """Without what entries have got since."""
    later = {"birth_known", "circumstances", "contents", "merchant_text"}
    return json.loads(json.dumps(entry), object_hook=lambda found: {k: v for k, v in found.items() if k not in later})


def test_what_the_first_version_could_be_refused_for_still_has_its_name() -> None:
    assert {reason.value for reason in wire.Refusal} >= REFUSALS_1


def test_words_of_a_newer_backend_do_not_keep_a_kiosk_from_reading_the_rest() -> None:
    answer = {
        "batch_id": str(uuid4()),
        "answers": [{"position": 0, "id": None, "outcome": "rejected", "reason": "a reason of tomorrow", "more": 1}],
        "stored": {"entries": 1, "dead_letters": 1, "contiguous_to": 1},
        "tomorrow": {},
    }
    assert wire.BatchAnswer.model_validate(answer).answers[0].reason is wire.RejectReason.OTHER
    problem = {"reason": "of tomorrow", "detail": "", "server_time": datetime.now(UTC).isoformat()}
    assert wire.Problem.model_validate(problem).reason is wire.Refusal.OTHER


def test_weeks_without_a_line_are_taken_in_and_in_order(kiosk: TestKiosk) -> None:
    """Three weeks of visits, in the batches of the worker; times and order stay those of the kiosk."""
    entries = []
    for day in range(21):
        story = Story(kiosk, code=f"K7M-3Q{day:02d}-Q"[:9])
        at = datetime.now(UTC) - timedelta(days=21 - day)
        entries += [
            entry | {"at": at.isoformat()} for entry in [*story.asks(), *story.pays(), *story.takes_the_ticket()]
        ]
    for first in range(0, len(entries), wire.MAX_BATCH // 2):
        kiosk.upload(entries[first : first + wire.MAX_BATCH // 2])
    held = wire.Stored.model_validate(kiosk.get("/entries").json())
    assert (held.entries, held.contiguous_to, held.dead_letters, held.gaps) == (len(entries), len(entries), 0, ())
