"""The simulator as a process of its own, behind a pcscd of its own, and the `kiosk card` command in front of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from hardware.simulators.card import Deck, TestPki
from hardware.simulators.pcscd import READER_NAME, PcscdUnavailable, PrivatePcscd
from hardware.simulators.process import SimulatorProcess
from kiosk.__main__ import main

# What `card read` and `card decode` print, both.
KEYS = {
    "identity",
    "address",
    "document_type",
    "validity",
    "photo_bytes",
    "checks",
    "applet_version",
    "apdus",
    "bytes",
}

Kiosk = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def pcscd() -> Iterator[PrivatePcscd]:
    try:
        daemon = PrivatePcscd()
    except PcscdUnavailable as problem:
        pytest.skip(str(problem))
    with daemon:
        yield daemon


@pytest.fixture(scope="module")
def simulator(pcscd: PrivatePcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    keys = tmp_path_factory.mktemp("pki")
    host, port = pcscd.vpcd
    with SimulatorProcess("hardware.simulators.card", "--vpcd", f"{host}:{port}", "--pki", str(keys)) as process:
        yield process


@pytest.fixture
def kiosk(pcscd: PrivatePcscd) -> Kiosk:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kiosk", "card", *arguments],
            env={**os.environ, **pcscd.environment},
            capture_output=True,
            text=True,
            timeout=30,
        )

    return run


def insert(simulator: SimulatorProcess, card: str, **how: object) -> None:
    simulator.do("insert", card=card, **how)
    simulator.wait_for("inserted")


def test_the_ready_line_tells_the_pins_and_the_cards(simulator: SimulatorProcess) -> None:
    assert [len(bytes.fromhex(pin)) for pin in simulator.ready["pins"]] == [32, 32]
    assert "amina" in simulator.ready["cards"]


def test_the_command_reads_the_card_in_the_reader(simulator: SimulatorProcess, kiosk: Kiosk) -> None:
    insert(simulator, "amina")
    trust = ("--trust", simulator.ready["trust"])
    done = kiosk("read", "--json", "--wait", "5", "--reader", READER_NAME, *trust)
    assert (done.returncode, done.stderr) == (0, "")
    reading = json.loads(done.stdout)
    assert set(reading) == KEYS
    assert reading["identity"]["surname"] == "Benali Testpersoon"
    assert reading["document_type"]["name"] == "A"
    assert reading["checks"]["verdict"] == "proven"
    assert reading["validity"]["state"] == "valid"
    assert reading["applet_version"] == "1.7"
    assert reading["address"]["postcode"] == "9999"
    assert 0 < reading["apdus"] <= 32
    assert reading["bytes"] > 3000
    for_people = kiosk("read", *trust)
    assert for_people.returncode == 0
    assert "Amina Salma Benali Testpersoon" in for_people.stdout
    assert "verdict" in for_people.stdout


def test_the_command_tells_what_the_chip_of_a_1_8_card_proved(simulator: SimulatorProcess, kiosk: Kiosk) -> None:
    trust = ("--trust", simulator.ready["trust"])
    insert(simulator, "leila", shows_6c=False, bits_per_second=250_000, glitches={"12": "6B00"})
    reading = json.loads(kiosk("read", "--json", "--wait", "5", *trust).stdout)
    assert reading["applet_version"] == "1.8"
    assert reading["checks"]["chip"] == {"outcome": "proven", "why": "matches", "detail": "ECDSA-P384"}
    assert reading["checks"]["verdict"] == "proven"
    insert(simulator, "clone")
    done = kiosk("read", "--wait", "5", *trust)
    assert done.returncode == 1
    assert "refuted (differs, ECDSA-P384)" in done.stdout


def test_without_the_test_root_the_same_card_is_refuted(simulator: SimulatorProcess, kiosk: Kiosk) -> None:
    insert(simulator, "oksana")
    done = kiosk("read", "--json", "--wait", "5")
    assert done.returncode == 1
    assert json.loads(done.stdout)["checks"]["rrn_certificate"]["why"] == "untrusted-root"


# OpenSC takes a structure version (tag 00) in front of the identity for its end, so that of the 1.8 cards it reads
# the one that has none.
@pytest.mark.parametrize(
    ("card", "document", "chip"),
    [
        ("joao", "31", "not-possible"),
        ("fatou", "12", "not-possible"),
        ("ioana", "17", "not-possible"),
        ("carlos", "31", "proven"),
    ],
)
def test_eidenv_reads_the_same_names(
    simulator: SimulatorProcess, pcscd: PrivatePcscd, kiosk: Kiosk, card: str, document: str, chip: str
) -> None:
    if shutil.which("eidenv") is None:
        pytest.skip("opensc is not installed")
    insert(simulator, card)
    reading = json.loads(kiosk("read", "--json", "--wait", "5", "--trust", simulator.ready["trust"]).stdout)
    ours = reading["identity"]
    theirs = subprocess.run(
        ["eidenv"], env={**os.environ, **pcscd.environment}, capture_output=True, text=True, timeout=30
    ).stdout
    for key, value in {
        "NAME": ours["surname"],
        "FIRSTNAMES": ours["first_names"],
        "INITIAL": ours["third_name_initial"],
        "NATIONALNUMBER": ours["national_number"],
        "BIRTHDATE": ours["birth_date_text"],
        "CARDNUMBER": ours["card_number"],
        "DOCUMENTTYPE": document,
        "MUNICIPALITY": "Modeldorp",
    }.items():
        assert f"BELPIC_{key}: {value}\n" in theirs
    assert reading["checks"]["verdict"] == "proven"
    assert reading["checks"]["chip"]["outcome"] == chip


def test_a_pulled_card_is_reported_and_one_line(simulator: SimulatorProcess, kiosk: Kiosk) -> None:
    insert(simulator, "amina", pull_at=6)
    done = kiosk("read", "--wait", "5")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    simulator.wait_for("pulled")


def test_a_card_is_put_in_by_an_option_and_behaves_as_the_options_say(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    with PrivatePcscd() as own:
        host, port = own.vpcd
        options = ("--card", "leila", "--worn-chip", "--hide-6c", "--announce", "--glitch", "12=6B00")
        line = ("--vpcd", f"{host}:{port}", "--pki", str(tmp_path), "--bits-per-second", "250000")
        with SimulatorProcess("hardware.simulators.card", *line, *options) as simulator:
            assert simulator.wait_for("inserted")["card"] == "leila"
            arguments = ["card", "read", "--json", "--wait", "5", "--trust", simulator.ready["trust"]]
            done = subprocess.run(
                [sys.executable, "-m", "kiosk", *arguments],
                env={**os.environ, **own.environment},
                capture_output=True,
                text=True,
                timeout=30,
            )
            checks = json.loads(done.stdout)["checks"]
            assert checks["chip"] == {"outcome": "not-possible", "why": "refused", "detail": "6985"}
            assert checks["identity_signature"]["outcome"] == "proven"
            simulator.do("insert", card="amina", authentications_left=None, pull_at=3)
            simulator.wait_for("inserted")
            assert (
                subprocess.run(
                    [sys.executable, "-m", "kiosk", "card", "read", "--wait", "5"],
                    env={**os.environ, **own.environment},
                    capture_output=True,
                    timeout=30,
                ).returncode
                == 1
            )
            simulator.wait_for("pulled")


def test_a_line_that_makes_no_sense_is_refused_and_not_fatal(simulator: SimulatorProcess) -> None:
    for nonsense in ({"do": "insert", "card": "nobody"}, {"do": "dance"}, {"do": "remove"}):
        simulator.do(nonsense["do"], **{key: value for key, value in nonsense.items() if key != "do"})
    assert "nobody" in simulator.wait_for("refused")["why"]
    assert "dance" in simulator.wait_for("refused")["why"]
    simulator.wait_for("removed")


@pytest.fixture
def in_process(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The same command without a process; `decode` needs no reader."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["card", *arguments])
        except SystemExit as leave:
            assert isinstance(leave.code, int)
            code = leave.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_dumped_files_decode_to_the_same_reading(
    in_process: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    today = date.today()  # the command's own clock
    pki = TestPki.kept_in(tmp_path / "pki", today)
    chip = Deck(pki, today).card("yusuf")
    names = {
        "identity": "4031",
        "identity-signature": "4032",
        "address": "4033",
        "address-signature": "4034",
        "photo": "4035",
        "rrn-certificate": "503C",
        "root-certificate": "503B",
    }
    (tmp_path / "card-data").write_bytes(chip.card_data)
    arguments = ["--json", "--trust", str(tmp_path / "pki" / "trust"), "--card-data", str(tmp_path / "card-data")]
    for name, identifier in names.items():
        (content,) = (data for path, data in chip.files.items() if path.hex().upper().endswith(identifier))
        (tmp_path / name).write_bytes(content)
        arguments += [f"--{name}", str(tmp_path / name)]
    code, out, err = in_process("decode", *arguments)
    assert (code, err) == (0, "")
    reading = json.loads(out)
    assert reading["identity"]["birth_date"] == str(today.year - 42)
    assert reading["checks"]["verdict"] == "proven"
    assert (reading["apdus"], reading["applet_version"]) == (0, "1.7")
    assert set(reading) == KEYS
    assert reading["checks"]["chip"]["why"] == "not-on-this-card"
    (tmp_path / "identity").write_bytes((tmp_path / "identity").read_bytes().replace(b"Abdi", b"Abdy"))
    assert in_process("decode", *arguments)[0] == 1
    code, out, _ = in_process("decode", "--identity", str(tmp_path / "identity"))
    assert code == 0
    assert "not possible (missing)" in out


def test_a_dumped_chip_key_is_compared_and_proves_nothing_alone(
    in_process: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    pki = TestPki.generate(date.today())
    files = {path.hex()[-4:]: data for path, data in Deck(pki, date.today()).card("leila").files.items()}
    for name, content in (("identity", files["4031"]), ("key", files["4040"]), ("other", files["4040"][:-1] + b"x")):
        (tmp_path / name).write_bytes(content)
    identity = ("decode", "--json", "--identity", str(tmp_path / "identity"))
    code, out, _ = in_process(*identity, "--basic-key", str(tmp_path / "key"))
    assert (code, json.loads(out)["checks"]["chip"]["why"]) == (0, "not-asked")
    code, out, _ = in_process(*identity, "--basic-key", str(tmp_path / "other"))
    assert (code, json.loads(out)["checks"]["chip"]["outcome"]) == (1, "refuted")


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "--identity", "nothing-here"],
        ["decode", "--identity", "/dev/null"],
        ["decode", "--identity", "/dev/zero"],
        ["decode", "--identity", __file__],
        ["decode"],
        ["read", "--trust", "nothing-here"],
        ["read", "--wait", "soon"],
        ["write"],
        [],
    ],
)
def test_bad_input_is_one_line_and_two(in_process: Callable[..., tuple[int, str, str]], arguments: list[str]) -> None:
    code, out, err = in_process(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vpcd", "nowhere"],
        ["--today", "soon"],
        ["--pki", __file__],
        ["--card", "nobody"],
        ["--glitch", "7"],
        ["--vpcd", "NOBODY", "--card", "amina"],
    ],
)
def test_a_simulator_started_wrongly_says_so_in_one_line(
    arguments: list[str], nobody: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leave:
        main(["simulate", "card", *(nobody if word == "NOBODY" else word for word in arguments)])
    assert leave.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_two_private_pcscds_live_side_by_side(pcscd: PrivatePcscd) -> None:
    with PrivatePcscd() as other:
        assert other.vpcd != pcscd.vpcd
        assert other.socket_path != pcscd.socket_path
    assert Path(pcscd.socket_path).exists()


def test_where_pcscd_cannot_run_it_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hardware.simulators.pcscd._DRIVERS", (str(tmp_path / "none"),))
    with pytest.raises(PcscdUnavailable, match="vsmartcard-vpcd"):
        PrivatePcscd()


def test_the_command_reads_a_badge_and_tells_why_another_is_none(simulator: SimulatorProcess, kiosk: Kiosk) -> None:
    issuers = ("--issuers", simulator.ready["issuers"])
    insert(simulator, "badge-rsa", announces=True)
    done = kiosk("badge", "--json", "--wait", "5", *issuers)
    assert (done.returncode, done.stderr) == (0, "")
    reading = json.loads(done.stdout)
    assert reading["checks"]["chip"] == {"outcome": "proven", "why": "matches", "detail": "RSA-2048"}
    assert reading["checks"]["issuer"]["outcome"] == "proven" and len(reading["fingerprint"]) == 64
    assert "Test Badge badge-rsa" in kiosk("badge").stdout
    for card, said in {
        "badge-clone": "refuted (differs",
        "badge-stranger": "refuted (untrusted root)",
        "badge-expired": "expired",
        "badge-bare": "slot 9E",
        "amina": "no staff badge",
    }.items():
        insert(simulator, card)
        done = kiosk("badge", "--wait", "5", *issuers)
        assert done.returncode == 1 and said in done.stdout + done.stderr, card
    assert "no Belgian eID" in kiosk_says(kiosk, simulator, "badge-p384")


def kiosk_says(kiosk: Kiosk, simulator: SimulatorProcess, card: str) -> str:
    """What `card read` says of a card of another kind."""
    insert(simulator, card)
    return kiosk("read", "--wait", "5").stderr


def test_a_folder_of_issuers_that_cannot_be_used_is_bad_input(kiosk: Kiosk, tmp_path: Path) -> None:
    done = kiosk("badge", "--issuers", str(tmp_path))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "no certificate" in done.stderr
