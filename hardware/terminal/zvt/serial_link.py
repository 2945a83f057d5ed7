"""The link layer on a serial line (PA00P016, chapter 3).

A frame is sent until it is acknowledged, three times at most; what arrives is acknowledged at once.

The link has no sequence numbers. When an ACK is lost, the repeated frame is a second command to the other side. Two
rules follow. A whole frame that arrives while we wait for an ACK is taken as one, because a terminal that speaks has
heard us. And a command that may move money is repeated only after a NAK, which says that the first was not
understood; after silence it is not (`repeat_after_silence=False`), for the first may have been heard.

When one of our ACKs is lost, the terminal repeats a frame to which our answer is already under way. It is acknowledged
and dropped: answered twice, the second answer would be taken for that to the terminal's next question.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from hardware.terminal.zvt import frame
from hardware.terminal.zvt.apdu import Apdu, BadApdu, parse
from hardware.terminal.zvt.link import Clock, Sent
from hardware.terminal.zvt.port import BytePort, PortDown
from hardware.terminal.zvt.timing import Timing

log = logging.getLogger(__name__)


class SerialLink:
    """One serial line to a terminal; a `link.Link`."""

    def __init__(self, open_port: Callable[[], BytePort], timing: Timing, clock: Clock) -> None:
        """`open_port` opens the port by its stable path, and raises PortDown when it cannot."""
        self._open_port = open_port
        self._timing = timing
        self._clock = clock
        self._port: BytePort | None = None
        self._decoder = frame.Decoder()
        self._arrived: deque[frame.Received] = deque()
        self._last_byte = 0.0
        self._last_taken = b""
        self._lost: PortDown | None = None

    @property
    def is_open(self) -> bool:
        """True while the port is believed to be there."""
        return self._port is not None

    def open(self) -> None:
        """Open the port unless it is open. Raises PortDown."""
        if self._port is None:
            self._port = self._open_port()
            self._lost = None
            self._decoder = frame.Decoder()
            self._arrived.clear()
            self._last_taken = b""

    def close(self) -> None:
        """Let go of the port."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def forget(self) -> None:
        """See `Link`. A late answer on a serial line is read and answered before the next command: nothing to do."""

    def send(self, apdu: Apdu, *, repeat_after_silence: bool = True) -> Sent:
        """Send a frame and wait for its ACK: at most `sends` times T2. Raises PortDown (and has let go of the port)."""
        wire = frame.encode(apdu.encode())
        answered = self._last_taken if apdu.answer_code is not None else None
        outcome = Sent.UNANSWERED
        for attempt in range(self._timing.sends):
            log.debug("→ %r, send %d", apdu, attempt + 1)
            self._write(wire)
            outcome = self._await_acknowledgement(answered)
            if outcome is Sent.ACKNOWLEDGED:
                return outcome
            if outcome is Sent.UNANSWERED and not repeat_after_silence:
                return outcome
        return outcome

    def receive(self, timeout: float) -> Apdu | None:
        """The next APDU, acknowledged; None when none is whole within so many seconds. Raises PortDown.

        With 0 it takes what has arrived already.
        """
        deadline = self._clock() + timeout
        self._arrived_grew(0.0)
        while True:
            while self._arrived:
                apdu = self._accept(self._arrived.popleft())
                if apdu is not None:
                    return apdu
            if not self._listen(deadline):
                return None

    # --- Inside ------------------------------------------------------------------------------------------

    def _accept(self, received: frame.Received) -> Apdu | None:
        if isinstance(received, frame.Damaged):
            log.info("a frame arrived damaged (%s)", received.why)
            self._write(bytes([frame.NAK_BYTE]))
            return None
        if isinstance(received, frame.Control):  # an answer to nothing: noise, or late
            return None
        self._write(bytes([frame.ACK_BYTE]))
        self._last_taken = received.apdu
        try:
            apdu = parse(received.apdu)
        except BadApdu as problem:
            log.warning("an intact frame holds no APDU (%s)", problem.fault)
            return None
        log.debug("← %r", apdu)
        return apdu

    def _await_acknowledgement(self, answered: bytes | None) -> Sent:
        """`answered` is the APDU that we are just answering, if we are."""
        deadline = self._clock() + self._timing.acknowledgement
        seen = 0  # what is in `_arrived` stays there for `receive`; only controls are taken out
        while True:
            while seen < len(self._arrived):
                received = self._arrived[seen]
                if isinstance(received, frame.Control):
                    del self._arrived[seen]
                    return Sent.ACKNOWLEDGED if received is frame.Control.ACK else Sent.REJECTED
                if isinstance(received, frame.Frame) and received.apdu == answered:
                    del self._arrived[seen]
                    self._write(bytes([frame.ACK_BYTE]))
                    continue
                if isinstance(received, frame.Frame):
                    return Sent.ACKNOWLEDGED
                seen += 1
            if not self._listen(deadline):
                return Sent.UNANSWERED

    def _listen(self, deadline: float) -> bool:
        """Take in what arrives until something is complete. False when the deadline passes first, also amid noise."""
        while (left := deadline - self._clock()) > 0:
            if self._arrived_grew(min(left, self._timing.listen)):
                return True
        return False

    def _arrived_grew(self, timeout: float) -> bool:
        """One read of the port; True when it completed anything."""
        before = len(self._arrived)
        data = self._read(timeout)
        if data:
            self._last_byte = self._clock()
            self._arrived.extend(self._decoder.feed(data))
        elif self._decoder.inside and self._clock() - self._last_byte >= self._timing.byte_gap:
            lost = self._decoder.give_up()
            if lost is not None:
                self._arrived.append(lost)
        return len(self._arrived) > before

    def _read(self, timeout: float) -> bytes:
        port = self._there()
        try:
            return port.read(timeout)
        except PortDown as problem:
            self._lose(problem)
            raise

    def _write(self, data: bytes) -> None:
        port = self._there()
        try:
            port.write(data)
        except PortDown as problem:
            self._lose(problem)
            raise

    def _there(self) -> BytePort:
        """The port. One that went while a command's last answer was written is told to who uses it next."""
        if self._port is None and self._lost is not None:
            raise self._lost
        assert self._port is not None, "open() comes first"
        return self._port

    def _lose(self, problem: PortDown) -> None:
        self._lost = problem
        self.close()
