"""How long each situation waits for a person, with the reason for each number. Seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """All waits of a visit in one place; configuration may change them, tests hand in their own."""

    # Finding one's card in a bag takes up to half a minute; after this nobody is there, and nothing is lost.
    insert_card: float = 60.0
    # Reading a paper letter or asking a child takes a minute; then the kiosk asks before it forgets.
    idle: float = 90.0
    # WCAG 2.2.1 asks for at least 20 s to say "I am still here".
    still_there: float = 30.0
    # Taking the card out in mid-visit mostly means leaving.
    card_taken: float = 20.0
    # Staff did something at the kiosk, and a card is not back: the parent may have fetched them, and be on the way.
    resumed: float = 60.0
    # A refused card: time to read the explanation and take the card out.
    card_refused: float = 60.0
    # Ticket and card are taken within seconds; a forgotten card keeps the screen, without personal data.
    take: float = 45.0
    # After the card was taken: long enough to see that all is done, short enough for the next in line.
    farewell: float = 4.0
    # A whole ticket takes 2 to 4 s on paper; the printer's own time-outs end far sooner than this.
    print: float = 90.0
    # How long a parent is kept waiting for a refill before they may leave with the code on the screen.
    print_trouble: float = 240.0
    # Look-up after a lost answer: the terminal may need its own T4 (180 s) first. Facts: ZVT 2.9.
    look_up: float = 240.0
    # The screen with the advice for an unknown outcome; the slip says the same.
    outcome_unknown: float = 120.0
