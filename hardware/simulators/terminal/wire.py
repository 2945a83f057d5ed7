"""The terminal's own end of the line: frames over a pseudo-terminal, with faults.

Written from PA00P016 on its own, sharing no code with the kiosk's driver: a mistake in one is then caught by the other.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import time
import tty
from dataclasses import dataclass
from pathlib import Path

ACK, NAK, DLE = 0x06, 0x15, 0x10
START, STOP = b"\x10\x02", b"\x10\x03"

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


@dataclass
class Faults:
    """What is wrong with the line just now."""

    silent: bool = False  # hears nothing, says nothing
    lost_acks: int = 0  # so many of our next ACKs do not arrive
    damaged_frames: int = 0  # so many of our next frames arrive with a wrong CRC


class Unplugged(Exception):
    """There is no line."""


class Woken(Exception):
    """A person did something at the terminal while it listened."""


class Line:
    """A pseudo-terminal with a symbolic link that stays while the line is unplugged and plugged in again."""

    def __init__(self, link: Path, wake: int, hurry: float = 1.0) -> None:
        """`wake` is a file descriptor that becomes readable when a person acts; `hurry` divides the waits."""
        self._link = link
        self._wake = wake
        self._t2 = T2_ACKNOWLEDGEMENT / hurry
        self._master = self._slave = -1
        self._buffer = bytearray()
        self.faults = Faults()
        self.plug()

    @property
    def pty(self) -> str:
        """The path of the pseudo-terminal behind the link."""
        return os.ttyname(self._slave)

    @property
    def plugged(self) -> bool:
        """True while there is a line."""
        return self._master >= 0

    def plug(self) -> None:
        """A new pseudo-terminal under the old name, as a USB adapter that comes back with another number."""
        if self.plugged:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self._buffer.clear()
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.pty)
        fresh.replace(self._link)

    def unplug(self) -> None:
        """Pull the cable: whoever has the port open gets an error, and the name is gone."""
        if not self.plugged:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def receive(self, timeout: float) -> bytes | None:
        """The next command, acknowledged; None after so many seconds. Raises Woken or Unplugged."""
        deadline = time.monotonic() + timeout
        while True:
            apdu = self._next_frame()
            if isinstance(apdu, bytes):
                self._acknowledge()
                return apdu
            if apdu is False:
                self._write(bytes([NAK]))
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._fill(left, wakes=True)

    def send(self, apdu: bytes) -> bool:
        """Send a frame until it is acknowledged, at most three times. False when it never was. Raises Unplugged."""
        for _ in range(SENDS):
            wire = wrap(apdu)
            if self.faults.damaged_frames:
                self.faults.damaged_frames -= 1
                wire = wire[:-1] + bytes([wire[-1] ^ 0xFF])
            self._write(wire)
            if self._acknowledged():
                return True
        return False

    def drop_input(self) -> None:
        """Forget what arrived while the terminal was off."""
        while self.plugged and select.select([self._master], [], [], 0)[0]:
            os.read(self._master, 4096)
        self._buffer.clear()

    def wait(self, timeout: float) -> None:
        """Let time pass. Raises Woken when a person acts meanwhile, Unplugged when there is no line."""
        select.select([self._wake], [], [], timeout)
        if self._woken():
            raise Woken

    # --- Inside ------------------------------------------------------------------------------------------

    def _next_frame(self) -> bytes | bool | None:
        if self.faults.silent:
            self._buffer.clear()
        return unwrap(self._buffer)

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
            if self.faults.silent:
                return False
            self._fill(left, wakes=False)
        return False

    def _fill(self, timeout: float, *, wakes: bool) -> None:
        if not self.plugged:
            raise Unplugged
        readable, _, _ = select.select([self._master, self._wake] if wakes else [self._master], [], [], timeout)
        if self._master in readable:
            try:
                self._buffer += os.read(self._master, 4096)
            except OSError as problem:
                raise Unplugged from problem
        if self._wake in readable and self._woken():
            raise Woken

    def _woken(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self._wake, 4096))
        return False

    def _write(self, data: bytes) -> None:
        if self.faults.silent:
            return
        if not self.plugged:
            raise Unplugged
        try:
            os.write(self._master, data)
        except OSError as problem:
            raise Unplugged from problem
