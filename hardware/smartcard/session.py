"""A conversation with one card: follows `61 xx` and `6C xx`, reads whole files, counts what it costs.

How a file ends differs by reader (facts from the eID middleware, commons-eid, OpenSC and field reports):

- a reader that shows `6C xx` says how much is left; the command is sent again with that length;
- one that swallows it answers a short block and 9000;
- a file that ends with a full block answers `6B 00` to the next read;
- some readers (Alcor AU9560 among them) answer `6B 00`, `69 86`, `6A 87` or an empty 9000 in mid-file, once. After a
  *full* block these are taken for a glitch the first time: the file is selected again, the same offset read once more.

Each byte takes 0.3 ms on the line of most cards (43 kbit/s), so that none is fetched which the content so far shows to
be of no use: the caller says, after each block, how many more it wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hardware.smartcard import apdu
from hardware.smartcard.apdu import Command, Response
from hardware.smartcard.errors import CardError, Reason
from hardware.smartcard.transport import CardChannel

_LONGEST_FILE = 0x8000  # the offset of READ BINARY has 15 bits

# Cards of 1.0 and 1.1 go mute when a command comes again too soon after `6C xx` (commons-eid waits as long).
RESEND_WAIT = 0.010
# VASCO DP905 and Alcor AU9540 refuse a SELECT with 6A87, at random; time helps, not always.
SELECT_WAITS = (0.0, 0.1, 0.5)

_GLITCHES = (apdu.SUCCESS, apdu.OUTSIDE_FILE, apdu.NO_CURRENT_FILE, apdu.WRONG_LC)
_KNOWN_APPLICATION = (0x61, 0x62, 0x63)  # with more to say, or a warning: a blocked bank card answers 6283
_ENDS = (apdu.SUCCESS, apdu.OUTSIDE_FILE)  # what, said twice, may be the end of a file

MOST_LOSSES = 2  # of one reading; a card that is lost more often has to come out and in again

Missing = Callable[[bytes], int | None]
T = TypeVar("T")


class FileAbsent(Exception):
    """The card has no such file; whether that matters is for the caller to say."""


class CardSession:
    """Talks to the card behind a channel. `apdus` counts commands sent, `bytes_read` the data that came back.

    `resend_wait` is how long (seconds) it waits after `6C xx`; whoever knows that the card is not of 1.0 or 1.1 sets 0.
    """

    def __init__(
        self,
        channel: CardChannel,
        on_exchange: Callable[[int], None] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._channel = channel
        self._on_exchange = on_exchange
        self._sleep = sleep
        self._directory: bytes | None = None  # the path of the one whose file was selected last
        self._knows_names = True
        self.resend_wait = RESEND_WAIT
        self.apdus = 0
        self.bytes_read = 0

    def send(self, command: Command) -> Response:
        """Send a command and fetch all of its answer. Raises CardError when the card is gone or silent.

        One with more data than fits goes as a chain, whose refusal by the card is the answer.
        """
        *links, command = command.chain()
        for link in links:
            response = self._exchange(link)
            if not response.ok:
                return response
        response = self._exchange(command)
        if (length := apdu.correct_length(response.sw)) is not None:
            response = self._resend(command, length)
        return self._fetch(response)

    def select_applet(self) -> None:
        """Make sure this is an eID. Raises CardError(NOT_EID) for any other card."""
        self._directory = None
        response = self._select_patiently(apdu.select_applet())
        if not response.ok:
            raise CardError(Reason.NOT_EID, f"SELECT answered {response.sw:04X}")

    def has_application(self, name: bytes) -> bool:
        """Whether a card knows this name. What it has to say about the application (`61 xx`) is not fetched."""
        self._directory = None
        sw = self._exchange(apdu.select_application(name)).sw
        return sw == apdu.SUCCESS or sw >> 8 in _KNOWN_APPLICATION

    def card_data(self) -> bytes:
        """The 28 bytes of GET CARD DATA; empty where the card refuses."""
        response = self.send(apdu.get_card_data())
        return response.data if response.ok else b""

    def authenticate(self, challenge: bytes) -> Response:
        """INTERNAL AUTHENTICATE with the basic key. A chip can do so 5000 times in its life: once per presentation."""
        return self.send(apdu.internal_authenticate(challenge))

    def read_file(
        self,
        path: bytes,
        *,
        first: int = apdu.MAX_READ,
        at_most: int | None = None,
        missing: Missing = lambda data: None,
    ) -> bytes:
        """A whole elementary file, or as much as the caller needs of it.

        `first` is the size of the first block: a card answers with just that much, and without `6C xx`, where the file
        is at least as long. `at_most` saves the read that finds the end of a file that cannot be longer. `missing` is
        asked after each block how many more bytes are wanted: 0 is enough, less is too many (they are cut off), None is
        all there are. Raises FileAbsent, and CardError(UNREADABLE).
        """
        self._select(path)
        data = bytearray()
        limit = end = at_most or _LONGEST_FILE
        wanted = first
        retried_at = -1
        while (wanted := min(wanted, apdu.MAX_READ, end - len(data))) > 0:
            response, is_last = self._read(len(data), wanted)
            if not response.ok or not response.data:
                where = f"{path.hex()} offset {len(data)} answered {response.sw:04X}"
                if response.sw not in _GLITCHES:
                    raise CardError(Reason.UNREADABLE, where)
                if retried_at == len(data):
                    if not data or response.sw not in _ENDS:
                        raise CardError(Reason.UNREADABLE, f"{where} twice")
                    break
                retried_at = len(data)
                self._directory = None  # what is selected now is anybody's guess
                self._select(path)
                continue
            data += response.data
            more = missing(bytes(data))
            end = limit if more is None else min(limit, len(data) + more)
            if is_last:
                break
            wanted = apdu.MAX_READ if more is None else more
        return bytes(data[:end])

    def rest(self, offset: int) -> bytes:
        """What the selected file has from here on, at most 256 bytes, taken to be zeros where only its length is told.

        A read of too many bytes is answered by `6C xx` with the length alone, in seven bytes on the line whatever the
        length. Readers that hide that status word give the bytes themselves.
        """
        response = self._exchange(apdu.read_binary(offset))
        if (length := apdu.correct_length(response.sw)) is not None:
            self._wait(self.resend_wait)
            return bytes(length)
        response = self._fetch(response)
        return response.data if response.ok else b""

    def _read(self, offset: int, wanted: int) -> tuple[Response, bool]:
        """One block, and whether the card or the reader said by it that the file ends there."""
        command = apdu.read_binary(offset, wanted)
        response = self._exchange(command)
        left = apdu.correct_length(response.sw)
        if left is not None and left < wanted:
            return self._fetch(self._resend(command, left)), True
        response = self._fetch(response)
        return response, len(response.data) < wanted

    def _select(self, path: bytes) -> None:
        """By name in the directory where the last file lay (four bytes less on the line); where that fails, by path."""
        directory, name = path[:-2], path[-2:]
        before, self._directory = self._directory, None
        refused = False
        if directory == before and self._knows_names:
            response = self.send(apdu.select_name(name))
            if response.ok:
                self._directory = directory
                return
            refused = response.sw not in _GLITCHES
        response = self._select_patiently(apdu.select_path(path))
        if response.sw == apdu.FILE_NOT_FOUND:
            self._directory = before
            raise FileAbsent(path.hex())
        if not response.ok:
            raise CardError(Reason.UNREADABLE, f"SELECT {path.hex()} answered {response.sw:04X}")
        self._directory = directory
        if refused:  # it is there, and has no name for this card
            self._knows_names = False

    def _select_patiently(self, command: Command) -> Response:
        """Send a SELECT, and again where what came is a reader's glitch and no answer to a SELECT."""
        response = self.send(command)
        for wait in SELECT_WAITS:
            if response.ok or response.sw not in _GLITCHES:
                break
            self._wait(wait)
            response = self.send(command)
        return response

    def _resend(self, command: Command, length: int) -> Response:
        self._wait(self.resend_wait)
        return self._exchange(command.expecting(length))

    def _fetch(self, response: Response) -> Response:
        """Follow `61 xx` to the end of the answer."""
        data = response.data
        while (more := apdu.more_available(response.sw)) is not None:
            command = apdu.get_response(more)
            response = self._exchange(command)
            if (length := apdu.correct_length(response.sw)) is not None:  # it had announced more than there is
                response = self._resend(command, length)
            data += response.data
            if not response.data or len(data) > _LONGEST_FILE:
                break
        return Response(data, response.sw)

    def _wait(self, seconds: float) -> None:
        if seconds:
            self._sleep(seconds)

    def _exchange(self, command: Command) -> Response:
        data, sw = self._channel.transmit(command.encode(t1=self._channel.t1))
        self.apdus += 1
        self.bytes_read += len(data)
        if self._on_exchange:
            self._on_exchange(self.apdus)
        return Response(data, sw)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a conversation took, lost exchanges included."""

    apdus: int
    bytes_read: int


def converse(
    channel: CardChannel,
    talk: Callable[[CardSession], T],
    on_exchange: Callable[[int], None] | None = None,
    on_loss: Callable[[], None] = lambda: None,
) -> tuple[T, Cost]:
    """What `talk` makes of a card, and its cost. It begins anew, twice at most, where an exchange is lost.

    That is a dirty contact, or a reset by another program: the card stays in. Raises CardError: PULLED where it does
    not, UNREADABLE where it is lost once more.
    """
    sessions: list[CardSession] = []
    while True:
        sessions.append(CardSession(channel, on_exchange))
        try:
            said = talk(sessions[-1])
            break
        except CardError as problem:
            if problem.reason is not Reason.PULLED:
                raise
            channel.recover()
            if len(sessions) > MOST_LOSSES:
                raise CardError(Reason.UNREADABLE, f"the card was lost {len(sessions)} times") from problem
        on_loss()
    return said, Cost(sum(session.apdus for session in sessions), sum(session.bytes_read for session in sessions))
