"""Rules and notices that the municipality hands out: taken when they can be used, else refused, and said so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kiosk.domain.profiles.profile import parse_profile
from kiosk.domain.wire import EditionKind, Notice, NoticeList, digest_of
from kiosk.profiles import PROFILE_FOLDER, find_profile
from kiosk.sync.client import SyncProblem
from kiosk.sync.downloads import Downloads
from kiosk.sync.editions import EditionStore
from kiosk.visit.notices import pages
from tests.kiosk.sync.fakes import START, Bench, no_line
from tests.towns import OTHER_TOWN, TOWN

GOOD = (PROFILE_FOLDER / f"{TOWN}.toml").read_text()
NEWER = GOOD + "\n# a new year\n"  # the same rules, in other words
DEARER = GOOD.replace("normal = 1200", "normal = 1300").replace('version = "', 'version = "dearer-')
KIOSK = UUID(int=7)
LATER = (timedelta(0), timedelta(minutes=90), timedelta(hours=2))
PROFILE, NOTICES = EditionKind.PROFILE, EditionKind.NOTICES


def _beat(bench: Bench) -> None:
    bench.clock.later(seconds=60)
    bench.worker.round()


def test_new_rules_are_fetched_once_kept_and_named_in_the_next_heartbeat(bench: Bench) -> None:
    bench.town.editions[PROFILE] = GOOD
    for _ in range(3):
        _beat(bench)
    assert bench.town.calls.count("/editions/profile") == 1 and bench.taken == [PROFILE]
    held = bench.store.held(PROFILE)
    assert held is not None and held.text == GOOD and bench.store.profile() is not None
    assert [beat.profile for beat in bench.town.beats] == ["", held.digest, held.digest]
    bench.town.editions[PROFILE] = NEWER
    _beat(bench)
    assert bench.store.held(PROFILE).text == NEWER  # type: ignore[union-attr]


def test_rules_that_wait_for_the_next_start_are_not_said_to_be_in_use(bench: Bench) -> None:
    bench.town.editions[PROFILE] = GOOD
    _beat(bench)
    bench.town.editions[PROFILE] = DEARER
    for _ in range(3):
        _beat(bench)
    assert [beat.profile for beat in bench.town.beats[1:]] == [digest_of(GOOD)] * 3
    assert bench.downloads.rules_wait and bench.taken == [PROFILE, PROFILE]
    after_start = Downloads(bench.store, bench.client, parse_profile(DEARER))
    assert (after_start.profile, after_start.rules_wait) == (digest_of(DEARER), False)


def test_what_was_refused_is_no_complaint_any_more_when_the_rules_that_wait_are_the_latest_again(bench: Bench) -> None:
    for text in (DEARER, "nonsense", DEARER):
        bench.town.editions[PROFILE] = text
        _beat(bench)
    _beat(bench)
    assert bench.town.beats[-1].profile_problem == "" and bench.downloads.rules_wait


UNUSABLE = [
    ("version = ", "profile"),
    (GOOD.replace("normal", "nörmal"), "procedure"),
    (GOOD.replace(f'id = "{TOWN}"', f'id = "{OTHER_TOWN}"'), OTHER_TOWN),
    ("", "id"),
]


@pytest.mark.parametrize("text", [text for text, _ in UNUSABLE])
def test_rules_that_cannot_be_used_are_refused_once_and_the_old_ones_stay(bench: Bench, text: str) -> None:
    bench.town.editions[PROFILE] = GOOD
    _beat(bench)
    bench.town.editions[PROFILE] = text
    for _ in range(3):
        _beat(bench)
    assert bench.store.held(PROFILE).text == GOOD  # type: ignore[union-attr]
    assert bench.town.calls.count("/editions/profile") == 2
    last = bench.town.beats[-1]
    assert last.profile_problem and "\n" not in last.profile_problem and len(last.profile_problem) <= 300
    assert last.profile == bench.store.held(PROFILE).digest  # type: ignore[union-attr]
    assert bench.worker.state.online and bench.taken == [PROFILE]
    bench.town.editions[PROFILE] = NEWER
    _beat(bench)
    _beat(bench)
    assert bench.town.beats[-1].profile_problem == ""


def test_rules_taken_back_to_those_in_use_end_the_complaint(bench: Bench) -> None:
    for text in (GOOD, "nonsense", GOOD):
        bench.town.editions[PROFILE] = text
        _beat(bench)
    _beat(bench)
    assert bench.town.beats[-1].profile_problem == ""


def test_a_line_that_breaks_in_the_download_leaves_what_there_was(bench: Bench) -> None:
    bench.town.editions[PROFILE] = GOOD
    _beat(bench)
    bench.town.editions[PROFILE] = NEWER
    edition = bench.town._edition
    bench.town._edition = lambda kind: no_line(None)  # type: ignore[method-assign, arg-type]
    _beat(bench)
    assert bench.worker.state.problem is SyncProblem.UNREACHABLE
    assert bench.store.held(PROFILE).text == GOOD  # type: ignore[union-attr]
    bench.town._edition = edition  # type: ignore[method-assign]
    _beat(bench)
    assert bench.store.held(PROFILE).text == NEWER  # type: ignore[union-attr]


def test_a_disk_that_refuses_is_said_and_tried_again(bench: Bench) -> None:
    (bench.folder / "editions").write_text("a file where the folder should be")
    bench.town.editions[PROFILE] = GOOD
    _beat(bench)
    _beat(bench)
    assert "disk" in bench.town.beats[-1].profile_problem and bench.worker.state.online
    (bench.folder / "editions").unlink()
    _beat(bench)
    _beat(bench)
    assert bench.town.beats[-1].profile_problem == ""


def test_rules_on_disk_that_no_longer_fit_are_not_used_and_said(bench: Bench) -> None:
    bench.store._write(bench.folder / "editions" / "profile.toml", "of another version = true")
    store = EditionStore(bench.folder / "editions", TOWN)
    downloads = Downloads(store, bench.client, find_profile(TOWN))
    assert store.profile() is None and downloads.profile == "" and downloads.profile_problem


def test_notices_are_shown_in_their_time(bench: Bench) -> None:
    notice = Notice(
        texts={"nl": "Morgen gesloten", "fr": "Fermé demain"},
        first=START + timedelta(hours=1),
        until=START + timedelta(hours=2),
    )
    bench.town.editions[NOTICES] = NoticeList(notices=(notice,)).model_dump_json()
    _beat(bench)
    assert bench.store.notices(KIOSK) == (notice,)
    shown = [[page.text for page in pages(bench.store.notices(KIOSK), ("fr", "nl"), START + later)] for later in LATER]
    assert shown == [[], ["Fermé demain", "Morgen gesloten"], []]
    bench.town.editions[NOTICES] = "[]"
    _beat(bench)
    assert bench.store.notices(KIOSK) == (notice,)
    theirs = notice.model_copy(update={"kiosks": (uuid4(),)})
    bench.town.editions[NOTICES] = NoticeList(notices=(notice, theirs)).model_dump_json()
    _beat(bench)
    assert bench.store.notices(KIOSK) == (notice,) and bench.store.notices(theirs.kiosks[0]) == (notice, theirs)
