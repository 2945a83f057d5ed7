"""Profiles are found by id or path, and no code knows a municipality by name."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest

import kiosk.profiles
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Circumstances, Question, Role
from kiosk.domain.profiles.profile import ProfileFaults, parse_profile
from kiosk.domain.profiles.schema import profile_schema
from kiosk.domain.quote import Child, Request, Service
from kiosk.domain.rules import appointment_needed, questions, quote, services
from kiosk.domain.things import NOTICES, THINGS
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import DEMO_PROFILE, PROFILE_FOLDER, ProfileNotFound, available, find_profile, read_profile

ROOT = Path(__file__).parents[2]
CODE = [path for folder in ("kiosk", "hardware", "backend") for path in (ROOT / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("profile_id", available())
def test_every_profile_of_the_product_is_valid_and_has_the_name_of_its_file(profile_id: str) -> None:
    profile = find_profile(profile_id)
    assert profile.id == profile_id
    assert {Service.APPLICATION, Service.CARD_FROM_12} & profile.services.keys()
    assert all(rules.source for rules in profile.services.values())
    assert all(tariff.source for tariff in profile.tariffs)
    assert appointment_needed(profile, services(profile)[0])


@pytest.mark.parametrize("profile_id", available())
def test_a_profile_that_collects_says_how(profile_id: str) -> None:
    collection = find_profile(profile_id).services[Service.COLLECTION]
    assert collection.free
    assert collection.checklist[0].code == "codes-letter"


def test_the_demo_s_town_is_there_and_has_a_phone_and_opening_hours() -> None:
    profile = find_profile(DEMO_PROFILE)
    assert profile.phone
    assert all(desk.hours for desk in profile.desks)


def test_a_profile_is_found_by_its_path_too(tmp_path: Path) -> None:
    copy = tmp_path / "town.toml"
    copy.write_text((PROFILE_FOLDER / f"{DEMO_PROFILE}.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert find_profile(copy) == find_profile(str(copy)) == find_profile(DEMO_PROFILE)


def test_an_unknown_id_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ProfileNotFound, match=", ".join(available())):
        find_profile("nowhere")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ProfileNotFound, match=r"cannot read nowhere\.toml: no such file"):
        find_profile("nowhere.toml")


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileNotFound, match="is a directory"):
        find_profile(tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileNotFound, match="not UTF-8"):
        read_profile(path)


def test_a_wrong_profile_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text('id = "town"', encoding="utf-8")
    with pytest.raises(ProfileFaults, match="version: this is missing"):
        find_profile(path)


def test_the_demo_s_town_is_named_in_one_constant_only() -> None:
    named = {path: path.read_text(encoding="utf-8").lower().count(DEMO_PROFILE) for path in _sources()}
    assert {path: times for path, times in named.items() if times} == {Path(kiosk.profiles.__file__): 1}


def _sources() -> list[Path]:
    return [path for path in CODE if path.suffix in {".py", ".kv", ".html", ".css", ".js", ".toml", ".json", ".txt"}]


def test_the_handbook_names_every_code() -> None:
    handbook = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    assert [code for code in (*THINGS, *NOTICES) if f"`{code}`" not in handbook] == []
    table = dict(re.findall(r"^\| `([a-z0-9-]+)`.* \| ([a-z-]+) \|$", handbook, re.MULTILINE))
    assert table == {code: THINGS[code].icon for code in table}


def test_the_blocks_of_the_handbook_are_a_profile() -> None:
    handbook = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    profile = parse_profile("\n".join(re.findall(r"```toml\n(.*?)```", handbook, re.DOTALL)))
    assert profile.id == "my-town"
    assert set(profile.services) == set(Service)


def test_the_handbook_writes_every_key_and_names_every_value() -> None:
    handbook = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    for name, block in profile_schema()["$defs"].items():
        for key in block.get("properties", {}):
            if name != "Hours":  # written as "09:00-12:00"
                assert re.search(rf"\b{key}\b", handbook), f"{name}.{key}"
        for value in block.get("enum", ()) if name not in {"Weekday"} else ():
            assert re.search(rf"[`\"]{re.escape(value)}[`\"]|\b{value}\b", handbook), f"{name}: {value}"


def test_the_handbook_s_town_answers() -> None:
    handbook = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    profile = parse_profile("\n".join(re.findall(r"```toml\n(.*?)```", handbook, re.DOTALL)))
    request = Request(Child("Lina", date(2022, 5, 4)), Service.APPLICATION, CardType.A, "super-urgent")
    at = datetime(2026, 11, 23, 9, 0, tzinfo=BRUSSELS)
    answer = quote(profile, [request], at, circumstances=Circumstances(role=Role.PARENT, separated=False))
    assert answer.total_cents == 25500
    assert answer.collection is not None
    assert answer.collection.desk == "Loket in Brussel"
    assert questions(profile, [request], at) == (Question.PAPERS, Question.ROLE, Question.SEPARATED)
    requests = [Request(Child("Lina", date(2022, 5, 4)), Service.DUPLICATE, CardType.A, "normal")]
    assert quote(profile, requests, datetime(2027, 1, 1, tzinfo=BRUSSELS)).total_cents == 1350
