from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.terminal.outcome import Message
from hardware.terminal.zvt import bitmaps, codes, describe, fields, tlv
from hardware.terminal.zvt.apdu import Apdu, ApduFault, BadApdu, declared_length, parse
from hardware.terminal.zvt.commands import Commands
from hardware.terminal.zvt.receipts import ReceiptLines
from tests.hardware.terminal.vectors import READY_FRAMES, undouble

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

APPROVED = (
    "2700 04 000000001234 49 0978 0b 000042 0c 095501 0d 1122 22 f0f9 670342eeeeeee1234f 29 52000017"
    "87 0231 8a 57 8b f1f1 42616e636f6e7461637400 19 70"
)


def status(data: str) -> Apdu:
    return Apdu(0x040F, bytes.fromhex(data))


def wire_of(name: str) -> bytes:
    return undouble(bytes.fromhex(READY_FRAMES[name]))


# --- APDU ------------------------------------------------------------------------------------------------


@given(st.integers(0, 0xFFFF), st.binary(max_size=600))
def test_an_apdu_survives_encoding(command: int, data: bytes) -> None:
    raw = Apdu(command, data).encode()
    assert parse(raw) == Apdu(command, data)
    assert declared_length(raw) == len(data)


@pytest.mark.parametrize(("length", "head"), [(0xFE, "0f00fe"), (0xFF, "0f00ffff00"), (0x1234, "0f00ff3412")])
def test_long_lengths_are_little_endian(length: int, head: str) -> None:
    assert Apdu(0x0F00, bytes(length)).encode().startswith(bytes.fromhex(head))


@given(st.binary(max_size=2))
def test_less_than_a_head_is_no_apdu(raw: bytes) -> None:
    with pytest.raises(BadApdu) as caught:
        parse(raw)
    assert caught.value.fault is ApduFault.TOO_SHORT


def test_a_miscounted_length_is_tolerated() -> None:
    assert parse(bytes.fromhex("849d 03 0407")).data == bytes.fromhex("0407")


def test_a_refusal_may_carry_its_code_as_data() -> None:
    assert parse(bytes.fromhex("841e016f")).answer_code == 0x6F
    assert parse(bytes.fromhex("841e00")).answer_code == 0x1E
    assert parse(bytes.fromhex("060f00")).answer_code is None


@pytest.mark.parametrize(
    ("name", "built"),
    [
        ("register BE", Commands().registration()),
        ("pay 2.50, goods 60 s", Commands().authorisation(250, 60)),
        ("status enquiry", Commands().status_enquiry()),
        ("last result", Commands().last_result()),
        ("reversal of 0231", Commands().reversal(231)),
        ("end of day", Commands().end_of_day()),
        ("log-off", Commands().log_off()),
    ],
)
def test_commands_are_built_as_in_the_facts(name: str, built: Apdu) -> None:
    assert built.encode() == wire_of(name)


@pytest.mark.parametrize("cents", [0, -1, 1_000_000_000_000])
def test_impossible_amounts_are_not_asked_for(cents: int) -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        Commands().authorisation(cents, 60)


def test_a_bad_password_is_not_quoted() -> None:
    with pytest.raises(ValueError) as caught:
        Commands(password="12345x")
    assert "12345" not in str(caught.value)


# --- Fields ----------------------------------------------------------------------------------------------


def test_a_status_information_is_read() -> None:
    said = fields.receipt(status(APPROVED), NOW, BRUSSELS)
    assert (said.result_code, said.amount_cents, said.receipt_number, said.trace_number) == (0, 1234, 231, 42)
    assert (said.terminal_id, said.masked_pan, said.card_name) == ("52000017", "670342*******1234", "Bancontact")
    assert said.time == datetime(2026, 11, 22, 8, 55, 1, tzinfo=UTC)


def test_the_long_trace_number_stands_in_for_zero() -> None:
    said = fields.receipt(status("2700 0b000000 06 06 1f2b 03 012345"), NOW, BRUSSELS)
    assert said.trace_number == 12345


