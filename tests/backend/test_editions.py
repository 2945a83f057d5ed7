"""What a municipality hands out to its kiosks: published only when kiosks can use it, and told with every heartbeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend import administration
from backend.editions import publishing
from backend.editions.models import Edition
from backend.fleet.models import Municipality
from kiosk.domain.wire import Notice, digest_of
from kiosk.profiles import PROFILE_FOLDER
from tests.backend.kiosks import BOTH, Api, TestKiosk
from tests.towns import OTHER_TOWN, TOWN

ENGINES = BOTH
GOOD = (PROFILE_FOLDER / f"{TOWN}.toml").read_text()
NOW = datetime.now(UTC)


def _told(kiosk: TestKiosk) -> tuple[str | None, str | None]:
    beat = {"sent_at": datetime.now(UTC).isoformat(), "version": "1", "queue_depth": 0}
    answer = kiosk.post("/heartbeat", beat).json()
    return answer["profile"], answer["notices"]


def test_a_kiosk_hears_of_new_rules_with_its_next_heartbeat_and_fetches_them(
    kiosk: TestKiosk, town: Municipality
) -> None:
    assert _told(kiosk) == (None, None)
    assert kiosk.get("/editions/profile").status_code == 404
    publishing.publish_profile(town, GOOD, by=None, now=NOW)
    assert _told(kiosk) == (digest_of(GOOD), None)
    answer = kiosk.get("/editions/profile")
    assert answer.json()["text"] == GOOD and answer["ETag"] == f'"{digest_of(GOOD)}"'


def test_what_a_kiosk_has_is_not_sent_again(kiosk: TestKiosk, town: Municipality) -> None:
    publishing.publish_profile(town, GOOD, by=None, now=NOW)
    path = "/editions/profile"
    for tag, status in ((f'"{digest_of(GOOD)}"', 304), ('"another"', 200)):
        answer = kiosk.api.client.get(
            f"/api/v1{path}",
            headers={"Authorization": f"Bearer {kiosk.token('GET', path, b'')}", "If-None-Match": tag},
        )
        assert (answer.status_code, bool(answer.content)) == (status, status == 200)


def test_a_municipality_hands_out_to_its_own_kiosks_alone(
    kiosk: TestKiosk, town: Municipality, other_town: Municipality, api: Api
) -> None:
    publishing.publish_profile(town, GOOD, by=None, now=NOW)
    stranger = TestKiosk.enrolled(other_town, api, "elsewhere")
    assert _told(stranger) == (None, None)
    assert stranger.get("/editions/profile").json()["reason"] == "not-published"


def test_the_latest_counts_and_the_same_is_not_published_twice(kiosk: TestKiosk, town: Municipality) -> None:
    for text in (GOOD, GOOD + "# x", GOOD + "# x", GOOD):
        publishing.publish_profile(town, text, by=None, now=NOW)
    assert Edition.objects.count() == 3
    assert _told(kiosk)[0] == digest_of(GOOD)
    found = publishing.profile_of(town.pk)
    assert found is not None and found.id == TOWN


@pytest.mark.parametrize("text", ["", "id =", GOOD.replace(f'id = "{TOWN}"', f'id = "{OTHER_TOWN}"'), "#" * 400_001])
def test_what_kiosks_could_not_use_is_not_published(town: Municipality, text: str) -> None:
    with pytest.raises(publishing.EditionUnusable):
        publishing.publish_profile(town, text, by=None, now=NOW)
    assert not Edition.objects.exists()


def test_notices_are_handed_out_as_a_whole(kiosk: TestKiosk, town: Municipality) -> None:
    notice = Notice(texts={"nl": "Morgen gesloten"}, first=NOW, until=NOW + timedelta(days=1))
    edition = publishing.publish_notices(town, [notice], by=None, now=NOW)
    assert _told(kiosk) == (None, edition.digest)
    assert kiosk.get("/editions/notices").json()["text"] == edition.text
    with pytest.raises(publishing.EditionUnusable):
        publishing.publish_notices(town, [notice] * 21, by=None, now=NOW)


def test_the_command_publishes_a_file_or_says_what_is_wrong_with_it(town: Municipality, tmp_path: Path) -> None:
    owner, digest = administration.publish_profile(PROFILE_FOLDER / f"{TOWN}.toml")
    assert (owner.pk, digest) == (TOWN, digest_of(GOOD))
    (tmp_path / "bad.toml").write_text("id = 7")
    for path, problem in ((tmp_path / "bad.toml", "id"), (tmp_path / "none.toml", "No such file")):
        with pytest.raises(administration.ProfileUnusable, match=problem):
            administration.publish_profile(path)


@pytest.mark.parametrize("version", ["0", "3", "x", "", "1.0", "²", "99999999999"])
def test_a_version_that_is_not_spoken_here_is_refused_and_nothing_is_lost_by_it(kiosk: TestKiosk, version: str) -> None:
    token = kiosk.token("GET", "/entries", b"")
    answer = kiosk.api.client.get(
        "/api/v1/entries", headers={"Authorization": f"Bearer {token}", "Loket-Version": version}
    )
    assert (answer.status_code, answer.json()["reason"]) == (426, "version")


def test_a_version_stands_for_one_set_of_rules(town: Municipality) -> None:
    publishing.publish_profile(town, GOOD, by=None, now=NOW)
    dearer = GOOD.replace("normal = 1200", "normal = 1300")
    assert dearer != GOOD
    with pytest.raises(publishing.EditionUnusable, match="was published with other rules; give these a new one"):
        publishing.publish_profile(town, dearer, by=None, now=NOW)
    publishing.publish_profile(town, dearer.replace('version = "', 'version = "dearer-'), by=None, now=NOW)
    publishing.publish_profile(town, GOOD, by=None, now=NOW)  # back to what it was
    publishing.publish_profile(town, GOOD + "# a remark\n", by=None, now=NOW)
