"""The link layer over TCP: bare APDUs, no framing, no check, no acknowledgement (PA00P016, chapter 4).

TCP keeps bytes whole and in order and says nothing of whether anybody read them, so everything else is left to the
answers. A command whose answer did not come leaves a connection on which a late answer could be taken for another
command's: it is closed (`forget`), and the next operation connects anew.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from hardware.terminal.zvt.apdu import Apdu, Splitter
from hardware.terminal.zvt.link import Clock, Sent
from hardware.terminal.zvt.port import BytePort, PortDown, PortFault
from hardware.terminal.zvt.timing import Timing

log = logging.getLogger(__name__)


class TcpLink:
    """One connection to a terminal; a `link.Link`."""

    def __init__(self, open_port: Callable[[], BytePort], timing: Timing, clock: Clock, address: str = "tcp") -> None:
        """`open_port` connects, and raises PortDown when it cannot; `address` is for messages."""
        self._open_port = open_port
        self._timing = timing
        self._clock = clock
        self._address = address
        self._port: BytePort | None = None
        self._splitter = Splitter()
        self._arrived: deque[Apdu] = deque()
        self._last_byte = 0.0

    @property
    def is_open(self) -> bool:
        """See `Link`."""
        return self._port is not None

    def open(self) -> None:
        """See `Link`."""
        if self._port is None:
            self._port = self._open_port()
            self._splitter = Splitter()
            self._arrived.clear()

    def close(self) -> None:
        """See `Link`."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def forget(self) -> None:
        """See `Link`."""
        self.close()

    def send(self, apdu: Apdu, *, repeat_after_silence: bool = True) -> Sent:
        """See `Link`. Never sent twice."""
        port = self._there()
        log.debug("→ %r", apdu)
        try:
            port.write(apdu.encode())
        except PortDown:
            self.close()
            raise
        return Sent.ACKNOWLEDGED

    def receive(self, timeout: float) -> Apdu | None:
        """See `Link`. An APDU that stops in the middle ends the connection: nothing after it could be understood."""
        deadline = self._clock() + timeout
        while True:
            if self._arrived:
                apdu = self._arrived.popleft()
                log.debug("← %r", apdu)
                return apdu
            left = deadline - self._clock()
            self._take_in(min(max(left, 0.0), self._timing.listen))
            if left <= 0 and not self._arrived:
                return None

    def _there(self) -> BytePort:
        """The connection. One that went while a command's last answer was written is told to who uses it next."""
        if self._port is None:
            raise PortDown(PortFault.LOST, self._address)
        return self._port

    def _take_in(self, timeout: float) -> None:
        port = self._there()
        try:
            data = port.read(timeout)
        except PortDown:
            self.close()
            raise
        if data:
            self._last_byte = self._clock()
            self._arrived.extend(self._splitter.feed(data))
        elif self._splitter.inside and self._clock() - self._last_byte >= self._timing.piece:
            short = self._splitter.give_up()
            if short is None:
                log.warning("an APDU stopped in the middle; the connection is closed")
                self.close()
                raise PortDown(PortFault.LOST, self._address)
            self._arrived.append(short)
