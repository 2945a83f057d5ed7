"""ZVT over TCP: bare APDUs, cut anywhere, on a scripted connection and on real sockets."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.terminal import outcome as out
from hardware.terminal.zvt.address import NetworkAddress, network_address
from hardware.terminal.zvt.apdu import ACCEPTED, Apdu, Splitter
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.link import Sent
from hardware.terminal.zvt.port import PortDown, PortFault, TcpPort
from hardware.terminal.zvt.tcp_link import TcpLink
from hardware.terminal.zvt.timing import STANDARD
from tests.hardware.terminal.test_zvt_link import ScriptedPort
from tests.hardware.terminal.till import SHORT

apdus = st.builds(
    Apdu, st.integers(0, 0xFFFF), st.one_of(st.binary(max_size=40), st.binary(min_size=250, max_size=600))
)


@given(st.lists(apdus, max_size=6), st.data())
def test_any_apdus_survive_the_stream_however_it_is_cut(sent: list[Apdu], data: st.DataObject) -> None:
    stream = b"".join(apdu.encode() for apdu in sent)
    splitter, found, at = Splitter(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        found += list(splitter.feed(stream[at : at + size]))
        at += size
    assert found == sent
    assert not splitter.inside


@given(st.binary(max_size=600))
def test_any_bytes_are_cut_without_a_complaint(noise: bytes) -> None:
    splitter = Splitter()
    held = sum(len(apdu.data) for apdu in splitter.feed(noise))
    splitter.give_up()
    assert held <= len(noise)
    assert not splitter.inside


def linked(*script: object) -> tuple[TcpLink, ScriptedPort]:
    port = ScriptedPort(script)
    link = TcpLink(lambda: port, STANDARD, lambda: port.now)
    link.open()
    return link, port


def test_several_apdus_in_one_read_come_one_by_one() -> None:
    link, port = linked(bytes.fromhex("800000 04ff010a 060f"), bytes.fromhex("00"))
    assert [link.receive(1.0) for _ in range(3)] == [ACCEPTED, Apdu(0x04FF, b"\x0a"), Apdu(0x060F)]
    assert link.send(ACCEPTED) is Sent.ACKNOWLEDGED
    assert port.written == [bytes.fromhex("800000")]  # and no acknowledgement of any kind


def test_an_answer_that_counts_more_than_it_holds_is_taken_as_it_is() -> None:
    link, _port = linked(bytes.fromhex("800001"), 2.0)
    assert link.receive(5.0) == ACCEPTED


def test_an_apdu_that_stops_in_the_middle_ends_the_connection() -> None:
    link, port = linked(bytes.fromhex("040f0927"), 2.0)
    with pytest.raises(PortDown) as caught:
        link.receive(5.0)
    assert caught.value.fault is PortFault.LOST
    assert port.closed and not link.is_open


def test_a_slow_network_is_no_end() -> None:
    link, _port = linked(bytes.fromhex("040f02"), 0.8, bytes.fromhex("27"), 0.8, bytes.fromhex("00"))
    assert link.receive(5.0) == Apdu(0x040F, b"\x27\x00")


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ("tcp://10.0.0.7", NetworkAddress("10.0.0.7", 20007)),
        ("tcp://terminal.example:5577", NetworkAddress("terminal.example", 5577)),
        ("tcp://[fd00::7]:1", NetworkAddress("fd00::7", 1)),
        ("/dev/loket-terminal", None),
        ("COM3", None),
    ],
)
def test_an_address_is_told_from_a_path(port: str, expected: NetworkAddress | None) -> None:
    assert network_address(port) == expected


@pytest.mark.parametrize(
    "port", ["tcp:", "tcp://", "tcp://host:x", "tcp://host:70000", "tcp://a@b", "tcp://h/p", "tcp://h:0"]
)
def test_a_bad_address_is_no_address(port: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        ZvtTerminal.at(port)


def test_nobody_at_the_address_is_a_disconnected_terminal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    status = ZvtTerminal.at(f"tcp://127.0.0.1:{number}", timing=SHORT).status()
    assert isinstance(status, out.Disconnected) and status.reason.endswith("unreachable")


def test_a_connection_that_the_other_end_drops_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = TcpPort("127.0.0.1", server.getsockname()[1])
        other, _address = server.accept()
        assert port.read(0.01) == b""
        other.sendall(b"\x80")
        assert port.read(1.0) == b"\x80"
        other.close()
        with pytest.raises(PortDown):
            port.read(1.0)
        port.close()


def test_something_else_that_listens_there_is_not_a_terminal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        terminal = ZvtTerminal.at(f"tcp://127.0.0.1:{server.getsockname()[1]}", timing=SHORT)
        assert isinstance(terminal.status(), out.Unknown)  # it takes the connection and says nothing
        terminal.close()
