"""`kiosk municipality check`: valid with its fees, or each fault on its line; what cannot be read is bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.profiles import DEMO_PROFILE

PROFILES = Path(__file__).parents[1] / "domain" / "profiles"
EVERYWHERE = str(PROFILES / "everywhere.toml")


def kiosk(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, str, str]:
    code = main([*line])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_good_profile_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = kiosk(capsys, "municipality", "check", EVERYWHERE)
    assert code == 0
    assert out.startswith("valid: Overal (everywhere), version test\n")
    code, out, _ = kiosk(capsys, "municipality", "check", DEMO_PROFILE, "--json")
    assert json.loads(out)["valid"] is True


def test_each_fault_of_a_profile_is_on_its_own_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    text = Path(EVERYWHERE).read_text(encoding="utf-8")
    path.write_text(text.replace('desk = "quick"', 'desk = "fast"').replace("normal = 500", "normla = 500"))
    code, out, _ = kiosk(capsys, "municipality", "check", str(path))
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["services.collection.desk", "tariffs[2].fees.normla"]
    code, out, _ = kiosk(capsys, "municipality", "check", str(path), "--json")
    assert code == 1
    assert json.loads(out)["faults"][0] == {
        "place": "services.collection.desk",
        "value": '"fast"',
        "right": 'must be a desk: "main", "quick"',
    }


def test_a_file_that_cannot_be_read_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kiosk(capsys, "municipality", "check", "no/such.toml")
    assert (code, out) == (2, "")
    assert err == "kiosk municipality: cannot read no/such.toml: no such file or directory\n"


def test_the_fees_are_told_as_they_will_be_charged(capsys: pytest.CaptureFixture[str]) -> None:
    lines = kiosk(capsys, "municipality", "check", EVERYWHERE)[1].splitlines()
    assert lines[lines.index("application, from 1 January 2027:") + 1 :][:2] == [
        "  EU, A, B, from 0 to below 3: normal €0.00, urgent €100.00, super-urgent €250.00",
        "  EU, A, B, from 3 to below 12: normal €11.10, urgent €100.00, super-urgent €250.00",
    ]
    first_card = kiosk(capsys, "municipality", "check", str(PROFILES / "ergensdam.toml"), "--json")[1]
    fees = json.loads(first_card)["fees"][0]
    assert (fees["service"], fees["cents"], fees["at_most"]) == (
        "application",
        {"normal": 900, "urgent": 12000},
        ["normal", "urgent"],
    )


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("id = 'caf\u00e9'\nname = 'caf\u00e9'".encode("latin-1"), "line 1 is not UTF-8 text; save it as UTF-8"),
        ("id = 1".encode("utf-16"), "it is UTF-16 text, not UTF-8; save it as UTF-8"),
        (b"#" * 1_000_001, "it is too large to be a profile"),
    ],
)
def test_a_file_in_another_encoding_is_bad_input(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, written: bytes, complaint: str
) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(written)
    for command in (
        ("municipality", "check", str(path)),
        ("quote", "--municipality", str(path), "--birth-date", "2020"),
    ):
        code, out, err = kiosk(capsys, *command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert complaint in err


@pytest.mark.parametrize(("before", "after"), [("\ufeff", "\n"), ("", "\r\n"), ("", "\r")], ids=["mark", "crlf", "cr"])
def test_what_an_editor_adds_to_a_file_does_no_harm(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes((before + Path(EVERYWHERE).read_text(encoding="utf-8").replace("\n", after)).encode())
    assert kiosk(capsys, "municipality", "check", str(path))[0] == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "there is no municipality ''; there are "),
        (".", "cannot read .: is a directory"),
        ("x" * 300, "there is no municipality 'xxx"),
        ("x" * 300 + ".toml", "file name too long"),
        ("/dev/zero", "too large"),
    ],
    ids=["nothing", "folder", "long", "long-file", "endless"],
)
def test_what_is_no_file_is_bad_input(capsys: pytest.CaptureFixture[str], name: str, complaint: str) -> None:
    code, out, err = kiosk(capsys, "municipality", "check", name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert complaint in err
