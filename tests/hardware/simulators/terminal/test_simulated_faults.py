"""Each fault of the simulated terminal, seen from a till written by hand, and what its ledger says of the money."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.simulators.process import SimulatorProcess
from hardware.simulators.terminal import wire
from hardware.simulators.terminal.__main__ import main
from hardware.simulators.terminal.ledger import read_store
from tests.hardware.simulators.terminal.till import TcpTill, Till, arrange, ledger
from tests.hardware.terminal.vectors import READY_FRAMES

PAY = "06010e0400000000025049097819400105"  # 2.50; the goods may take five seconds
STATUS, COMPLETION, ABORT = b"\x04\x0f", b"\x06\x0f", b"\x06\x1e"
STOPPED_STATUS = bytes.fromhex("040f02276c")


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.terminal", "--hurry", "10", "--automatic", "approve") as process:
        yield process


@pytest.fixture
def till(simulator: SimulatorProcess) -> Iterator[Till]:
    till = Till(simulator.ready["port"])
    till.register()
    yield till
    till.close()


def pay(till: Till, answers: dict[int, str] | None = None) -> list[bytes]:
    """The whole of a payment."""
    till.say(wire.wrap(bytes.fromhex(PAY)).hex())
    return till.hear_all(answers)


def statuses(heard: list[bytes]) -> list[bytes]:
    return [apdu for apdu in heard if apdu[:2] == STATUS]


# --- What it says ----------------------------------------------------------------------------------------


def test_a_slow_pin_starts_t4_anew_with_its_own_minutes(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "mode", automatic=None)
    till.say(wire.wrap(bytes.fromhex(PAY)).hex())
    simulator.wait_for("payment_started")
    assert [till.hear_apdu(), till.hear_apdu()] == [bytes.fromhex("800000"), bytes.fromhex("04ff010a")]
    till.accept()
    simulator.do("slow_pin", times=3, every_ms=10, minutes=5)
    heard = till.hear_all()
    assert heard[:3] == [bytes.fromhex("04ff020105")] * 3
    assert heard[-1][:2] == COMPLETION


@pytest.mark.parametrize(
    ("name", "field"), [("amount", "04000000000250"), ("receipt", "870231"), ("trace", "0b000042"), ("pan", "22f0f9")]
)
def test_a_status_can_lack_any_field(till: Till, simulator: SimulatorProcess, name: str, field: str) -> None:
    assert bytes.fromhex(field) in statuses(pay(till))[0]
    arrange(simulator, "set", omits=[name])
    assert bytes.fromhex(field[:-2]) not in statuses(pay(till))[0]


def test_a_long_trace_number_stands_in_tag_1f2b(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "set", long_trace=True)
    status = statuses(pay(till))[0]
    assert bytes.fromhex("0b000000") in status and bytes.fromhex("1f2b0400000042") in status


@pytest.mark.parametrize(
    ("charset", "named", "expected"),
    [("iso8859-1", True, "140101"), ("iso8859-1", False, ""), ("utf-8", True, "1401fe")],
)
def test_receipts_come_in_other_charsets(
    till: Till, simulator: SimulatorProcess, charset: str, named: bool, expected: str
) -> None:
    arrange(simulator, "set", charset=charset, names_charset=named, greeting="Crème brûlée", must_print=True)
    merchant, customer = (apdu for apdu in pay(till) if apdu[:2] == b"\x06\xd3")
    assert "Crème brûlée".encode(charset) in customer
    assert bytes.fromhex("1f370181") in customer and bytes.fromhex("1f370181") not in merchant
    assert bytes.fromhex(expected) in customer
    assert (b"\x14\x01\x01" in customer) == (charset == "iso8859-1" and named)


def test_a_second_status_may_repeat_the_first_or_take_it_back(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "set", second_status="same")
    first, second = statuses(pay(till))
    assert first == second
    arrange(simulator, "set", second_status="reversal")
    heard = pay(till)
    assert statuses(heard)[1] == STOPPED_STATUS and heard[-1] == bytes.fromhex("061e016c")
    assert ledger(simulator) == [
        ("payment", "captured", 250),
        ("payment", "reversed", 250),
        ("reversal", "captured", 250),
    ]


# --- Goods -----------------------------------------------------------------------------------------------


def test_goods_that_never_come_are_taken_back(till: Till, simulator: SimulatorProcess) -> None:
    heard = pay(till, {0x040F: "849c00"})
    assert len(statuses(heard)) > 2 and heard[-1][:2] == ABORT
    assert ledger(simulator)[0] == ("payment", "reversed", 250)


def test_a_partial_issue_captures_the_part(till: Till, simulator: SimulatorProcess) -> None:
    pay(till, {0x040F: "849d0704000000000100"})
    assert ledger(simulator) == [("payment", "captured", 100)]


def test_a_till_that_could_not_issue_gets_it_taken_back(till: Till, simulator: SimulatorProcess) -> None:
    heard = pay(till, {0x040F: "846600"})
    assert heard[-1] == bytes.fromhex("061e016c")
    assert ledger(simulator) == [("payment", "reversed", 250), ("reversal", "captured", 250)]


@pytest.mark.parametrize(("reverses", "state"), [(True, "reversed"), (False, "captured")])
def test_an_answer_that_is_lost_is_judged_as_the_terminal_is_set(
    till: Till, simulator: SimulatorProcess, reverses: bool, state: str
) -> None:
    arrange(simulator, "set", loses_answer=True, reverses_by_itself=reverses)
    till.say(wire.wrap(bytes.fromhex(PAY)).hex())
    while till.hear_apdu()[:2] != STATUS:
        till.line.write(bytes.fromhex(READY_FRAMES["ack 80 00 00"]))
        till.buffer += till.line.read(1)
    simulator.wait_for("missed_answer")
    assert ledger(simulator)[0] == ("payment", state, 250)


# --- Restarts, cables, silence ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "reverses", "expected"),
    [
        ("accepted", True, []),
        ("card", True, []),
        ("host", True, []),
        ("approved", True, ["reversed", "captured"]),
        ("approved", False, ["captured"]),
        ("answered", True, ["reversed", "captured"]),
        ("captured", True, ["captured"]),
        ("printed", True, ["captured"]),
        ("completed", True, ["captured"]),
    ],
)
@pytest.mark.parametrize("fault", ["reboot", "unplug"])
def test_a_fault_can_be_arranged_for_a_stage(
    till: Till, simulator: SimulatorProcess, stage: str, fault: str, reverses: bool, expected: list[str]
) -> None:
    arrange(simulator, "set", reverses_by_itself=reverses)
    arrange(simulator, "at", stage=stage, fault=fault, ms=10)
    with pytest.raises((AssertionError, OSError)):  # the till hears no more
        till.line.timeout = 0.5
        pay(till)
        till.say(READY_FRAMES["status enquiry"])
        assert till.hear_apdu() != bytes.fromhex("800000"), "it restarted after the completion"
        raise OSError
    assert simulator.wait_for("stage") == {"event": "stage", "stage": stage, "fault": fault}
    assert [state for _kind, state, _cents in ledger(simulator)] == expected


def test_the_turnover_store_outlives_a_restart_and_the_process(tmp_path: Path) -> None:
    store = tmp_path / "turnover.json"
    start = ("hardware.simulators.terminal", "--hurry", "10", "--automatic", "approve", "--store", str(store))
    with SimulatorProcess(*start) as simulator:
        till = Till(simulator.ready["port"])
        till.register()
        pay(till)
        simulator.do("reboot", ms=10)
        simulator.wait_for("rebooted")
        assert ledger(simulator) == [("payment", "captured", 250)]
        till.close()
        simulator.kill()
    assert [(t.kind, t.state, t.receipt) for t in read_store(store)] == [("payment", "captured", 231)]
    with SimulatorProcess(*start) as simulator:
        till = Till(simulator.ready["port"])
        till.register()
        assert bytes.fromhex("870232") in statuses(pay(till))[0]
        till.close()


def test_a_late_approval_follows_a_cancel_where_that_is_set(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "mode", automatic=None)
    arrange(simulator, "set", late_after_abort="approval", late_ms=10)
    till.say(wire.wrap(bytes.fromhex(PAY)).hex())
    till.hear_apdu(), till.hear_apdu()
    till.accept()
    till.say(READY_FRAMES["abort"])
    heard = till.hear_all()
    assert heard[0] == bytes.fromhex("800000") and heard[-1][:2] == COMPLETION
    assert ledger(simulator) == [("payment", "captured", 250)]


def test_late_frames_follow_a_cancel_where_that_is_set(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "mode", automatic=None)
    arrange(simulator, "set", late_after_abort="frames", late_ms=10)
    till.say(wire.wrap(bytes.fromhex(PAY)).hex())
    till.hear_apdu(), till.hear_apdu()
    till.accept()
    till.say(READY_FRAMES["abort"])
    assert till.hear_all()[-1] == till.hear_all()[-1] == bytes.fromhex("061e016c")
    assert ledger(simulator) == []


# --- The line --------------------------------------------------------------------------------------------


def test_duplicates_arrive_twice(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "duplicate")
    till.say(READY_FRAMES["status enquiry"])
    assert till.hear_apdu() == till.hear_apdu() == bytes.fromhex("800000")


def test_bytes_can_come_one_by_one(till: Till, simulator: SimulatorProcess) -> None:
    arrange(simulator, "byte_by_byte", ms=5)
    till.line.write(bytes.fromhex(READY_FRAMES["status enquiry"]))
    select.select([till.line.fd], [], [], 5)
    assert till.line.in_waiting == 1
    assert till.hear(1) == b"\x06"
    begun = time.monotonic()
    assert till.hear_apdu() == bytes.fromhex("800000")
    assert time.monotonic() - begun >= 0.03


def test_the_same_seed_makes_the_same_noise() -> None:
    said = []
    for seed in ("1", "1", "2"):
        arguments = ("--hurry", "10", "--noise", "0.004", "--seed", seed)
        with SimulatorProcess("hardware.simulators.terminal", *arguments) as simulator:
            till = Till(simulator.ready["port"])
            till.line.timeout = 2.5
            till.line.write(bytes.fromhex(READY_FRAMES["register BE"]))
            said.append(till.hear(60))
            till.close()
    assert said[0] == said[1] != said[2]


# --- Everything else -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("remembers", "receipt"), [("last", "870232"), ("success", "870231"), ("nothing", None)])
def test_it_remembers_as_it_is_set(
    till: Till, simulator: SimulatorProcess, remembers: str, receipt: str | None
) -> None:
    pay(till)
    arrange(simulator, "mode", automatic="decline")
    pay(till)
    arrange(simulator, "set", remembers=remembers)
    till.say(READY_FRAMES["last result"])
    told = statuses(till.hear_all())
    assert len(told) == (receipt is not None)
    assert receipt is None or bytes.fromhex(receipt) in told[0]


@pytest.mark.parametrize(
    ("reverses", "number", "code"),
    [("any", 1, None), ("last", 2, None), ("last", 1, 0xB5), ("never", 2, 0xB5), ("any", 9, 0xB5)],
)
def test_what_may_be_reversed_differs(
    till: Till, simulator: SimulatorProcess, reverses: str, number: int, code: int | None
) -> None:
    pay(till), pay(till)
    arrange(simulator, "set", reverses=reverses)
    till.say(wire.wrap(bytes.fromhex(f"06300600000087023{number}")).hex())
    ending = till.hear_all()[-1]
    assert ending == (bytes.fromhex("060f00") if code is None else bytes([0x06, 0x1E, 1, code]))


def test_the_reversal_window_ends_with_the_day(till: Till, simulator: SimulatorProcess) -> None:
    pay(till)
    till.say(READY_FRAMES["end of day"])
    totals = statuses(till.hear_all())[0]
    assert bytes.fromhex("04000000000250 60f0f5f3 0231 0231") in totals and totals.endswith(
        bytes.fromhex("01000000000250")
    )
    till.say(READY_FRAMES["reversal of 0231"])
    assert till.hear_all()[-1] == bytes.fromhex("061e01b5")
    assert ledger(simulator) == [] and ledger(simulator, "history") == [("payment", "captured", 250)]


@pytest.mark.parametrize(
    ("condition", "command"),
    [(0x51, "069303000000"), (0xC2, "067003000000"), (0x62, "06910b 000000 aa261122 0c120000")],
)
def test_what_it_needs_can_be_done(till: Till, simulator: SimulatorProcess, condition: int, command: str) -> None:
    arrange(simulator, "set", condition=condition)
    till.say(wire.wrap(bytes.fromhex(command)).hex())
    assert till.hear_all()[-1] == bytes.fromhex("060f00")
    till.say(READY_FRAMES["status enquiry"])
    assert till.hear_all()[-1].endswith(b"\x00")


def test_a_refund_is_a_line_of_its_own(till: Till, simulator: SimulatorProcess) -> None:
    till.say(wire.wrap(bytes.fromhex("06310d 000000 04000000000250 490978")).hex())
    assert till.hear_all()[-1] == bytes.fromhex("060f00")
    assert ledger(simulator) == [("refund", "captured", 250)]


def test_over_tcp_it_says_the_same_without_frames() -> None:
    with SimulatorProcess("hardware.simulators.terminal", "--tcp", "0", "--automatic", "approve") as simulator:
        assert simulator.ready["port"].startswith("tcp://127.0.0.1:")
        till = TcpTill(simulator.ready["port"])
        till.register()
        assert pay(till)[-1] == bytes.fromhex("060f00")
        assert ledger(simulator) == [("payment", "captured", 250)]
        simulator.do("unplug")
        simulator.wait_for("unplugged")
        assert till.line.read(1) == b""
        with pytest.raises(ConnectionRefusedError):
            TcpTill(simulator.ready["port"])
        simulator.do("plug")
        simulator.wait_for("plugged")
        again = TcpTill(simulator.ready["port"])
        again.register()
        again.close()
        till.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "colour=red"],
        ["--set", "prints=perhaps"],
        ["--set", 'omits=["everything"]'],
        ["--link", "/nowhere/at/all"],
        ["--tcp", "1"],
        ["--store", "/etc/hostname"],
    ],
)
def test_what_cannot_be_had_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
