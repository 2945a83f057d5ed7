"""The gettext catalogues, read straight from their .po files, and the formats that go with a language.

English is the language of the sources, so it needs no catalogue. The catalogues are split by room (`CATALOGUES`), and
looked up in that order; a message is the same wherever it stands. Reading .po at start-up (some 30 ms a language)
spares a build step and compiled files in the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from datetime import time as clock_time
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

BRUSSELS = ZoneInfo("Europe/Brussels")
LOCALE_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "locale"
CATALOGUES = ("screens", "ticket", "terms", "questions", "quote", "staff")

# In the order of the welcome screen: each language in its own script, by its own name.
LANGUAGES: dict[str, str] = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})

# Belgian habits where CLDR has a region of its own; a clock time reads 10.30 in Dutch.
_LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "de": "de_BE", "en": "en_GB"}
_DAY = {"de": "EEEE, d. MMMM"}
_DAY_WITH_YEAR = {"de": "d. MMMM y"}
_TIME = {"nl": "{0}.{1:02}", "fr": "{0}h{1:02}", "de": "{0}.{1:02}"}


class Texts:
    """One language: call it with an English message to get the words to show."""

    def __init__(
        self,
        language: str,
        messages: dict[str, str],
        plurals: dict[str, tuple[str, ...]],
        plural_rule: Callable[[int], int],
    ):
        self.language = language
        self.right_to_left = language in RIGHT_TO_LEFT
        self._messages = messages
        self._plurals = plurals
        self._plural_rule = plural_rule
        self._locale = Locale.parse(_LOCALES.get(language, language))

    def __call__(self, message: str, /, **values: object) -> str:
        """The message in this language, with `{name}` places filled in; English where it is not translated."""
        text = self._messages.get(message) or message
        return text.format(**values) if values else text

    def knows(self, message: str) -> bool:
        """Whether the message is translated (always so in English)."""
        return self.language == "en" or bool(self._messages.get(message))

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The plural form for a number, which is also filled in as `{n}`."""
        forms = self._plurals.get(one)
        text = forms[self._plural_rule(number)] if forms else one if number == 1 else many
        return text.format(n=number, **values)

    def money(self, cents: int) -> str:
        """Cents as euros with two decimals: € 24,00 in Dutch."""
        text = format_currency(cents / 100, "EUR", locale=self._locale)
        return text.replace(" ", " ").replace("EUR", "€")

    def number(self, value: float) -> str:
        """A number with at most one decimal: 79,5 in Dutch."""
        return format_decimal(value, "#,##0.#", locale=self._locale)

    def day(self, moment: date | datetime) -> str:
        """A day in full, without the year: woensdag 25 november."""
        return format_date(_local_day(moment), _DAY.get(self.language, "EEEE d MMMM"), locale=self._locale)

    def day_with_year(self, moment: date | datetime) -> str:
        """A day in full, with the year: 25 november 2026."""
        return format_date(_local_day(moment), _DAY_WITH_YEAR.get(self.language, "d MMMM y"), locale=self._locale)

    def month_with_year(self, day: date) -> str:
        """A month, with the year: mei 2022."""
        return format_date(day, "LLLL y", locale=self._locale)

    def day_short(self, moment: date | datetime) -> str:
        """A day on paper: wo 25/11/2026."""
        return format_date(_local_day(moment), "EEE dd/MM/y", locale=self._locale)

    def weekday_short(self, moment: date | datetime) -> str:
        """wo"""
        return format_date(_local_day(moment), "EEE", locale=self._locale)

    def month_short(self, moment: date | datetime) -> str:
        """nov"""
        return format_date(_local_day(moment), "LLL", locale=self._locale).rstrip(".")

    def month_name(self, month: int) -> str:
        """november, on its own."""
        return format_date(date(2000, month, 1), "LLLL", locale=self._locale)

    def time(self, moment: datetime) -> str:
        """A clock time in Belgium: 10.30 in Dutch, 10h30 in French, 10:30 elsewhere."""
        return self.clock(moment.astimezone(BRUSSELS).time())

    def clock(self, at: clock_time) -> str:
        """The same, for the hour of an opening."""
        return _TIME.get(self.language, "{0}:{1:02}").format(at.hour, at.minute)

    def join(self, parts: list[str] | tuple[str, ...]) -> str:
        """Yusuf en Lina."""
        return format_list(list(parts), locale=self._locale)


def _english_plural(number: int) -> int:
    return 0 if number == 1 else 1


def _local_day(moment: date | datetime) -> date:
    return moment.astimezone(BRUSSELS).date() if isinstance(moment, datetime) else moment


@lru_cache
def texts(language: str) -> Texts:
    """The texts of a language code such as "nl". An unknown language raises KeyError: nothing falls back in silence."""
    if language != "en" and not (LOCALE_FOLDER / language).is_dir():
        raise KeyError(f"no catalogue for language {language!r}")
    messages: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    rule: Callable[[int], int] = _english_plural
    for name in CATALOGUES:
        path = LOCALE_FOLDER / language / "LC_MESSAGES" / f"{name}.po"
        if not path.is_file():
            continue
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, str):
                messages.setdefault(message.id, str(message.string))
            else:
                plurals.setdefault(message.id[0], tuple(message.string or ()))
        rule = c2py(catalogue.plural_expr)
    return Texts(language, messages, plurals, rule)
