"""What a printer says of itself: its answers told apart, and the status that they add up to.

On one line arrive, in any order: real-time status bytes (DLE EOT n), answers to GS r behind a job, automatic
status blocks that nobody asked for, and block answers to a few commands. Their fixed bits tell them apart
(ESC/POS, "Status reference"). A byte whose fixed bits are wrong is noise, and noise is never good news: a
line that echoes, a printer that is silent and one that says half of something are all `Unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Trouble(StrEnum):
    """Why a printer cannot print, or cannot be said to. The words the kiosk's screens and journal use."""

    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    CUTTER_ERROR = "cutter-error"
    ERROR = "error"
    OVERHEATED = "overheated"
    DISCONNECTED = "disconnected"
    SILENT = "silent"  # the line is there, and nothing answers
    GARBLED = "garbled"  # what came is no status
    OFFLINE = "offline"  # it says so, and gives no cause: somebody holds the feed button, for one
    UNFINISHED = "unfinished"  # it seems well, but the end of the job was never confirmed


@dataclass(frozen=True, slots=True)
class Ready:
    """Can print now. `paper_low`: the near-end sensor sees the end of the roll coming."""

    paper_low: bool
    trouble: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class PaperOut:
    """The roll is empty or not threaded."""

    trouble: ClassVar[Trouble] = Trouble.PAPER_OUT


@dataclass(frozen=True, slots=True)
class CoverOpen:
    """Somebody is at the printer, or left it open."""

    trouble: ClassVar[Trouble] = Trouble.COVER_OPEN


@dataclass(frozen=True, slots=True)
class CutterError:
    """The knife is stuck."""

    trouble: ClassVar[Trouble] = Trouble.CUTTER_ERROR


@dataclass(frozen=True, slots=True)
class DeviceError:
    """Any other error. An `unrecoverable` one needs the power switch or a technician."""

    unrecoverable: bool
    trouble: ClassVar[Trouble] = Trouble.ERROR


@dataclass(frozen=True, slots=True)
class Overheated:
    """The head is too hot, or the voltage wrong; the printer goes on by itself when it is over."""

    trouble: ClassVar[Trouble] = Trouble.OVERHEATED


@dataclass(frozen=True, slots=True)
class Disconnected:
    """There is no line to the printer; `why` is a `LinkReason`."""

    why: str
    trouble: ClassVar[Trouble] = Trouble.DISCONNECTED


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be said: silent, garbled, or offline without a cause. Neither ready nor out of paper."""

    trouble: Trouble


Status = Ready | PaperOut | CoverOpen | CutterError | DeviceError | Overheated | Disconnected | Unknown

REAL_TIME_QUESTIONS = (1, 2, 3, 4)  # DLE EOT n: printer, cause of offline, cause of error, paper sensors


def real_time_question(number: int) -> bytes:
    """DLE EOT n, obeyed on arrival, also while the printer is offline or busy."""
    return bytes([0x10, 0x04, number])


def status_of(answers: tuple[int, int, int, int]) -> Status:
    """The status that the answers to DLE EOT 1 to 4 make, each with right fixed bits.

    The first cause that a person must deal with wins: a cover comes before paper, because the paper sensors
    mean nothing while it is open. Both bits of a sensor say the same; when they do not, nothing is known.
    """
    printer, offline, error, paper = answers
    if any(sensor not in (0, both) for both in (0x0C, 0x60) for sensor in (paper & both,)):
        return Unknown(Trouble.GARBLED)
    if offline & 0x04:
        return CoverOpen()
    if error & 0x20:
        return DeviceError(unrecoverable=True)
    if error & 0x08:
        return CutterError()
    if paper & 0x60 or offline & 0x20:
        return PaperOut()
    if error & 0x40:
        return Overheated()
    if error & 0x04 or offline & 0x40:
        return DeviceError(unrecoverable=False)
    if printer & 0x08 or offline & 0x08:
        return Unknown(Trouble.OFFLINE)
    return Ready(paper_low=bool(paper & 0x0C))


def status_of_block(first: int, errors: int, paper: int) -> Status:
    """The status that an automatic block tells (its fourth byte tells nothing), in the order of `status_of`."""
    sensors = status_of_sensor(paper)
    if isinstance(sensors, Unknown):
        return sensors
    if first & 0x20:
        return CoverOpen()
    if errors & 0x20:
        return DeviceError(unrecoverable=True)
    if errors & 0x08:
        return CutterError()
    if isinstance(sensors, PaperOut):
        return sensors
    if errors & 0x40:
        return Overheated()
    if errors & 0x04:
        return DeviceError(unrecoverable=False)
    return Unknown(Trouble.OFFLINE) if first & 0x08 else sensors


def status_of_sensor(value: int) -> Status:
    """The status that an answer to GS r 1 tells: that of the paper alone, of a printer that is online."""
    if value & 0x03 not in (0, 0x03) or value & 0x0C not in (0, 0x0C):
        return Unknown(Trouble.GARBLED)
    return PaperOut() if value & 0x0C else Ready(paper_low=bool(value & 0x03))


@dataclass(frozen=True, slots=True)
class RealTime:
    """A byte in answer to DLE EOT."""

    value: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The answer to GS r 1: all that was sent before it has been printed. `value` tells of the paper."""

    value: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """An automatic status block: printer, errors, paper."""

    first: int
    errors: int
    paper: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """The answer to DLE DC4 8: the printer's buffers are empty."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that is none of these."""

    value: int


Answer = RealTime | Mark | Block | Cleared | Noise

_BLOCK_HEADER = 0x37
_CLEARED_BLOCK = b"\x25"  # 37 25 00: "clear response"
_LONGEST_BLOCK = 80  # bytes after the header, before the NUL


class Answers:
    """Tells the bytes from a printer apart. Bytes of an answer may arrive in any number of pieces."""

    def __init__(self) -> None:
        self._automatic: bytearray | None = None  # what has come of an automatic status block
        self._block: bytearray | None = None

    def feed(self, data: bytes) -> Iterator[Answer]:
        """The answers that these bytes complete, in order."""
        for byte in data:
            if self._block is not None:
                yield from self._block_byte(byte)
            elif self._automatic is not None and byte & 0x90 == 0x00:
                yield from self._automatic_byte(byte)
            elif byte & 0x93 == 0x12:
                self._automatic = None
                yield RealTime(byte)
            elif byte & 0x93 == 0x10:
                self._automatic = bytearray([byte])
            elif byte == _BLOCK_HEADER:
                self._block = bytearray()
            elif byte & 0x90 == 0x00:
                yield Mark(byte)
            else:
                yield Noise(byte)

    def _automatic_byte(self, byte: int) -> Iterator[Answer]:
        assert self._automatic is not None
        self._automatic.append(byte)
        if len(self._automatic) == 4:
            first, errors, paper, _ = self._automatic
            self._automatic = None
            yield Block(first, errors, paper)

    def _block_byte(self, byte: int) -> Iterator[Answer]:
        assert self._block is not None
        if byte:
            self._block.append(byte)
            if len(self._block) > _LONGEST_BLOCK:
                self._block = None
                yield Noise(byte)
            return
        answer = Cleared() if bytes(self._block) == _CLEARED_BLOCK else None
        self._block = None
        if answer is not None:
            yield answer
