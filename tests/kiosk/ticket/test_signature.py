"""The signed QR code: any claims survive it, and nothing changed, foreign or revoked gets through."""

from __future__ import annotations

import base64
import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import base45
import cbor2
import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.tickets.claims import RequestedCard
from kiosk.domain.tickets.keys import (
    KeySetError,
    TicketKey,
    key_id_of,
    key_set,
    parse_key_set,
    write_key_set,
)
from kiosk.domain.tickets.signature import (
    MAX_CLAIMS,
    MAX_TEXT,
    PREFIX,
    Refusal,
    RefusalReason,
    encode_claims,
    protected_header,
    verify,
)
from kiosk.ticket.signature import ClaimsTooLarge, sign, ticket_key
from tests.kiosk.ticket.examples import CLAIMS, KEY, KEYS, KIOSK, PUBLIC, claims

TEXT = sign(CLAIMS, KEY, PUBLIC.key_id)
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def signed_by(key: Ed25519PrivateKey, key_id: str, payload: bytes, **changes: object) -> str:
    """A text around any payload, signed as COSE says, for what our own signer would never write."""
    signer = COSEKey.new(
        {1: 1, 2: key_id.encode(), 3: -8, -1: 6, -2: key.public_key().public_bytes_raw(), -4: key.private_bytes_raw()}
    )
    header = {"protected": protected_header(key_id), "unprotected": {}, **changes}
    return text_of(COSE.new().encode_and_sign(payload, signer, **header))


def text_of(data: bytes) -> str:
    return PREFIX + base45.b45encode(data).decode()


@given(claims)
def test_any_claims_survive_signing_and_verifying(made):
    assert verify(sign(made, KEY, PUBLIC.key_id), KEYS) == made


@given(claims)
def test_a_ticket_fits_qr_version_15_at_error_correction_m(made):
    text = sign(made, KEY, PUBLIC.key_id)
    assert len(text) <= MAX_TEXT
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    assert code.best_fit() <= 15
    assert set(text) <= set(BASE45), "alphanumeric mode"


def test_the_longest_text_that_is_allowed_fits_version_15():
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data("A" * MAX_TEXT)
    assert code.best_fit() == 15


def test_one_changed_character_anywhere_is_refused():
    for position, character in product(range(len(TEXT)), BASE45):
        if character != TEXT[position]:
            assert isinstance(verify(TEXT[:position] + character + TEXT[position + 1 :], KEYS), Refusal)


@given(claims, st.data())
def test_one_changed_byte_anywhere_is_refused(made, data):
    raw = bytearray(base45.b45decode(sign(made, KEY, PUBLIC.key_id)[len(PREFIX) :]))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    assert isinstance(verify(text_of(bytes(raw)), KEYS), Refusal)


@given(st.data())
def test_a_text_cut_off_or_followed_by_something_is_refused(data):
    end = data.draw(st.integers(0, len(TEXT) - 1))
    more = data.draw(st.text(BASE45, min_size=1, max_size=6).filter(str.strip))
    assert isinstance(verify(TEXT[:end], KEYS), Refusal)
    assert isinstance(verify(TEXT + more, KEYS), Refusal)


@given(st.text())
def test_any_other_text_is_refused_with_a_reason_and_without_an_error(text):
    assert isinstance(verify(text, KEYS), Refusal)


@given(st.binary(max_size=390))
@settings(max_examples=300)
def test_any_bytes_behind_the_prefix_are_refused_without_an_error(data):
    assert verify(text_of(data), KEYS) == Refusal(RefusalReason.DAMAGED)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(zlib.compress))
@settings(max_examples=300)
def test_any_bytes_behind_a_good_signature_are_malformed_claims(payload):
    answer = verify(signed_by(KEY, PUBLIC.key_id, payload), KEYS)
    assert answer == Refusal(RefusalReason.MALFORMED_CLAIMS, PUBLIC.key_id)


