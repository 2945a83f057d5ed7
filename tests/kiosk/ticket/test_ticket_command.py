"""`kiosk ticket verify`, as called from a shell."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.__main__ import main
from kiosk.domain.tickets.keys import write_key_set
from kiosk.ticket.signature import sign
from tests.kiosk.ticket.examples import CLAIMS, KEY, PUBLIC

TEXT = sign(CLAIMS, KEY, PUBLIC.key_id)


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(write_key_set([PUBLIC]))
    return file


def test_a_valid_ticket_exits_with_0_and_its_claims(keys, capsys):
    assert main(["ticket", "verify", TEXT, "--keys", str(keys), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["valid"] is True
    assert answer["claims"]["code"] == CLAIMS.code
    assert answer["claims"]["ticket_id"] == str(CLAIMS.ticket_id)
    assert answer["claims"]["issued_at"] == "2026-11-22T13:36:05+00:00"
    assert answer["claims"]["payment"] == {"state": "paid", "cents": 2400}
    assert answer["claims"]["requests"][1] == {"card_type": "A", "procedure": "urgent"}


def test_without_json_people_read_the_claims(keys, capsys):
    assert main(["ticket", "verify", TEXT, "--keys", str(keys)]) == 0
    out = capsys.readouterr().out
    assert CLAIMS.code in out and "Wed 25/11/2026 10:30" in out and "€24.00" in out


def test_a_refused_ticket_exits_with_1_and_its_reason(keys, capsys):
    keys.write_text(write_key_set([replace(PUBLIC, revoked_at=datetime(2027, 1, 1, tzinfo=UTC))]))
    assert main(["ticket", "verify", TEXT, "--keys", str(keys), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "valid": False,
        "reason": "revoked-key",
        "key_id": PUBLIC.key_id,
    }
    assert main(["ticket", "verify", "978020137962", "--keys", str(keys)]) == 1
    assert "not-a-ticket" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe", b"[]"], ids=["missing", "cut", "binary", "no-keys"])
def test_a_keys_file_that_cannot_be_used_exits_with_2_and_one_line(keys, capsys, content):
    keys.unlink() if content is None else keys.write_bytes(content)
    assert main(["ticket", "verify", TEXT, "--keys", str(keys)]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and str(keys) in captured.err


def test_the_text_comes_from_stdin_with_a_dash(keys):
    command = [sys.executable, "-m", "kiosk", "ticket", "verify", "-", "--keys", str(keys)]
    good = subprocess.run(command, input=f"]Q1{TEXT}\r\n".encode(), capture_output=True, timeout=30)
    assert (good.returncode, good.stderr) == (0, b"")
    noise = subprocess.run(command, input=b"\xff" * 300, capture_output=True, timeout=30)
    assert (noise.returncode, noise.stderr) == (1, b"")
    flood = subprocess.run(command, input=b"A" * 50_000, capture_output=True, timeout=30)
    assert flood.returncode == 2 and flood.stderr.count(b"\n") == 1
