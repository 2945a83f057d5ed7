"""The printer as a machine: paper and cover, faults, the receive buffer, and what it says of itself.

Bytes are looked through on arrival for real-time commands, which are obeyed at once; all bytes then wait
their turn in the receive buffer. While there is no paper, the cover is open or an error stands, nothing is
taken from the buffer: the job is held, and goes on when the cause is gone. That is what makes a real
printer print a "lost" ticket minutes later.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PIL import ImageOps

from hardware.simulators.printer.commands import CLEAR_LOCK, Characters, next_command
from hardware.simulators.printer.interpreter import Interpreter, Modes
from hardware.simulators.printer.paper import Piece, Strip

DOTS_PER_MM = 8
MARGIN_DOTS = 4 * DOTS_PER_MM  # the head prints 72 of 80 mm; the picture shows the whole paper


class Paper(StrEnum):
    """What the paper sensors see."""

    OK = "ok"
    LOW = "low"
    OUT = "out"


class Error(StrEnum):
    """An error that stands."""

    NONE = "none"
    CUTTER = "cutter"  # recoverable, by DLE ENQ
    HEAT = "heat"  # goes by itself, here when it is told to
    DEVICE = "device"  # unrecoverable


class Fault(StrEnum):
    """What can be made to happen at the n-th byte."""

    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    POWER = "power"
    CUTTER = "cutter"
    HEAT = "heat"
    SILENCE = "silence"  # it goes on printing, and answers nothing any more


@dataclass(slots=True)
class PlannedFault:
    """`bytes_left` of printed data until it happens."""

    bytes_left: int
    fault: Fault


# DLE EOT n, DLE ENQ n, and DLE DC4 8 with its lock.
_REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x04]|\x05[\x01\x02]|\x14\x08" + re.escape(CLEAR_LOCK) + rb")", re.DOTALL)
_DLE = 0x10
_LONGEST_REAL_TIME = 10
_CLEARED = b"\x37\x25\x00"


class Machine:
    """One printer. All methods may be called from any thread.

    `send` puts bytes on the line to the host; `tell` reports to the simulator's owner.
    """

    def __init__(
        self,
        out: Path,
        dots: int,
        send: Callable[[bytes], None],
        tell: Callable[..., None],
        *,
        answer_clear: bool = True,
        status: str = "real-time",
    ):
        """`status`: how it tells it: "real-time", "automatic" (GS a alone), "in-turn" (GS r alone), "none"."""
        self._out = out
        self._send = send
        self._tell = tell
        self._answer_clear = answer_clear
        self._status = status
        self._lock = threading.RLock()
        self._paper = Paper.OK
        self._cover_open = False
        self._error = Error.NONE
        self._silent = False
        self._powered = True
        self._planned: PlannedFault | None = None
        self._buffer = bytearray()
        self._tail = b""  # the last bytes looked through, where a real-time command may have begun
        self._automatic_mask = 0
        self._pieces = 0
        self._partials = 0
        self._consumed = 0  # bytes of the present piece of paper
        self._interpreter = Interpreter(
            Strip(dots), self._on_cut, self._answer, lambda _: self._sensor(), self._set_automatic
        )

    @property
    def powered(self) -> bool:
        """Whether the power is on."""
        with self._lock:
            return self._powered

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        with self._lock:
            if not self._powered:
                return
            for piece, real_time in self._look_through(data):
                self._buffer += piece
                if real_time and self._status == "real-time":
                    self._obey_now(real_time)
            self._work()

    def line_lost(self) -> None:
        """The host hung up: half a command on the way stays where it is, as in a real printer."""
        with self._lock:
            self._tail = b""

    def act(self, order: dict[str, Any]) -> None:
        """What a person, or fate, does to the printer. Raises ValueError or KeyError for an order it does not know."""
        with self._lock:
            before = self._automatic_block()
            match order["do"]:
                case "paper":
                    self._load(Paper(order["state"]))
                case "refill":
                    self._load(Paper.OK)
                case "cover":
                    self._cover_open = bool(order["open"])
                case "error":
                    self._error = Error(order["what"])
                case "silent":
                    self._silent = bool(order.get("on", True))
                case "power":
                    self._power(bool(order["on"]))
                case "fault_at":
                    self._planned = PlannedFault(int(order["bytes"]), Fault(order["fault"]))
                case "tear":
                    self._deliver(self._interpreter.strip.tear())
                case unknown:
                    raise ValueError(f"a printer cannot {unknown!r}")
            if self._powered:
                self._push_automatic(before)
                self._work()
            self._tell("did", do=order["do"], held=len(self._buffer))

    # --- arrival -------------------------------------------------------------------------------------

    def _look_through(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """The arrived bytes cut behind each real-time command: (bytes to buffer, command or nothing)."""
        seen = self._tail + data
        pieces: list[tuple[bytes, bytes]] = []
        done, known = 0, len(self._tail)
        for match in _REAL_TIME.finditer(seen):
            if match.end() <= known:
                continue  # found when its last byte came
            pieces.append((seen[max(done, known) : match.end()], match.group()))
            done = match.end()
        pieces.append((seen[max(done, known) :], b""))
        self._tail = seen[max(done, len(seen) - _LONGEST_REAL_TIME + 1) :]
        return pieces

    def _obey_now(self, command: bytes) -> None:
        if command[1] == 0x04:
            self._answer(bytes([self._real_time_byte(command[2])]))
        elif command[1] == 0x14:
            self._clear()
            if self._answer_clear:
                self._answer(_CLEARED)
        elif self._error is Error.CUTTER:  # DLE ENQ works in a recoverable error only
            self._error = Error.NONE
            if command[2] == 2:
                self._clear()

    def _clear(self) -> None:
        self._buffer.clear()
        self._interpreter.forget()

    # --- work ----------------------------------------------------------------------------------------

    def _online(self) -> bool:
        return self._powered and self._paper is not Paper.OUT and not self._cover_open and self._error is Error.NONE

    def _work(self) -> None:
        """Take commands from the buffer as long as the machine can print."""
        while self._online():
            if self._planned is not None and self._planned.bytes_left <= 0:
                self._happen()
                continue
            found = next_command(bytes(self._buffer))
            if found is None:
                return
            command, length = found
            if self._buffer[0] == _DLE:
                del self._buffer[:length]  # obeyed on arrival; a fault counts what is printed, not what is asked
                continue
            if self._planned is not None and length > self._planned.bytes_left:
                if not isinstance(command, Characters):
                    self._happen()  # in the middle of this command: it is held, or lost with the power
                    continue
                length = self._planned.bytes_left
                command = Characters(command.data[:length])
            del self._buffer[:length]
            self._consumed += length
            if self._planned is not None:
                self._planned.bytes_left -= length
            self._interpreter.run(command)

    def _happen(self) -> None:
        assert self._planned is not None
        fault, self._planned = self._planned.fault, None
        before = self._automatic_block()
        self._tell("fault", fault=fault.value)
        match fault:
            case Fault.PAPER_OUT:
                self._load(Paper.OUT)
            case Fault.COVER_OPEN:
                self._cover_open = True
            case Fault.POWER:
                self._power(False)
            case Fault.CUTTER:
                self._error = Error.CUTTER
            case Fault.HEAT:
                self._error = Error.HEAT
            case Fault.SILENCE:
                self._silent = True
        self._show_partial()
        if fault is Fault.PAPER_OUT:
            self._interpreter.strip.tear()  # the end of the roll falls out
            self._consumed = 0
        if self._powered:
            self._push_automatic(before)

    def _load(self, paper: Paper) -> None:
        self._paper = paper

    def _power(self, on: bool) -> None:
        if not on:
            self._clear()
            self._interpreter.modes = Modes()
            self._automatic_mask = 0
            self._tail = b""
        elif not self._powered:
            self._error = Error.NONE
        self._powered = on

    # --- paper ---------------------------------------------------------------------------------------

    def _on_cut(self, piece: Piece) -> None:
        self._deliver(piece)

    def _deliver(self, piece: Piece) -> None:
        received, self._consumed = self._consumed, 0
        if piece.blank:
            self._tell("blank", height_mm=round(piece.image.height / DOTS_PER_MM))
            return
        self._pieces += 1
        self._tell("printed", number=self._pieces, bytes=received, **self._save(piece, f"paper-{self._pieces:03}.png"))

    def _show_partial(self) -> None:
        piece = self._interpreter.strip.so_far()
        if piece.blank:
            return
        self._partials += 1
        self._tell("partial", **self._save(piece, f"partial-{self._partials:03}.png"))

    def _save(self, piece: Piece, name: str) -> dict[str, Any]:
        path = self._out / name
        ImageOps.expand(piece.image, border=(MARGIN_DOTS, 0), fill=1).save(path)
        lines = [{"top": r.top, **r.details} for r in piece.records if r.kind == "line"]
        pictures = [{"top": r.top, **r.details} for r in piece.records if r.kind == "picture"]
        codes = [r.details["text"] for r in piece.records if r.kind == "qr"]
        height = round(piece.image.height / DOTS_PER_MM)
        return {"path": str(path), "height_mm": height, "lines": lines, "pictures": pictures, "qr": codes}

    # --- answers -------------------------------------------------------------------------------------

    def _answer(self, data: bytes) -> None:
        if not self._silent and self._status != "none":
            self._send(data)

    def _sensor(self) -> int:
        """GS r 1: bits 0 and 1 near end, 2 and 3 end."""
        return 0x03 if self._paper is Paper.LOW else 0x00

    def _real_time_byte(self, number: int) -> int:
        """DLE EOT n. Bits 1 and 4 are always set, 0 and 7 never."""
        value = 0x12
        match number:
            case 1:
                value |= 0x00 if self._online() else 0x08
            case 2:
                value |= 0x04 if self._cover_open else 0
                value |= 0x20 if self._paper is Paper.OUT else 0
                value |= 0x40 if self._error is not Error.NONE else 0
            case 3:
                value |= {Error.NONE: 0, Error.CUTTER: 0x08, Error.DEVICE: 0x20, Error.HEAT: 0x40}[self._error]
            case 4:
                value |= {Paper.OK: 0, Paper.LOW: 0x0C, Paper.OUT: 0x6C}[self._paper]
        return value

    def _set_automatic(self, mask: int) -> None:
        self._automatic_mask = mask if self._status in ("real-time", "automatic") else 0
        if self._automatic_mask:
            self._answer(self._automatic_block())

    def _push_automatic(self, before: bytes) -> None:
        now = self._automatic_block()
        if self._automatic_mask and now != before:
            self._answer(now)

    def _automatic_block(self) -> bytes:
        """Four bytes: printer, errors, paper, nothing. Only bit 4 of the first is always set."""
        first = 0x10 | (0 if self._online() else 0x08) | (0x20 if self._cover_open else 0)
        second = {Error.NONE: 0, Error.CUTTER: 0x08, Error.DEVICE: 0x20, Error.HEAT: 0x40}[self._error]
        third = {Paper.OK: 0, Paper.LOW: 0x03, Paper.OUT: 0x0F}[self._paper]
        return bytes([first, second, third, 0x0F])
