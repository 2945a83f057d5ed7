"""What the simulated terminal is plugged in with: a pseudo-terminal under a stable name, or a TCP port on loopback.

A cable carries raw bytes and can be pulled. It knows nothing of frames or APDUs.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import tty
from pathlib import Path
from typing import Protocol


class Unplugged(Exception):
    """There is no line."""


class Cable(Protocol):
    """A line that can be pulled and plugged in again under the same name."""

    @property
    def port(self) -> str:
        """Where the till finds it: a path, or `tcp://host:port`."""

    @property
    def device(self) -> str:
        """What is behind the port just now."""

    @property
    def plugged(self) -> bool:
        """True while there is a line."""

    @property
    def connected(self) -> bool:
        """True while somebody could hear what is written. A serial line never knows; a TCP port does."""

    def plug(self) -> None:
        """Make the line, unless it is there."""

    def unplug(self) -> None:
        """Pull it, if it is there."""

    def handles(self) -> list[int]:
        """File descriptors that become readable when something happens on the line."""

    def read(self, readable: list[int]) -> bytes:
        """What arrived, given which handles are readable. Raises Unplugged."""

    def write(self, data: bytes) -> None:
        """Send. Raises Unplugged. What nobody takes is lost, as on a line without a listener."""

    def remove(self) -> None:
        """Take the name away for good."""


class PtyCable:
    """A pseudo-terminal with a symbolic link that stays while the line is unplugged and plugged in again."""

    connected = True

    def __init__(self, link: Path) -> None:
        """`link` is the stable path. Raises OSError when it cannot be made."""
        self._link = link
        self._master = self._slave = -1
        self.plug()

    @property
    def port(self) -> str:
        """See `Cable`."""
        return str(self._link)

    @property
    def device(self) -> str:
        """See `Cable`."""
        return os.ttyname(self._slave)

    @property
    def plugged(self) -> bool:
        """See `Cable`."""
        return self._master >= 0

    def plug(self) -> None:
        """A new pseudo-terminal under the old name, as a USB adapter that comes back with another number."""
        if self.plugged:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.device)
        fresh.replace(self._link)

    def unplug(self) -> None:
        """Pull the cable: whoever has the port open gets an error, and the name is gone."""
        if not self.plugged:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def handles(self) -> list[int]:
        """See `Cable`."""
        return [self._master]

    def read(self, readable: list[int]) -> bytes:
        """See `Cable`."""
        if self._master not in readable:
            return b""
        try:
            return os.read(self._master, 4096)
        except OSError as problem:
            raise Unplugged from problem

    def write(self, data: bytes) -> None:
        """See `Cable`."""
        if not self.plugged:
            raise Unplugged
        try:
            os.write(self._master, data)
        except OSError as problem:
            raise Unplugged from problem

    def remove(self) -> None:
        """See `Cable`."""
        self._link.unlink(missing_ok=True)


class TcpCable:
    """A TCP port on loopback with one till at a time; a new connection takes the place of the old one."""

    def __init__(self, number: int = 0) -> None:
        """`number` 0 takes a free port, and keeps it for good. Raises OSError when the port is taken."""
        self._number = number
        self._listener: socket.socket | None = None
        self._till: socket.socket | None = None
        self.plug()

    @property
    def port(self) -> str:
        """See `Cable`."""
        return f"tcp://127.0.0.1:{self._number}"

    @property
    def device(self) -> str:
        """See `Cable`."""
        return self.port

    @property
    def plugged(self) -> bool:
        """See `Cable`."""
        return self._listener is not None

    @property
    def connected(self) -> bool:
        """See `Cable`."""
        return self._till is not None

    def plug(self) -> None:
        """Listen, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._number))
            self._number = self._listener.getsockname()[1]

    def unplug(self) -> None:
        """End the connection and refuse new ones."""
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def handles(self) -> list[int]:
        """See `Cable`."""
        return [end.fileno() for end in (self._listener, self._till) if end is not None]

    def read(self, readable: list[int]) -> bytes:
        """See `Cable`."""
        arrived = b""
        if self._till is not None and self._till.fileno() in readable:
            with contextlib.suppress(ConnectionError):
                arrived = self._till.recv(4096)
            if not arrived:
                self._hang_up()
        if self._listener is not None and self._listener.fileno() in readable:
            self._hang_up()
            self._till, _address = self._listener.accept()
            self._till.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return arrived

    def write(self, data: bytes) -> None:
        """See `Cable`."""
        if self._listener is None:
            raise Unplugged
        if self._till is None:
            return
        try:
            self._till.sendall(data)
        except ConnectionError:
            self._hang_up()

    def remove(self) -> None:
        """See `Cable`."""
        self.unplug()

    def _hang_up(self) -> None:
        if self._till is not None:
            self._till.close()
            self._till = None


def something_waits(cable: Cable) -> list[int]:
    """The handles that are readable at this moment."""
    return select.select(cable.handles(), [], [], 0)[0] if cable.plugged else []
