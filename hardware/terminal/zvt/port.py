"""The serial port below the link: raw bytes, exclusive, found again by its stable path.

USB terminals vanish and return (idle nights, OCA/pos #701), often as another ttyUSB number; a path under
/dev/serial/by-id or one of our own udev names stays. So a port is opened by path each time, and a lost one is simply
opened again.
"""

from __future__ import annotations

import errno
import select
import termios
from enum import StrEnum
from typing import Protocol

import serial


class PortFault(StrEnum):
    """Why a port cannot be used."""

    NOT_FOUND = "not-found"
    IN_USE = "in-use"
    NO_PERMISSION = "no-permission"
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
