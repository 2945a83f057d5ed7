"""The invented people on the simulated cards. None of them lives; their numbers have right check digits all the same.

Dates are counted from a given day, so that a card that is valid today is valid in ten years' demonstration too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hardware.simulators.card.generations import Generation

_MONTHS = {
    "nl": ("JAN", "FEB", "MAAR", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC"),
    "fr": ("JAN", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC"),
    "de": ("JAN", "FEB", "MÄR", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One card's text. `age` is at this year's birthday; `day` None makes a date of birth of the year alone."""

    surname: str
    first_names: str
    document: str
    age: int
    month: int
    day: int | None
    language: str
    nationality: str
    birth_place: str
    female: bool
    counter: int  # of the national number: odd for men, even for women
    serial: int  # of the card number
    street: str = "Modelstraat 12"
    postcode: str = "9999"
    municipality: str = "Modeldorp"
    third_initial: str = ""
    valid_days: tuple[int, int] = (-200, 530)  # from today
    since: int | None = None  # EU cards: registered so many days ago
    generation: Generation = Generation.V1_7
    structure_version: bool = True  # on 1.8: tag 00 in front, as the specification says; whether all have it is unknown

    def birth_date(self, today: date) -> date:
        """The day, or 1 January where the card tells the year alone."""
        return date(today.year - self.age, self.month if self.day else 1, self.day or 1)

    def birth_text(self, today: date) -> str:
        """As printed in tag 0C: `24 MAAR 1991`, `07 AOUT 1986`, `13.AUG. 1988`, or the year."""
        year = today.year - self.age
        if self.day is None:
            return f"{year}"
        word = _MONTHS[self.language][self.month - 1]
        return f"{self.day:02}.{word}. {year}" if self.language == "de" else f"{self.day:02} {word:<4} {year}"

    def national_number(self, today: date) -> str:
        """Eleven digits with their check digits; month and day 00 where the card tells the year alone."""
        year = today.year - self.age
        month, day = (self.month, self.day) if self.day else (0, 0)
        first_nine = f"{year % 100:02}{month:02}{day:02}{self.counter:03}"
        check = 97 - int(("2" if year >= 2000 else "") + first_nine) % 97
        return f"{first_nine}{check:02}"

    @property
    def is_belgian(self) -> bool:
        """An eID or a Kids-ID."""
        return self.document in ("01", "06")

    @property
    def card_number(self) -> str:
        """`B` and nine digits for residence cards, twelve digits for Belgians."""
        if self.is_belgian:
            first_ten = f"591{self.serial:07}"
            return f"{first_ten}{int(first_ten) % 97 or 97:02}"
        return f"B{self.serial:07}{self.serial % 97 or 97:02}"

    def validity(self, today: date) -> tuple[date, date]:
        """First and last day."""
        begin, end = self.valid_days
        return today + timedelta(days=begin), today + timedelta(days=end)


_AMINA = Person(
    surname="Benali Testpersoon",
    first_names="Amina Salma",
    document="33",
    age=35,
    month=3,
    day=24,
    language="nl",
    nationality="Marokko",
    birth_place="Tanger",
    female=True,
    counter=992,
    serial=1000033,
)

