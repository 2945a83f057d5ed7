"""The simulated terminal, spoken to in the facts sheet's bytes: no code of the kiosk's driver takes part."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from hardware.simulators.process import SimulatorProcess
from hardware.simulators.terminal import messages, wire
from hardware.simulators.terminal.ledger import CAPTURED, Ledger
from tests.hardware.simulators.terminal.till import Till
from tests.hardware.terminal.vectors import CRC_TRAPS, READY_FRAMES, undouble


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hardware.simulators.terminal", "--hurry", "10") as process:
        yield process


@pytest.fixture
def till(simulator: SimulatorProcess) -> Iterator[Till]:
    till = Till(simulator.ready["port"])
    yield till
    till.line.close()


@pytest.mark.parametrize("frame", READY_FRAMES.values(), ids=READY_FRAMES)
def test_its_frames_are_those_of_the_facts(frame: str) -> None:
    raw = bytes.fromhex(frame)
    assert wire.wrap(undouble(raw)) == raw
    assert wire.unwrap(bytearray(raw)) == undouble(raw)


@pytest.mark.parametrize(("cents", "check"), CRC_TRAPS.items())
def test_its_crc_bytes_are_raw(cents: int, check: str) -> None:
    apdu = bytes.fromhex(f"06010a04{cents:012d}490978")
    framed = wire.wrap(apdu)
    assert framed[-2:] == bytes.fromhex(check)
    assert wire.unwrap(bytearray(b"\x15" + framed)) == apdu


def test_a_damaged_frame_gets_a_nak(till: Till) -> None:
    till.line.write(bytes.fromhex(READY_FRAMES["status enquiry"])[:-1] + b"\x00")
    assert till.hear(1) == b"\x15"


def test_a_payment_needs_a_registration(till: Till) -> None:
    till.say(READY_FRAMES["pay 1.00, type 40"])
    assert till.hear_apdu() == bytes.fromhex("846b00")


def test_a_payment_waits_for_the_person_and_captures_on_the_acknowledgement(
    till: Till, simulator: SimulatorProcess
) -> None:
    till.register()
    till.say(READY_FRAMES["pay 1.00, type 40"])
    assert simulator.wait_for("payment_started")["cents"] == 100
    assert till.hear_apdu() == bytes.fromhex("800000")
    assert till.hear_apdu() == bytes.fromhex("04ff010a")
    till.accept()
    assert not select.select([till.line.fd], [], [], 0.1)[0]  # it waits
    simulator.do("tap")
    for step in ("04ff0101", "04ff0104"):
        assert till.hear_apdu() == bytes.fromhex(step)
        till.accept()
    status = till.hear_apdu()
    assert status[:2] == b"\x04\x0f" and bytes.fromhex("2700 04000000000100") in status
    till.accept()
    captured = simulator.wait_for("captured")
    assert (captured["cents"], captured["receipt"], captured["trace"]) == (100, 231, 42)
    for kind in (1, 2):
        block = till.hear_apdu()
        assert block[:2] == b"\x06\xd3" and bytes([0x1F, 0x07, 1, kind]) in block
        till.accept()
    assert till.hear_apdu() == bytes.fromhex("060f00")
    till.accept()


def test_a_till_that_never_acknowledges_the_approval_is_not_paid(till: Till, simulator: SimulatorProcess) -> None:
    till.register()
    simulator.do("mode", automatic="approve")
    simulator.wait_for("obeyed")
    till.say(wire.wrap(bytes.fromhex("06010704000000000250010a")).hex())  # it waits for ten seconds, divided by ten
    assert till.hear_apdu() == bytes.fromhex("800000")
    for _ in range(3):
        till.hear_apdu()
        till.accept()
    assert till.hear_apdu()[:2] == b"\x04\x0f"
    till.line.close()  # the kiosk dies here
    simulator.do("ledger")  # answered in the meantime: a person can always act
    assert [entry["state"] for entry in simulator.wait_for("ledger")["entries"]] == ["approved"]
    assert simulator.wait_for("reversed")["cents"] == 250


def test_goods_that_come_late_are_asked_after(till: Till, simulator: SimulatorProcess) -> None:
    till.register()
    simulator.do("mode", automatic="approve")
    simulator.wait_for("obeyed")
    till.say(READY_FRAMES["pay 2.50, goods 60 s"])
    till.hear_apdu()
    for _ in range(3):
        till.hear_apdu()
        till.accept()
    first = till.hear_apdu()
    till.say(READY_FRAMES["84 9C 00"])
    assert till.hear_apdu() == first
    till.accept()
    assert simulator.wait_for("captured")["cents"] == 250


def test_without_print_blocks_in_the_registration_it_prints_lines(till: Till, simulator: SimulatorProcess) -> None:
    lines = messages.print_lines(["een", "twee"])
    assert lines == [bytes.fromhex("06d10400") + b"een", bytes.fromhex("06d10581") + b"twee"]
    simulator.do("mode", automatic="decline")
    simulator.wait_for("obeyed")
    till.say(wire.wrap(bytes.fromhex("060006 000000be0978")).hex())
    till.hear_apdu(), till.hear_apdu()
    till.accept()
    till.say(READY_FRAMES["pay 1.00"])
    till.hear_apdu()
    commands = []
    while not commands or commands[-1] != b"\x06\x1e":
        commands.append(till.hear_apdu()[:2])
        till.accept()
    assert commands.count(b"\x06\xd1") == 18 and b"\x06\xd3" not in commands


def test_the_stable_path_survives_the_cable(till: Till, simulator: SimulatorProcess) -> None:
    port = Path(simulator.ready["port"])
    simulator.do("unplug")
    simulator.wait_for("unplugged")
    assert not port.is_symlink()
    with pytest.raises((OSError, serial.SerialException)):
        till.line.read(1)
        os.write(till.line.fd, b"x")
    simulator.do("plug")
    assert simulator.wait_for("plugged")["pty"] == os.readlink(port)
    Till(str(port)).register()


def test_a_person_cannot_tap_while_nothing_is_to_be_paid(simulator: SimulatorProcess) -> None:
    simulator.do("tap")
    assert "no payment" in simulator.wait_for("refused")["why"]
    simulator.do("dance")
    assert "dance" in simulator.wait_for("refused")["why"]
    simulator.do("set", colour="red")
    assert "colour" in simulator.wait_for("refused")["why"]


def test_the_link_can_be_chosen_and_is_cleaned_up(tmp_path: Path) -> None:
    link = tmp_path / "terminal"
    with SimulatorProcess("hardware.simulators.terminal", "--link", str(link)) as simulator:
        assert simulator.ready["port"] == str(link) and link.is_symlink()
    assert not link.is_symlink()


def test_numbers_wrap() -> None:
    ledger = Ledger(receipt=9999, trace=999_999)
    booked = ledger.book(100, CAPTURED)
    assert (booked.receipt, booked.trace) == (1, 1)
