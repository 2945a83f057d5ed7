from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import nn

from hardware.simulators.card import PEOPLE, TITLES, Deck, TestPki, UnknownCard
from hardware.simulators.card.deck import address_file, identity_file

DAYS = st.dates(date(2024, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("name", PEOPLE)
@given(today=st.dates(date(2024, 1, 1), date(2030, 12, 31)))  # stdnum knows no births in the future
def test_every_person_has_right_check_digits_on_any_day(name: str, today: date) -> None:
    person = PEOPLE[name]
    assert nn.is_valid(person.national_number(today))
    assert (nn.get_gender(person.national_number(today)) == "F") == person.female


@pytest.mark.parametrize("name", sorted(set(PEOPLE) - {"expired", "future"}))
@given(today=DAYS)
def test_a_valid_card_is_valid_on_any_day(name: str, today: date) -> None:
    begin, end = PEOPLE[name].validity(today)
    assert begin <= today <= end - timedelta(days=365)


def test_parents_are_of_an_age_to_have_young_children() -> None:
    for name in ("amina", "joao", "oksana", "yusuf"):
        assert 25 <= PEOPLE[name].age <= 45


def test_the_four_parents_hold_the_four_cards_and_three_date_forms() -> None:
    parents = [PEOPLE[name] for name in ("amina", "joao", "oksana", "yusuf")]
    assert [person.document for person in parents] == ["33", "31", "36", "27"]
    today = date(2026, 11, 22)
    assert [person.birth_text(today) for person in parents] == ["24 MAAR 1991", "07 AOUT 1986", "13.AUG. 1988", "1984"]


def test_no_file_is_longer_than_the_chip_allows() -> None:
    for person in PEOPLE.values():
        assert len(identity_file(person, date(2026, 11, 22), bytes(10))) <= 682
        assert len(address_file(person)) == 117


def test_every_card_of_the_deck_exists_and_no_other() -> None:
    today = date(2026, 11, 22)
    deck = Deck(TestPki.generate(today), today)
    for name in TITLES:
        assert deck.card(name) is not None
    with pytest.raises(UnknownCard, match="amina"):
        deck.card("nobody")


def test_kept_keys_make_the_same_root_and_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    first = TestPki.kept_in(folder, date(2026, 11, 22))
    second = TestPki.kept_in(folder, date(2027, 11, 22))
    assert first.pin == second.pin
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.key")} == {0o600}
    assert (folder / "trust" / "root.pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