PEOPLE: dict[str, Person] = {
    "amina": _AMINA,
    "joao": Person(
        surname="de Vasconcelos e Albuquerque Mendonça Conceição Testpessoa",
        first_names="João Sebastião Inácio",
        third_initial="É",
        document="31",
        age=40,
        month=8,
        day=7,
        language="fr",
        nationality="Portugal",
        birth_place="Vila Nova de Famalicão",
        female=False,
        counter=993,
        serial=1000031,
        street="Rue de l'Exemple aux Érables 104 bte 3",
        valid_days=(-700, 1125),
        since=700,
    ),
    "oksana": Person(
        surname="Kovalenko-Testperson",
        first_names="Oksana",
        document="36",
        age=38,
        month=8,
        day=13,
        language="de",
        nationality="Ukraine",
        birth_place="Czernowitz",
        female=True,
        counter=994,
        serial=1000036,
        valid_days=(-400, 3250),
    ),
    "yusuf": Person(
        surname="Abdi Warsame Proefpersoon",
        first_names="Yusuf",
        document="27",
        age=42,
        month=0,
        day=None,
        language="nl",
        nationality="Somalië",
        birth_place="Mogadishu",
        female=False,
        counter=995,
        serial=1000027,
        valid_days=(-900, 2750),
    ),
    "fatou": Person(
        surname="Diallo Testpersonne",
        first_names="Fatou Aïssatou",
        document="12",
        age=36,
        month=2,
        day=3,
        language="fr",
        nationality="Guinée",
        birth_place="Conakry",
        female=True,
        counter=980,
        serial=1000012,
        valid_days=(-1200, 600),
        generation=Generation.V1_1,
    ),
    "ioana": Person(
        surname="Popescu Testpersoon",
        first_names="Ioana",
        document="17",
        age=33,
        month=10,
        day=29,
        language="nl",
        nationality="Moldavië",
        birth_place="Chişinău",
        female=True,
        counter=978,
        serial=1000017,
        valid_days=(-1500, 400),
        generation=Generation.V1_7_P384,
    ),
    "leila": Person(
        surname="Haddad Testpersoon",
        first_names="Leila",
        document="33",
        age=31,
        month=5,
        day=6,
        language="nl",
        nationality="Syrië",
        birth_place="Aleppo",
        female=True,
        counter=976,
        serial=1000133,
        generation=Generation.V1_8,
    ),
    "carlos": Person(
        surname="García Testpersona",
        first_names="Carlos Andrés",
        document="31",
        age=44,
        month=8,
        day=19,
        language="fr",
        nationality="Espagne",
        birth_place="Alcalá de Henares",
        female=False,
        counter=977,
        serial=1000131,
        valid_days=(-300, 1500),
        since=300,
        generation=Generation.V1_8,
        structure_version=False,
    ),
    "grace": Person(
        surname="Mwangi Testperson",
        first_names="",
        document="36",
        age=39,
        month=3,
        day=1,
        language="de",
        nationality="Kenia",
        birth_place="Nairobi",
        female=True,
        counter=974,
        serial=1000136,
        valid_days=(-60, 3590),
        generation=Generation.V1_8,
    ),
    "expired": replace(_AMINA, first_names="Samira", counter=990, serial=1000034, valid_days=(-770, -40)),
    "belgian": replace(
        _AMINA,
        surname="Voorbeeld Specimen",
        first_names="Lotte Marie",
        document="01",
        nationality="Belg",
        birth_place="Modeldorp",
        counter=988,
        serial=1000001,
        valid_days=(-1000, 2650),
    ),
    "karim": replace(
        _AMINA,
        surname="Voorbeeld Personeel",
        first_names="Karim",
        document="01",
        age=41,
        nationality="Belg",
        birth_place="Modeldorp",
        female=False,
        counter=981,
        serial=1000002,
        valid_days=(-300, 3350),
        generation=Generation.V1_8,
    ),
    "child": replace(_AMINA, first_names="Nour", document="63", age=8, month=5, day=2, counter=986, serial=1000063),
    "kids-id": replace(
        _AMINA,
        surname="Voorbeeld Specimen",
        first_names="Jef",
        document="06",
        age=7,
        month=6,
        day=15,
        nationality="Belg",
        birth_place="Modeldorp",
        female=False,
        counter=985,
        serial=1000006,
        valid_days=(-100, 900),
    ),
    "future": replace(_AMINA, first_names="Hanane", counter=984, serial=1000035, valid_days=(3, 733)),
    "tomorrow": replace(_AMINA, first_names="Rania", document="97", counter=982, serial=1000097),
}
