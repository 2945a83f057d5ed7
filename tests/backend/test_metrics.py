"""What Prometheus reads, who may, and that dashboard and rules ask for nothing that is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from backend.fleet.models import Municipality
from backend.watch import rounds
from tests.backend.kiosks import TestKiosk
from tests.backend.test_fleet_pages import beat

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
_NAME = re.compile(r"\bloket_[a-z_]+")


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(settings, "METRICS_TOKEN", "a-long-token")
    return "a-long-token"


def read(token: str) -> dict[str, dict[tuple[str, ...], float]]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return {
        family.name: {(s.labels.get("kiosk", ""), s.labels.get("part", "")): s.value for s in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }


def test_without_a_token_it_is_closed_and_with_a_wrong_one_too(town: Municipality, token: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é"}, {"Authorization": "Basic x"}):
        assert Client().get("/metrics", headers=headers).status_code == 401
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_kiosk_can_be_read_through_the_backend(kiosk: TestKiosk, other_kiosk: TestKiosk, token: str) -> None:
    beat(kiosk)
    rounds.look(timezone.now())
    found = read(token)
    well, silent = str(kiosk.id), str(other_kiosk.id)
    assert found["loket_kiosk_up"] == {(well, ""): 1.0, (silent, ""): 0.0}
    assert found["loket_kiosk_level"] == {(well, ""): 0.0, (silent, ""): 2.0}
    assert found["loket_kiosk_paper_left_metres"] == {(well, ""): 80.0}
    assert found["loket_watch_last_look_timestamp_seconds"]


def test_a_missing_value_has_no_number_and_reads_as_unknown(kiosk: TestKiosk, token: str) -> None:
    beat(kiosk, paper_left_mm=None, disk_writes=None)
    found, own = read(token), str(kiosk.id)
    assert found["loket_kiosk_paper_left_metres"] == {}
    assert found["loket_kiosk_part_level"][own, "paper"] == found["loket_kiosk_part_level"][own, "disk"] == 2.0
    assert found["loket_kiosk_level"][own, ""] == 2.0


def test_every_metric_that_dashboard_and_rules_name_exists(kiosk: TestKiosk, token: str) -> None:
    beat(kiosk)
    known = set(read(token))
    named = {}
    for path in (MONITORING / "grafana-kiosks.json", MONITORING / "loket-alerts.yml"):
        named[path.name] = set(_NAME.findall(path.read_text(encoding="utf-8")))
        assert named[path.name] and named[path.name] - known == set(), path.name
    board = json.loads((MONITORING / "grafana-kiosks.json").read_text(encoding="utf-8"))
    assert all(target["expr"] for panel in board["panels"] for target in panel["targets"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_process_says_that_it_lives_and_whether_it_is_ready(town: Municipality) -> None:
    assert Client().get("/health/live").json() == {"status": "alive"}
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
