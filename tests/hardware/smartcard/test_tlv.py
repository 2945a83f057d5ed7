from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card.deck import elements
from hardware.smartcard import tlv
from hardware.smartcard.errors import DecodeError, DecodeReason


def parsed(data: bytes) -> list[tuple[int, bytes]]:
    return [(element.tag, element.value) for element in tlv.parse(data)]


@pytest.mark.parametrize(
    ("header", "length"),
    [("07 7F", 127), ("07 80", 128), ("07 FE", 254), ("07 FF 00", 255), ("07 FF 01", 256), ("07 FF FF 02", 512)],
)
def test_a_length_of_255_and_more_continues_in_the_next_byte(header: str, length: int) -> None:
    value = b"x" * length
    assert parsed(bytes.fromhex(header) + value) == [(7, value)]


def test_trailing_zeros_are_padding() -> None:
    assert parsed(b"\x02\x049300\x03\x01X" + bytes(100)) == [(2, b"9300"), (3, b"X")]


def test_the_structure_version_in_front_is_an_element() -> None:
    assert parsed(b"\x00\x02\x00\x02\x01\x01A") == [(0, b"\x00\x02"), (1, b"A")]


def test_an_empty_element_at_the_end_is_kept() -> None:
    assert parsed(bytes.fromhex("0F0131 1A00 1B00 1C00")) == [(0x0F, b"1"), (0x1A, b""), (0x1B, b""), (0x1C, b"")]


def test_a_value_may_end_in_zeros() -> None:
    assert parsed(b"\x02\x03A\x00\x00") == [(2, b"A\x00\x00")]


def test_a_file_of_zeros_has_no_elements() -> None:
    assert parsed(bytes(117)) == []


@pytest.mark.parametrize("data", [b"\x01", b"\x01\x05abc", b"\x01\xff", b"\x01\xff\xff", b"\x01\x01A\x02\x09x"])
def test_an_element_cut_short_is_told_with_its_place(data: bytes) -> None:
    with pytest.raises(DecodeError) as problem:
        tlv.parse(data)
    assert problem.value.reason is DecodeReason.TRUNCATED
    assert problem.value.offset in (0, 3)


@given(st.dictionaries(st.integers(1, 255), st.binary(max_size=800), max_size=8), st.integers(0, 50))
def test_what_a_card_writes_is_what_we_read(values: dict[int, bytes], padding: int) -> None:
    assert dict(parsed(elements(values) + bytes(padding))) == values


@given(st.binary(max_size=400))
def test_any_bytes_give_elements_or_a_typed_error(data: bytes) -> None:
    try:
        found = tlv.parse(data)
    except DecodeError:
        return
    assert sum(len(element.value) for element in found) <= len(data)
