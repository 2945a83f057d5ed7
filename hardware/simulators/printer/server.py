"""The simulated printer's network board: one host at a time on a loopback port; it vanishes with the power."""

from __future__ import annotations

import selectors
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.simulators.printer.machine import Machine

_CHUNK = 4096
_SEND_SECONDS = 1.0  # a host that does not read its answers loses them


class PrinterServer:
    """A machine on TCP. `tell` reports to the owner; `serve` runs until `stop`."""

    def __init__(self, out: Path, dots: int, tell: Callable[..., None], port: int = 0, **habits: Any):
        self._tell = tell
        self._host: socket.socket | None = None
        self._wake_read, self._wake_write = socket.socketpair()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = self._listen(port)
        self.port: int = self._listener.getsockname()[1]
        self.machine = Machine(out, dots, self._send, tell, **habits)

    def act(self, order: dict[str, Any]) -> None:
        """An order of the owner; see Machine.act."""
        self.machine.act(order)
        self._wake_write.send(b"\0")  # the power may have changed

    def stop(self) -> None:
        """End `serve`."""
        self._stopping.set()
        self._wake_write.send(b"\0")

    def serve(self) -> None:
        """Accept one host after the other and feed the machine."""
        while not self._stopping.is_set():
            self._follow_the_power()
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_read, selectors.EVENT_READ)
                waiting_for = self._host or self._listener  # a second host waits in the queue
                if waiting_for is not None:
                    selector.register(waiting_for, selectors.EVENT_READ)
                ready = {key.fileobj for key, _ in selector.select()}
            if self._wake_read in ready:
                self._wake_read.recv(_CHUNK)
            elif self._host is not None:
                self._read_host(self._host)
            elif self._listener is not None:
                self._host, _ = self._listener.accept()
        self._drop_host()
        if self._listener is not None:
            self._listener.close()

    def _follow_the_power(self) -> None:
        if self.machine.powered and self._listener is None:
            self._listener = self._listen(self.port)
            self._tell("power", on=True)
        elif not self.machine.powered and self._listener is not None:
            self._listener.close()
            self._listener = None
            self._drop_host()
            self._tell("power", on=False)

    def _read_host(self, host: socket.socket) -> None:
        try:
            data = host.recv(_CHUNK)
        except OSError:
            data = b""
        if data:
            self.machine.receive(data)
        else:
            self._drop_host()
            self.machine.line_lost()

    def _send(self, data: bytes) -> None:
        host = self._host  # an order of the owner answers on another thread than the one that reads
        if host is None:
            return
        try:
            host.settimeout(_SEND_SECONDS)
            host.sendall(data)
        except OSError:
            return  # the reader will see that the host is gone

    def _drop_host(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            # A board without power says no good-bye; a reset is the nearest thing on a loopback line.
            host.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            host.close()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(1)
        return listener
