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
from cryptography.hazmat.primitives.hashes import SHA256

from hardware.simulators.card import Deck, TestPki, VirtualReader
from hardware.simulators.card.people import PEOPLE
from hardware.smartcard import Trust
from hardware.smartcard.piv import Issuers
from kiosk.__main__ import main
from kiosk.commands import staff
from kiosk.devices.badge import Badge
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
    assert "Els may open service mode, by code" in add_with_code(config, "--name", "Els", "--role", "manager")
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
    karim_told = {"id": "ka", "name": "Karim", "role": "kiosk", "card": True, "badge": False, "code": False}
    assert told == {"members": [karim_told]}
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
def pki_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="module")
def deck(pki_folder: Path) -> tuple[Deck, Trust]:
    pki = TestPki.kept_in(pki_folder, date.today())
    return Deck(pki, date.today()), Trust(pki.pins)


@pytest.fixture(scope="module")
def issuers(pki_folder: Path, deck: tuple[Deck, Trust]) -> Issuers:
    return Issuers.from_folder(pki_folder / "issuers")


def test_a_card_whose_chip_proves_itself_is_a_badge(deck: tuple[Deck, Trust]):
    reader = VirtualReader()
    reader.insert(deck[0].card("karim"))
    found = staff.badge_in(reader, deck[1], None, date.today())
    assert found == Badge("card", PEOPLE["karim"].national_number(date.today()), None, found.detail)


@pytest.mark.parametrize("card", ["badge", "badge-rsa", "badge-p384"])
def test_a_towns_staff_badge_is_recognised_by_itself(deck: tuple[Deck, Trust], issuers: Issuers, card: str):
    reader = VirtualReader()
    reader.insert(deck[0].card(card))
    found = staff.badge_in(reader, deck[1], issuers, date.today())
    assert found.by == "badge"
    assert found.proven == deck[0].badges.certificate(card).fingerprint(SHA256()).hex()


def test_without_issuers_any_organisations_badge_may_be_put_on_the_roster(deck: tuple[Deck, Trust]):
    reader = VirtualReader()
    reader.insert(deck[0].card("badge-stranger"))
    assert staff.badge_in(reader, deck[1], None, date.today()).proven is not None


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("amina", "no copy"),
        ("forged", "signatures"),
        ("expired", "no copy"),
        ("foreign-root", "authority"),
        ("bank", "neither"),
        ("mute", "cannot be read"),
        ("badge-clone", "is a copy"),
        ("badge-expired", "not valid today"),
        ("badge-stranger", "authority"),
        ("badge-bare", "slot 9E"),
    ],
)
def test_other_cards_are_none(deck: tuple[Deck, Trust], issuers: Issuers, card: str, said: str):
    reader = VirtualReader()
    reader.insert(deck[0].card(card))
    with pytest.raises(staff._WillNotDo, match=said):
        staff.badge_in(reader, deck[1], issuers, date.today())


def test_nobody_waits_for_ever_for_a_card(deck: tuple[Deck, Trust]):
    with pytest.raises(staff._WillNotDo, match="no card came"):
        staff.badge_in(VirtualReader(), deck[1], None, date.today(), patience=0.05)


@pytest.fixture
def reader_of_the_kiosk(monkeypatch: pytest.MonkeyPatch) -> VirtualReader:
    """The command's reader, in this process."""
    reader = VirtualReader()
    monkeypatch.setattr(staff, "Reader", lambda _name: reader)
    return reader


def test_a_badge_goes_on_the_roster_and_off_it_again(
    config: Path,
    tmp_path: Path,
    pki_folder: Path,
    deck: tuple[Deck, Trust],
    reader_of_the_kiosk: VirtualReader,
    capsys: pytest.CaptureFixture[str],
):
    config.write_text(
        f'{CONFIG}[staff]\nbadge_issuers = "{pki_folder / "issuers"}"\n[reader]\ntrust = "{pki_folder / "trust"}"\n'
    )

    def kiosk_staff(*words: str, card: str | None = None) -> tuple[int, str]:
        reader_of_the_kiosk.remove()
        if card is not None:
            reader_of_the_kiosk.insert(deck[0].card(card))
        try:
            code = main(["staff", *words, "--config", str(config)])
        except SystemExit as exit_:
            code = int(str(exit_.code))
        said = capsys.readouterr()
        return code, said.out or said.err.splitlines()[-1]

    def told(*words: str, card: str | None = None) -> dict[str, object]:
        code, said = kiosk_staff(*words, "--json", card=card)
        assert code == 0, said
        answer: dict[str, object] = json.loads(said)
        return answer

    nora = {"id": "no", "name": "Nora", "role": "kiosk", "card": False, "badge": True, "code": False}
    assert told("add", "no", "--name", "Nora", "--card", card="badge") == nora
    assert told("add", "no", "--card", card="karim") == {**nora, "card": True}
    assert told("list") == {"members": [{**nora, "card": True}]}
    assert kiosk_staff("list")[1].split()[-2:] == ["card,", "badge"]
    assert kiosk_staff("add", "pi", "--name", "Piet", "--card", card="badge")[1] == (
        "kiosk staff: this badge belongs to somebody else on the roster"
    )
    code, said = kiosk_staff("add", "pi", "--name", "Piet", "--card", card="badge-stranger")
    assert code == 1 and "authority" in said
    assert kiosk_staff("remove", "no", "--code")[1] == "kiosk staff: no has no code"
    assert kiosk_staff("remove", "no", "--badge")[1] == "Nora still comes in, by card\n"
    assert r.read(tmp_path / "journal" / "staff.toml").member[0].badge is None
    assert kiosk_staff("remove", "no", "--card")[1] == "Nora does not come in any more\n"
    assert told("list") == {"members": []}


def test_issuers_that_cannot_be_used_are_bad_input(config: Path, capsys: pytest.CaptureFixture[str]):
    config.write_text(f'{CONFIG}[staff]\nbadge_issuers = "nowhere"\n')
    assert main(["staff", "add", "no", "--name", "Nora", "--card", "--config", str(config)]) == 2
    complaint = capsys.readouterr().err
    assert "nowhere" in complaint and complaint.count("\n") == 1
