"""The line to the printer: TCP, serial, or a device file of the kernel's USB printer class.

python-escpos opens a serial line without a write time-out (a printer that stops reading then blocks the kiosk
for ever), waits sixty seconds on TCP, and takes a closed peer for an empty answer. These links do one thing:
bytes out and bytes in, each within a given time, and a `LinkError` with its reason when the line is not there.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import serial

DEFAULT_TCP_PORT = 9100  # "raw" printing, on all network printers
DEFAULT_BAUD = 115_200
CONNECT_SECONDS = 2.0  # on a local network; a printer that is switched off does not answer at all
_EMPTY_READ_PAUSE = 0.01  # a device file may be "readable" with nothing in it


class LinkReason(StrEnum):
    """Why there is no line."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NO_DEVICE = "no-device"
    NO_PERMISSION = "no-permission"
    CLOSED = "closed"  # it was there, and went
    STALLED = "stalled"  # the printer takes no more bytes


class LinkError(Exception):
    """The line is not there, or went away; `detail` is the operating system's word."""

    def __init__(self, reason: LinkReason, detail: str = ""):
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Link(Protocol):
    """What a printer needs of a line. All calls raise LinkError when it is not there."""

    def open(self) -> None:
        """Connect. An open link is opened anew."""

    def write(self, data: bytes, timeout: float) -> None:
        """Hand over all bytes within so many seconds."""

    def read(self, timeout: float) -> bytes:
        """The bytes that are there, or the first to come within so many seconds; empty when none came."""

    def close(self) -> None:
        """Leave at once. Bytes that the printer has not taken yet are dropped, not sent later. Never raises."""


