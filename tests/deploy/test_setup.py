"""The set-up says what it does, and what to do where it cannot."""

import re
import sys
from pathlib import Path

import pytest

from tests.deploy.shell import TREE, run, tools

LISTS = ("runtime", "build", "development", "kiosk")  # a developer's machine and a kiosk; the backend's is apart
LIBRARY = 'set -euo pipefail; log=$LOG; . deploy/lib.sh; "$@"'


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(tmp_path / "log")


def library(*call: str, log: str, path: str | None = None, **environment: str):
    return run("/bin/bash", "-c", LIBRARY, "test", *call, path=path, LOG=log, **environment)


def names(name: str) -> list[str]:
    lines = (TREE / "deploy" / "packages" / f"{name}.txt").read_text().splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def test_the_lists_name_each_package_once():
    everything = [package for name in LISTS for package in names(name)]
    assert len(everything) == len(set(everything))
    assert len(names("backend")) == len(set(names("backend")))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package) for package in everything + names("backend"))


def test_the_shell_reads_the_lists_as_they_are_meant(log):
    files = [f"deploy/packages/{name}.txt" for name in LISTS]
    heard = library("packages_in", *files, log=log).stdout.split()
    assert heard == [package for name in LISTS for package in names(name)]


def test_only_what_is_missing_is_asked_for(log):
    heard = library("packages_missing", "bash", "no-such-package", "coreutils", log=log)
    assert heard.stdout.split() == ["no-such-package"]


def test_nothing_is_fetched_when_all_is_there(log, tmp_path):
    path = tools(tmp_path / "bin", dpkg_query="echo -n installed", apt_get=f"touch {tmp_path}/fetched")
    heard = library("ensure_packages", "one", "two", log=log, path=path)
    assert (heard.returncode, heard.stdout) == (0, "system packages      all 2 are there\n")
    assert not (tmp_path / "fetched").exists()


def test_without_root_and_sudo_it_says_what_an_administrator_has_to_run(log, tmp_path):
    path = tools(tmp_path / "bin", dpkg_query="exit 1", apt_get="exit 100", id="echo 1000")
    heard = library("ensure_packages", "swig", "gcc", log=log, path=path)
    assert heard.returncode == 1
    assert "apt-get install --no-install-recommends swig gcc\n" in heard.stderr


def test_without_a_network_it_says_so(log, tmp_path):
    path = tools(tmp_path / "bin", "tail", "sed", dpkg_query="exit 1", apt_get="echo no route; exit 100", id="echo 0")
    heard = library("ensure_packages", "swig", log=log, path=path)
    assert heard.returncode == 1
    assert "failed after" in heard.stdout
    assert "no route" in heard.stderr
    assert "the network?" in heard.stderr


def test_on_another_system_it_says_how_to_go_on(log, tmp_path):
    heard = library("ensure_packages", "swig", log=log, path=tools(tmp_path / "bin"))
    assert heard.returncode == 1
    assert "make setup SYSTEM_PACKAGES=skip" in heard.stderr


def test_a_step_is_one_line_and_its_output_is_in_the_log(log):
    heard = library("step", "counting", "seq", "3", log=log)
    assert re.fullmatch(r"counting {13}done in \d s\n", heard.stdout)
    assert "1\n2\n3\n" in Path(log).read_text()


def python(version: str, *, venv: bool = True) -> str:
    """A stand-in for an interpreter: answers the three questions that the choice asks."""
    return f'case "$2" in *version_info*) echo {version};; *ensurepip*) exit {0 if venv else 1};; *) echo "$0";; esac'


def test_the_newest_python_that_fits_is_taken(log, tmp_path):
    scripts = {"python3.13": python("313", venv=False), "python3.12": python("312"), "python3": python("314")}
    path = tools(tmp_path / "bin", **scripts)
    assert library("pick_python", log=log, path=path).stdout.strip() == f"{path}/python3.12"


@pytest.mark.parametrize("script", [python("310"), python("314"), python("312", venv=False), "exit 1"])
def test_a_python_that_does_not_fit_is_not_taken(log, tmp_path, script):
    path = tools(tmp_path / "bin", python3=script)
    heard = library("pick_python", log=log, path=path)
    assert (heard.returncode, heard.stdout) == (1, "")


def test_the_python_that_runs_these_tests_fits(log):
    heard = library("pick_python", log=log, PYTHON=getattr(sys, "_base_executable", sys.executable))
    assert heard.returncode == 0


def test_make_help_lists_what_there_is():
    told = run("make", "--no-print-directory", "help").stdout
    for target in ("setup", "demo", "test", "check", "backend", "bench", "clean"):
        assert f"make {target} " in told


def test_continuous_integration_runs_what_people_run():
    commands = [line for line in (TREE / ".ci" / "run").read_text().splitlines() if line.startswith("make ")]
    assert commands == ["make check", "make test"]
