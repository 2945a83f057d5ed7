"""The chip, held to the applet 1.7 reference manual, byte by byte."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import VirtualChip
from hardware.simulators.card.contacts import wire_bytes
from hardware.simulators.card.generations import CARD_DATA_1_1, CARD_DATA_1_8

IDENTITY = bytes(range(200))


@pytest.fixture
def chip() -> VirtualChip:
    chip = VirtualChip({"3F00DF014031": IDENTITY, "3F00DF00503C": bytes(512)}, chip_number=bytes(range(16)))
    chip.reset()
    return chip


def ask(chip: VirtualChip, *commands: str) -> str:
    answers = [chip.answer(bytes.fromhex(command)) for command in commands]
    assert answers[-1] is not None
    return answers[-1].hex().upper()


SELECT_APPLET = "00A4040C0FA00000003029057000AD13100101FF"
SELECT_IDENTITY = "00A4080C063F00DF014031"


def test_the_applet_is_selected_by_its_aid(chip: VirtualChip) -> None:
    assert ask(chip, SELECT_APPLET) == "9000"
    assert ask(chip, "00A4040C0CA000000177504B43532D3135") == "9000"
    assert ask(chip, "00A4040C05A000000004") == "6A82"


def test_a_file_is_selected_by_path_with_or_without_the_master_file(chip: VirtualChip) -> None:
    for select in (SELECT_IDENTITY, "00A4080C04DF014031"):
        assert ask(chip, select, "00B0000004") == "000102039000"


def test_a_file_is_selected_step_by_step(chip: VirtualChip) -> None:
    assert ask(chip, "00A4020C023F00", "00A4020C02DF01", "00A4020C024031", "00B0000002") == "00019000"
    assert ask(chip, "00A4020C02DF00", "00A4020C024031") == "6A82"


def test_reading_without_a_file_is_refused(chip: VirtualChip) -> None:
    assert ask(chip, SELECT_APPLET, "00B0000000") == "6986"


def test_the_end_of_a_file_shows_what_is_left(chip: VirtualChip) -> None:
    assert ask(chip, SELECT_IDENTITY, "00B0000000") == "6CC8"
    assert ask(chip, "00B000C000") == "6C08"
    assert ask(chip, "00B000C008") == IDENTITY[0xC0:].hex().upper() + "9000"
    assert ask(chip, "00B000C800") == "6B00"


def test_a_reader_that_hides_6c_gets_a_short_block(chip: VirtualChip) -> None:
    chip.shows_6c = False
    assert ask(chip, SELECT_IDENTITY, "00B000C000") == IDENTITY[0xC0:].hex().upper() + "9000"


def test_card_data_names_the_applet(chip: VirtualChip) -> None:
    data = ask(chip, "80E400001C")
    assert data == bytes(range(16)).hex().upper() + "F33601250117000300210" + "10F" + "9000"
    assert ask(chip, "80E4000000") == "6C1C"
    assert ask(chip, "80E400011F") == "6A86"


def test_get_response_gives_only_what_was_announced(chip: VirtualChip) -> None:
    assert ask(chip, "00C0000010") == "6985"
    chip.announces = True
    assert ask(chip, "80E400001C") == "611C"
    assert ask(chip, "00C000001C").endswith("010F9000")


def test_unknown_commands_are_refused(chip: VirtualChip) -> None:
    assert ask(chip, "0088028132") == "6D00"
    assert ask(chip, "A0A4000002") == "6E00"
    assert ask(chip, "00A4090C023F00") == "6A86"
    assert ask(chip, "00A4") == "6700"


def test_a_pulled_card_never_answers_the_nth_command(chip: VirtualChip) -> None:
    chip.pull_at = 2
    assert chip.answer(bytes.fromhex(SELECT_APPLET)) == b"\x90\x00"
    assert chip.answer(bytes.fromhex(SELECT_IDENTITY)) is None


def test_a_bank_card_knows_no_applet() -> None:
    assert ask(VirtualChip({}), SELECT_APPLET) == "6A82"


@given(st.lists(st.binary(max_size=24), max_size=10))
def test_any_bytes_get_a_status_word(commands: list[bytes]) -> None:
    chip = VirtualChip({"3F00DF014031": IDENTITY})
    for command in commands:
        answer = chip.answer(command)
        assert answer is not None
        assert len(answer) >= 2


# --- Other generations ----------------------------------------------------------------------------------------------

KEY = ec.generate_private_key(ec.SECP384R1())
CHALLENGE = bytes(range(48)).hex()
AUTHENTICATE = "0088028132" + "9430" + CHALLENGE


@pytest.fixture
def chip_1_8() -> VirtualChip:
    return VirtualChip({"3F00DF014031": IDENTITY}, card_data=CARD_DATA_1_8, basic_key=KEY)


def test_card_data_of_every_generation_has_its_applet_at_byte_21(chip_1_8: VirtualChip) -> None:
    old = VirtualChip({"3F00DF014031": IDENTITY}, card_data=CARD_DATA_1_1)
    assert bytes.fromhex(ask(old, "80E400001C"))[21] == 0x11
    assert bytes.fromhex(ask(chip_1_8, "80E400001C"))[21] == 0x18


def test_card_data_of_1_8_also_tells_the_tries_of_the_pin(chip_1_8: VirtualChip) -> None:
    assert ask(chip_1_8, "80E400011F") == ask(chip_1_8, "80E400001C")[:-4] + "03FFFF" + "9000"


def test_the_basic_key_signs_the_given_bytes_as_a_hash(chip_1_8: VirtualChip) -> None:
    assert ask(chip_1_8, AUTHENTICATE) == "6160"
    answer = bytes.fromhex(ask(chip_1_8, "00C0000060"))
    assert answer[96:] == b"\x90\x00"
    r, s = (int.from_bytes(part, "big") for part in (answer[:48], answer[48:96]))
    KEY.public_key().verify(encode_dss_signature(r, s), bytes.fromhex(CHALLENGE), ec.ECDSA(Prehashed(hashes.SHA384())))


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0088028231" + "9430" + CHALLENGE, "6A88"),  # another key
        ("0088028132" + "9530" + CHALLENGE, "6A80"),  # another tag
        ("0088028112" + "9410" + CHALLENGE[:32], "6A80"),  # another length
        ("0088038132" + "9430" + CHALLENGE, "6A86"),
    ],
)
def test_a_wrong_question_is_refused(chip_1_8: VirtualChip, command: str, status: str) -> None:
    assert ask(chip_1_8, command) == status


def test_the_basic_key_is_blocked_when_it_is_used_up(chip_1_8: VirtualChip) -> None:
    chip_1_8.authentications_left = 1
    assert ask(chip_1_8, AUTHENTICATE) == "6160"
    assert ask(chip_1_8, AUTHENTICATE) == "6985"


def test_a_line_has_the_speed_it_is_given() -> None:
    now = [0.0]
    slept: list[float] = []
    chip = VirtualChip({"3F00DF014031": IDENTITY}, clock=lambda: now[0], sleep=slept.append)
    chip.bits_per_second = 43_000
    ask(chip, SELECT_IDENTITY, "00B00000C8")
    assert slept == pytest.approx([14 * 12 / 43_000, 208 * 12 / 43_000])
    chip.bits_per_second = 0
    ask(chip, "00B00000C8")
    assert len(slept) == 2


@pytest.mark.parametrize(
    ("command", "answer", "count"),
    [
        (SELECT_IDENTITY, "9000", 5 + 1 + 6 + 2),
        ("00B0000000", "6CC8", 5 + 2),
        ("00B0000002", "00019000", 5 + 1 + 2 + 2),
    ],
)
def test_the_line_carries_header_procedure_byte_data_and_status(command: str, answer: str, count: int) -> None:
    assert wire_bytes(bytes.fromhex(command), bytes.fromhex(answer)) == count
