"""Watch the card readers: one status, one callback, one thread of our own.

pyscard has a CardMonitor, but its thread dies without a word when pcscd is restarted, and then no card is ever seen
again. Here every failure drops the PC/SC context, the status says "no service", and the thread tries again until it
has a new one. A pcscd that hangs is no service either, until it answers. A reader that is not there and a service that
is down are values of the status; only `connect` raises.

Not done here: deciding what a card is. An ATR is a hint and no proof (a Portuguese card shares one with the eID);
`hardware.smartcard.card.read_card` asks the card itself.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from smartcard import scard

from hardware.smartcard.calls import Calls
from hardware.smartcard.errors import CardError, Reason
from hardware.smartcard.transport import CardChannel, PcscChannel


@dataclass(frozen=True, slots=True)
class NoService:
    """pcscd does not answer."""

    detail: str


@dataclass(frozen=True, slots=True)
class NoReader:
    """pcscd runs, and there is no reader."""


@dataclass(frozen=True, slots=True)
class Empty:
    """A reader without a card."""

    reader: str


@dataclass(frozen=True, slots=True)
class CardPresent:
    """A card in this reader. `atr` is empty and `mute` True where it does not answer: upside down, or no chip."""

    reader: str
    atr: bytes
    mute: bool = False


ReaderStatus = NoService | NoReader | Empty | CardPresent


@dataclass(frozen=True, slots=True)
class Inserted:
    """A card came in, or was there when watching began."""

    card: CardPresent


@dataclass(frozen=True, slots=True)
class Removed:
    """The card is gone: out, or with its reader, or with the service."""

    reader: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Any change of status, after the Inserted or Removed that belongs to it."""

    status: ReaderStatus


ReaderEvent = Inserted | Removed | StatusChanged


class CardReader(Protocol):
    """What a kiosk needs of a reader; `Reader` and the simulators' `VirtualReader` are two."""

    @property
    def status(self) -> ReaderStatus:
        """The last known status."""

    def watch(self, callback: Callable[[ReaderEvent], None]) -> None:
        """Call back at each change, on a thread of the reader's; the first call tells how things stand."""

    def connect(self) -> CardChannel:
        """Talk to the card that is in. Raises CardError when there is none."""

    def close(self) -> None:
        """Stop watching; no callback comes afterwards."""


POLL_SECONDS = 1.0  # how late closing may be noticed; changes are told by pcscd at once
SERVICE_RETRY_SECONDS = 0.5  # pcscd restarts in about a second
SERVICE_PATIENCE = 5.0  # it answers in milliseconds, and on a machine that is busy starting, within a second

# Not chip card readers at all, though Windows lists them (eid-mw issues 57 and 180).
_NOT_READERS = ("Windows Hello",)
_NOTIFICATION = "\\\\?PnP?\\Notification"  # the pseudo-reader that changes when readers come and go


