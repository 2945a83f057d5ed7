"""What an exchange needs of the link below it, whatever carries the APDUs: `serial_link` or `tcp_link`."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from hardware.terminal.zvt.apdu import Apdu

Clock = Callable[[], float]
"""Seconds that only grow, as `time.monotonic`."""


class Sent(Enum):
    """What became of an APDU."""

    ACKNOWLEDGED = auto()  # over TCP: handed over
    UNANSWERED = auto()  # it may have been heard
    REJECTED = auto()  # NAK to each send: it was never understood


class Link(Protocol):
    """APDUs to and from one terminal. Not for two threads at a time."""

    @property
    def is_open(self) -> bool:
        """True while the port is believed to be there."""

    def open(self) -> None:
        """Open the port unless it is open. Raises PortDown."""

    def close(self) -> None:
        """Let go of the port."""

    def send(self, apdu: Apdu, *, repeat_after_silence: bool = True) -> Sent:
        """Send, and wait for what the link calls an acknowledgement. Raises PortDown (and has let go of the port)."""

    def receive(self, timeout: float) -> Apdu | None:
        """The next APDU; None when none is whole within so many seconds. Raises PortDown."""

    def forget(self) -> None:
        """A command ended without its answer: make sure that a late one is not taken for another command's."""
