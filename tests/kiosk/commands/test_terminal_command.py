from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.simulators.process import SimulatorProcess
from kiosk.__main__ import main
from tests.hardware.terminal.vectors import CRC_TRAPS, READY_FRAMES

APPROVED = (
    "040f42 2700 04 000000004550 49 0978 0b 000042 0c 095501 0d 1122 22 f0f9 67034200000001234f 29 52000017"
    "87 0231 8a 57 8b f1f1 42616e636f6e7461637400 19 70"
).replace("040f42", "040f44")


def decoded(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["terminal", "decode", *arguments]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    try:
        code = main(["terminal", *arguments])
    except SystemExit as exit_:  # the parser's own complaints
        code = exit_.code  # type: ignore[assignment]
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_a_status_information_is_told_with_the_card_number_masked(capsys: pytest.CaptureFixture[str]) -> None:
    length = len(bytes.fromhex(APPROVED)) - 3
    answer = decoded(capsys, f"040f{length:02x}" + APPROVED[6:])
    assert (answer["command"], answer["name"]) == ("04 0F", "status information")
    said = answer["fields"]
    assert said["amount_cents"] == 4550
    assert said["result_code"] == 0
    assert said["receipt_number"] == 231
    assert said["trace_number"] == 42
    assert said["terminal_id"] == "52000017"
    assert said["masked_pan"] == "670342*******1234"
    assert said["card_name"] == "Bancontact"
    assert (said["time"], said["date"], said["currency"]) == ("09:55:01", "11-22", "978")


@pytest.mark.parametrize("frame", READY_FRAMES.values(), ids=READY_FRAMES)
def test_serial_frames_are_told(capsys: pytest.CaptureFixture[str], frame: str) -> None:
    answer = decoded(capsys, "--serial", "--json", *frame.split())
    assert "unknown" not in answer["name"]


@pytest.mark.parametrize(("cents", "check"), CRC_TRAPS.items())
def test_frames_with_treacherous_crcs_are_told(capsys: pytest.CaptureFixture[str], cents: int, check: str) -> None:
    frame = f"1002 0601 0a 04 {cents:012d} 490978".replace(" 10", " 1010") + f" 1003 {check}"
    amount = f"{cents:012d}"
    stuffed = "".join(
        amount[at : at + 2] * (2 if amount[at : at + 2] == "10" else 1) for at in range(0, len(amount), 2)
    )
    frame = f"1002 0601 0a 04 {stuffed} 490978 1003 {check}"
    assert decoded(capsys, frame, "--serial")["fields"]["amount_cents"] == cents


def test_print_blocks_are_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert decoded(capsys, "06d30f 06 0d 1f07 01 02 25 07 07 01 41 07 02 4243")["fields"]["text"] == ["A", "BC"]


def test_what_is_unknown_is_carried(capsys: pytest.CaptureFixture[str]) -> None:
    answer = decoded(capsys, "040f05 2700 c1 0102")
    assert answer["fields"]["rest"] == "c10102"
    assert decoded(capsys, "777700")["name"] == "unknown command 7777"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["decode", "zz"], "hexadecimal"),
        (["decode", "040"], "hexadecimal"),
        (["decode", ""], "not an APDU"),
        (["decode", "0601"], "not an APDU"),
        (["decode", "040f0227"], "length byte"),
        (["decode", "1002 060f 00 1003 c633"], "--serial"),
        (["decode", "--serial", "1002 060f 00 1003 c634"], "CRC"),
        (["decode", "--serial", "1002 060f 00"], "cut off"),
        (["decode", "--serial", "060f00"], "no frame"),
        (["pay", "--port", "/dev/null", "0"], "0 cents"),
        (["pay", "--port", "/dev/null", "4.50"], "4.50"),
        (["status", "--port", "/dev/null", "--password", "12"], "six digits"),
        (["reverse", "--port", "/dev/null", "--cents", "100", "23100"], "23100"),
        (["refund", "--port", "/dev/null", "100"], "--yes"),
        (["refund", "--port", "/dev/null", "--yes", "0"], "0 cents"),
        (["status"], "--port"),
        (["dance"], "dance"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str], word: str) -> None:
    assert word in complaint(capsys, *arguments)


