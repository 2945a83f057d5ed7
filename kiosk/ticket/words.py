"""Words for a paper: each phrase in the parent's language and, where the desk must read it, in the desk's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kiosk.domain.profiles.profile import Desk
from kiosk.text import Texts
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Closing, Masthead, Paper, Phrase, Section

SEPARATOR = " · "
NO_BREAK = "\u00a0"
_A_MONDAY = date(2026, 11, 23)  # for the names of the days


class Words:
    """The two languages of one paper, and whom it sends people to."""

    def __init__(self, office: Office, texts: Texts, desk_texts: Texts):
        self.office = office
        self.texts = texts
        self.desk_texts = desk_texts
        self.phone = office.phone.replace(" ", NO_BREAK)

    def tell(self, message: str, /, **values: object) -> Phrase:
        """Words for the parent alone."""
        return Phrase(self.texts(message, **values))

    def say(self, message: str, /, **values: object) -> Phrase:
        """Words for the parent and the desk."""
        return self.in_both(lambda texts: texts(message, **values))

    def in_both(self, words: Callable[[Texts], str]) -> Phrase:
        """What `words` makes of each language; once where both are the same."""
        text, desk = words(self.texts), words(self.desk_texts)
        return Phrase(text) if text == desk else Phrase(text, desk)

    def with_phone(self, message: str, without: str) -> Phrase:
        """Words for the parent alone, with the number to call where the municipality gives one."""
        return self.tell(message, phone=self.phone) if self.phone else self.tell(without)

    def masthead(self) -> Masthead:
        """Who speaks."""
        return Masthead(self.office.municipality, self.office.desk)

    def closing(self, message: str) -> Closing:
        """The last words of a paper that people keep, and whom they ask."""
        asking = self.with_phone("Questions? Call {phone}.", "Questions? Ask at the desk.")
        return Closing((self.tell(message), asking))

    def paper(self, *sections: Section) -> Paper:
        """The whole paper."""
        return Paper(self.texts.language, self.texts.right_to_left, self.desk_texts.language, sections)


def moment(at: datetime, texts: Texts) -> str:
    """wo 25/11/2026 10.30"""
    return f"{texts.day_short(at)} {texts.time(at)}"


def opening_hours(desk: Desk, texts: Texts) -> tuple[str, ...]:
    """A desk's week, days with the same hours on one line: "ma, di, do 9.00-12.00, 13.30-16.00"."""
    days: dict[str, list[str]] = {}
    for day in (_A_MONDAY + timedelta(days=number) for number in range(7)):
        hours = ", ".join(f"{texts.clock(stretch.start)}-{texts.clock(stretch.end)}" for stretch in desk.hours_on(day))
        if hours:
            days.setdefault(hours, []).append(texts.weekday_short(day).rstrip("."))
    return tuple(f"{', '.join(names)} {hours}" for hours, names in days.items())