class Reader:
    """All PC/SC readers as one: where several hold cards, the card put in last counts.

    One in a reader whose name contains `prefer` goes before all others. A service that says nothing for `patience`
    seconds counts as none.
    """

    def __init__(self, prefer: str = "", *, patience: float = SERVICE_PATIENCE):
        self._prefer = prefer
        self._patience = patience
        self._choice = _Choice(prefer)
        self._status: ReaderStatus = NoReader()
        self._generation = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen_once = False

    @property
    def status(self) -> ReaderStatus:
        """The last known status; read at once where nobody watches, or the watch has seen nothing yet."""
        if self._thread is None or not self._seen_once:
            with contextlib.closing(_PatientWatch(self._patience)) as watch:
                return _Choice(self._prefer).of(watch.states(0))[0]
        return self._status

    def watch(self, callback: Callable[[ReaderEvent], None]) -> None:
        """See CardReader. Once per reader."""
        if self._thread is not None:
            raise RuntimeError("this reader is being watched already")
        self._thread = threading.Thread(target=self._run, args=(callback,), name="card reader", daemon=True)
        self._thread.start()

    def connect(self) -> CardChannel:
        """See CardReader."""
        status = self.status
        match status:
            case CardPresent(mute=True):
                raise CardError(Reason.NO_ANSWER, "no ATR")
            case CardPresent(reader=name):
                return PcscChannel(name)
            case Empty():
                raise CardError(Reason.PULLED, "no card")
            case NoReader():
                raise CardError(Reason.READER_GONE, "no reader")
            case NoService(detail):
                raise CardError(Reason.READER_GONE, detail)

    def close(self) -> None:
        """See CardReader."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=POLL_SECONDS + SERVICE_RETRY_SECONDS + 1)

    def _run(self, callback: Callable[[ReaderEvent], None]) -> None:
        watch = _PatientWatch(self._patience)
        wait = 0.0
        while not self._stopping.is_set():
            status, generation = self._choice.of(watch.states(wait))
            wait = POLL_SECONDS
            if not self._stopping.is_set():
                self._tell(status, generation, callback)
            if isinstance(status, NoService):
                self._stopping.wait(SERVICE_RETRY_SECONDS)
        watch.close()

    def _tell(self, status: ReaderStatus, generation: int, callback: Callable[[ReaderEvent], None]) -> None:
        before, self._status = self._status, status
        swapped = generation != self._generation
        self._generation = generation
        if before == status and self._seen_once and not (swapped and isinstance(status, CardPresent)):
            return
        if isinstance(before, CardPresent) and self._seen_once:
            callback(Removed(before.reader))
        if isinstance(status, CardPresent):
            callback(Inserted(status))
        self._seen_once = True
        callback(StatusChanged(status))


@dataclass(frozen=True, slots=True)
class _State:
    name: str
    present: bool
    mute: bool
    movements: int
    atr: bytes


class _Choice:
    """One status out of all readers', with a memory for which card was put in last.

    A card beside which another one was put in is somebody's who has gone, or a helper's: from then on it is as if it
    were not there, until it is taken out and put in anew. Else the next person would be greeted by its name.
    """

    def __init__(self, prefer: str):
        self._prefer = prefer
        self._seen: dict[str, int] = {}
        self._chosen = ""

    def of(self, states: list[_State] | str) -> tuple[ReaderStatus, int]:
        """The status, and the counter of card movements in the reader it speaks of."""
        if isinstance(states, str):
            self._seen, self._chosen = {}, ""
            return NoService(states), 0
        usable = [state for state in states if not any(word in state.name for word in _NOT_READERS)]
        with_card = [state for state in usable if state.present]
        arrived = [state for state in with_card if self._seen.get(state.name) != state.movements]
        self._seen = {state.name: state.movements for state in with_card}
        held = [state for state in with_card if state.name == self._chosen and state not in arrived]
        candidates = [*arrived, *held]
        if not candidates:
            self._chosen = ""
            return (Empty(min(usable, key=self._rank).name) if usable else NoReader()), 0
        best = min(candidates, key=lambda state: (self._rank(state), state in held, state.mute))
        self._chosen = best.name
        return CardPresent(best.name, b"" if best.mute else best.atr, best.mute), best.movements

    def _rank(self, state: _State) -> bool:
        return not (self._prefer and self._prefer in state.name)


class _Watch:
    """A PC/SC context that is made anew when it has failed."""

    def __init__(self) -> None:
        self._context: Any = None
        self._known: dict[str, int] = {}

    def states(self, wait: float) -> list[_State] | str:
        """All readers' states after at most `wait` seconds, sooner if one changes. A text tells why there is none."""
        if self._context is None:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if code != scard.SCARD_S_SUCCESS:
                return str(scard.SCardGetErrorMessage(code))
            self._context, self._known = context, {}
            wait = 0
        code, names = scard.SCardListReaders(self._context, [])
        if code == scard.SCARD_E_NO_READERS_AVAILABLE:
            names = []
        elif code != scard.SCARD_S_SUCCESS:
            return self._failed(code)
        if any(name not in self._known for name in names):
            wait = 0
        asked = [(name, self._known.get(name, scard.SCARD_STATE_UNAWARE)) for name in names]
        asked.append((_NOTIFICATION, len(names) << 16))
        code, answers = scard.SCardGetStatusChange(self._context, int(wait * 1000), asked)
        if code == scard.SCARD_E_UNKNOWN_READER:  # it went between the two questions
            self._known = {}
            return self.states(0)
        if code not in (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT):
            return self._failed(code)
        states = []
        self._known = {}
        for name, flags, atr in answers:
            if name == _NOTIFICATION:
                continue
            self._known[name] = flags & ~scard.SCARD_STATE_CHANGED
            present = bool(flags & scard.SCARD_STATE_PRESENT)
            states.append(_State(name, present, bool(flags & scard.SCARD_STATE_MUTE), flags >> 16, bytes(atr)))
        return states

    def close(self) -> None:
        """Let go of the context."""
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None

    def _failed(self, code: int) -> str:
        self.close()
        return str(scard.SCardGetErrorMessage(code))


class _PatientWatch:
    """The same on a thread of its own, so that a pcscd that hangs is a text too.

    One question is open at a time: the answer to the one that hung is the first to come when pcscd is back.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._watch = _Watch()
        self._calls = Calls("card service")
        self._open: queue.SimpleQueue[list[_State] | str | CardError] | None = None

    def states(self, wait: float) -> list[_State] | str:
        """See _Watch."""
        if self._open is None:
            self._open = self._calls.start(lambda: self._watch.states(wait))
        try:
            answer = self._open.get(timeout=wait + self._patience)
        except queue.Empty:
            return f"no answer within {self._patience:g} s"
        self._open = None
        return str(answer) if isinstance(answer, CardError) else answer

    def close(self) -> None:
        self._calls.finish(self._watch.close, 0.0 if self._open else self._patience)
