"""The fields inside identity and address: dates, enumerations, document types.

Sources: "ID_ADRESSE_File applet 1.8" version 5 (tags, codes), the month words printed on the cards (eID
middleware and commons-eid test vectors). A code that is not in the lists is kept as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum


class Language(StrEnum):
    """The three that cards are written in (ISO 639-1)."""

    DUTCH = "nl"
    FRENCH = "fr"
    GERMAN = "de"


class Sex(StrEnum):
    """As written on the card: M, or F (French), V (Dutch), W (German) for female."""

    MALE = "male"
    FEMALE = "female"


def sex(text: str) -> Sex | None:
    """None for anything but the four letters."""
    return {"M": Sex.MALE, "F": Sex.FEMALE, "V": Sex.FEMALE, "W": Sex.FEMALE}.get(text.strip().upper())


class SpecialStatus(IntEnum):
    """Tag 10."""

    NONE = 0
    WHITE_CANE = 1
    EXTENDED_MINORITY = 2
    WHITE_CANE_EXTENDED_MINORITY = 3
    YELLOW_CANE = 4
    YELLOW_CANE_EXTENDED_MINORITY = 5


class SpecialOrganisation(IntEnum):
    """Tag 13."""

    SHAPE = 1
    NATO = 2
    FORMER_EU_BLUE_CARD = 4
    RESEARCHER = 5


class WorkPermit(StrEnum):
    """Tag 16."""

    UNLIMITED = "7"
    LIMITED = "8"
    NONE = "9"
    SEASONAL = "A"


class StayReason(StrEnum):
    """Tags 1D and 1E: why the holder of an A card stays."""

    SEASONAL_WORK = "A"
    STUDENT = "D"
    PUPIL = "E"
    TRAINEE = "F"
    VOLUNTEER = "G"
    AU_PAIR = "H"
    RESEARCHER = "I"
    JOB_SEARCH = "J"
    MOBILITY_PROGRAMME = "K"


class Holder(StrEnum):
    """Whose card it is, by its document type."""

    BELGIAN = "belgian"
    BELGIAN_CHILD = "belgian-child"
    FOREIGNER = "foreigner"
    FOREIGN_CHILD = "foreign-child"
    OTHER = "other"  # service cards, and codes this list does not know


# Code → printed letter or name, holder. The codes 33 to 36 are the 2021 layout of A, B, F and F+; 2 and 3
# stand only in the content specification of 2004.
_DOCUMENTS: dict[int, tuple[str, Holder]] = {
    1: ("eID", Holder.BELGIAN),
    2: ("EC citizen", Holder.FOREIGNER),
    3: ("non-EC citizen", Holder.FOREIGNER),
    6: ("Kids-ID", Holder.BELGIAN_CHILD),
    7: ("bootstrap card", Holder.OTHER),
    8: ("habilitation card", Holder.OTHER),
    11: ("A", Holder.FOREIGNER),
    12: ("B", Holder.FOREIGNER),
    13: ("C", Holder.FOREIGNER),
    14: ("D", Holder.FOREIGNER),
    15: ("E", Holder.FOREIGNER),
    16: ("E+", Holder.FOREIGNER),
    17: ("F", Holder.FOREIGNER),
    18: ("F+", Holder.FOREIGNER),
    19: ("H", Holder.FOREIGNER),
    20: ("I", Holder.FOREIGNER),
    21: ("J", Holder.FOREIGNER),
    22: ("M", Holder.FOREIGNER),
    23: ("N", Holder.FOREIGNER),
    27: ("K", Holder.FOREIGNER),
    28: ("L", Holder.FOREIGNER),
    31: ("EU", Holder.FOREIGNER),
    32: ("EU+", Holder.FOREIGNER),
    33: ("A", Holder.FOREIGNER),
    34: ("B", Holder.FOREIGNER),
    35: ("F", Holder.FOREIGNER),
    36: ("F+", Holder.FOREIGNER),
    61: ("EU", Holder.FOREIGN_CHILD),
    62: ("EU+", Holder.FOREIGN_CHILD),
    63: ("A", Holder.FOREIGN_CHILD),
    64: ("B", Holder.FOREIGN_CHILD),
    65: ("K", Holder.FOREIGN_CHILD),
    66: ("L", Holder.FOREIGN_CHILD),
    67: ("F", Holder.FOREIGN_CHILD),
    68: ("F+", Holder.FOREIGN_CHILD),
    69: ("M", Holder.FOREIGN_CHILD),
}


@dataclass(frozen=True, slots=True)
class DocumentType:
    """Tag 0F. `code` is the text on the chip; `1` and `01` are the same document."""

    code: str

    @property
    def number(self) -> int | None:
        """The code as a number; None if it is none."""
        return int(self.code) if self.code.isascii() and self.code.isdigit() else None

    @property
    def known(self) -> bool:
        """The lists have this code."""
        return self.number in _DOCUMENTS

    @property
    def name(self) -> str:
        """The letter printed on the card, or the code itself where it is unknown."""
        number = self.number
        return _DOCUMENTS[number][0] if number in _DOCUMENTS else self.code

    @property
    def holder(self) -> Holder:
        """Whose card it is."""
        number = self.number
        return _DOCUMENTS[number][1] if number in _DOCUMENTS else Holder.OTHER


_MONTHS: dict[Language, tuple[str, ...]] = {
    Language.DUTCH: ("JAN", "FEB", "MAAR", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC"),
    Language.FRENCH: ("JAN", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC"),
    Language.GERMAN: ("JAN", "FEB", "MÄR", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ"),
}

_FULL = re.compile(r"(\d{1,2})(?:\s+|\s*\.\s*)([^\W\d_]+)\.?\s*(\d{4})")
_YEAR = re.compile(r"(\d{4})")
_NO_MONTH = re.compile(r"\d{1,2}[.\s]+(\d{4})")
_PROTECTION = re.compile(r"(\d{2}\.\d{2}\.\d{4})-([A-Z]{2})")
_NUMERIC = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class BirthDate:
    """Tag 0C. Month and day are None where the card tells the year alone; nothing is invented for them.

    `languages` are those whose month word stands there; several where the word is the same.
    """

    year: int
    month: int | None = None
    day: int | None = None
    languages: frozenset[Language] = frozenset()

    @property
    def date(self) -> date | None:
        """The whole date, where it is known."""
        return None if self.month is None or self.day is None else date(self.year, self.month, self.day)

    def isoformat(self) -> str:
        """`1990-04-05`, or `1990` where the card tells the year alone."""
        return self.date.isoformat() if self.date else f"{self.year:04}"


def birth_date(text: str) -> BirthDate | None:
    """Read a date of birth in any form met on cards; None for any other text.

    Forms: `01 JAN 1971`, `24 MAAR 1969`, `01 JAN  1971` (month padded to four), `1 JAN 1971`, `13.AUG. 1996`,
    `23.SEP.1982`, `1984`, spaces and a year, a day and a year without a month; with accents or without.
    """
    text = _without_accents(text).strip().upper()
    if match := _YEAR.fullmatch(text) or _NO_MONTH.fullmatch(text):
        return BirthDate(int(match[1])) if int(match[1]) else None
    if not (match := _FULL.fullmatch(text)):
        return None
    day, word, year = int(match[1]), match[2], int(match[3])
    found = {language: words.index(word) + 1 for language, words in _PLAIN_MONTHS.items() if word in words}
    if not found or not _exists(year, month := next(iter(found.values())), day):
        return None
    return BirthDate(year, month, day, frozenset(found))


def numeric_date(text: str) -> date | None:
    """`DD.MM.YYYY` as in the validity dates; None for any other text."""
    match = _NUMERIC.fullmatch(text.strip())
    if not match:
        return None
    day, month, year = (int(part) for part in match.groups())
    return date(year, month, day) if _exists(year, month, day) else None


@dataclass(frozen=True, slots=True)
class Protection:
    """Tag 15: when and by which country (ISO 3166-1, two letters) international protection was granted."""

    granted: date
    country: str

    def as_json(self) -> dict[str, str]:
        """The date as ISO 8601."""
        return {"granted": self.granted.isoformat(), "country": self.country}


def protection(text: str) -> Protection | None:
    """`DD.MM.YYYY-CC`; None for any other text."""
    match = _PROTECTION.fullmatch(text.strip())
    granted = numeric_date(match[1]) if match else None
    return Protection(granted, match[2]) if match and granted else None


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


_PLAIN_MONTHS = {language: [_without_accents(word) for word in words] for language, words in _MONTHS.items()}


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