@pytest.mark.parametrize(
    "damaged",
    [b"\x81" * 390, b"\xd8\x1c" * 190, b"\x9b" + b"\xff" * 8, b"\xbf" * 390, b"\xd2\x84\x40\xa0\x40\x58\x40"],
    ids=["deep", "shared", "huge", "deep-maps", "short"],
)
def test_cbor_that_would_exhaust_a_reader_is_only_damaged(damaged):
    assert verify(text_of(damaged), KEYS) == Refusal(RefusalReason.DAMAGED)


@pytest.mark.parametrize("text", ["", "978020137962", "https://example.org/", "lk1:ABC", "LK", "HC1:6BF", "LKX:1"])
def test_another_barcode_is_not_a_ticket(text):
    assert verify(text, KEYS) == Refusal(RefusalReason.NOT_A_TICKET)


@pytest.mark.parametrize("prefix", ["LK2:", "LK10:", "LK0:"])
def test_another_version_is_told_apart(prefix):
    assert verify(prefix + TEXT[len(PREFIX) :], KEYS) == Refusal(RefusalReason.UNKNOWN_VERSION)


def test_a_text_longer_than_any_ticket_is_damaged():
    assert verify(PREFIX + "0" * 10_000, KEYS) == Refusal(RefusalReason.DAMAGED)


def test_a_key_that_is_not_in_the_set_is_unknown_and_named():
    assert verify(TEXT, {}) == Refusal(RefusalReason.UNKNOWN_KEY, PUBLIC.key_id)


def test_another_key_under_the_same_id_is_a_bad_signature():
    impostor = sign(CLAIMS, OTHER_KEY, PUBLIC.key_id)
    assert verify(impostor, KEYS) == Refusal(RefusalReason.BAD_SIGNATURE, PUBLIC.key_id)


def test_a_revoked_key_is_refused_also_for_tickets_of_before():
    revoked = key_set([replace(PUBLIC, revoked_at=datetime(2027, 1, 1, tzinfo=UTC))])
    assert verify(TEXT, revoked) == Refusal(RefusalReason.REVOKED_KEY, PUBLIC.key_id)


def test_a_forgery_that_names_a_revoked_key_is_a_bad_signature_first():
    revoked = key_set([replace(PUBLIC, revoked_at=datetime(2027, 1, 1, tzinfo=UTC))])
    forged = sign(CLAIMS, OTHER_KEY, PUBLIC.key_id)
    assert verify(forged, revoked) == Refusal(RefusalReason.BAD_SIGNATURE, PUBLIC.key_id)


def test_a_replaced_key_that_stays_in_the_set_still_verifies():
    newer = ticket_key(OTHER_KEY, KIOSK)
    both = key_set([PUBLIC, newer])
    assert verify(TEXT, both) == CLAIMS
    assert verify(sign(CLAIMS, OTHER_KEY, newer.key_id), both) == CLAIMS


def test_a_kiosk_cannot_sign_in_the_name_of_another():
    elsewhere = sign(replace(CLAIMS, kiosk="vbs-02"), KEY, PUBLIC.key_id)
    assert verify(elsewhere, KEYS) == Refusal(RefusalReason.WRONG_KIOSK, PUBLIC.key_id)


def test_a_small_text_that_inflates_without_end_is_not_inflated():
    bomb = zlib.compress(b"\0" * 200_000, 9)
    assert len(bomb) < 300 and MAX_CLAIMS < 200_000
    assert verify(signed_by(KEY, PUBLIC.key_id, bomb), KEYS).reason is RefusalReason.MALFORMED_CLAIMS


def test_something_behind_the_compressed_claims_is_malformed():
    payload = encode_claims(CLAIMS) + b"\0"
    assert verify(signed_by(KEY, PUBLIC.key_id, payload), KEYS).reason is RefusalReason.MALFORMED_CLAIMS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (1, b"short"),
        (2, "AAAAA3A"),
        (3, ""),
        (3, "with\nnewline"),
        (4, 7),
        (5, -(10**15)),
        (5, True),
        (5, 1.5),
        (6, "x" * 81),
        (7, [1, 2]),
        (8, ["paid", 0]),
        (8, ["stolen", 5]),
        (9, "AB"),
        (9, [["A"]]),
    ],
)
def test_a_claim_of_the_wrong_kind_is_malformed(key, value):
    wire = cbor2.loads(zlib.decompress(encode_claims(CLAIMS)))
    wire[key] = value
    answer = verify(signed_by(KEY, PUBLIC.key_id, zlib.compress(cbor2.dumps(wire))), KEYS)
    assert answer == Refusal(RefusalReason.MALFORMED_CLAIMS, PUBLIC.key_id)


