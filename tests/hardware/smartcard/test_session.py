"""How files end, on every kind of reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import VirtualChip
from hardware.smartcard import CardError, InProcessChannel, Reason
from hardware.smartcard.files import der_missing
from hardware.smartcard.session import SELECT_WAITS, CardSession, FileAbsent

PATH = "3F00DF014035"


def session_with(content: bytes, *, shows_6c: bool = True) -> tuple[CardSession, VirtualChip]:
    chip = VirtualChip({PATH: content})
    chip.shows_6c = shows_6c
    return CardSession(InProcessChannel(chip)), chip


def read(content: bytes, *, shows_6c: bool = True, **how: object) -> tuple[bytes, int]:
    session, _ = session_with(content, shows_6c=shows_6c)
    return session.read_file(bytes.fromhex(PATH), **how), session.apdus  # type: ignore[arg-type]


@given(st.integers(1, 1100), st.booleans())
def test_a_file_of_any_size_is_read_whole_on_either_reader(size: int, shows_6c: bool) -> None:
    content = bytes(position % 251 for position in range(size))
    assert read(content, shows_6c=shows_6c)[0] == content


@pytest.mark.parametrize("shows_6c", [True, False])
def test_a_file_that_ends_with_a_full_block_ends_there(shows_6c: bool) -> None:
    content = bytes(range(256)) * 2
    assert read(content, shows_6c=shows_6c)[0] == content


def test_a_file_that_cannot_be_longer_costs_no_read_to_find_its_end() -> None:
    assert read(bytes(256), at_most=256) == (bytes(256), 2)


def test_a_certificate_is_read_to_the_end_of_its_der_only() -> None:
    der = b"\x30\x82\x01\xf8" + b"k" * 504  # 508 bytes
    assert read(der + bytes(1100), missing=der_missing) == (der, 3)


def test_a_certificate_file_of_zeros_is_given_up_after_one_block() -> None:
    assert read(bytes(1300), missing=der_missing) == (b"", 2)


@pytest.mark.parametrize("glitch", [0x6B00, 0x6986, 0x6A87, 0x9000])
def test_a_glitch_after_a_full_block_is_read_again(glitch: int) -> None:
    content = bytes(range(256)) * 3 + b"end"
    session, chip = session_with(content)
    chip.glitches = {4: glitch}  # the third block
    assert session.read_file(bytes.fromhex(PATH)) == content


@pytest.mark.parametrize("glitch", [0x6B00, 0x6986, 0x6A87, 0x9000])
def test_a_glitch_at_the_first_block_is_read_again(glitch: int) -> None:
    session, chip = session_with(b"content")
    chip.glitches = {2: glitch}
    assert session.read_file(bytes.fromhex(PATH)) == b"content"


def test_a_select_refused_for_its_length_is_sent_again_with_growing_patience() -> None:
    chip = VirtualChip({PATH: b"content"})
    slept: list[float] = []

    def read_anew() -> bytes:
        session = CardSession(InProcessChannel(chip), sleep=slept.append)
        session.resend_wait = 0.0
        return session.read_file(bytes.fromhex(PATH))

    chip.glitches = {1: 0x6A87}
    assert read_anew() == b"content"
    assert slept == []  # the first time it is asked again at once
    chip.glitches = {1: 0x6A87, 2: 0x6A87}
    assert read_anew() == b"content"
    assert slept == [SELECT_WAITS[1]]
    chip.glitches = {number: 0x6A87 for number in range(1, 40)}
    with pytest.raises(CardError) as problem:
        read_anew()
    assert problem.value.reason is Reason.UNREADABLE
    assert sum(slept) < 2


def test_a_card_that_always_has_more_to_say_is_given_up() -> None:
    class Endless:
        t1 = False

        def transmit(self, command: bytes) -> tuple[bytes, int]:
            return bytes(256), 0x6100

        def recover(self) -> None: ...

        def close(self) -> None: ...

    session = CardSession(Endless())
    assert not session.card_data()
    assert session.apdus < 200


def test_the_same_refusal_twice_is_an_unreadable_file() -> None:
    session, chip = session_with(bytes(600))
    chip.glitches = {3: 0x6986, 5: 0x6986}
    with pytest.raises(CardError) as problem:
        session.read_file(bytes.fromhex(PATH))
    assert problem.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("sw", [0x6982, 0x6400, 0x6581])
def test_another_status_word_is_an_unreadable_file(sw: int) -> None:
    for number in (2, 3):
        session, chip = session_with(bytes(600))
        chip.glitches = {number: sw}
        with pytest.raises(CardError) as problem:
            session.read_file(bytes.fromhex(PATH))
        assert problem.value.reason is Reason.UNREADABLE
        assert f"{sw:04X}" in problem.value.detail


def test_a_file_that_is_not_there_is_absent_and_not_an_error_of_the_card() -> None:
    session, _ = session_with(b"x")
    with pytest.raises(FileAbsent):
        session.read_file(bytes.fromhex("3F00DF014040"))


@pytest.mark.parametrize("announces", [False, True])
def test_an_answer_announced_by_61_is_fetched(announces: bool) -> None:
    session, chip = session_with(b"x")
    chip.announces = announces
    assert session.card_data() == chip.card_data
    assert session.apdus == (2 if announces else 1)


def test_commands_and_bytes_are_counted() -> None:
    session, chip = session_with(bytes(300))
    session.select_applet()
    session.read_file(bytes.fromhex(PATH))
    assert session.apdus == len(chip.commands) == 5
    assert session.bytes_read == 300


def test_a_command_that_needs_a_pin_is_never_sent() -> None:
    session, chip = session_with(bytes(300))
    session.select_applet()
    session.card_data()
    session.read_file(bytes.fromhex(PATH))
    assert {command[1] for command in chip.commands} == {0xA4, 0xE4, 0xB0}  # VERIFY costs a try on applet 1.1
