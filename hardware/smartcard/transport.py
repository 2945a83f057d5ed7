"""The way to a card: bytes out, bytes and a status word back.

A channel is a pipe and no more. `61 xx` and `6C xx` are handled above it, in `hardware.smartcard.session`, so
that the same code and the same count of commands hold for a reader and for a card in the same process.

pyscard's high-level classes are not used: its connection unpowers the card on disconnect and its exceptions carry a
code that is wrong the first time a card is pulled ("Command successful"), so every failed exchange means the same
here: the card is gone.
"""

from __future__ import annotations

from typing import Any, Protocol

from smartcard import scard

from hardware.smartcard.calls import Calls
from hardware.smartcard.errors import CardError, Reason


class CardChannel(Protocol):
    """A card that is powered and selected for us."""

    @property
    def t1(self) -> bool:
        """Whether the card speaks T=1, where a command with data also says what it expects back."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """One command; its answer's data and status word. Raises CardError when there is no answer."""

    def recover(self) -> None:
        """Power the card up anew after an exchange was lost. Raises CardError where the card or its reader is gone."""

    def close(self) -> None:
        """Let go of the card. Twice is once."""


class VirtualCard(Protocol):
    """What an in-process card must be able to do."""

    def reset(self) -> bytes | None:
        """Power up; the ATR, or None where the card stays mute."""

    def answer(self, command: bytes) -> bytes | None:
        """Data and status word; None where no answer comes because the card is not there any more."""


