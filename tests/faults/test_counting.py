"""The count of the runs: of all workers together, each distinct one once, and too few are a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Three files, so that two workers have some; one moment is told twice.
_TESTS = {
    "test_approve.py": ("approve", 3, ["1 before paid, case", "2 after"]),
    "test_approve_again.py": ("approve", 2, ["2 after"]),
    "test_decline.py": ("decline", 2, ["1 before", "2 after"]),
}


def the_set(folder: Path, least: int, violations: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text("from tests.faults.counting import *\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for name, (behaviour, runs, moments) in _TESTS.items():
        faults = violations if behaviour == "decline" else []
        (folder / name).write_text(
            "from tests.faults.counting import tell_runs\n\n"
            "def test_it(record_property):\n"
            f"    tell_runs(record_property, {behaviour!r}, {runs}, {moments!r}, {faults!r})\n"
            f"    assert not {faults!r}\n",
            encoding="utf-8",
        )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--least-distinct", str(least)]
    return subprocess.run(
        [*command, *arguments, str(folder)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "load")], ids=["one process", "two workers"])
def test_runs_of_all_workers_are_counted_and_distinct_ones_once(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = the_set(tmp_path, 4, [], *workers)
    assert done.returncode == 0, done.stdout
    assert "power cuts: 7 runs, 4 distinct (behaviour and moment) in 2 behaviours, 0 violations" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "load")], ids=["one process", "two workers"])
def test_too_few_fail_the_set_although_every_test_passed(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = the_set(tmp_path, 5, [], *workers)
    assert done.returncode == 1, done.stdout
    assert "too few: 4 distinct runs, and a full set has at least 5" in done.stdout


def test_each_violation_stands_at_the_end(tmp_path: Path) -> None:
    done = the_set(tmp_path, 0, ["decline, died at 1 before: captured twice"])
    assert done.returncode == 1
    assert "4 distinct (behaviour and moment) in 2 behaviours, 1 violations" in done.stdout
    assert "test_decline.py::test_it: decline, died at 1 before: captured twice" in done.stdout
    assert "violation: decline, died at 1 before: captured twice" in done.stdout