@pytest.mark.parametrize("key", [1, 2, 3, 4, 5, 6, 8, 9])
def test_a_missing_claim_is_malformed(key):
    wire = cbor2.loads(zlib.decompress(encode_claims(CLAIMS)))
    del wire[key]
    answer = verify(signed_by(KEY, PUBLIC.key_id, zlib.compress(cbor2.dumps(wire))), KEYS)
    assert answer == Refusal(RefusalReason.MALFORMED_CLAIMS, PUBLIC.key_id)


def test_a_claim_from_the_future_is_passed_over():
    wire = cbor2.loads(zlib.decompress(encode_claims(CLAIMS)))
    wire[99] = "something new"
    assert verify(signed_by(KEY, PUBLIC.key_id, zlib.compress(cbor2.dumps(wire))), KEYS) == CLAIMS


def test_an_unsigned_header_is_refused_although_the_signature_holds():
    assert verify(signed_by(KEY, PUBLIC.key_id, encode_claims(CLAIMS), unprotected={5: b"x"}), KEYS) == Refusal(
        RefusalReason.DAMAGED
    )


def test_white_space_around_and_a_scanner_s_identifier_before_the_text_do_not_matter():
    assert verify(f"]Q1{TEXT}\r\n", KEYS) == CLAIMS
    assert verify(f"  {TEXT} ", KEYS) == CLAIMS


def test_a_reprint_carries_the_same_text():
    assert sign(CLAIMS, KEY, PUBLIC.key_id) == TEXT


def test_claims_too_large_for_the_code_are_not_signed():
    source = random.Random(5)
    many = tuple(RequestedCard("A", "".join(source.choices(BASE45, k=60))) for _ in range(12))
    with pytest.raises(ClaimsTooLarge) as caught:
        sign(replace(CLAIMS, requests=many), KEY, PUBLIC.key_id)
    assert caught.value.characters > MAX_TEXT


# --- Key files ---------------------------------------------------------------------------------------


@given(
    st.lists(
        st.builds(
            TicketKey,
            st.text(min_size=1, max_size=20),
            st.text(min_size=1, max_size=20),
            st.binary(min_size=32, max_size=32),
            st.none() | st.datetimes(timezones=st.just(UTC)),
        ),
        unique_by=lambda key: key.key_id,
        max_size=4,
    )
)
def test_a_key_file_reads_back_as_written(keys):
    assert parse_key_set(write_key_set(keys)) == key_set(keys)


def test_a_key_id_is_a_truncated_rfc_7638_thumbprint():
    # The key and its full thumbprint are the example of RFC 8037, appendices A.2 and A.3.
    public = base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".startswith(key_id_of(public)[:10])
    assert len(key_id_of(public)) == 11


def base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON"),
        ("[]", 'no list "keys"'),
        ('{"keys": {}}', 'no list "keys"'),
        ('{"keys": [1]}', "keys[0] is not an object"),
        ('{"keys": [{}]}', 'keys[0] lacks "kty"'),
        ('{"keys": [{"kty": "RSA", "crv": "P-256", "kid": "a", "kiosk": "b", "x": "AA"}]}', "not an Ed25519 key"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "kiosk": "b", "x": "A*"}]}', "not base64url"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "kiosk": "b", "x": "AA"}]}', "holds 1 bytes"),
        (
            '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "kiosk": "b", "x": "%s", "revoked_at": "now"}]}'
            % ("A" * 43),
            '"revoked_at" is not a moment',
        ),
    ],
)
def test_a_bad_key_file_is_refused_with_its_fault_and_place(text, complaint):
    with pytest.raises(KeySetError, match=complaint.replace("[", r"\[")):
        parse_key_set(text)


def test_two_keys_of_one_id_are_refused():
    with pytest.raises(KeySetError, match="two keys"):
        key_set([PUBLIC, PUBLIC])
