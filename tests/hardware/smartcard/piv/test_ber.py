"""BER-TLV and the certificate object: what a card writes is read, and any other bytes are one typed error."""

from __future__ import annotations

import contextlib
import gzip
from datetime import date

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import Deck, TestPki
from hardware.simulators.card.piv import certificate_object
from hardware.smartcard.errors import DecodeError, DecodeReason
from hardware.smartcard.piv import PivError, PivReason, ber, certificate, commands

TODAY = date(2026, 11, 22)
CERTIFICATE = Deck(TestPki.generate(TODAY), TODAY).badges.certificate("badge")
DER = CERTIFICATE.public_bytes(Encoding.DER)

tags = st.one_of(
    st.integers(1, 0xFF).filter(lambda tag: tag & 0x1F != 0x1F),
    st.integers(0x00, 0x7F).map(lambda number: 0x5F00 | number),
    st.tuples(st.integers(0x80, 0xFF), st.integers(0x00, 0x7F)).map(lambda two: 0x7F0000 | two[0] << 8 | two[1]),
)


@pytest.mark.parametrize(
    ("header", "length"),
    [("53 7F", 127), ("53 81 80", 128), ("53 81 FF", 255), ("53 82 01 00", 256), ("53 83 00 01 00", 256)],
)
def test_a_length_of_128_and_more_is_in_the_bytes_that_follow(header: str, length: int) -> None:
    value = b"x" * length
    assert ber.only(bytes.fromhex(header) + value, 0x53) == value


def test_a_tag_may_have_three_bytes() -> None:
    assert ber.parse(bytes.fromhex("5FC101 01 61 7F8101 00")) == {0x5FC101: b"a", 0x7F8101: b""}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", DecodeReason.EMPTY),
        ("53", DecodeReason.TRUNCATED),
        ("5F", DecodeReason.TRUNCATED),
        ("53 02 00", DecodeReason.TRUNCATED),
        ("53 82 01", DecodeReason.TRUNCATED),
        ("53 80 00 00", DecodeReason.BAD_LENGTH),
        ("53 84 00 00 00 01 00", DecodeReason.BAD_LENGTH),
        ("5FC1C1C1 00", DecodeReason.OTHER_TAG),
        ("7C 00", DecodeReason.OTHER_TAG),
        ("53 00 00", DecodeReason.TOO_LONG),
    ],
)
def test_what_is_no_object_of_this_tag_says_why(data: str, reason: DecodeReason) -> None:
    with pytest.raises(DecodeError) as problem:
        ber.only(bytes.fromhex(data), 0x53)
    assert problem.value.reason is reason


@given(st.dictionaries(tags, st.binary(max_size=400), max_size=6))
def test_what_is_built_is_what_is_parsed(elements: dict[int, bytes]) -> None:
    assert ber.parse(ber.build(elements)) == elements
    assert ber.only(ber.build({0x7C: ber.build(elements)}), 0x7C) == ber.build(elements)


@given(st.binary(max_size=300))
def test_any_bytes_give_elements_or_a_typed_error(data: bytes) -> None:
    try:
        found = ber.parse(data)
    except DecodeError:
        return
    assert sum(len(value) for value in found.values()) <= len(data)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_certificate_is_read_plain_and_compressed(compressed: bool) -> None:
    packed = gzip.compress(DER) if compressed else DER
    assert certificate.decode(certificate_object(packed, compressed=compressed)) == CERTIFICATE


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (b"\x53\x00", PivReason.NO_CERTIFICATE, "empty"),
        (b"", PivReason.MALFORMED, "empty at byte 0"),
        (certificate_object(DER)[:-3], PivReason.MALFORMED, "truncated at byte 0"),
        (certificate_object(DER) + b"\x00", PivReason.MALFORMED, "too-long"),
        (certificate_object(b"no certificate"), PivReason.MALFORMED, "not DER"),
        (certificate_object(DER, compressed=True), PivReason.MALFORMED, "not gzip"),
        (certificate_object(gzip.compress(DER)), PivReason.MALFORMED, "not DER"),
        (certificate_object(gzip.compress(DER)[:-9], compressed=True), PivReason.MALFORMED, "no end"),
        (certificate_object(gzip.compress(bytes(2**24)), compressed=True), PivReason.MALFORMED, "too long"),
        (ber.build({0x53: ber.build({0x70: DER, 0x71: b"\x02"})}), PivReason.MALFORMED, "compression"),
        (ber.build({0x53: ber.build({0x70: DER, 0x71: b""})}), PivReason.MALFORMED, "CertInfo of 0 bytes"),
    ],
)
def test_an_object_without_a_readable_certificate_says_so_once(data: bytes, reason: PivReason, said: str) -> None:
    with pytest.raises(PivError, match=said) as problem:
        certificate.decode(data)
    assert problem.value.reason is reason


@given(st.integers(0, len(certificate_object(DER)) - 1), st.integers(1, 255))
def test_a_changed_byte_gives_another_certificate_or_a_typed_error(at: int, change: int) -> None:
    data = bytearray(certificate_object(DER))
    data[at] ^= change
    try:
        found = certificate.decode(bytes(data))
    except PivError:
        return
    assert found.public_bytes(Encoding.DER) != DER or at >= len(data) - len(DER)


@given(st.binary(max_size=120))
def test_any_answer_gives_a_signature_or_a_typed_error(answer: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert commands.signature_in(answer) in answer


@given(st.binary(max_size=300), st.integers(0, 255))
def test_a_question_of_any_length_goes_in_commands_that_a_card_can_take(question: bytes, algorithm: int) -> None:
    command = commands.general_authenticate(algorithm, question)
    *links, last = command.chain()
    assert all(link.cla == 0x10 and len(link.data) == 255 and link.expected is None for link in links)
    assert last.cla == 0x00 and 0 < len(last.data) <= 255 and last.expected == 256
    assert b"".join(link.data for link in (*links, last)) == command.data
