"""Tells systemd that the screen lives, so that a kiosk whose picture stands still is started anew by itself.

The signal is the shown picture (`kiosk.vitals.frames`), as for the heartbeat: a process that still runs and draws
nothing is worth nothing to who stands before it. `WatchdogSec` in the unit says how long systemd waits. Outside a unit
that asks for it, nothing is sent. The datagram is that of sd_notify(3); one line needs no library.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping

import structlog

_log = structlog.get_logger(__name__)


def fed(drawn: Callable[[], None], environment: Mapping[str, str] = os.environ) -> Callable[[], None]:
    """`drawn`, and after it a word to systemd where it waits for one.

    WATCHDOG_PID is passed over: it names the compositor, whose child this is.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address or not environment.get("WATCHDOG_USEC"):
        return drawn
    feed = _Feed(f"\0{address[1:]}" if address.startswith("@") else address)  # an abstract socket

    def drawn_and_said() -> None:
        drawn()
        feed.say()

    return drawn_and_said


class _Feed:
    def __init__(self, address: str):
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._refused = False

    def say(self) -> None:
        # It must not stop the kiosk: what is not heard ends in a restart, which is what it is for.
        try:
            self._socket.sendto(b"WATCHDOG=1", self._address)
            self._refused = False
        except OSError as problem:
            if not self._refused:
                _log.warning("the watchdog does not hear us", problem=problem.strerror or type(problem).__name__)
            self._refused = True
