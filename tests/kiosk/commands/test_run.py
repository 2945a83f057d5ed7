"""`kiosk run` as an installed kiosk runs it: a process with a configuration file, ended by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo.rig import Rig
from tests.towns import TOWN

KIOSK = [sys.executable, "-m", "kiosk"]


def configuration(rig: Rig, **changes: str) -> str:
    values = {
        "terminal": f'port = "{rig.folder}/terminal"\npassword = "000000"',
        "printer": f'port = "{rig.printer.ready["address"]}"',
        "journal": f'folder = "{rig.folder}/journal"',
        "backend": f'url = "{rig.backend.ready["url"]}"\nkey_file = "{rig.folder}/kiosk.key"',
        "logs": f'folder = "{rig.folder}/logs"',
        "screen": "width = 540\nheight = 960\nfullscreen = false",
        "kiosk": f'name = "Hall"\nmunicipality = "{TOWN}"',
    } | changes
    return "\n".join(f"[{table}]\n{lines}" for table, lines in values.items())


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KIOSK, "run", *arguments], capture_output=True, text=True, timeout=60, cwd=folder, check=False
    )


def test_a_kiosk_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    with Rig(tmp_path / "rig") as rig:
        file = tmp_path / "kiosk.toml"
        file.write_text(configuration(rig), encoding="utf-8")
        environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen"}
        with subprocess.Popen(
            [*KIOSK, "run", "--config", str(file)], env=environment, stderr=subprocess.PIPE, text=True
        ) as kiosk:
            try:
                seen = wait_for_line(rig.folder / "logs" / "kiosk.jsonl", '"fault": "printer"', kiosk)
                kiosk.send_signal(signal.SIGTERM)
                assert kiosk.wait(timeout=30) == 0, kiosk.stderr.read() if kiosk.stderr else ""
            finally:
                kiosk.kill()
    assert json.loads(seen)["event"] == "fault_gone"


def wait_for_line(path: Path, wanted: str, process: subprocess.Popen[str]) -> str:
    """The first line of a growing file with these words in it; the test's own time limit bounds the wait."""
    while process.poll() is None:
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if wanted in line:
                    return line
    raise AssertionError(
        f"the kiosk ended with {process.returncode}: {process.stderr.read() if process.stderr else ''}"
    )


def test_a_kiosk_without_an_identity_says_how_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(
        f'[kiosk]\nname = "Hall"\nmunicipality = "{TOWN}"\n[terminal]\nport = "none"\npassword = "000000"\n'
        '[printer]\nport = "tcp://127.0.0.1:9"\n[journal]\nfolder = "journal"\n'
        '[backend]\nurl = "http://127.0.0.1:9"\nkey_file = "kiosk.key"\n[logs]\nfolder = "logs"\n',
        encoding="utf-8",
    )
    done = run(tmp_path, "--config", str(file))
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("kiosk run: this kiosk is not enrolled")


@pytest.mark.parametrize("text", ["", "[kiosk]\nname = 3\n", "not toml ["])
def test_a_bad_configuration_is_one_complaint_and_no_traceback(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    done = run(tmp_path, "--config", str(file))
    assert done.returncode == 2
    assert done.stderr.startswith("kiosk run: ") and "Traceback" not in done.stderr
    assert run(tmp_path, "--config", str(tmp_path / "absent.toml")).returncode == 2
