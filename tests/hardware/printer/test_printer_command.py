import json
import subprocess
from pathlib import Path

import pytest

from hardware.simulators.process import SimulatorProcess
from kiosk.__main__ import main


def test_status_of_a_ready_printer_exits_with_0(
    simulator: SimulatorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["printer", "status", "--port", simulator.ready["address"]]) == 0
    assert capsys.readouterr().out == "ready\n"


def test_status_of_a_printer_without_paper_exits_with_1_and_says_what_to_do(
    simulator: SimulatorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.do("paper", state="out")
    simulator.wait_for("did")
    assert main(["printer", "status", "--port", simulator.ready["address"]]) == 1
    assert capsys.readouterr().out == "out of paper: put in a roll\n"
    assert main(["printer", "status", "--json", "--port", simulator.ready["address"]]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"port": simulator.ready["address"], "ready": False, "status": "paper-out"}


def test_no_printer_at_all_exits_with_1(closed_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printer", "status", "--json", "--port", f"tcp://127.0.0.1:{closed_port}"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["why"]) == ("disconnected", "refused")
    assert main(["printer", "test", "--port", f"tcp://127.0.0.1:{closed_port}"]) == 1
    assert capsys.readouterr().out == "nothing was printed: no connection\n"


def test_a_bad_address_exits_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printer", "status", "--port", "lp0"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "tcp://HOST:9100" in captured.err


@pytest.mark.parametrize("width", [80, 58])
def test_the_test_page_comes_out_with_a_qr_code_that_reads(
    width: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--out", str(tmp_path), "--width", str(width))
    with SimulatorProcess("hardware.simulators.printer", *options) as simulator:
        address = simulator.ready["address"]
        assert main(["printer", "test", "--json", "--width", str(width), "--port", address]) == 0
        if width == 58:  # no knife: somebody tears it off
            simulator.do("tear")
        picture = simulator.wait_for("printed")["path"]
    assert json.loads(capsys.readouterr().out) == {"port": address, "outcome": "out", "reason": None}
    read = subprocess.run(["zbarimg", "--raw", "-q", picture], capture_output=True, text=True, timeout=20, check=True)
    assert read.stdout.startswith(f"LOKET TEST {width} mm")
