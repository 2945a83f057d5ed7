from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.terminal.masking import mask_pan, mask_text, masked_hex
from hardware.terminal.zvt import bitmaps, describe, fields, tlv
from hardware.terminal.zvt.apdu import Apdu

pans = st.from_regex(r"[3-6][0-9]{12,18}", fullmatch=True)


def numbers_in(value: object) -> str:
    """Everything that is said, with the separators of a printed card number taken away."""
    return json.dumps(value, default=repr).replace(" ", "").replace("-", "")


@given(pans)
def test_at_most_six_and_four_digits_are_shown(pan: str) -> None:
    assert mask_pan(pan) == pan[:6] + "*" * (len(pan) - 10) + pan[-4:]


def test_what_the_terminal_hides_stays_hidden() -> None:
    assert mask_pan("************1234") == "************1234"
    assert mask_pan("67034********1234") == "67034********1234"


@given(pans, st.sampled_from(["", " ", "-"]))
def test_no_text_keeps_a_card_number(pan: str, separator: str) -> None:
    written = separator.join(pan[at : at + 4] for at in range(0, len(pan), 4))
    masked = mask_text(f"Kaart {written} EUR 12,34")
    assert pan not in masked.replace(separator or " ", "")
    assert masked.startswith(f"Kaart {pan[:4]}") and masked.endswith(f"{pan[-1]} EUR 12,34")


@given(pans, st.from_regex(r"[0-9]{0,9}", fullmatch=True), st.from_regex(r"[0-9]{0,9}", fullmatch=True))
def test_a_card_number_inside_a_longer_number_is_not_kept(pan: str, before: str, behind: str) -> None:
    assert pan not in mask_text(f"Ref {before}{pan}{behind}")


@pytest.mark.parametrize(
    "line",
    [
        "Terminal 52000017 0231",
        "Bon 0231  Trace 000042",
        "22/11/2026 09:55",
        "6703 42** **** *123 4",
        "A0000000041010",
        "AID A0000000048002",
        "1234567890",
    ],
)
def test_receipt_lines_without_a_card_number_are_unchanged(line: str) -> None:
    assert mask_text(line) == line


@given(pans, st.binary(max_size=6), st.binary(max_size=6))
def test_no_hexadecimal_text_keeps_a_card_number(pan: str, before: bytes, behind: bytes) -> None:
    packed = bytes.fromhex(pan + "f" * (len(pan) % 2))
    assert pan not in masked_hex(before + packed + behind)
    assert pan.encode().hex() not in masked_hex(before + pan.encode() + behind)


@given(pans, st.sampled_from([0x040F, 0x060F, 0x06D1, 0x06D3, 0x061E, 0x04FF, 0x8000, 0x0601, 0x0FFF]), st.data())
def test_no_apdu_lets_a_card_number_through(pan: str, command: int, data: st.DataObject) -> None:
    packed = bytes.fromhex(pan + "f" * (len(pan) % 2))
    track = bytes.fromhex((pan + "d30122010000000000" + "f" * 19)[:38])
    places = [
        b"\x22" + bitmaps.write_counted(packed, 2),
        b"\x23" + bitmaps.write_counted(track, 2),
        b"\x24" + bitmaps.write_counted(track, 3),
        b"\x2d" + bitmaps.write_counted(pan.encode(), 2),
        b"\x3c" + bitmaps.write_counted(pan.encode(), 3),
        b"\x8b" + bitmaps.write_counted(pan.encode(), 2),
        b"\xf1" + bitmaps.write_counted(pan.encode(), 2),
        b"\x60" + bitmaps.write_counted(packed, 3),
        b"\x99" + packed,
        b"\x22\xff\xff" + packed,
        *(
            b"\x06" + tlv.encode_length(len(inner)) + inner
            for inner in (
                tlv.encode(0x1F08, track),
                tlv.encode(0x25, tlv.encode(0x07, pan.encode())),
                tlv.encode(0x24, tlv.encode(0x07, pan.encode())),
                tlv.encode(0x46, pan.encode()),
                tlv.encode(0x5A, packed),
                tlv.encode(0x60, tlv.encode(0x5A, packed)),
            )
        ),
    ]
    apdu = Apdu(command, b"".join(data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=5))))
    said = numbers_in(describe.decode(apdu)) + repr(apdu) + numbers_in(fields.printed(apdu).lines)
    assert pan not in said
    assert pan.encode().hex() not in said
