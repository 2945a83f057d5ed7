import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printer import (
    CoverOpen,
    CutterError,
    DeviceError,
    Overheated,
    PaperOut,
    Ready,
    Trouble,
    Unknown,
)
from hardware.printer.status import Answers, Block, Cleared, Mark, Noise, RealTime, status_of


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ("12 12 12 12", Ready(paper_low=False)),
        ("12 12 12 1e", Ready(paper_low=True)),
        ("1a 32 12 7e", PaperOut()),
        ("1a 16 12 12", CoverOpen()),
        ("1a 36 12 7e", CoverOpen()),
        ("1a 52 1a 12", CutterError()),
        ("1a 52 32 12", DeviceError(unrecoverable=True)),
        ("1a 52 16 12", DeviceError(unrecoverable=False)),
        ("1a 52 52 12", Overheated()),
        ("1a 12 12 12", Unknown(Trouble.OFFLINE)),
        ("1a 1a 12 12", Unknown(Trouble.OFFLINE)),
        ("12 12 12 16", Unknown(Trouble.GARBLED)),  # half of "near end"
        ("12 12 12 32", Unknown(Trouble.GARBLED)),  # half of "paper end"
    ],
)
def test_four_bytes_make_a_status(answers: str, status: object) -> None:
    printer, offline, error, paper = bytes.fromhex(answers)
    assert status_of((printer, offline, error, paper)) == status


every_answer = st.tuples(*[st.sampled_from([byte for byte in range(256) if byte & 0x93 == 0x12])] * 4)


@given(every_answer)
def test_ready_is_said_only_when_no_bit_speaks_against_it(answers: tuple[int, int, int, int]) -> None:
    if isinstance(status_of(answers), Ready):
        printer, offline, error, paper = answers
        assert not (printer & 0x08 or offline & 0x6C or error & 0x6C or paper & 0x60)


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        ("12", [RealTime(0x12)]),
        ("00", [Mark()]),
        ("03", [Mark(3)]),
        ("37 25 00", [Cleared()]),
        ("37 22 30 31 32 33 00", []),  # the answer to somebody's process number
        ("10 00 00 0f 12", [Block(0x10, 0, 0), RealTime(0x12)]),  # an automatic status block before an answer
        ("18 00 0f 0f 00", [Block(0x18, 0, 0x0F), Mark()]),
        ("12 10 00 00 0f 00", [RealTime(0x12), Block(0x10, 0, 0), Mark()]),
        ("ff", [Noise(0xFF)]),
        ("10 04 01", []),  # a line that echoes is no answer
    ],
)
def test_answers_are_told_apart_by_their_fixed_bits(data: str, answers: list[object]) -> None:
    assert list(Answers().feed(bytes.fromhex(data))) == answers


@given(st.binary(max_size=300), st.data())
def test_answers_do_not_depend_on_the_pieces_in_which_they_arrive(data: bytes, draw: st.DataObject) -> None:
    whole = list(Answers().feed(data))
    cut = draw.draw(st.integers(0, len(data)))
    pieces = Answers()
    assert list(pieces.feed(data[:cut])) + list(pieces.feed(data[cut:])) == whole
