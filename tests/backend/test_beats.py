"""A heartbeat is one row written over, a sample in ten minutes, and never lost for one bad value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend import administration
from backend.fleet.models import Kiosk, Municipality
from backend.watch import beats
from backend.watch.models import Sample
from kiosk.domain.wire import Heartbeat
from kiosk.sync.keys import public_key_text
from tests.backend.kiosks import BOTH, Api, TestKiosk

ENGINES = BOTH


def beat(**report: object) -> dict[str, object]:
    return {"sent_at": datetime.now(UTC).isoformat(), "version": "0.1.0", "queue_depth": 0, "report": report}


def test_the_last_heartbeat_is_kept_and_the_one_before_is_not(kiosk: TestKiosk) -> None:
    for left in (500, 400):
        assert kiosk.post("/heartbeat", beat(paper_left_mm=left, faults=[])).status_code == 200
    row = Kiosk.objects.get()
    assert (beats.beat_of(row).report.paper_left_mm, beats.unreadable(row)) == (400, ())
    assert Sample.objects.count() == 1


def test_one_value_out_of_shape_is_not_known_and_the_rest_is(kiosk: TestKiosk) -> None:
    answer = kiosk.post("/heartbeat", beat(paper_left_mm=-3, cpu_percent="hot", disk_writes=True, smell="roses"))
    assert answer.status_code == 200
    row = Kiosk.objects.get()
    assert sorted(beats.unreadable(row)) == ["cpu_percent", "paper_left_mm"]
    report = beats.beat_of(row).report
    assert (report.disk_writes, report.paper_left_mm, report.cpu_percent) == (True, None, None)


def test_a_kiosk_of_an_earlier_version_says_less_and_is_heard(kiosk: TestKiosk) -> None:
    short = {"sent_at": datetime.now(UTC).isoformat(), "version": "0.0.9", "queue_depth": 3}
    assert kiosk.post("/heartbeat", short).status_code == 200
    assert beats.beat_of(Kiosk.objects.get()).report.paper_left_mm is None


def test_a_nul_in_a_text_costs_a_letter_and_not_the_heartbeat(kiosk: TestKiosk) -> None:
    said = beat(paper_left_mm=500, faults=["printer\x00"], pending_update="0.2\x00") | {"version": "0.1\x00b"}
    assert kiosk.post("/heartbeat", said | {"screen": "wel\x00come"}).status_code == 200
    told = beats.beat_of(Kiosk.objects.get())
    assert (told.version, told.report.paper_left_mm, told.report.pending_update) == ("0.1\ufffdb", 500, None)
    assert Sample.objects.get().faults is None  # out of shape, and so not known


@pytest.mark.parametrize("name", ["hall\x00", "hall\x1b[2J", "hall\n2"])
def test_a_kiosk_has_a_name_that_can_be_kept_and_shown(town: Municipality, api: Api, name: str) -> None:
    code, _ = administration.enrolment_code(town, 30)
    key = public_key_text(Ed25519PrivateKey.generate())
    answer = api.post("/enrol", {"code": code, "public_key": key, "name": name})
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")
    assert not Kiosk.objects.exists()


@pytest.mark.parametrize("report", [[], "well", 3])
def test_a_report_that_is_none_is_refused_in_one_line(kiosk: TestKiosk, report: object) -> None:
    answer = kiosk.post("/heartbeat", beat() | {"report": report})
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")


def test_samples_are_of_ten_minutes_and_go_after_two_months(kiosk: TestKiosk) -> None:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    for seconds in range(0, 3600, 30):
        message = Heartbeat.model_validate(beat(paper_left_mm=seconds))
        beats.keep_sample(kiosk.id, message, start + timedelta(seconds=seconds))
    assert list(Sample.objects.order_by("at").values_list("paper_left_mm", flat=True)) == [
        0,
        600,
        1200,
        1800,
        2400,
        3000,
    ]
    assert beats.prune(start + beats.SAMPLES_KEPT + timedelta(minutes=25))["samples"] == 3


def test_a_hundred_values_that_are_not_known_are_stored_as_such(kiosk: TestKiosk) -> None:
    kiosk.post("/heartbeat", beat())
    sample = Sample.objects.get()
    assert (sample.paper_left_mm, sample.faults, sample.in_service, sample.cpu_percent) == (None, None, None, None)
