"""`kiosk doctor` says what is wrong and what to do, and exits 0 only where there is no fault."""

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import features

from hardware.simulators.card import TestPki
from hardware.simulators.process import SimulatorProcess
from kiosk.config import Terminal
from kiosk.doctor import Verdict, examine
from kiosk.doctor.backend import backend
from kiosk.doctor.devices import TERMINAL_TIMING, printer, terminal
from kiosk.doctor.finding import Finding
from kiosk.doctor.machine import badge_issuers, clock, disk, fonts, profile, staff, text_shaping
from kiosk.domain import wire
from kiosk.staff import roster
from kiosk.sync.keys import load_or_create_key, public_key_text
from tests.towns import OTHER_TOWN_ID, TOWN

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def verdicts(findings: list[Finding]) -> dict[str, Verdict]:
    return {finding.part: finding.verdict for finding in findings}


def test_a_kiosk_that_no_member_of_staff_can_open_is_told_of(tmp_path):
    file = tmp_path / "staff.toml"
    assert staff(file).verdict is Verdict.WARNING and "kiosk staff add" in staff(file).remedy
    nobody = roster.new_roster()
    card = roster.card_print(nobody.key, "85073003328")
    one = roster.Member(id="ka", name="Karim", card=card)
    roster.write(file, roster.Roster(key=nobody.key, member=(one,)))
    assert staff(file) == Finding("staff", Verdict.OK, "1 on the roster: 1 by own card")
    file.chmod(0o644)
    assert staff(file).verdict is Verdict.FAULT


def test_the_authorities_behind_staff_badges_are_looked_at(tmp_path):
    assert badge_issuers(None, NOON) == []
    assert badge_issuers(tmp_path, NOON)[0].verdict is Verdict.FAULT
    TestPki.kept_in(tmp_path / "pki", NOON.date())  # whose authority is good for ten years
    folder = tmp_path / "pki" / "issuers"
    years = timedelta(days=365)
    for later, verdict in ((0 * years, Verdict.OK), (9.9 * years, Verdict.WARNING), (11 * years, Verdict.FAULT)):
        (finding,) = badge_issuers(folder, NOON + later)
        assert finding.verdict is verdict and "Badges of a Town" in finding.what


# --- The machine -----------------------------------------------------------------------------------------


def test_this_machine_can_draw_every_script():
    assert fonts().verdict is Verdict.OK
    assert text_shaping().verdict is Verdict.OK


def test_missing_text_shaping_is_a_fault_that_names_the_package(monkeypatch):
    monkeypatch.setattr(features, "check", lambda feature: False)
    assert text_shaping().verdict is Verdict.FAULT
    assert "libfribidi0" in text_shaping().remedy


@pytest.mark.parametrize("year", [1970, 2016, 2090])
def test_a_clock_that_is_years_off_is_a_fault(year):
    found = clock(NOON.replace(year=year))
    assert found.verdict is Verdict.FAULT
    assert "timedatectl" in found.remedy


def test_a_plausible_clock_is_well():
    assert clock(NOON).verdict is Verdict.OK


def test_a_folder_that_takes_a_durable_write_is_well_and_is_left_empty(tmp_path):
    assert disk(tmp_path).verdict in (Verdict.OK, Verdict.WARNING)  # a warning where this machine's disk is nearly full
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_a_fault_that_says_how_to_make_it(tmp_path):
    found = disk(tmp_path / "none")
    assert found.verdict is Verdict.FAULT
    assert found.remedy.startswith("install -d")


def test_a_folder_that_takes_no_write_is_a_fault():
    assert disk(Path("/proc/self")).verdict is Verdict.FAULT


def test_an_unknown_municipality_is_a_fault_that_names_those_there_are():
    assert profile(TOWN).verdict is Verdict.OK
    found = profile("atlantis")
    assert found.verdict is Verdict.FAULT
    assert TOWN in found.what


# --- The devices -----------------------------------------------------------------------------------------


