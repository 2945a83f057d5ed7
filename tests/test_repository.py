"""Rules of the tree itself."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from kiosk.profiles import DEMO_PROFILE

TREE = Path(__file__).resolve().parents[1]
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-run.lock", "requirements-fuzz.lock")

# Put together here, so that this file does not break its own rule.
MACHINE_PATHS = re.compile("|".join(("/wo" + "rk/[a-z.]", "/ro" + "ot/", "/ho" + "me/[a-z]", "/Us" + "ers/[A-Za-z]")))
REGISTRIES = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + "js")))


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=TREE, capture_output=True, text=True, check=True, timeout=30
    )
    return [TREE / name for name in listed.stdout.split("\0") if name and (TREE / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def requirements(lock: str) -> dict[str, str]:
    """Name to everything that is said of it: version, marker, hashes."""
    text = (TREE / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    return {re.split(r"[=\[ ]", entry)[0]: entry for entry in entries}


def longer_than(lines: int, pattern: str) -> list[str]:
    counts = {path: text_of(path).count("\n") for path in tracked(pattern)}
    return [f"{path.relative_to(TREE)}: {count}" for path, count in counts.items() if count > lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock):
    text = (TREE / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text and "--extra-index" not in text and "--find-links" not in text
    for name, entry in requirements(lock).items():
        assert re.match(rf"{re.escape(name)}==\S+", entry), entry
        assert "--hash=sha256:" in entry, name


def test_a_kiosk_runs_the_very_libraries_that_were_tested():
    everything = requirements("requirements.lock")
    for name, entry in requirements("requirements-run.lock").items():
        assert entry == everything[name]


def test_every_library_that_is_asked_for_is_locked():
    project = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, everything = requirements("requirements-run.lock"), requirements("requirements.lock")
    for wanted, lock in ((project["dependencies"], run), (project["optional-dependencies"]["dev"], everything)):
        names = {re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
        assert names <= set(lock)


def test_no_file_names_a_place_on_somebodys_machine_or_a_package_registry():
    found = [
        f"{path.relative_to(TREE)}: {match[0]}"
        for path in tracked()
        for match in (MACHINE_PATHS.search(text_of(path)), REGISTRIES.search(text_of(path)))
        if match
    ]
    assert found == []


def test_a_municipality_is_named_in_its_own_profile_and_cases_only():
    """All else is played in invented towns, the demo's and those of `tests/towns`; so the next town needs no code."""
    profiles = [path for path in tracked("assets/municipalities/*.toml") if path.stem != DEMO_PROFILE]
    names = {path.stem for path in profiles} | {tomllib.loads(text_of(path))["name"].lower() for path in profiles}
    own = {*profiles, *(TREE / "tests/kiosk/domain/cases" / path.name for path in profiles)}
    named = re.compile(f"(?<![a-z])({'|'.join(sorted(names))})(?![a-z])", re.IGNORECASE)
    assert len(profiles) >= 4
    assert [str(path.relative_to(TREE)) for path in tracked() if path not in own and named.search(text_of(path))] == []
    assert [str(path.relative_to(TREE)) for path in tracked() if path not in own and named.search(path.name)] == []


def test_tests_are_played_in_the_town_of_one_constant():
    written_out = re.compile(rf"""["']{DEMO_PROFILE}["']""")
    assert [
        str(path.relative_to(TREE))
        for path in tracked("tests/*.py", "backend/*.py")
        if written_out.search(text_of(path))
    ] == []


def test_no_module_is_longer_than_a_person_can_hold_in_mind():
    assert longer_than(500, "*.py") == []


def test_layouts_are_short():
    assert longer_than(150, "*.kv") == []


def test_nothing_is_promised_in_place_of_being_done():
    promise = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [
        str(path.relative_to(TREE)) for path in tracked("*.py", "*.kv", "*.sh") if promise.search(text_of(path))
    ] == []


def test_scripts_can_be_run():
    for path in tracked("*.sh", ".ci/run"):
        is_library = text_of(path).startswith("# shellcheck shell=")
        assert is_library or path.stat().st_mode & 0o111, path


def test_every_relative_link_of_a_document_leads_somewhere():
    drawn_by_the_demo = {"docs/pictures/visit.png"}
    broken = []
    for path in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)", text_of(path)):
            if "://" not in target and not (path.parent / target).exists() and target not in drawn_by_the_demo:
                broken.append(f"{path.relative_to(TREE)}: {target}")
    assert broken == []
