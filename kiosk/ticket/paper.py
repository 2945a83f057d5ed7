"""What a ticket says, as meaning: sections of phrases, without lines, widths or fonts.

`kiosk.ticket.tickets` and `kiosk.ticket.slips` make it; `kiosk.ticket.layout` turns it into lines for a strip of
paper. A page or a voice can walk the same sections.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in the parent's language, and in the desk's where those are other words.

    `desk` is empty where both read the same words, or the parent alone needs them; `text` where the desk alone does.
    """

    text: str
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Masthead:
    """Who speaks: the municipality and its desk."""

    municipality: str
    desk: str


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that must not be overlooked: a copy, a payment in doubt."""

    title: Phrase
    lines: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The code for people and, where the paper is a ticket, the text of the QR code for scanners."""

    label: Phrase
    code: str
    qr: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """The one thing to remember: the appointment. `main` is the largest line, the same for everyone."""

    title: Phrase
    main: Phrase
    lines: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One child: its name, the amount (empty where nothing costs), and what is asked for it."""

    label: str
    amount: str
    asked: Phrase = Phrase("")


@dataclass(frozen=True, slots=True)
class Account:
    """The children, the total and how it was paid. `receipt` is the terminal's own text, line by line, unchanged.

    `boxed`: the total is still to be paid, and must not be overlooked. Without a label there is no total.
    """

    title: Phrase
    rows: tuple[Row, ...]
    total_label: Phrase = Phrase("")
    total: str = ""
    lines: tuple[Phrase, ...] = ()
    receipt: tuple[str, ...] = ()
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A thing to tick off, and a few words about it, which may be empty."""

    title: Phrase
    hint: Phrase


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading, what matters most, sentences, then things to tick off one by one.

    `small`: the sentences were on the screen, and may be small.
    """

    title: Phrase
    lines: tuple[Phrase, ...] = ()
    ticks: tuple[Tick, ...] = ()
    key: tuple[Phrase, ...] = ()
    small: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """The last lines: whom to ask."""

    lines: tuple[Phrase, ...]


Section = Masthead | Banner | Code | Box | Account | Passage | Closing


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole ticket or slip, from top to bottom. Languages are codes such as "nl"."""

    language: str
    right_to_left: bool
    desk_language: str
    sections: tuple[Section, ...]
