"""One command from its first byte to its completion: who speaks when (PA00P015, chapter 2).

The kiosk sends a command; from then on the terminal is the master. It accepts (80 00) or refuses (84 xx), reports
what it does (04 FF), the transaction (04 0F) and what to print (06 D1, 06 D3), each answered by us, and ends with 06
0F or 06 1E. An exchange says how the command ended and never what that means: the meaning differs between a payment
and a status enquiry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from hardware.terminal.zvt import fields
from hardware.terminal.zvt.apdu import ACCEPTED, GOODS_NOT_ISSUED, NOT_POSSIBLE, Apdu, Command
from hardware.terminal.zvt.link import Clock, Link, Sent
from hardware.terminal.zvt.port import PortDown
from hardware.terminal.zvt.receipts import ReceiptLines
from hardware.terminal.zvt.tags import CP437
from hardware.terminal.zvt.timing import T4, Timing


class After(Enum):
    """What follows 80 00."""

    COMPLETES = auto()  # 06 0F or 06 1E
    NOTHING = auto()  # 80 00 is the end (log-off)
    MAY_COMPLETE = auto()  # terminals differ: within T3 a completion, or nothing (set clock)


class End(Enum):
    """How a command ended."""

    COMPLETED = auto()  # 06 0F
    ABORTED = auto()  # 06 1E
    REFUSED = auto()  # 84 xx in place of 80 00: it did not begin
    ACCEPTED = auto()  # 80 00, where no completion follows
    NOT_UNDERSTOOD = auto()  # NAK to each send
    SILENT = auto()  # no answer, or none any more
    LOST = auto()  # the port went away


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended. `last` is the completion, abort or refusal; `code` the result code in the latter two."""

    end: End
    last: Apdu | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Listeners:
    """What the owner of a command wants to hear and decide."""

    status: Callable[[Apdu], Apdu] | None = None
    """A status information (04 0F) arrived: returns what to answer. May block while something is made durable.

    None: the command has none, so what comes is of an earlier one.
    """

    intermediate: Callable[[fields.Intermediate], None] = lambda _status: None
    """An intermediate status (04 FF) arrived; it is answered already."""

    abort_wanted: Callable[[], bool] = lambda: False
    """Asked while the line is silent: True once for each wish to send an abort (06 B0)."""


_UNDERSTOOD = frozenset(
    {
        Command.STATUS_INFORMATION,
        Command.INTERMEDIATE_STATUS,
        Command.COMPLETION,
        Command.ABORT_BY_TERMINAL,
        Command.PRINT_LINE,
        Command.PRINT_BLOCK,
    }
)


# What only asks. A payment that the terminal is in goes on while it is asked, so its 04 FF accepts nothing here; what
# takes effect may have begun although its 80 00 is missing.
_QUESTIONS = frozenset({Command.REGISTRATION, Command.STATUS_ENQUIRY, Command.REPEAT_RECEIPT})


def answer_late(link: Link, apdu: Apdu, heard: Callable[[Apdu], None]) -> None:
    """Answer what belongs to no running command. Raises PortDown.

    An approving status for which nobody waits is not acknowledged: nothing of it is on disk, so the terminal is to
    take it back (PA00P015: any answer but 00, 9C and 9D). `heard` gets it before: a terminal may keep the money all the
    same.
    """
    if apdu.answer_code is not None:
        return
    approves = apdu.command == Command.STATUS_INFORMATION and fields.result_code(apdu) == 0
    if approves:
        heard(apdu)
        link.send(GOODS_NOT_ISSUED)
    else:
        link.send(ACCEPTED if apdu.command in _UNDERSTOOD else NOT_POSSIBLE)


