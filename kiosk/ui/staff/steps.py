"""What each step of a test asks of a person: what to do, what to look for, and a picture of it."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens.base import mark

# By the name of the step: what to do, what to know, the picture.
STEPS: dict[str, tuple[str, str, str]] = {
    "reader-there": (mark("The kiosk looks for its card reader"), "", "insert-card"),
    "insert-test-card": (
        mark("Put a test card into the reader"),
        mark("Your own card will do too. The chip faces down and goes in first."),
        "insert-card",
    ),
    "card-read": (mark("The card is being read"), mark("Leave it in. Nothing of it is kept."), "insert-card"),
    "remove-test-card": (mark("Take the card out"), "", "take-card-large"),
    "terminal-status": (
        mark("The payment terminal is asked how it is"),
        mark("Nothing is paid."),
        "terminal-wait",
    ),
    "terminal-display": (
        mark("Look at the display of the terminal"),
        mark("It is lit, and shows its usual picture without an error."),
        "terminal-wait",
    ),
    "terminal-slot": (
        mark("Feel the card slot and the keys of the terminal"),
        mark("Nothing is stuck in or glued over them, nothing is loose, no camera looks at the keys."),
        "terminal-card",
    ),
    "printer-status": (mark("The printer is asked how it is"), "", "printing"),
    "print-test-page": (mark("A test page is printed"), mark("Take it and look at it."), "printing"),
    "test-page-number": (
        mark("Which number is on the page?"),
        mark("Is the page white? Then the roll is in the wrong way round."),
        "take-ticket",
    ),
    "test-page-sharp": (
        mark("Is the print dark and straight?"),
        mark("White lines along the paper: the head of the printer wants cleaning."),
        "take-ticket",
    ),
    "touch-grid": (mark("Touch every square"), "", "touch"),
    "keypad-keys": (mark("Press every key of the keypad"), mark("What the kiosk hears stands below."), "keypad"),
    "sound-left": (mark("A tone on the left"), "", "sound-left"),
    "heard-left": (mark("Did you hear the tone on the left?"), mark("Only there."), "sound-left"),
    "sound-right": (mark("A tone on the right"), "", "sound-right"),
    "heard-right": (mark("Did you hear the tone on the right?"), mark("Only there."), "sound-right"),
    "plug-headset": (mark("Plug in a headset"), mark("Put it on: a tone follows."), "sound-headset"),
    "sound-headset": (mark("A tone in the headset"), "", "sound-headset"),
    "heard-headset": (
        mark("Did you hear the tone in the headset?"),
        mark("In both ears, and not from the kiosk."),
        "sound-headset",
    ),
    "network": (mark("A line to the town hall is opened"), "", "globe"),
    "clock": (mark("The clock is compared with the town hall's"), "", "time"),
    "clock-right": (mark("Is it {moment}?"), mark("Compare it with your own watch."), "time"),
    "disk": (mark("Something is written to the disk"), "", "disk"),
    "backend": (mark("The town hall's system is asked what it has"), "", "counter"),
}


def step_title(t: Texts, name: str) -> str:
    """What a step asks, for a list; of a step of another version its bare name."""
    title = STEPS[name][0] if name in STEPS else name
    return t(title, moment="…") if "{moment}" in title else t(title)
