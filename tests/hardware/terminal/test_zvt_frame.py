from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.terminal.zvt.frame import Control, Damage, Damaged, Decoder, Frame, crc, encode
from tests.hardware.terminal.vectors import CRC_TRAPS, READY_FRAMES, undouble


def received(data: bytes) -> list[object]:
    return list(Decoder().feed(data))


def authorisation(cents: int) -> bytes:
    return bytes.fromhex(f"06010a04{cents:012d}490978")


def test_the_crc_is_kermit() -> None:
    assert crc(b"123456789") == 0x2189


@pytest.mark.parametrize("wire", READY_FRAMES.values(), ids=READY_FRAMES)
def test_every_known_frame_is_read_and_written(wire: str) -> None:
    raw = bytes.fromhex(wire)
    assert received(raw) == [Frame(undouble(raw))]
    assert encode(undouble(raw)) == raw


@pytest.mark.parametrize(("cents", "check"), CRC_TRAPS.items())
def test_crc_bytes_that_look_like_control_bytes_are_taken_raw(cents: int, check: str) -> None:
    wire = encode(authorisation(cents))
    assert wire.endswith(bytes.fromhex(check))
    assert received(wire) == [Frame(authorisation(cents))]
    # … and the next frame behind it is still found.
    assert received(wire + b"\x06" + wire) == [Frame(authorisation(cents)), Control.ACK, Frame(authorisation(cents))]


@given(st.lists(st.binary(max_size=300), max_size=4), st.data())
def test_any_apdus_survive_the_line_however_it_cuts_them(apdus: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(encode(apdu) + b"\x06" for apdu in apdus)
    decoder, found, at = Decoder(), [], 0
    while at < len(wire):
        size = data.draw(st.integers(1, len(wire) - at))
        found += list(decoder.feed(wire[at : at + size]))
        at += size
    assert found == [item for apdu in apdus for item in (Frame(apdu), Control.ACK)]
    assert not decoder.inside


@given(st.binary(max_size=400))
def test_byte_by_byte_is_the_same_as_all_at_once(noise: bytes) -> None:
    decoder = Decoder()
    single = [item for byte in noise for item in decoder.feed(bytes([byte]))]
    assert single == received(noise)


@given(st.binary(max_size=200).filter(lambda noise: b"\x10" not in noise), st.binary(max_size=50))
def test_garbage_between_frames_loses_no_frame(noise: bytes, apdu: bytes) -> None:
    found = [item for item in received(noise + encode(apdu) + noise) if isinstance(item, Frame)]
    assert found == [Frame(apdu)]


@given(st.binary(max_size=400), st.binary(max_size=50))
def test_after_any_noise_and_a_silence_the_next_frame_is_read(noise: bytes, apdu: bytes) -> None:
    decoder = Decoder()
    list(decoder.feed(noise))
    decoder.give_up()
    assert list(decoder.feed(encode(apdu))) == [Frame(apdu)]


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_flipped_bit_is_never_taken_for_the_frame(apdu: bytes, data: st.DataObject) -> None:
    wire = bytearray(encode(apdu))
    bit = data.draw(st.integers(0, len(wire) * 8 - 1))
    wire[bit // 8] ^= 1 << bit % 8
    decoder = Decoder()
    found = [*decoder.feed(bytes(wire)), decoder.give_up()]
    assert Frame(apdu) not in found


def test_a_wrong_crc_is_damage() -> None:
    wire = bytearray(encode(b"\x06\x0f\x00"))
    wire[-1] ^= 1
    assert received(bytes(wire)) == [Damaged(Damage.CRC)]


def test_a_frame_that_begins_inside_another_ends_the_first() -> None:
    whole = encode(b"\x80\x00\x00")
    assert received(whole[:4] + whole) == [Damaged(Damage.CUT_OFF), Frame(b"\x80\x00\x00")]


def test_a_lone_dle_inside_is_damage() -> None:
    assert received(bytes.fromhex("10 02 06 10 41 06")) == [Damaged(Damage.ESCAPE), Control.ACK]


def test_ack_and_nak_inside_a_frame_are_data() -> None:
    assert received(encode(b"\x06\x15\x00")) == [Frame(b"\x06\x15\x00")]


def test_a_frame_without_end_is_given_up_at_the_longest_apdu() -> None:
    assert Damaged(Damage.TOO_LONG) in received(b"\x10\x02" + b"A" * 70_000)


def test_a_frame_does_not_show_its_bytes() -> None:
    assert "6703" not in repr(Frame(b"6703420000000123"))