class Exchange:
    """Runs one command over an open link."""

    def __init__(
        self,
        link: Link,
        timing: Timing,
        clock: Clock,
        listeners: Listeners,
        t4: T4,
        charset: int = CP437,
        heard_late: Callable[[Apdu], None] = lambda _apdu: None,
    ) -> None:
        """`charset` holds for texts that name none; `heard_late` gets an approval of an earlier command."""
        self._heard_late = heard_late
        self._link = link
        self._timing = timing
        self._clock = clock
        self._listeners = listeners
        self._moves_money = False
        self._question = False
        self._accepted = False  # by 80 00, or by what proves that it was said
        self._confirmed = False  # by 80 00, or by a status of its own
        self.abort_sent = False  # read by the owner afterwards
        self._t4 = t4
        self._charset = charset
        self._silent_since = 0.0
        self.lines = ReceiptLines()

    def run(self, command: Apdu, *, moves_money: bool = False, after: After = After.COMPLETES) -> Ending:
        """Send the command and follow it to its end. Never raises for what the terminal or the port does.

        `moves_money`: not sent again after silence.
        """
        self._moves_money = moves_money
        self._question = command.command in _QUESTIONS
        try:
            sent = self._link.send(command, repeat_after_silence=not moves_money)
            if sent is Sent.UNANSWERED:
                return Ending(End.SILENT)
            if sent is Sent.REJECTED:
                return Ending(End.NOT_UNDERSTOOD)
            return self._follow(after)
        except PortDown:
            return Ending(End.LOST)

    def _follow(self, after: After) -> Ending:
        begun = self._silent_since = self._clock()
        while True:
            apdu = self._link.receive(self._timing.listen)
            now = self._clock()
            if apdu is not None:
                ending = self._take(apdu, after)
                if ending is not None:
                    return ending
                self._silent_since = self._clock()
            elif now - self._silent_since >= self._silence_limit(after):
                enough = self._accepted and after is After.MAY_COMPLETE
                return Ending(End.ACCEPTED if enough else End.SILENT)
            elif (self._accepted or now - begun >= self._timing.answer) and self._listeners.abort_wanted():
                self.abort_sent = True
                self._link.send(Apdu(Command.ABORT))
            if now - begun >= self._timing.whole_command:
                return Ending(End.SILENT)

    def _silence_limit(self, after: After) -> float:
        if self._accepted and after is After.COMPLETES:
            return self._t4.seconds
        # A payment that was heard may have begun although 80 00 is missing: T4 has to run out before it is safe to say
        # that nothing more comes. For anything else T3 is long enough.
        return self._t4.seconds if self._moves_money else self._timing.answer

    def _take(self, apdu: Apdu, after: After) -> Ending | None:
        answer = apdu.answer_code
        if answer is not None:
            return self._take_answer(apdu, answer, after)
        if self._is_stale(apdu):
            answer_late(self._link, apdu, self._heard_late)
            return None
        self._accepted = True
        match apdu.command:
            case Command.INTERMEDIATE_STATUS:
                self._answer(ACCEPTED)
                status = fields.intermediate(apdu, self._charset)
                self._t4.seconds = float(status.timeout_seconds or self._t4.seconds)
                self._listeners.intermediate(status)
            case Command.STATUS_INFORMATION:
                self._decide(apdu)
            case Command.PRINT_LINE | Command.PRINT_BLOCK:
                self.lines.add(fields.printed(apdu, self._charset))
                self._answer(ACCEPTED)
            case Command.COMPLETION:
                self._answer_last()
                return Ending(End.COMPLETED, apdu)
            case Command.ABORT_BY_TERMINAL:
                self._answer_last()
                return Ending(End.ABORTED, apdu, fields.abort_code(apdu))
            case _:
                self._answer(NOT_POSSIBLE)
        return None

    def _take_answer(self, apdu: Apdu, code: int, after: After) -> Ending | None:
        if code == 0:
            self._accepted = self._confirmed = True
            return Ending(End.ACCEPTED, apdu) if after is After.NOTHING else None
        if self._confirmed or self.abort_sent:
            return None  # the answer to our abort: it never decides anything
        return Ending(End.REFUSED, apdu, code)

    def _is_stale(self, apdu: Apdu) -> bool:
        """Before 80 00 the terminal repeats what belongs to an earlier command, because our answer to it was lost.

        Taken for this command's own it would end a payment with the outcome of another, and a look-up would
        acknowledge an approval that is on no disk. Only 04 FF is as good as 80 00, until 84 xx denies it, and not for
        a question.
        """
        if self._accepted:
            return False
        return self._question or apdu.command != Command.INTERMEDIATE_STATUS

    def _decide(self, apdu: Apdu) -> None:
        listener = self._listeners.status
        if listener is None:
            answer_late(self._link, apdu, self._heard_late)
            return
        self._confirmed = True
        try:
            answer = listener(apdu)
        except BaseException:
            self._answer(GOODS_NOT_ISSUED)  # a listener that failed has made nothing durable
            raise
        self._answer(answer)

    def _answer(self, answer: Apdu) -> None:
        # A lost ACK for an answer is the terminal's to mend: it repeats what it wants answered.
        self._link.send(answer)

    def _answer_last(self) -> None:
        """Answer the completion. The command has ended by now, whatever becomes of the answer."""
        try:
            self._link.send(ACCEPTED)
        except PortDown:
            return