@pytest.mark.parametrize(
    ("day", "clock", "now", "expected"),
    [
        ("1231", "235959", datetime(2027, 1, 1, 0, 1, tzinfo=UTC), datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("0101", "000001", datetime(2026, 12, 31, 23, 2, tzinfo=UTC), datetime(2026, 12, 31, 23, 0, 1, tzinfo=UTC)),
        # The hour that comes twice: the one nearer to our own clock.
        ("1025", "023000", datetime(2026, 10, 25, 0, 31, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("1025", "023000", datetime(2026, 10, 25, 1, 31, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("1399", "000000", NOW, None),
    ],
)
def test_the_terminals_time_is_the_nearest_to_ours(
    day: str, clock: str, now: datetime, expected: datetime | None
) -> None:
    assert fields.receipt(status(f"0c{clock}0d{day}"), now, BRUSSELS).time == expected


def test_a_date_with_year_is_preferred() -> None:
    assert fields.receipt(status("aa250601 0c120000"), NOW, BRUSSELS).time == datetime(2025, 6, 1, 10, 0, tzinfo=UTC)


def test_an_unknown_bmp_ends_the_parse_and_is_carried() -> None:
    found = bitmaps.parse(bytes.fromhex("2700 ff 0102"))
    assert found.integer(0x27) == 0
    assert found.rest == "ff0102"


@pytest.mark.parametrize("broken", ["04 0000", "8b f9f9 41", "8b 31 41", "04 0000000000aa", "06 83 010203", "06 05 00"])
def test_a_broken_field_is_carried_and_never_raises(broken: str) -> None:
    assert bitmaps.parse(bytes.fromhex("2700" + broken)).rest == broken.replace(" ", "")


@given(st.binary(max_size=300), st.sampled_from([*codes.COMMANDS, 0x849D, 0x841E, 0x8466, 0x1234]))
def test_any_bytes_decode_to_something(data: bytes, command: int) -> None:
    decoded = describe.decode(Apdu(command, data))
    assert decoded.keys() == {"command", "name", "fields"}


@given(st.binary(max_size=300))
def test_any_status_can_be_read(data: bytes) -> None:
    fields.receipt(Apdu(0x040F, data), NOW, BRUSSELS)
    fields.intermediate(Apdu(0x04FF, data))
    fields.condition(Apdu(0x060F, data))
    fields.printed(Apdu(0x06D1, data))
    fields.printed(Apdu(0x06D3, data))


_tree = st.recursive(
    st.tuples(st.sampled_from([0x07, 0x09, 0x14, 0x41, 0x1F07, 0x1F2B]), st.binary(max_size=300)),
    lambda inner: st.tuples(st.sampled_from([0x24, 0x25, 0x2F, 0x60]), st.lists(inner, max_size=4)),
    max_leaves=8,
)


def _encoded(node: object) -> bytes:
    tag, value = node  # type: ignore[misc]
    return tlv.encode(tag, value if isinstance(value, bytes) else b"".join(map(_encoded, value)))


def _shape(element: tlv.Tlv) -> object:
    return element.tag, [_shape(child) for child in element.children] if element.tag in (0x24, 0x25, 0x2F, 0x60) else (
        element.value
    )


@given(st.lists(_tree, max_size=4))
def test_tlv_containers_survive_encoding(trees: list[tuple[int, object]]) -> None:
    container = tlv.parse(b"".join(map(_encoded, trees)))
    assert container.unread == 0
    assert [_shape(element) for element in container.elements] == trees


@given(st.binary(max_size=200))
def test_any_bytes_parse_as_tlv(data: bytes) -> None:
    container = tlv.parse(data)
    assert 0 <= container.unread <= len(data)


# --- Statuses and prints ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "seconds", "text"),
    [
        ("0a", None, ()),
        ("0a 06", 360, ()),  # six minutes
        ("0a 03", 180, ()),
        ("0a 00", None, ()),
        ("ff 06 07 24 05 07 03 414243", None, ("ABC",)),
        ("ff 02 06 07 24 05 07 03 414243", 120, ("ABC",)),
    ],
)
def test_an_intermediate_status_may_carry_minutes_and_text(
    data: str, seconds: int | None, text: tuple[str, ...]
) -> None:
    said = fields.intermediate(Apdu(0x04FF, bytes.fromhex(data)))
    assert (said.timeout_seconds, said.text) == (seconds, text)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (0x0A, Message.PRESENT_CARD),
        (0x01, Message.ENTER_PIN),
        (0x15, Message.WRONG_PIN),
        (0x0B, Message.REMOVE_CARD),
        (0x47, Message.REMOVE_CARD),
        (0x1C, Message.WAIT),  # "approved, take the goods" is not proof of payment
        (0x99, Message.WAIT),
    ],
)
def test_each_intermediate_status_has_a_picture(code: int, message: Message) -> None:
    assert codes.message_for(code) is message


@pytest.mark.parametrize(("data", "code"), [("00", 0), ("f0f0f3 312e30 f0", 0xF0), ("f0 06 00", 0xF0), ("", None)])
def test_the_condition_is_found_with_and_without_a_version(data: str, code: int | None) -> None:
    assert fields.condition(Apdu(0x060F, bytes.fromhex(data))) == code


def test_print_blocks_say_whose_they_are() -> None:
    lines = ReceiptLines()
    for kind, text in (("01", "4d"), ("02", "4b")):
        lines.add(fields.printed(Apdu(0x06D3, bytes.fromhex(f"06 09 1f07 01 {kind} 25 03 07 01 {text}"))))
    assert (lines.merchant, lines.customer) == (("M",), ("K",))


def test_of_several_receipts_in_lines_the_last_is_the_customers() -> None:
    lines = ReceiptLines()
    for data in ("00 41", "81 42", "00 43", "81 44"):
        lines.add(fields.printed(Apdu(0x06D1, bytes.fromhex(data))))
    assert (lines.merchant, lines.customer, lines.everything) == (("A", "B"), ("C", "D"), ("A", "B", "C", "D"))


def test_blank_lines_of_a_receipt_are_kept() -> None:
    lines = ReceiptLines()
    for data in ("00 41", "00", "ff 02", "00 42", "81"):
        lines.add(fields.printed(Apdu(0x06D1, bytes.fromhex(data))))
    lines.add(fields.printed(Apdu(0x06D1, bytes.fromhex("81 43"))))
    assert (lines.merchant, lines.customer) == (("A", "", "", "", "B"), ("C",))


def test_an_admin_block_is_nobodys_receipt() -> None:
    lines = ReceiptLines()
    lines.add(fields.printed(Apdu(0x06D3, bytes.fromhex("06 09 1f07 01 03 25 03 07 01 41"))))
    assert (lines.merchant, lines.customer, lines.everything) == ((), (), ("A",))


@pytest.mark.parametrize(("charset", "encoded"), [("", "82"), ("14 01 01", "e9"), ("14 01 fe", "c3a9")])
def test_texts_are_read_in_the_charset_the_terminal_names(charset: str, encoded: str) -> None:
    body = tlv.encode(0x07, bytes.fromhex(encoded))
    container = tlv.parse(bytes.fromhex(charset) + tlv.encode(0x25, body))
    assert fields.texts(container) == ("é",)