class InProcessChannel:
    """A channel to a card that lives in this process, for where pcscd cannot run."""

    def __init__(self, card: VirtualCard):
        self._card: VirtualCard | None = card
        atr = card.reset()
        if atr is None:
            raise CardError(Reason.NO_ANSWER, "no ATR")
        self.t1 = first_protocol(atr) == 1

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See CardChannel."""
        answer = self._card.answer(command) if self._card else None
        if answer is None:
            self._card = None
            raise CardError(Reason.PULLED)
        return split(answer)

    def recover(self) -> None:
        """See CardChannel."""
        if self._card is None or self._card.reset() is None:
            raise CardError(Reason.PULLED)

    def close(self) -> None:
        """See CardChannel."""
        self._card = None


# Which one, the card says in its ATR: the eID has T=0 alone, other cards T=1, or both.
_PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1

# A slow card answers a 256-byte read in 0.1 s; these are far beyond anything healthy.
CONNECT_TIMEOUT = 5.0
TRANSMIT_TIMEOUT = 5.0
DISCONNECT_TIMEOUT = 1.0
_RECONNECTIONS = 3  # a program that resets the card again and again is one that holds it


class PcscChannel:
    """A channel through pcscd, shared, in a transaction. All calls run on a thread that can be given up on.

    Without the transaction another program's SELECT could come between ours and our READ, and we would read its file.
    """

    def __init__(
        self, reader: str, *, connect_timeout: float = CONNECT_TIMEOUT, transmit_timeout: float = TRANSMIT_TIMEOUT
    ):
        self._reader = reader
        self._connect_timeout, self._transmit_timeout = connect_timeout, transmit_timeout
        self._calls = Calls(f"card in {reader}")
        self._context: Any = None
        self._card: Any = None
        self._protocol: int = scard.SCARD_PROTOCOL_T0
        try:
            self._calls.run(self._connect, connect_timeout, Reason.BUSY)
        except CardError:
            self.close()
            raise

    @property
    def t1(self) -> bool:
        """See CardChannel."""
        return bool(self._protocol == scard.SCARD_PROTOCOL_T1)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See CardChannel."""
        if self._card is None:
            raise CardError(Reason.PULLED)
        try:
            return self._calls.run(lambda: self._transmit(command), self._transmit_timeout, Reason.NO_ANSWER)
        except CardError as problem:
            if problem.reason is not Reason.PULLED:  # it hangs, and so would all that follows
                self.close()
            raise

    def recover(self) -> None:
        """See CardChannel. A card that does not power up again was pulled: pcscd may be the last to see that."""
        try:
            self._calls.run(self._connect_anew, self._connect_timeout, Reason.PULLED)
        except CardError as problem:
            self.close()
            raise CardError(
                Reason.READER_GONE if problem.reason is Reason.READER_GONE else Reason.PULLED, problem.detail
            ) from problem

    def close(self) -> None:
        """See CardChannel. The card stays powered: no secret was opened, and a reset would race the next connect."""
        self._calls.finish(self._disconnect, DISCONNECT_TIMEOUT)

    def _connect_anew(self) -> None:
        self._disconnect(scard.SCARD_RESET_CARD)
        self._connect()

    def _connect(self) -> None:
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(Reason.READER_GONE, scard.SCardGetErrorMessage(code))
        code, card, protocol = scard.SCardConnect(self._context, self._reader, scard.SCARD_SHARE_SHARED, _PROTOCOLS)
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(_CONNECT_REASONS.get(code, Reason.UNREADABLE), scard.SCardGetErrorMessage(code))
        self._card, self._protocol = card, protocol
        self._begin_transaction()

    def _begin_transaction(self) -> None:
        """Have the card to ourselves. Another program may just have reset it, and then PC/SC wants a reconnection."""
        for _ in range(_RECONNECTIONS + 1):
            code = scard.SCardBeginTransaction(self._card)
            if code != scard.SCARD_W_RESET_CARD:
                break
            code, self._protocol = scard.SCardReconnect(
                self._card, scard.SCARD_SHARE_SHARED, _PROTOCOLS, scard.SCARD_LEAVE_CARD
            )
            if code != scard.SCARD_S_SUCCESS:
                break
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(_CONNECT_REASONS.get(code, Reason.BUSY), scard.SCardGetErrorMessage(code))

    def _transmit(self, command: bytes) -> tuple[bytes, int]:
        header = scard.SCARD_PCI_T1 if self.t1 else scard.SCARD_PCI_T0
        code, answer = scard.SCardTransmit(self._card, header, list(command))
        if code != scard.SCARD_S_SUCCESS:
            raise CardError(Reason.PULLED, scard.SCardGetErrorMessage(code))
        return split(bytes(answer))

    def _disconnect(self, disposition: int = scard.SCARD_LEAVE_CARD) -> None:
        if self._card is not None:
            scard.SCardEndTransaction(self._card, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(self._card, disposition)
            self._card = None
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None


_CONNECT_REASONS: dict[int, Reason] = {
    scard.SCARD_E_NO_SMARTCARD: Reason.PULLED,
    scard.SCARD_W_REMOVED_CARD: Reason.PULLED,
    scard.SCARD_W_UNRESPONSIVE_CARD: Reason.NO_ANSWER,
    scard.SCARD_W_UNPOWERED_CARD: Reason.NO_ANSWER,
    scard.SCARD_W_UNSUPPORTED_CARD: Reason.NOT_EID,
    scard.SCARD_E_PROTO_MISMATCH: Reason.NOT_EID,  # every eID speaks T=0, and staff cards one of the two
    scard.SCARD_E_SHARING_VIOLATION: Reason.BUSY,
    scard.SCARD_W_SECURITY_VIOLATION: Reason.READER_GONE,  # pcscd lets this user at no card (polkit)
    scard.SCARD_E_UNKNOWN_READER: Reason.READER_GONE,
    scard.SCARD_E_READER_UNAVAILABLE: Reason.READER_GONE,
    scard.SCARD_E_NO_SERVICE: Reason.READER_GONE,
    scard.SCARD_E_SERVICE_STOPPED: Reason.READER_GONE,
}


def first_protocol(atr: bytes) -> int:
    """The protocol that an ATR offers first: the T of its TD1, and 0 where it has none (ISO 7816-3 §8.2.3)."""
    if len(atr) < 2 or not atr[1] & 0x80:
        return 0
    at = 2 + (atr[1] >> 4 & 0x07).bit_count()  # behind TA1, TB1, TC1
    return atr[at] & 0x0F if at < len(atr) else 0


def split(answer: bytes) -> tuple[bytes, int]:
    """Data and status word of a raw answer.

    Raises CardError when it is shorter than a status word: a card pulled in mid-command shows as a success of no bytes.
    """
    if len(answer) < 2:
        raise CardError(Reason.PULLED, f"{len(answer)} bytes")
    return answer[:-2], int.from_bytes(answer[-2:], "big")