class TcpLink:
    """Port 9100 of a network printer."""

    def __init__(self, host: str, port: int = DEFAULT_TCP_PORT):
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def __str__(self) -> str:
        return f"tcp://{self._address[0]}:{self._address[1]}"

    def open(self) -> None:
        """Connect within two seconds."""
        self.close()
        try:
            self._socket = socket.create_connection(self._address, timeout=CONNECT_SECONDS)
        except ConnectionRefusedError as problem:
            raise LinkError(LinkReason.REFUSED, str(problem)) from problem
        except OSError as problem:  # no route, no such host, no answer
            raise LinkError(LinkReason.UNREACHABLE, str(problem)) from problem
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Close with a reset: what the kernel still holds must not reach the printer after we gave up on it.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def write(self, data: bytes, timeout: float) -> None:
        """See Link."""
        connection = self._connected()
        connection.settimeout(timeout)
        try:
            connection.sendall(data)
        except TimeoutError as problem:
            raise LinkError(LinkReason.STALLED, f"not taken within {timeout:g} s") from problem
        except OSError as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem

    def read(self, timeout: float) -> bytes:
        """See Link."""
        connection = self._connected()
        connection.settimeout(max(timeout, 0.001))  # zero would mean: do not block, and fail in another way
        try:
            data = connection.recv(4096)
        except TimeoutError:
            return b""
        except OSError as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem
        if not data:
            raise LinkError(LinkReason.CLOSED, "the printer hung up")
        return data

    def close(self) -> None:
        """See Link."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise LinkError(LinkReason.CLOSED, "not open")
        return self._socket


class SerialLink:
    """A serial line, 8N1, or a USB printer that plays one. `hardware_flow` is RTS/CTS."""

    def __init__(self, device: str, baud: int = DEFAULT_BAUD, *, hardware_flow: bool = False):
        self._device = device
        self._baud = baud
        self._flow = hardware_flow
        self._port: serial.Serial | None = None

    def __str__(self) -> str:
        return f"serial:{self._device}?baud={self._baud}"

    def open(self) -> None:
        """Open the line and drop what came in before."""
        self.close()
        try:
            self._port = serial.Serial(self._device, self._baud, timeout=0, write_timeout=1, rtscts=self._flow)
            self._port.reset_input_buffer()
        except (OSError, termios.error) as problem:  # SerialException is an OSError
            raise _of_file(problem) from problem

    def write(self, data: bytes, timeout: float) -> None:
        """See Link. Returns when the operating system has the bytes; at 9600 baud a kilobyte takes a second."""
        port = self._opened()
        port.write_timeout = timeout
        try:
            port.write(data)
        except serial.SerialTimeoutException as problem:
            raise LinkError(LinkReason.STALLED, f"not taken within {timeout:g} s") from problem
        except (OSError, termios.error) as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem

    def read(self, timeout: float) -> bytes:
        """See Link."""
        port = self._opened()
        try:
            port.timeout = timeout
            first = bytes(port.read(1))
            return first + bytes(port.read(port.in_waiting)) if first else b""
        except (OSError, termios.error) as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem

    def close(self) -> None:
        """See Link."""
        port, self._port = self._port, None
        if port is None:
            return
        for step in (port.reset_output_buffer, port.close):
            _ignoring_lost_line(step)

    def _opened(self) -> serial.Serial:
        if self._port is None:
            raise LinkError(LinkReason.CLOSED, "not open")
        return self._port


class FileLink:
    """A device file such as /dev/usb/lp0, read and written without blocking."""

    def __init__(self, path: str):
        self._path = path
        self._file: int | None = None

    def __str__(self) -> str:
        return self._path

    def open(self) -> None:
        """Open for reading and writing."""
        self.close()
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as problem:
            raise _of_file(problem) from problem

    def write(self, data: bytes, timeout: float) -> None:
        """See Link."""
        file = self._opened()
        deadline = time.monotonic() + timeout
        rest = memoryview(data)
        try:
            while rest:
                _, writable, _ = select.select([], [file], [], max(deadline - time.monotonic(), 0))
                if not writable:
                    raise LinkError(LinkReason.STALLED, f"not taken within {timeout:g} s")
                rest = rest[self._write_some(file, rest) :]
        except OSError as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem

    def read(self, timeout: float) -> bytes:
        """See Link."""
        file = self._opened()
        try:
            readable, _, _ = select.select([file], [], [], max(timeout, 0))
            data = os.read(file, 4096) if readable else b""
        except BlockingIOError:
            data = b""
        except OSError as problem:
            raise LinkError(LinkReason.CLOSED, str(problem)) from problem
        if readable and not data:
            time.sleep(min(_EMPTY_READ_PAUSE, max(timeout, 0)))
        return data

    def close(self) -> None:
        """See Link."""
        file, self._file = self._file, None
        if file is not None:
            _ignoring_lost_line(lambda: os.close(file))

    def _opened(self) -> int:
        if self._file is None:
            raise LinkError(LinkReason.CLOSED, "not open")
        return self._file

    @staticmethod
    def _write_some(file: int, data: memoryview) -> int:
        try:
            return os.write(file, data)
        except BlockingIOError:
            return 0


def link_to(port: str) -> Link:
    """The link that an address means. Raises ValueError with one sentence that says what would be right.

    `tcp://HOST[:9100]`, `serial:/dev/ttyUSB0[?baud=115200&flow=rts]`, `/dev/tty…` and `/dev/pts/…` (serial lines),
    any other `/dev/…` (a device file).
    """
    if port.startswith("/dev/"):
        return SerialLink(port) if port.startswith(("/dev/tty", "/dev/pts/", "/dev/serial/")) else FileLink(port)
    try:
        parts = urlsplit(port)
        number = parts.port
    except ValueError as problem:
        raise ValueError(f"{port!r} is no printer's address: {problem}") from problem
    if parts.scheme == "tcp" and parts.hostname and parts.path in ("", "/"):
        return TcpLink(parts.hostname, DEFAULT_TCP_PORT if number is None else number)
    if parts.scheme == "serial" and parts.path.startswith("/"):
        options = parse_qs(parts.query)
        baud = options.get("baud", [str(DEFAULT_BAUD)])[-1]
        flow = options.get("flow", ["none"])[-1]
        if not baud.isdecimal() or not int(baud) or flow not in ("none", "rts") or set(options) - {"baud", "flow"}:
            raise ValueError(f"{port!r}: a serial line takes baud=NUMBER and flow=none or flow=rts")
        return SerialLink(parts.path, int(baud), hardware_flow=flow == "rts")
    raise ValueError(f"{port!r} is no printer's address; write tcp://HOST:9100, serial:/dev/ttyUSB0 or /dev/usb/lp0")


def _of_file(problem: OSError | termios.error) -> LinkError:
    number = problem.errno if isinstance(problem, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return LinkError(LinkReason.NO_PERMISSION, str(problem))
    return LinkError(LinkReason.NO_DEVICE, str(problem))


def _ignoring_lost_line(step: Callable[[], object]) -> None:
    """Leaving a line that is gone already is no news."""
    try:
        step()
    except (OSError, termios.error):
        return