@pytest.fixture
def ticket_printer(tmp_path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.printer", "--out", str(tmp_path / "paper")) as simulator:
        yield simulator


def test_a_printer_is_asked_how_it_is(ticket_printer):
    address = ticket_printer.ready["address"]
    assert printer(address).verdict is Verdict.OK
    ticket_printer.do("paper", state="low")
    ticket_printer.wait_for("did")
    assert printer(address).verdict is Verdict.WARNING
    ticket_printer.do("paper", state="out")
    ticket_printer.wait_for("did")
    assert printer(address) == Finding("printer", Verdict.FAULT, "out of paper", "put in a new roll")


def test_a_printer_that_is_not_there_is_a_fault():
    found = printer("tcp://127.0.0.1:1")
    assert found.verdict is Verdict.FAULT
    assert found.remedy


def at(port: Path | str) -> Terminal:
    return Terminal.model_validate({"port": port, "password": "000000"})


@pytest.fixture
def payment_terminal() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.terminal") as simulator:
        yield simulator


def test_a_terminal_is_asked_how_it_is(payment_terminal):
    found = terminal(at(payment_terminal.ready["port"]))
    assert found.verdict is Verdict.OK, found


def test_a_terminal_that_says_nothing_is_a_fault():
    owner, line = pty.openpty()
    hasty = replace(TERMINAL_TIMING, acknowledgement=0.05, answer=0.1)
    with open(owner, "rb", buffering=0), open(line, "rb", buffering=0):
        found = terminal(at(os.ttyname(line)), hasty)
    assert found.verdict is Verdict.FAULT
    assert "9600 baud" in found.remedy


def test_a_terminal_that_is_not_there_is_a_fault(tmp_path):
    found = terminal(at(tmp_path / "none"))
    assert (found.verdict, found.what) == (Verdict.FAULT, f"{tmp_path / 'none'} does not exist")


def test_a_missing_password_is_a_fault_that_names_its_file(tmp_path):
    settings = Terminal.model_validate({"port": "/dev/null", "password_file": tmp_path / "none"})
    found = terminal(settings)
    assert found.verdict is Verdict.FAULT
    assert str(tmp_path / "none") in found.what


# --- The backend -----------------------------------------------------------------------------------------


@contextmanager
def answering(status: int, *models: wire.Answer) -> Iterator[str]:
    """A backend on the loopback that gives these answers in turn, whatever it is asked."""
    answers = [model.model_dump_json().encode() for model in models]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answers.pop(0))

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(timeout=5)


@pytest.fixture
def enrolled(tmp_path) -> Path:
    key_file = tmp_path / "kiosk.key"
    key = load_or_create_key(key_file)
    identity = {"kiosk_id": str(uuid4()), "municipality": TOWN, "public_key": public_key_text(key)}
    (tmp_path / "identity.json").write_text(json.dumps(identity))
    return key_file


def held(dead_letters: int = 0) -> wire.Stored:
    return wire.Stored(entries=12, dead_letters=dead_letters, contiguous_to=12)


def test_an_enrolled_kiosk_whose_backend_answers_is_well(enrolled):
    with answering(200, wire.ServerTime(server_time=NOON), held()) as url:
        found = backend(url, enrolled, TOWN, lambda: NOON)
    assert {finding.verdict for finding in found} == {Verdict.OK}
    assert "12 entries" in found[-1].what


def test_dead_letters_are_worth_a_warning(enrolled):
    with answering(200, wire.ServerTime(server_time=NOON), held(dead_letters=1)) as url:
        found = backend(url, enrolled, TOWN, lambda: NOON)
    assert verdicts(found)["backend"] is Verdict.WARNING


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_far_from_the_backends_is_a_fault(enrolled, hours):
    with answering(200, wire.ServerTime(server_time=NOON + timedelta(hours=hours)), held()) as url:
        found = backend(url, enrolled, TOWN, lambda: NOON)
    assert verdicts(found)["clock"] is Verdict.FAULT


