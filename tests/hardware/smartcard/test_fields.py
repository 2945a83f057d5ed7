from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.smartcard.fields import (
    BirthDate,
    DocumentType,
    Holder,
    Protection,
    Sex,
    birth_date,
    numeric_date,
    protection,
    sex,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01 JAN 1971", date(1971, 1, 1)),
        ("1 JAN 1971", date(1971, 1, 1)),
        ("01 JAN  1971", date(1971, 1, 1)),
        ("24 MAAR 1969", date(1969, 3, 24)),
        ("13.AUG. 1996", date(1996, 8, 13)),
        ("23.SEP.1982", date(1982, 9, 23)),
        ("05 MÄR 1990", date(1990, 3, 5)),
        ("05 MÄR 1990", date(1990, 3, 5)),  # a combining diaeresis
        ("29 FEV 2000", date(2000, 2, 29)),
        ("29 FÉV 2000", date(2000, 2, 29)),
        ("05 MAR 1990", date(1990, 3, 5)),
    ],
)
def test_every_form_of_a_birth_date_met_on_cards_is_read(text: str, expected: date) -> None:
    found = birth_date(text)
    assert found is not None
    assert found.date == expected


_WORDS = {
    "nl": "JAN FEB MAAR APR MEI JUN JUL AUG SEP OKT NOV DEC",
    "fr": "JAN FEV MARS AVR MAI JUIN JUIL AOUT SEPT OCT NOV DEC",
    "de": "JAN FEB MÄR APR MAI JUN JUL AUG SEP OKT NOV DEZ",
}


@pytest.mark.parametrize("language", _WORDS)
def test_every_month_word_of_every_language_is_its_month(language: str) -> None:
    for month, word in enumerate(_WORDS[language].split(), start=1):
        found = birth_date(f"15 {word:<4} 1985")
        assert found is not None, word
        assert found.month == month
        assert language in found.languages


def test_a_word_of_one_language_tells_the_language() -> None:
    assert birth_date("24 MAAR 1969") == BirthDate(1969, 3, 24, frozenset({"nl"}))
    assert birth_date("01 MAI 1969") == BirthDate(1969, 5, 1, frozenset({"fr", "de"}))


@pytest.mark.parametrize("text", ["1962", "        1962", "1962  ", "01      1962"])
def test_a_year_alone_stays_a_year(text: str) -> None:
    found = birth_date(text)
    assert found == BirthDate(1962)
    assert found.date is None
    assert found.isoformat() == "1962"


@pytest.mark.parametrize("text", ["", "31 FEB 1990", "00 JAN 1990", "12 XYZ 1990", "1990-01-01", "0000", "32 DEC 1980"])
def test_a_text_that_is_no_date_is_none(text: str) -> None:
    assert birth_date(text) is None


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = birth_date(text)
    assert found is None or 1 <= found.year <= 9999
    numeric_date(text)
    sex(text)
    DocumentType(text).name  # noqa: B018 the property must not raise


def test_validity_dates_are_day_month_year() -> None:
    assert numeric_date("09.04.2031") == date(2031, 4, 9)
    assert numeric_date("31.02.2031") is None
    assert numeric_date("2031-04-09") is None


def test_protection_is_a_date_and_a_country() -> None:
    assert protection("14.06.2019-BE") == Protection(date(2019, 6, 14), "BE")
    for text in ("", "14.06.2019", "31.02.2019-BE", "14.06.2019-Belgium"):
        assert protection(text) is None


def test_three_letters_are_female() -> None:
    assert [sex(letter) for letter in "MFVW?"] == [Sex.MALE, Sex.FEMALE, Sex.FEMALE, Sex.FEMALE, None]


@pytest.mark.parametrize("code", ["1", "01"])
def test_one_and_zero_one_are_the_same_document(code: str) -> None:
    assert DocumentType(code).number == 1
    assert DocumentType(code).holder is Holder.BELGIAN


@pytest.mark.parametrize(
    ("code", "name", "holder"),
    [
        ("6", "Kids-ID", Holder.BELGIAN_CHILD),
        ("11", "A", Holder.FOREIGNER),
        ("33", "A", Holder.FOREIGNER),
        ("34", "B", Holder.FOREIGNER),
        ("27", "K", Holder.FOREIGNER),
        ("36", "F+", Holder.FOREIGNER),
        ("32", "EU+", Holder.FOREIGNER),
        ("61", "EU", Holder.FOREIGN_CHILD),
        ("69", "M", Holder.FOREIGN_CHILD),
    ],
)
def test_document_codes_of_all_generations(code: str, name: str, holder: Holder) -> None:
    document = DocumentType(code)
    assert (document.name, document.holder, document.known) == (name, holder, True)


@pytest.mark.parametrize("code", ["97", "", "7B", "٣"])
def test_an_unknown_document_shows_its_code(code: str) -> None:
    document = DocumentType(code)
    assert (document.name, document.holder, document.known) == (code, Holder.OTHER, False)
