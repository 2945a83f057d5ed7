"""A ticket printer: its status, and printing with an outcome that can be trusted.

Sending to a printer that is out of paper, open or offline succeeds in silence: it holds the job and prints it
when somebody closes the cover, minutes later, for whoever stands there then. So three things are done here
that a plain "send the bytes" does not do:

- Behind the cut goes GS r 1, which the printer answers only when it gets there. That answer, and nothing
  else, means OUT. A first GS r 1 stands before the job: as long as that one is not answered, nothing of the
  job has been printed.
- A job that did not come out is taken back: see `_CLEAR`. Every new connection begins with it too, because
  nothing of ours can be in flight then, while a job of a kiosk that lost its power may still be held.
- What may have come out is UNKNOWN. Only a job that surely has not begun, and is surely gone, is NOT_OUT.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hardware.printer.document import Cut, Document
from hardware.printer.encode import Encoder
from hardware.printer.link import Link, LinkError, LinkReason
from hardware.printer.models import ALL_CHANGES, StatusBy
from hardware.printer.status import (
    REAL_TIME_QUESTIONS,
    Answer,
    Answers,
    Block,
    Cleared,
    CoverOpen,
    CutterError,
    DeviceError,
    Disconnected,
    Mark,
    Noise,
    PaperOut,
    RealTime,
    Status,
    Trouble,
    Unknown,
    real_time_question,
    status_of,
    status_of_block,
    status_of_sensor,
)


class Outcome(StrEnum):
    """What became of a job."""

    OUT = "out"  # printed and cut
    NOT_OUT = "not-out"  # nothing of it was printed, and nothing will be
    UNKNOWN = "unknown"  # some or all of it may be on paper, or may come yet


@dataclass(frozen=True, slots=True)
class PrintResult:
    """The outcome of a job, and what stood in its way; `reason` is None when it is OUT.

    `millimetres` is the paper that is gone from the roll: of a job that may have come out, all that it wanted.
    """

    outcome: Outcome
    reason: Trouble | None = None
    millimetres: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds, each with its physical reason."""

    answer: float = 0.3  # a status byte comes within milliseconds; a busy interface board adds some
    clear: float = 0.5  # emptying the buffers
    write: float = 5.0  # a kilobyte at 9600 baud takes one second; a full buffer empties in three
    between_looks: float = 0.3  # how often a running job's status is asked
    last_word: float = 0.2  # the end of a job may be confirmed just as the paper ends
    job: float = 30.0  # the longest ticket takes some 3 s; a hot head pauses for 20
    status_lock: float = 1.0  # how long `status()` waits for a job in another thread


_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" + b"\x10\x05\x02"
"""How a held job is taken back, in commands that are obeyed on arrival, also offline and in mid-picture.

DLE DC4 8 empties the receive buffer and the print buffer and is answered when done (its seven parameters are a
lock against accidents). DLE ENQ 2 does the same for a printer that stands in an error, and recovers it. ESC @
would not do: it waits its turn behind the held job. Source: Epson, "ESC/POS Command Reference".
"""
_MARK = b"\x1dr\x01"  # GS r 1: answered in its turn
_CHUNK = 1024  # bytes handed over at a time, so that a stall is seen early
_SILENCES = 3  # unanswered looks in a row that end the waiting for a job

_ENDS_A_JOB = (PaperOut, CoverOpen, CutterError, DeviceError)  # a person has to act; heat goes by itself


