"""The terminal's own end of the line: frames on a serial line, bare APDUs over TCP, and the faults of both.

Written from PA00P016 on its own, sharing no code with the kiosk's driver: a mistake in one is then caught by the other.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from hardware.simulators.terminal.cable import Cable, Unplugged, something_waits

ACK, NAK, DLE = 0x06, 0x15, 0x10
START, STOP = b"\x10\x02", b"\x10\x03"

T1_BYTE_GAP = 0.2
T2_ACKNOWLEDGEMENT = 5.0
SENDS = 3


def kermit(data: bytes) -> int:
    """CRC-16/KERMIT, bit by bit: slow, and easy to check against the definition."""
    value = 0
    for byte in data:
        for bit in range(8):
            feedback = (value ^ (byte >> bit)) & 1
            value = (value >> 1) ^ (0x8408 if feedback else 0)
    return value


def wrap(apdu: bytes) -> bytes:
    """An APDU as it goes over the line."""
    check = kermit(apdu + b"\x03")
    return START + apdu.replace(b"\x10", b"\x10\x10") + STOP + bytes([check & 0xFF, check >> 8])


def unwrap(buffer: bytearray) -> bytes | bool | None:
    """Take the first frame out of the buffer: its APDU, False when it is damaged, None when it is not whole yet."""
    begin = buffer.find(START)
    if begin < 0:
        return None
    apdu = bytearray()
    at = begin + 2
    while at + 1 < len(buffer):
        if buffer[at] != DLE:
            apdu.append(buffer[at])
            at += 1
        elif buffer[at + 1] == DLE:
            apdu.append(DLE)
            at += 2
        elif buffer[at + 1] == 0x03:
            if at + 4 > len(buffer):
                return None
            check = buffer[at + 2] | buffer[at + 3] << 8
            del buffer[: at + 4]
            return bytes(apdu) if kermit(bytes(apdu) + b"\x03") == check else False
        else:
            del buffer[: at + 1]
            return False
    return None


def cut(buffer: bytearray) -> bytes | None:
    """Take the first bare APDU out of the buffer; None when it is not whole yet."""
    if len(buffer) < 3:
        return None
    head, size = 3, buffer[2]
    if size == 0xFF:
        if len(buffer) < 5:
            return None
        head, size = 5, buffer[3] | buffer[4] << 8
    if len(buffer) < head + size:
        return None
    apdu = bytes(buffer[: head + size])
    del buffer[: head + size]
    return apdu


@dataclass
class Faults:
    """What is wrong with the line just now."""

    silent: bool = False  # hears nothing, says nothing
    deaf: bool = False  # hears nothing, but speaks
    lost_acks: int = 0  # so many of our next ACKs do not arrive
    damaged_frames: int = 0  # so many of our next frames arrive with a wrong CRC
    duplicates: int = 0  # so many of our next frames arrive twice
    byte_by_byte: bool = False  # each byte of ours is delivered on its own
    byte_ms: float = 0.0  # … with so much time between two
    bit_error_rate: float = 0.0  # each bit, in both directions, is turned over with this probability


class Woken(Exception):
    """A person did something at the terminal while it listened."""


class Line(ABC):
    """APDUs over a cable."""

    def __init__(self, cable: Cable, wake: int, hurry: float = 1.0, seed: int = 0) -> None:
        """`wake` is a file descriptor that becomes readable when a person acts; `hurry` divides the waits.

        `seed` makes the noise the same each time.
        """
        self.cable = cable
        self.faults = Faults()
        self._wake = wake
        self._t1 = T1_BYTE_GAP
        self._t2 = T2_ACKNOWLEDGEMENT / hurry
        self._buffer = bytearray()
        self._noise = random.Random(seed)

    @property
    def plugged(self) -> bool:
        """True while there is a line."""
        return self.cable.plugged

    def plug(self) -> None:
        """Plug the cable in."""
        self._buffer.clear()
        self.cable.plug()

    def unplug(self) -> None:
        """Pull the cable."""
        self.cable.unplug()

    @abstractmethod
    def receive(self, timeout: float) -> bytes | None:
        """The next APDU; None after so many seconds. Raises Woken or Unplugged."""

    @abstractmethod
    def send(self, apdu: bytes) -> bool:
        """Say something. False when it is known that nobody heard it. Raises Unplugged."""

    def drop_input(self) -> None:
        """Forget what arrived while the terminal was off."""
        with contextlib.suppress(Unplugged):
            while readable := something_waits(self.cable):
                self.cable.read(readable)
        self._buffer.clear()

    def wait(self, timeout: float) -> None:
        """Let time pass. Raises Woken when a person acts meanwhile."""
        select.select([self._wake], [], [], timeout)
        if self._woken():
            raise Woken

    # --- Inside ------------------------------------------------------------------------------------------

    def _fill(self, timeout: float, *, wakes: bool) -> bool:
        """Take in what arrives; False when nothing did."""
        if not self.plugged:
            raise Unplugged
        watched = self.cable.handles()
        readable, _, _ = select.select([*watched, self._wake] if wakes else watched, [], [], timeout)
        data = self.cable.read(readable)
        if not (self.faults.silent or self.faults.deaf):
            self._buffer += self._disturbed(data)
        if self._wake in readable and self._woken():
            raise Woken
        return bool(data)

    def _woken(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self._wake, 4096))
        return False

    def _write(self, data: bytes) -> None:
        if self.faults.silent:
            return
        data = self._disturbed(data)
        if not (self.faults.byte_by_byte or self.faults.byte_ms):
            self.cable.write(data)
            return
        for byte in data:
            self.cable.write(bytes([byte]))
            time.sleep(self.faults.byte_ms / 1000)

    def _disturbed(self, data: bytes) -> bytes:
        rate = self.faults.bit_error_rate
        if not rate:
            return data
        turned = (sum(1 << bit for bit in range(8) if self._noise.random() < rate) for _ in data)
        return bytes(byte ^ wrong for byte, wrong in zip(data, turned, strict=True))


class SerialLine(Line):
    """Frames, each acknowledged with one byte, sent at most three times."""

    def receive(self, timeout: float) -> bytes | None:
        """See `Line`; what is received is acknowledged."""
        deadline = time.monotonic() + timeout
        while True:
            apdu = unwrap(self._buffer)
            if isinstance(apdu, bytes):
                self._acknowledge()
                return apdu
            if apdu is False:
                self._write(bytes([NAK]))
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            begun = START in self._buffer
            if not self._fill(min(left, self._t1) if begun else left, wakes=True) and begun:
                # T1: the rest of a frame that noise cut off never comes.
                self._buffer.clear()
                self._write(bytes([NAK]))

    def send(self, apdu: bytes) -> bool:
        """See `Line`. False when it was never acknowledged."""
        wire = wrap(apdu)
        for _ in range(SENDS):
            damaged = self.faults.damaged_frames > 0
            self.faults.damaged_frames -= damaged
            self._write(wire[:-1] + bytes([wire[-1] ^ 0xFF]) if damaged else wire)
            if self.faults.duplicates:
                self.faults.duplicates -= 1
                self._write(wire)
            if self._acknowledged():
                return True
        return False

    def _acknowledge(self) -> None:
        if self.faults.lost_acks:
            self.faults.lost_acks -= 1
        else:
            self._write(bytes([ACK]))

    def _acknowledged(self) -> bool:
        deadline = time.monotonic() + self._t2
        while (left := deadline - time.monotonic()) > 0:
            if self._buffer and self._buffer[0] != DLE:
                answer = self._buffer.pop(0)
                if answer in (ACK, NAK):
                    return answer == ACK
                continue
            if self._buffer.startswith(START):  # it speaks: so it has heard us
                return True
            if len(self._buffer) > 1:  # a 10 that begins nothing is noise
                del self._buffer[0]
                continue
            if self.faults.silent:
                return False
            self._fill(left, wakes=False)
        return False


class TcpLine(Line):
    """Bare APDUs: TCP itself keeps them whole and in order, so there is nothing to acknowledge."""

    def receive(self, timeout: float) -> bytes | None:
        """See `Line`."""
        deadline = time.monotonic() + timeout
        while True:
            apdu = cut(self._buffer)
            if apdu is not None:
                return apdu
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            connected = self.cable.connected
            self._fill(left, wakes=True)
            if connected and not self.cable.connected:
                self._buffer.clear()

    def send(self, apdu: bytes) -> bool:
        """See `Line`. False when there is no connection."""
        self._write(apdu)
        if self.faults.duplicates:
            self.faults.duplicates -= 1
            self._write(apdu)
        return self.cable.connected and not self.faults.silent
