"""Putting staff on a kiosk's roster from a shell."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hardware.simulators.card import Deck, TestPki, VirtualReader
from hardware.simulators.card.people import PEOPLE
from hardware.smartcard import Trust
from kiosk.__main__ import main
from kiosk.commands import staff
from kiosk.staff import roster as r
from tests.kiosk.staff.test_roster import token
from tests.towns import TOWN

CONFIG = f"""
[kiosk]
name = "Entrance"
municipality = "{TOWN}"
[terminal]
port = "terminal"
password = "000000"
[printer]
port = "tcp://127.0.0.1:9"
[journal]
folder = "journal"
[backend]
url = "http://127.0.0.1:9"
key_file = "kiosk.key"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "kiosk.toml"
    file.write_text(CONFIG)
    return file


def add_with_code(config: Path, *more: str, code: str = "482915", again: str = "482915", right: bool = True) -> str:
    """As a person would: a code, the same code, and the number that their app shows. Returns stdout, or stderr."""
    command = [sys.executable, "-m", "kiosk", "staff", "add", "el", "--code", "--config", str(config), *more]
    with subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stderr
        process.stdin.write(f"{code}\n{again}\n")
        process.stdin.flush()
        said = process.stderr.readline()
        secret = re.search(r"secret=([A-Z2-7]+)", said)
        if secret is None:
            return said
        number = token(datetime.now(UTC), secret[1])
        process.stdin.write(f"{number if right else '000000'}\n")
        out, err = process.communicate(timeout=30)
    return out if process.returncode == 0 else err


def test_somebody_with_a_code_comes_in_and_the_file_opens_nothing_by_itself(config: Path, tmp_path: Path):
    assert "Els may open" in add_with_code(config, "--name", "Els", "--role", "manager")
    file = tmp_path / "journal" / "staff.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and "482915" not in file.read_text()
    (els,) = r.read(file).member
    assert els.authenticator is not None and els.role is r.Role.MANAGER
    now = datetime.now(UTC)
    assert r.of_code(r.read(file), "482915", token(now, els.authenticator), now, frozenset()) is not None


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"code": "111111"}, "too easy"),
        ({"code": "123"}, "six to twelve digits"),
        ({"again": "482916"}, "two codes"),
        ({"right": False}, "another number"),
    ],
)
def test_a_code_that_will_not_do_changes_nothing(config: Path, tmp_path: Path, choices: dict, said: str):
    assert said in add_with_code(config, "--name", "Els", **choices)
    assert not (tmp_path / "journal" / "staff.toml").exists()


def test_somebody_is_listed_and_taken_off(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "journal").mkdir()
    nobody = r.new_roster()
    karim = r.Member(id="ka", name="Karim", card=r.card_print(nobody.key, "85073003328"))
    r.write(tmp_path / "journal" / "staff.toml", r.Roster(key=nobody.key, member=(karim,)))
    assert main(["staff", "list", "--config", str(config), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"members": [{"id": "ka", "name": "Karim", "role": "kiosk", "card": True, "code": False}]}
    assert main(["staff", "remove", "ka", "--config", str(config)]) == 0
    assert main(["staff", "list", "--config", str(config)]) == 0
    assert "nobody can open service mode" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["remove", "ka"], "not on the roster"),
        (["add", "ka"], "--name"),
        (["add", "ka", "--name", "K"], "--card"),
        (["add", "ka", "--name", "K", "--role", "boss", "--card"], "boss"),
    ],
)
def test_bad_input_gets_one_line(config: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]):
    try:
        code = main(["staff", *words, "--config", str(config)])
    except SystemExit as exit_:
        code = exit_.code  # type: ignore[assignment]
    complaint = capsys.readouterr().err
    assert code == 2 and said in complaint and complaint.count("\n") == 1


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> tuple[Deck, Trust]:
    pki = TestPki.kept_in(tmp_path_factory.mktemp("pki"), date.today())
    return Deck(pki, date.today()), Trust(pki.pins)


def test_a_card_whose_chip_proves_itself_is_a_badge(deck: tuple[Deck, Trust]):
    reader = VirtualReader()
    reader.insert(deck[0].card("karim"))
    number = staff.number_of_badge(reader, deck[1], date.today())
    assert number == PEOPLE["karim"].national_number(date.today())


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("amina", "no copy"),
        ("forged", "signatures"),
        ("expired", "no copy"),
        ("foreign-root", "root"),
        ("bank", "read"),
    ],
)
def test_other_cards_are_none(deck: tuple[Deck, Trust], card: str, said: str):
    reader = VirtualReader()
    reader.insert(deck[0].card(card))
    with pytest.raises(staff._WillNotDo, match=said):
        staff.number_of_badge(reader, deck[1], date.today())


def test_nobody_waits_for_ever_for_a_card(deck: tuple[Deck, Trust]):
    with pytest.raises(staff._WillNotDo, match="no card came"):
        staff.number_of_badge(VirtualReader(), deck[1], date.today(), patience=0.05)
