"""Short notices of the municipality for who stands before a kiosk: which one is to be read at a moment.

One sentence in one language at a time, each for as long as it takes to read: a dozen languages beside each other would
fit no screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.wire import Notice

TURN_SECONDS = 8  # two lines are read in less, also in a second language


@dataclass(frozen=True, slots=True)
class NoticesHandedOut:
    """What the municipality has this kiosk show, now or later, in place of what it had."""

    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One sentence, plain and on one line, and its language."""

    language: str
    text: str


def pages(notices: tuple[Notice, ...], languages: tuple[str, ...], now: datetime) -> tuple[Page, ...]:
    """All that is to be read at this moment (aware), in the order of the kiosk's languages."""
    return tuple(
        Page(language, " ".join(notice.texts[language].split()))
        for notice in notices
        if notice.first <= now < notice.until
        for language in _languages(notice, languages)
    )


def turn(every: tuple[Page, ...], now: datetime) -> Page | None:
    """The one whose turn it is; None where there is nothing to read."""
    return every[int(now.timestamp() // TURN_SECONDS) % len(every)] if every else None


def _languages(notice: Notice, offered: tuple[str, ...]) -> Iterator[str]:
    """Those on offer here; where the notice has none of them, all that it has."""
    known = [language for language in offered if language in notice.texts]
    yield from known or notice.texts
