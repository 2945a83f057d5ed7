"""Ticket codes that people can read to each other, and the claims that a ticket's QR code carries.

A code looks like K7M-3QX-Q: six characters and a check character. The alphabet has 23 signs: of each pair
that people mix up in print, in handwriting or on the telephone (0 and O, 1 and I and L, 2 and Z, 5 and S,
8 and B, U and V) neither is in it. 23 is a prime, so a weighted sum modulo 23 with seven different weights
catches every single wrong character and every swap of two characters, neighbours or not.

A group of three never consists of letters alone, so that no code spells a word or a hateful abbreviation.
That leaves 40 million codes. A code finds a ticket at the desk; what identifies it is the UUID in the QR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
DIGITS = frozenset("34679")
CODE_LENGTH = 7  # six drawn, one computed
MAX_WORD = 80  # characters of a word in the claims

_GROUP = 3
_WEIGHTS = (1, 2, 3, 4, 5, 6, 7)  # different, and none of them 0 modulo 23
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_SEPARATORS = frozenset(" -–—._\t\r\n\u00a0")

T = TypeVar("T")


class Chooser(Protocol):
    """The part of `random.Random` that is needed; hand in `secrets.SystemRandom()` on a kiosk."""

    def choice(self, seq: Sequence[T], /) -> T:
        """One of the elements, each as likely as the others."""
        ...


class CodeProblem(StrEnum):
    """Why a text is no ticket code."""

    WRONG_LENGTH = "wrong-length"
    STRANGE_CHARACTER = "strange-character"
    CHECK_FAILED = "check-failed"


class CodeError(ValueError):
    """A text that is no ticket code. `position` counts from 0 among the characters that are no separators."""

    def __init__(self, problem: CodeProblem, text: str, position: int | None = None):
        super().__init__(f"{problem.value}: {text!r}")
        self.problem = problem
        self.text = text
        self.position = position


def new_code(random: Chooser) -> str:
    """A fresh code, written as on paper: K7M-3QX-Q."""
    drawn = _new_group(random) + _new_group(random)
    return _on_paper(drawn + check_character(drawn))


def check_character(drawn: str) -> str:
    """The seventh character for six characters of the alphabet.

    It is the one that makes the sum of weight times value divisible by 23.
    """
    rest = sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, drawn, strict=False))
    inverse = pow(_WEIGHTS[-1], -1, len(ALPHABET))
    return ALPHABET[-rest * inverse % len(ALPHABET)]


def normalise(text: str) -> str:
    """The code as on paper, from what a person typed: any case, with or without spaces and dashes.

    Raises CodeError when it is no code.
    """
    typed = "".join(character for character in text.upper() if character not in _SEPARATORS)
    if len(typed) != CODE_LENGTH:
        raise CodeError(CodeProblem.WRONG_LENGTH, text)
    for position, character in enumerate(typed):
        if character not in _VALUES:
            raise CodeError(CodeProblem.STRANGE_CHARACTER, text, position)
    if sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, typed, strict=True)) % len(ALPHABET):
        raise CodeError(CodeProblem.CHECK_FAILED, text)
    return _on_paper(typed)


def check(text: str) -> bool:
    """Whether a text is a ticket code, however it is written."""
    try:
        normalise(text)
    except CodeError:
        return False
    return True


def _new_group(random: Chooser) -> str:
    while True:
        group = "".join(random.choice(ALPHABET) for _ in range(_GROUP))
        if not DIGITS.isdisjoint(group):
            return group


def _on_paper(code: str) -> str:
    return f"{code[:_GROUP]}-{code[_GROUP : 2 * _GROUP]}-{code[2 * _GROUP :]}"


# --- Claims ------------------------------------------------------------------------------------------


class PaymentState(StrEnum):
    """Where the money is, as known when the ticket was issued."""

    NOTHING = "nothing"  # nothing had to be paid
    PAID = "paid"  # at the kiosk
    DUE = "due"  # to be paid at the desk


@dataclass(frozen=True, slots=True)
class Payment:
    """The state of payment and the amount it is about, in cents of the euro."""

    state: PaymentState
    cents: int

    def __post_init__(self) -> None:
        if self.cents < 0 or (self.cents == 0) != (self.state is PaymentState.NOTHING):
            raise ValueError(f"{self.cents} cents cannot be {self.state.value}")


@dataclass(frozen=True, slots=True)
class BookedTime:
    """The appointment: its start (aware, whole seconds), its minutes, and its desk where there is one to name."""

    start: datetime
    minutes: int
    desk: str | None

    def __post_init__(self) -> None:
        _whole_seconds(self.start)
        if self.minutes < 0:
            raise ValueError(f"an appointment does not take {self.minutes} minutes")
        if self.desk is not None:
            _word(self.desk)


@dataclass(frozen=True, slots=True)
class RequestedCard:
    """What is asked for one child, without the child: None where the service knows none."""

    card_type: str | None
    procedure: str | None

    def __post_init__(self) -> None:
        for word in (self.card_type, self.procedure):
            if word is not None:
                _word(word)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a ticket's QR code says, signed. No name, no national number, no birth date.

    Moments are aware and of whole seconds; they come back in UTC. Words of the rules (service, card type,
    procedure) are kept as text, so that a desk reads tickets of a kiosk that knows more of them. All words have 1
    to 80 printable characters. Raises ValueError for anything else.
    """

    ticket_id: UUID
    code: str
    municipality: str
    kiosk: str
    issued_at: datetime
    service: str
    appointment: BookedTime | None
    payment: Payment
    requests: tuple[RequestedCard, ...]

    def __post_init__(self) -> None:
        if normalise(self.code) != self.code:
            raise ValueError(f"{self.code!r} is not written as on paper")
        _whole_seconds(self.issued_at)
        for word in (self.municipality, self.kiosk, self.service):
            _word(word)


def _whole_seconds(moment: datetime) -> None:
    if moment.utcoffset() is None or moment.microsecond:
        raise ValueError(f"{moment!r} is not an aware moment of whole seconds")


def _word(text: str) -> None:
    if not 0 < len(text) <= MAX_WORD or not text.isprintable():
        raise ValueError(f"{text!r} is no word of a ticket: 1 to {MAX_WORD} printable characters")