def test_a_backend_that_cannot_be_reached_is_no_fault_for_the_kiosk_serves_on(enrolled, nobody):
    found = backend(f"http://{nobody}", enrolled, TOWN, lambda: NOON)
    assert verdicts(found) == {"enrolment": Verdict.OK, "backend": Verdict.WARNING}


def test_a_server_that_is_no_backend_is_a_fault(enrolled):
    with answering(404, wire.Stored(entries=0, dead_letters=0, contiguous_to=0)) as url:
        found = backend(url, enrolled, TOWN, lambda: NOON)
    assert verdicts(found)["backend"] is Verdict.FAULT


def test_a_kiosk_that_is_not_enrolled_is_a_fault(tmp_path, nobody):
    found = backend(f"http://{nobody}", tmp_path / "kiosk.key", TOWN, lambda: NOON)
    assert verdicts(found)["enrolment"] is Verdict.FAULT


def test_a_key_that_others_may_read_is_a_fault_that_says_how_to_close_it(enrolled, nobody):
    enrolled.chmod(0o644)
    found = backend(f"http://{nobody}", enrolled, TOWN, lambda: NOON)[0]
    assert found.verdict is Verdict.FAULT
    assert found.remedy == f"chmod 600 {enrolled}"


def test_a_kiosk_of_another_municipality_is_a_fault(enrolled, nobody):
    found = backend(f"http://{nobody}", enrolled, OTHER_TOWN_ID, lambda: NOON)
    assert verdicts(found)["enrolment"] is Verdict.FAULT


# --- The command -----------------------------------------------------------------------------------------


def doctor(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", "doctor", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def write_config(folder: Path, *, printer_port: str, terminal_port: str, url: str, paper: int = 80) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(
        f'kiosk = {{name = "Hall", municipality = "{TOWN}"}}\n'
        f'terminal = {{port = "{terminal_port}", password = "000000"}}\n'
        f'printer = {{port = "{printer_port}", paper_mm = {paper}}}\n'
        f'journal = {{folder = "."}}\n'
        f'backend = {{url = "{url}", key_file = "kiosk.key"}}\n'
    )
    return file


def test_all_parts_are_looked_at(tmp_path, enrolled, ticket_printer, payment_terminal):
    with answering(200, wire.ServerTime(server_time=NOON), held()) as url:
        file = write_config(
            tmp_path,
            printer_port=ticket_printer.ready["address"],
            terminal_port=payment_terminal.ready["port"],
            url=url,
        )
        found = verdicts([finding for finding in examine(file, lambda: NOON) if finding.part != "cards"])
    assert set(found) == {
        "configuration", "fonts", "text", "clock", "municipality", "journal", "terminal", "printer", "enrolment",
        "backend", "staff",
    }  # fmt: skip
    assert Verdict.FAULT not in found.values()


def test_a_wrong_configuration_is_told_key_by_key_and_the_machine_is_looked_at_all_the_same(tmp_path, nobody):
    file = write_config(tmp_path, printer_port="usb://x", terminal_port="/dev/x", url=f"http://{nobody}", paper=70)
    heard = doctor("--config", file, "--json")
    assert heard.returncode == 1
    told = json.loads(heard.stdout)
    assert told["healthy"] is False
    faults = [finding["what"] for finding in told["findings"] if finding["part"] == "configuration"]
    assert len(faults) == 2
    assert "fonts" in {finding["part"] for finding in told["findings"]}


def test_without_a_configuration_it_says_so_and_how_the_demo_reads_cards():
    heard = doctor()
    assert heard.returncode == 0, heard.stdout
    assert "kiosk doctor --config FILE" in heard.stdout
    assert "the demo" in heard.stdout
    assert heard.stderr == ""


def test_a_file_that_is_not_there_is_bad_input(tmp_path):
    heard = doctor("--config", tmp_path / "none.toml")
    assert heard.returncode == 2
    assert heard.stderr == f"kiosk doctor: there is no file {tmp_path / 'none.toml'}\n"
