"""A till written by hand: the facts sheet's bytes on a bare line. No code of the kiosk's driver takes part."""

from __future__ import annotations

import socket
from typing import Any

import serial

from hardware.simulators.process import SimulatorProcess
from hardware.simulators.terminal import wire
from tests.hardware.terminal.vectors import READY_FRAMES, undouble

ACK = b"\x06"
SECONDS = 5.0


class Till:
    """A bare serial line, and frames written by hand."""

    def __init__(self, port: str) -> None:
        self.line: Any = serial.Serial(port, timeout=SECONDS)
        self.buffer = bytearray()

    def hear(self, size: int) -> bytes:
        return bytes(self.line.read(size))

    def hear_apdu(self) -> bytes:
        while True:
            apdu = wire.unwrap(self.buffer)
            if isinstance(apdu, bytes):
                self.line.write(ACK)
                return apdu
            piece = self.line.read(1)
            assert piece, "the terminal says nothing"
            self.buffer += piece

    def say(self, hexadecimal: str) -> None:
        self.line.write(bytes.fromhex(hexadecimal))
        assert self.hear(1) == ACK

    def register(self) -> None:
        self.say(READY_FRAMES["register BE"])
        assert self.hear_apdu() == bytes.fromhex("800000")
        assert self.hear_apdu().startswith(b"\x06\x0f")
        self.accept()

    def accept(self) -> None:
        self.say(READY_FRAMES["ack 80 00 00"])

    def ask(self, hexadecimal: str) -> bytes:
        """Say an APDU and hear what comes first."""
        self.say(wire.wrap(bytes.fromhex(hexadecimal)).hex())
        return self.hear_apdu()

    def hear_all(self, answers: dict[int, str] | None = None) -> list[bytes]:
        """What the terminal says up to its completion or abort, each accepted, or answered as told."""
        heard = []
        while not heard or heard[-1][:2] not in (b"\x06\x0f", b"\x06\x1e"):
            heard.append(self.hear_apdu())
            command = int.from_bytes(heard[-1][:2], "big")
            if command >> 8 in (0x80, 0x84):
                continue
            self.say(wire.wrap(bytes.fromhex((answers or {}).get(command, "800000"))).hex())
        return heard

    def close(self) -> None:
        self.line.close()


class TcpTill(Till):
    """The same over TCP: bare APDUs, and no acknowledgements."""

    def __init__(self, port: str) -> None:
        self.line = _Socket(port)
        self.buffer = bytearray()

    def hear_apdu(self) -> bytes:
        while (apdu := wire.cut(self.buffer)) is None:
            piece = self.line.read(1)
            assert piece, "the terminal says nothing"
            self.buffer += piece
        return apdu

    def say(self, hexadecimal: str) -> None:
        self.line.write(undouble(bytes.fromhex(hexadecimal)))


class _Socket:
    def __init__(self, port: str) -> None:
        host, _, number = port.removeprefix("tcp://").rpartition(":")
        self._socket = socket.create_connection((host, int(number)), SECONDS)

    def read(self, size: int) -> bytes:
        return self._socket.recv(size)

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()


def arrange(simulator: SimulatorProcess, action: str, **details: Any) -> None:
    """Make the terminal so, and wait until it is."""
    simulator.do(action, **details)
    simulator.wait_for("obeyed")


def ledger(simulator: SimulatorProcess, which: str = "ledger") -> list[tuple[str, str, int]]:
    """The terminal's own truth: kind, state and cents of each transaction."""
    simulator.do(which)
    return [(entry["kind"], entry["state"], entry["cents"]) for entry in simulator.wait_for(which)["entries"]]