class Printer:
    """One printer on one link. Safe to use from several threads; every call ends within the `Delays`.

    The connection opens at the first call, stays open, and is opened again after trouble. One process at a time
    uses a printer: opening clears what it holds.
    """

    def __init__(self, link: Link, encoder: Encoder, delays: Delays | None = None):
        self._link = link
        self._encoder = encoder
        self._delays = delays or Delays()
        self._conversation: _Conversation | None = None
        self._lock = threading.Lock()
        self._last_status: Status = Unknown(Trouble.SILENT)
        # The beginning of a broken ticket may hang out of the printer: the next job cuts it off first.
        self._scrap_on_the_head = False

    @property
    def sees_end_coming(self) -> bool:
        """Whether a status of this printer tells that the roll ends soon."""
        return not self._tells_nothing

    @property
    def _tells_nothing(self) -> bool:
        return self._encoder.model.status_by is StatusBy.NONE

    def status(self) -> Status:
        """Ask the printer now. While a job runs in another thread: what that job last saw."""
        if not self._lock.acquire(timeout=self._delays.status_lock):
            return self._last_status
        try:
            return self._ask()
        finally:
            self._lock.release()

    def print(self, document: Document) -> PrintResult:
        """Print one document and wait until it is out, or until that cannot be expected any more.

        A printer that never tells anything is sent the job, and what becomes of it is UNKNOWN.
        """
        job = self._encoder.job(document)
        with self._lock:
            status = self._ask()
            if status.trouble is not None and (isinstance(status, Disconnected) or not self._tells_nothing):
                return PrintResult(Outcome.NOT_OUT, status.trouble)
            assert self._conversation is not None, "a status other than Disconnected has a line"
            result = self._run(job.data, self._conversation)
        return result if result.outcome is Outcome.NOT_OUT else replace(result, millimetres=job.millimetres)

    def close(self) -> None:
        """Leave the line. Waits for a running job."""
        with self._lock:
            self._hang_up()

    def _ask(self) -> Status:
        self._last_status = status = self._ask_link()
        silent = status == Unknown(Trouble.SILENT) and not self._tells_nothing
        if isinstance(status, Disconnected) or silent:
            # A printer that lost its power leaves a dead connection behind; only a new one can tell.
            self._hang_up()
        return status

    def _ask_link(self) -> Status:
        try:
            if self._conversation is None:
                self._link.open()
                self._conversation = _Conversation(self._link, self._delays, self._encoder.model.status_by)
                self._conversation.clear()
            return self._conversation.ask_status()
        except LinkError as problem:
            return _status_of_line(problem)

    def _run(self, job: bytes, conversation: _Conversation) -> PrintResult:
        """Send the job between two marks, and say what became of it."""
        if self._scrap_on_the_head:
            job = self._encoder.encode(Document((Cut(),))) + job
        data = _MARK + job + _MARK
        conversation.marks = 0
        try:
            for start in range(0, len(data), _CHUNK):
                self._link.write(data[start : start + _CHUNK], self._delays.write)
            if self._tells_nothing:
                return PrintResult(Outcome.UNKNOWN, Trouble.SILENT)
            trouble = self._wait_for_end(conversation)
        except LinkError as problem:
            return self._line_lost(problem)
        if trouble is None:
            return self._out()
        cleared = self._take_back(conversation)
        # The last answers may have come while the buffers were being cleared: they count.
        if conversation.marks >= 2:
            return self._out()
        self._scrap_on_the_head = True
        begun = conversation.marks > 0
        return PrintResult(Outcome.NOT_OUT if cleared and not begun else Outcome.UNKNOWN, trouble)

    def _out(self) -> PrintResult:
        self._scrap_on_the_head = False
        return PrintResult(Outcome.OUT)

    def _line_lost(self, problem: LinkError) -> PrintResult:
        """Whatever was answered may be lost with the line: nothing is known of the job any more."""
        self._hang_up()
        self._scrap_on_the_head = True
        if problem.reason is LinkReason.STALLED:
            # It stopped taking bytes. The question why would queue up behind the job; a new connection asks it.
            return PrintResult(Outcome.UNKNOWN, self._ask().trouble or Trouble.UNFINISHED)
        self._last_status = _status_of_line(problem)
        return PrintResult(Outcome.UNKNOWN, self._last_status.trouble)

    def _wait_for_end(self, conversation: _Conversation) -> Trouble | None:
        deadline = time.monotonic() + self._delays.job
        silences = 0
        while time.monotonic() < deadline:
            conversation.listen_for(lambda: conversation.marks >= 2, self._delays.between_looks)
            if conversation.marks >= 2:
                return None
            self._last_status = status = conversation.look_at_a_job()
            silences = silences + 1 if status == Unknown(Trouble.SILENT) else 0
            if isinstance(status, _ENDS_A_JOB) or silences >= _SILENCES:
                conversation.listen_for(lambda: conversation.marks >= 2, self._delays.last_word)
                return None if conversation.marks >= 2 else status.trouble
        return self._last_status.trouble or Trouble.UNFINISHED

    def _take_back(self, conversation: _Conversation) -> bool:
        """Clear the printer; True when it said that it did. Otherwise the line is left, to clear at the next."""
        try:
            cleared = conversation.clear()
        except LinkError:
            cleared = False
        if not cleared:
            self._hang_up()
        return cleared

    def _hang_up(self) -> None:
        self._link.close()
        self._conversation = None


def read_status(link: Link, delays: Delays | None = None) -> Status:
    """Open a line, ask once, and leave: a look that changes nothing in the printer, not even a held job."""
    try:
        link.open()
        return _Conversation(link, delays or Delays(), StatusBy.REAL_TIME).ask_status()
    except LinkError as problem:
        return _status_of_line(problem)
    finally:
        link.close()


