"""A new kiosk joins the backend from a shell, with a code that works once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.simulators.process import SimulatorProcess
from kiosk.sync.enrol import IDENTITY_FILE
from tests.towns import TOWN


def command(module: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", module, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("backend")
    options = ("demo", "--data", str(folder), "--port", "0", "--workers", "1", "--until-stdin-ends", "--json")
    with SimulatorProcess("backend", *options, timeout=60.0) as process:
        yield str(process.ready["url"]), folder


def configuration(folder: Path, url: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(
        f'kiosk = {{name = "Hall", municipality = "{TOWN}"}}\n'
        f'terminal = {{port = "/dev/null", password = "000000"}}\n'
        f'printer = {{port = "tcp://127.0.0.1:1"}}\n'
        f'journal = {{folder = "."}}\n'
        f'backend = {{url = "{url}", key_file = "kiosk.key"}}\n'
    )
    return file


def test_a_code_makes_a_kiosk_known_once(tmp_path, backend):
    url, data = backend
    code = json.loads(command("backend", "enrolment-code", "--data", data).stdout)["code"]
    file = configuration(tmp_path, url)
    joined = command("kiosk", "enrol", "--config", file, code, "--json")
    assert joined.returncode == 0, joined.stderr
    assert json.loads(joined.stdout)["municipality"] == TOWN
    assert (tmp_path / "kiosk.key").stat().st_mode & 0o077 == 0
    told = json.loads(command("kiosk", "doctor", "--config", file, "--json").stdout)["findings"]
    assert {"ok"} == {finding["verdict"] for finding in told if finding["part"] in ("enrolment", "backend")}
    other = tmp_path / "other"
    other.mkdir()
    again = command("kiosk", "enrol", "--config", configuration(other, url), code)
    assert again.returncode == 1
    assert again.stderr == "kiosk enrol: another kiosk has used this code: make a new one in the backend's console\n"


def test_an_answer_that_was_lost_is_asked_for_with_the_same_code_and_another_says_so(tmp_path, backend):
    url, data = backend
    first, second = (json.loads(command("backend", "enrolment-code", "--data", data).stdout)["code"] for _ in range(2))
    file = configuration(tmp_path, url)
    assert command("kiosk", "enrol", "--config", file, first).returncode == 0
    (tmp_path / IDENTITY_FILE).unlink()  # as when the power went before it was written
    heard = command("kiosk", "enrol", "--config", file, second)
    assert (heard.returncode, heard.stderr.count("\n")) == (1, 1)
    assert "give that code once more" in heard.stderr and str(tmp_path / "kiosk.key") in heard.stderr
    assert command("kiosk", "enrol", "--config", file, first).returncode == 0


def test_a_code_that_is_none_is_said_to_be_none(tmp_path, backend):
    url, _ = backend
    heard = command("kiosk", "enrol", "--config", configuration(tmp_path, url), "ABCD-EFGH-JKMN")
    assert heard.stderr == "kiosk enrol: the backend does not know this code: look at it once more\n"


def test_a_backend_that_is_not_there_is_a_no_in_one_line(tmp_path, nobody):
    heard = command("kiosk", "enrol", "--config", configuration(tmp_path, f"http://{nobody}"), "ABCD-EFGH")
    assert heard.returncode == 1
    assert heard.stderr == "kiosk enrol: unreachable: ConnectError\n"


def test_a_faulty_configuration_is_bad_input(tmp_path):
    heard = command("kiosk", "enrol", "--config", tmp_path / "none.toml", "ABCD-EFGH")
    assert heard.returncode == 2
    assert heard.stderr.count("\n") == 1


def test_an_enrolled_kiosk_takes_a_new_key_and_calls_with_it(tmp_path, backend):
    url, data = backend
    file = configuration(tmp_path, url)
    refused = command("kiosk", "rekey", "--config", file)
    assert (refused.returncode, refused.stderr) == (1, "kiosk rekey: this kiosk is not enrolled\n")
    code = json.loads(command("backend", "enrolment-code", "--data", data).stdout)["code"]
    assert command("kiosk", "enrol", "--config", file, code).returncode == 0
    before = (tmp_path / "kiosk.key").read_bytes()
    changed = command("kiosk", "rekey", "--config", file, "--json")
    assert changed.returncode == 0, changed.stderr
    assert (tmp_path / "kiosk.key").read_bytes() != before
    told = json.loads(command("kiosk", "doctor", "--config", file, "--json").stdout)["findings"]
    assert {"ok"} == {finding["verdict"] for finding in told if finding["part"] in ("enrolment", "backend")}
