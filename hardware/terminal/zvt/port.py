"""The port below the link: raw bytes over a serial line or TCP, found again by its stable path or address.

USB terminals vanish and return (idle nights, OCA/pos #701), often as another ttyUSB number; a path under
/dev/serial/by-id or one of our own udev names stays. So a port is opened by path each time, and a lost one is simply
opened again. Terminals on a network take one connection at a time, and end one that they think is dead.
"""

from __future__ import annotations

import errno
import select
import socket
import termios
from enum import StrEnum
from typing import Protocol

import serial


class PortFault(StrEnum):
    """Why a port cannot be used."""

    NOT_FOUND = "not-found"
    IN_USE = "in-use"
    NO_PERMISSION = "no-permission"
    UNREACHABLE = "unreachable"  # nobody answers at this address
    LOST = "lost"
    FAILED = "failed"


class PortDown(Exception):
    """The port cannot be opened, or went away while in use."""

    def __init__(self, fault: PortFault, path: str) -> None:
        super().__init__(f"{path}: {fault}")
        self.fault = fault
        self.path = path


class BytePort(Protocol):
    """What the link needs of a port."""

    def read(self, timeout: float) -> bytes:
        """What has arrived, or arrives within so many seconds; empty when nothing does. Raises PortDown."""

    def write(self, data: bytes) -> None:
        """Hand over all these bytes. Raises PortDown."""

    def close(self) -> None:
        """Let go of it. Never raises."""


# What pyserial lets through: its own error is an OSError; termios has one that is not.
_PORT_ERRORS = (OSError, termios.error)


class SerialPort:
    """A serial line, 8 data bits, no parity, without flow control (PA00P016, chapter 2)."""

    def __init__(self, path: str, baud: int = 9600, stop_bits: int = 2, write_timeout: float = 5.0) -> None:
        """Open it for us alone. Raises PortDown; ValueError for a baud rate the line does not know."""
        self._path = path
        try:
            self._serial = serial.Serial(
                path,
                baudrate=baud,
                bytesize=serial.EIGHTBITS,
                parity=serial.PARITY_NONE,
                stopbits=stop_bits,
                timeout=0,
                exclusive=True,
                write_timeout=write_timeout,
            )
        except _PORT_ERRORS as problem:
            raise PortDown(_why(problem), path) from problem

    def read(self, timeout: float) -> bytes:
        """See `BytePort`."""
        try:
            readable, _, _ = select.select([self._serial.fileno()], [], [], timeout)
            return bytes(self._serial.read(self._serial.in_waiting or 1)) if readable else b""
        except _PORT_ERRORS as problem:
            raise PortDown(PortFault.LOST, self._path) from problem

    def write(self, data: bytes) -> None:
        """See `BytePort`."""
        try:
            self._serial.write(data)
        except _PORT_ERRORS as problem:
            raise PortDown(PortFault.LOST, self._path) from problem

    def close(self) -> None:
        """See `BytePort`."""
        try:
            self._serial.close()
        except _PORT_ERRORS:  # it is gone already; there is nothing left to let go of
            return


class TcpPort:
    """A connection to a terminal on the network (PA00P016, chapter 4)."""

    def __init__(self, host: str, number: int, timeout: float = 5.0) -> None:
        """Connect, and wait at most so many seconds for it and for each write. Raises PortDown."""
        self._path = f"tcp://{host}:{number}"
        try:
            self._socket = socket.create_connection((host, number), timeout)
            # An APDU is small, and waits for its answer: nothing is gained by holding it back.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A terminal that lost its power says nothing. The enquiries of an idle kiosk find out too, but later.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as problem:
            raise PortDown(PortFault.UNREACHABLE, self._path) from problem

    def read(self, timeout: float) -> bytes:
        """See `BytePort`."""
        try:
            readable, _, _ = select.select([self._socket], [], [], timeout)
            if not readable:
                return b""
            data = self._socket.recv(65536)
        except OSError as problem:
            raise PortDown(PortFault.LOST, self._path) from problem
        if not data:
            raise PortDown(PortFault.LOST, self._path)
        return data

    def write(self, data: bytes) -> None:
        """See `BytePort`."""
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise PortDown(PortFault.LOST, self._path) from problem

    def close(self) -> None:
        """See `BytePort`."""
        self._socket.close()


def _why(problem: BaseException) -> PortFault:
    number = getattr(problem, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return PortFault.NOT_FOUND
    if number in (errno.EACCES, errno.EPERM):
        return PortFault.NO_PERMISSION
    # pyserial reports a lock held by another process without an errno of its own, only as the cause.
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(problem):
        return PortFault.IN_USE
    return PortFault.FAILED
