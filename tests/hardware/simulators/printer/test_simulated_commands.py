from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.printer import commands
from hardware.simulators.printer.commands import next_command

# The starts of all commands, so that random bytes often are some.
_ESC_STARTS = [b"\x1b@", b"\x1bt", b"\x1b*", b"\x1ba", b"\x1bJ"]
_GS_STARTS = [b"\x1dv0", b"\x1d(k", b"\x1d(L", b"\x1d8L", b"\x1dV", b"\x1dr", b"\x1dP"]
_OTHER_STARTS = [b"\x10\x04", b"\x10\x14\x08", b"\x10\x14\x01", b"\x1c.", b"\n", b"text"]
starts = st.sampled_from(_ESC_STARTS + _GS_STARTS + _OTHER_STARTS)
streams = st.lists(starts | st.binary(max_size=12), max_size=12).map(b"".join)


@given(streams)
def test_any_bytes_are_commands_one_after_the_other_until_more_are_needed(data: bytes) -> None:
    while (found := next_command(data)) is not None:
        length = found[1]
        assert 1 <= length <= len(data)
        data = data[length:]
    assert data == b"" or data[0] < 0x20


@given(streams, st.data())
def test_a_complete_command_is_the_same_whatever_follows(data: bytes, draw: st.DataObject) -> None:
    whole = next_command(data)
    cut = draw.draw(st.integers(0, len(data)))
    begun = next_command(data[:cut])
    if begun is not None and not isinstance(begun[0], commands.Characters):
        assert begun == whole


def test_a_picture_waits_for_its_last_byte() -> None:
    header = b"\x1dv0\x00\x02\x00\x03\x00"
    assert next_command(header + bytes(5)) is None
    assert next_command(header + bytes(6) + b"x") == (commands.RowPicture(2, 3, 1, 1, bytes(6)), 14)


def test_sizes_of_both_kinds() -> None:
    assert next_command(b"\x1d!\x10") == (commands.Size(2, 1), 3)
    assert next_command(b"\x1d!\x07") == (commands.Size(1, 8), 3)
    assert next_command(b"\x1b!\x30") == (commands.Size(2, 2), 3)