def _status_of_line(problem: LinkError) -> Status:
    """A printer that is there and takes no bytes is silent; everything else is no line."""
    return Unknown(Trouble.SILENT) if problem.reason is LinkReason.STALLED else Disconnected(problem.reason)


class _Conversation:
    """One open connection: questions, and the answers in whatever order they come."""

    def __init__(self, link: Link, delays: Delays, status_by: StatusBy):
        self._link = link
        self._delays = delays
        self._status_by = status_by
        self._sensor: int | None = None  # the paper sensor of the newest answer to GS r 1
        self._block: Block | None = None  # the newest automatic block
        self._blocks = 0
        self._answers = Answers()
        self.marks = 0  # answers to GS r 1 so far; the user sets it to zero before a job
        self._real_time: list[int] = []
        self._noise = 0
        self._cleared = False

    def ask_status(self) -> Status:
        """How the printer is, asked in the way that it answers. Not while a job runs. Raises LinkError."""
        match self._status_by:
            case StatusBy.REAL_TIME:
                return self._ask_in_real_time()
            case StatusBy.AUTOMATIC:
                return self._ask_for_block()
            case StatusBy.IN_TURN:
                return self._ask_sensor()
            case StatusBy.NONE:
                return Unknown(Trouble.SILENT)

    def look_at_a_job(self) -> Status:
        """How it is while a job runs: a question that stands behind the job would tell nothing. Raises LinkError.

        A printer that tells its status by itself is as it last said; one that answers in its turn is waited for.
        """
        if self._status_by is StatusBy.REAL_TIME:
            return self._ask_in_real_time()
        if self._status_by is StatusBy.AUTOMATIC and self._block is not None:
            return status_of_block(self._block.first, self._block.errors, self._block.paper)
        return Unknown(Trouble.UNFINISHED)

    def _forget_older_answers(self) -> None:
        self._take_in(self._link.read(0))
        self._real_time.clear()
        self._sensor, self._noise = None, 0

    def _ask_for_block(self) -> Status:
        """GS a is answered with a block at once; an offline printer does not get to it, but has told why it is."""
        self._forget_older_answers()
        before = self._blocks
        self._link.write(b"\x1da" + bytes([ALL_CHANGES]), self._delays.answer)
        self.listen_for(lambda: self._blocks > before, self._delays.answer)
        told = self._block
        status = Unknown(Trouble.SILENT) if told is None else status_of_block(told.first, told.errors, told.paper)
        if self._blocks > before or (status.trouble is not None and told is not None):
            return status
        return Unknown(Trouble.GARBLED if self._noise else Trouble.SILENT)

    def _ask_sensor(self) -> Status:
        """GS r 1. What was asked while the printer was held up is answered along; it must not count for a job."""
        self._forget_older_answers()
        self._link.write(_MARK, self._delays.answer)
        self.listen_for(lambda: self._sensor is not None, self._delays.answer)
        if self._sensor is None:
            return Unknown(Trouble.GARBLED if self._noise else Trouble.SILENT)
        self.listen_for(lambda: False, self._delays.answer)
        return status_of_sensor(self._sensor)

    def _ask_in_real_time(self) -> Status:
        """DLE EOT 1 to 4, one byte each."""
        values: list[int] = []
        for number in REAL_TIME_QUESTIONS:
            self._forget_older_answers()
            self._link.write(real_time_question(number), self._delays.answer)
            self.listen_for(lambda: bool(self._real_time), self._delays.answer)
            if not self._real_time:
                return Unknown(Trouble.GARBLED if self._noise or values else Trouble.SILENT)
            values.append(self._real_time[0])
        printer, offline, error, paper = values
        return status_of((printer, offline, error, paper))

    def clear(self) -> bool:
        """Take back what the printer holds; True when it confirmed. Raises LinkError."""
        self._cleared = False
        self._link.write(_CLEAR, self._delays.write)
        self.listen_for(lambda: self._cleared, self._delays.clear)
        return self._cleared

    def listen_for(self, heard: Callable[[], bool], seconds: float) -> None:
        """Take in answers until `heard` holds, or so many seconds have passed. Raises LinkError."""
        deadline = time.monotonic() + seconds
        while not heard():
            rest = deadline - time.monotonic()
            if rest <= 0:
                return
            self._take_in(self._link.read(rest))

    def _take_in(self, data: bytes) -> None:
        for answer in self._answers.feed(data):
            self._sort(answer)

    def _sort(self, answer: Answer) -> None:
        match answer:
            case RealTime(value):
                self._real_time.append(value)
            case Mark(value):
                self.marks += 1
                self._sensor = value
            case Block():
                self._block = answer
                self._blocks += 1
            case Cleared():
                self._cleared = True
            case Noise():
                self._noise += 1