def test_a_port_that_is_none_is_a_no(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for port in (tmp_path / "nothing", tmp_path / "file"):
        assert main(["terminal", "status", "--json", "--port", str(port)]) == 1
        assert json.loads(capsys.readouterr().out)["status"] == "disconnected"
    assert main(["terminal", "pay", "--json", "--port", str(tmp_path / "nothing"), "100"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "unreachable"


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.terminal", "--automatic", "approve") as process:
        yield process


def test_a_day_at_the_terminal_by_hand(capsys: pytest.CaptureFixture[str], simulator: SimulatorProcess) -> None:
    port = simulator.ready["port"]

    def terminal(*arguments: str) -> tuple[int, Any]:
        code = main(["terminal", arguments[0], "--port", port, "--json", *arguments[1:]])
        return code, json.loads(capsys.readouterr().out)

    assert terminal("status") == (0, {"status": "ready", "card_inserted": False})
    assert terminal("last") == (1, {"last": None})
    code, paid = terminal("pay", "2500")
    assert (code, paid["outcome"], paid["receipt"]["receipt_number"]) == (0, "paid", 231)
    assert terminal("last")[1]["last"]["amount_cents"] == 2500
    assert terminal("reverse", "231", "--cents", "2400")[0] == 1
    code, reversed_ = terminal("reverse", "231", "--cents", "2500")
    assert (code, reversed_["outcome"]) == (0, "reversed")
    simulator.do("mode", automatic="decline")
    simulator.wait_for("obeyed")
    code, declined = terminal("pay", "2500")
    assert (code, declined["outcome"], declined["reason"]) == (1, "not-paid", "declined")
    assert terminal("end-of-day")[1]["total_cents"] == 0


def test_what_else_a_terminal_can_be_asked_by_hand(
    capsys: pytest.CaptureFixture[str], simulator: SimulatorProcess
) -> None:
    port = simulator.ready["port"]

    def terminal(action: str, *arguments: str) -> tuple[int, Any]:
        code = main(["terminal", action, "--port", port, "--json", *arguments])
        return code, json.loads(capsys.readouterr().out)

    code, refunded = terminal("refund", "--yes", "1250")
    assert (code, refunded["outcome"], refunded["receipt"]["amount_cents"]) == (0, "refunded", 1250)
    assert simulator.wait_for("refunded")["cents"] == 1250
    simulator.do("mode", automatic="abort")
    simulator.wait_for("obeyed")
    assert terminal("refund", "--yes", "1250")[0] == 1
    simulator.do("set", condition=0xC2)  # it wants a diagnosis before it takes payments
    simulator.wait_for("obeyed")
    assert terminal("status")[1]["upkeep"] == "diagnosis"
    code, checked = terminal("diagnosis")
    assert (code, checked["done"], checked["text"][-1]) == (0, True, "DIAGNOSE OK")
    assert terminal("status")[0] == 0
    assert terminal("clock") == (0, {"done": True, "detail": "done", "result_code": None, "text": []})
    assert terminal("log-off") == (0, {"done": True})


@pytest.mark.parametrize("action", [("diagnosis",), ("clock",), ("log-off",), ("refund", "--yes", "100")])
def test_a_terminal_that_is_not_there_does_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, action: tuple[str, ...]
) -> None:
    arguments = [action[0], "--port", str(tmp_path / "nothing"), *action[1:]]
    assert main(["terminal", *arguments, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer.get("outcome", answer.get("done")) in ("not-refunded", False)
    assert main(["terminal", *arguments]) == 1
    assert "not" in capsys.readouterr().out


@pytest.mark.parametrize(("said", "code"), [("yes", 0), ("no", 2), ("", 2)])
def test_a_refund_is_asked_about_before_it_is_sent(simulator: SimulatorProcess, said: str, code: int) -> None:
    """At a terminal of its own, as a person at a shell has one."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kiosk", "terminal", "refund", "--port", simulator.ready["port"], "700"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        os.write(ours, f"{said}\n".encode())
        printed, asked = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert "give 7.00 EUR to the card that is presented? [yes/no]" in asked
    assert process.returncode == code, asked
    assert ("refunded" in printed) is (code == 0)


def test_in_words_it_reads_well(capsys: pytest.CaptureFixture[str], simulator: SimulatorProcess) -> None:
    assert main(["terminal", "pay", "--port", simulator.ready["port"], "2500"]) == 0
    said = capsys.readouterr().out
    assert "… present-card" in said
    assert "paid (approved)" in said
    assert "amount   25.00 EUR" in said
    assert "Bancontact 670342*******1234" in said
    assert said.rstrip().endswith("Kopie klant")
