from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import PEOPLE
from hardware.simulators.card.deck import elements, identity_file
from hardware.smartcard import address, identity
from hardware.smartcard.errors import DecodeError, DecodeReason
from hardware.smartcard.fields import Protection, SpecialStatus, StayReason, WorkPermit
from hardware.smartcard.identity import ContentWarning, card_number_holds
from tests.hardware.smartcard.rig import TODAY


def decode(values: dict[int, bytes | str]) -> identity.Identity:
    return identity.decode(elements(values))


def test_an_identity_of_over_512_bytes_is_whole() -> None:
    found = decode({0x05: "G" * 47, 0x07: "S" * 90, 0x08: "F" * 75, 0x0A: "N" * 65, 0x0B: "P" * 300, 0x0F: "33"})
    assert len(found.birth_place) == 300
    assert found.document.number == 33


def test_a_tag_present_with_length_zero_is_no_key_hash_but_is_a_member_of_family() -> None:
    found = decode({0x0F: "11", 0x14: "", 0x1A: "", 0x1B: "", 0x1C: ""})
    assert found.basic_key_hash == b""
    assert found.member_of_family
    assert not found.brexit_agreement
    assert not found.brexit_permanent


def test_unknown_tags_are_kept() -> None:
    assert decode({0x0F: "33", 0x20: b"\x01\x02", 0xFE: "x"}).unknown == {0x20: b"\x01\x02", 0xFE: b"x"}


def test_a_wrong_national_number_is_a_warning() -> None:
    found = decode({0x06: "71715100070", 0x0F: "1"})
    assert found.national_number == "71715100070"
    assert ContentWarning.NATIONAL_NUMBER_CHECK in found.warnings


@pytest.mark.parametrize("first_nine", ["852423033", "854423033"])  # month + 20: sex unknown; month + 40: known
def test_a_bis_number_is_a_national_number(first_nine: str) -> None:
    number = f"{first_nine}{97 - int(first_nine) % 97:02}"
    assert ContentWarning.NATIONAL_NUMBER_CHECK not in decode({0x06: number, 0x0F: "33"}).warnings


def test_card_numbers_of_every_form_are_checked() -> None:
    assert card_number_holds("591123456" + "7" + f"{5911234567 % 97 or 97:02}")
    assert card_number_holds(f"B1000033{1000033 % 97:02}")
    assert card_number_holds(f"1000033{1000033 % 97:02}")
    assert not card_number_holds("B100003300")
    assert not card_number_holds("")
    assert not card_number_holds("C100003360")


def test_an_unknown_code_is_a_warning_and_stays_in_the_raw_elements() -> None:
    found = decode({0x0F: "33", 0x10: "9", 0x16: "Z"})
    assert found.special_status is None
    assert found.work_permit is None
    assert ContentWarning.UNKNOWN_CODE in found.warnings
    assert found.raw[0x16] == b"Z"
    assert ContentWarning.PROTECTION_FORM in decode({0x0F: "33", 0x15: "refugee"}).warnings


def test_codes_of_residence_cards_are_typed() -> None:
    found = decode(
        {0x0F: "33", 0x10: "4", 0x15: "14.06.2019-BE", 0x16: "8", 0x1B: "B", 0x1D: "D", 0x1E: "K", 0x1F: "01.02.2024"}
    )
    assert found.protection == Protection(date(2019, 6, 14), "BE")
    assert found.special_status is SpecialStatus.YELLOW_CANE
    assert found.work_permit is WorkPermit.LIMITED
    assert found.brexit_agreement
    assert found.stay_reasons == (StayReason.STUDENT, StayReason.MOBILITY_PROGRAMME)
    assert found.eu_start == date(2024, 2, 1)


def test_given_names_may_be_empty() -> None:
    assert decode({0x07: "Proefpersoon", 0x08: "", 0x0F: "33"}).first_names == ""


def test_text_that_is_not_utf8_is_a_warning() -> None:
    found = decode({0x07: b"M\xfcller", 0x0F: "33"})
    assert found.surname == "M\ufffdller"
    assert ContentWarning.NOT_UTF8 in found.warnings


def test_an_unknown_document_type_is_a_warning() -> None:
    assert ContentWarning.UNKNOWN_DOCUMENT in decode({0x0F: "97"}).warnings


def test_an_empty_file_is_a_typed_error() -> None:
    for module in (identity, address):
        with pytest.raises(DecodeError) as problem:
            module.decode(bytes(117))
        assert problem.value.reason is DecodeReason.EMPTY


def test_an_address_padded_with_spaces_and_zeros_is_clean() -> None:
    found = address.decode(elements({1: "Modelstraat 12      ", 2: "9999", 3: "Voorbeeldstad"}) + bytes(40))
    assert (found.street_and_number, found.postcode, found.municipality) == ("Modelstraat 12", "9999", "Voorbeeldstad")


@pytest.mark.parametrize("name", PEOPLE)
def test_an_object_that_strays_into_a_log_names_nobody(name: str) -> None:
    person = PEOPLE[name]
    found = identity.decode(identity_file(person, TODAY, b"photo"))
    home = address.decode(elements({1: "Modelstraat 12"}))
    assert found.surname == person.surname
    for words in (repr(found), str(found), f"{home}"):
        assert person.surname not in words
        assert not person.first_names or person.first_names not in words
        assert "Modelstraat" not in words


@given(st.binary(max_size=300))
def test_any_bytes_are_an_identity_or_a_typed_error(data: bytes) -> None:
    try:
        identity.decode(data).as_json()
        address.decode(data).as_json()
    except DecodeError:
        pass


@given(st.dictionaries(st.integers(0, 0x20), st.binary(max_size=30), min_size=1))
def test_any_content_of_any_field_is_decoded(values: dict[int, bytes]) -> None:
    data = elements(dict(sorted(values.items(), reverse=True)))
    if not data.strip(b"\x00"):
        return
    try:
        identity.decode(data).as_json()
    except DecodeError as problem:
        assert problem.reason is not None
