from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import PEOPLE, Deck, TestPki
from hardware.simulators.card.deck import card_files, elements
from hardware.smartcard import BELGIAN_ROOTS, Material, Outcome, Trust, TrustError, Why, der
from hardware.smartcard.authentication import Exchange, check_chip
from hardware.smartcard.errors import DecodeError
from hardware.smartcard.verification import Checks, parse_certificate, verify
from tests.hardware.smartcard.register import PHOTO, Register
from tests.hardware.smartcard.rig import TODAY


@pytest.fixture
def material(deck: Deck, pki: TestPki) -> Material:
    return material_of(card_files(PEOPLE["amina"], pki, TODAY, photo=PHOTO))


def material_of(files: dict[str, bytes]) -> Material:
    return Material(
        identity=files["3F00DF014031"],
        identity_signature=files["3F00DF014032"],
        address=files["3F00DF014033"],
        address_signature=files["3F00DF014034"],
        photo=files["3F00DF014035"],
        rrn_certificate=files["3F00DF00503C"],
        root_certificate=files["3F00DF00503B"],
    )


def checks(material: Material, trust: Trust, photo_hash: bytes | None = None) -> Checks:
    return verify(material, hashlib.sha256(PHOTO).digest() if photo_hash is None else photo_hash, trust, TODAY)


@pytest.fixture(scope="module")
def p384() -> Register:
    return Register(ec.generate_private_key(ec.SECP384R1()))


@pytest.fixture(scope="module")
def rsa2048() -> Register:
    return Register(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def test_a_genuine_card_is_proven_in_every_check(material: Material, trust: Trust) -> None:
    assert checks(material, trust).verdict is Outcome.PROVEN


@given(st.data())
def test_one_changed_byte_of_identity_refutes_it(data: st.DataObject) -> None:
    material, trust = _cached()
    at = data.draw(st.integers(0, len(material.identity) - 1))
    change = data.draw(st.integers(1, 255))
    forged = bytearray(material.identity)
    forged[at] ^= change
    found = checks(replace(material, identity=bytes(forged)), trust)
    assert found.identity_signature.outcome is Outcome.REFUTED
    assert found.identity_verdict is Outcome.REFUTED


_cache: list[tuple[Material, Trust]] = []


def _cached() -> tuple[Material, Trust]:
    if not _cache:
        pki = TestPki.generate(TODAY)
        _cache.append((material_of(card_files(PEOPLE["amina"], pki, TODAY, photo=PHOTO)), Trust([pki.pin])))
    return _cache[0]


def test_the_address_is_signed_without_its_padding(material: Material, trust: Trust) -> None:
    bare = replace(material, address=material.address.rstrip(b"\x00"))
    assert checks(bare, trust).address_signature.outcome is Outcome.PROVEN


def test_the_address_is_not_cut_at_its_first_zero(p384: Register) -> None:
    genuine = p384.material(hashes.SHA384())
    address = elements({0x00: b"\x00\x02", 0x01: "Modelstraat 12", 0x02: "9999"})
    signed = p384.sign(address + genuine.identity_signature, hashes.SHA384())
    found = checks(replace(genuine, address=address + bytes(30), address_signature=signed), p384.trust)
    assert found.address_signature.outcome is Outcome.PROVEN


def test_the_address_signature_covers_the_identity_signature_with_its_zeros(p384: Register) -> None:
    genuine = p384.material(hashes.SHA384())
    assert len(genuine.identity_signature) == 256
    assert checks(genuine, p384.trust).address_signature.outcome is Outcome.PROVEN
    trimmed = replace(genuine, identity_signature=genuine.identity_signature.rstrip(b"\x00"))
    assert checks(trimmed, p384.trust).address_signature.outcome is Outcome.REFUTED


def test_the_address_of_another_card_is_refuted(material: Material, trust: Trust, pki: TestPki) -> None:
    other = material_of(card_files(PEOPLE["oksana"], pki, TODAY, photo=PHOTO))
    swapped = replace(material, address=other.address, address_signature=other.address_signature)
    assert checks(swapped, trust).address_signature.outcome is Outcome.REFUTED


def test_a_padded_p384_signature_is_cut_to_its_der(p384: Register) -> None:
    found = checks(p384.material(hashes.SHA384()), p384.trust)
    assert found.identity_signature.outcome is Outcome.PROVEN
    assert found.identity_signature.detail == "ECDSA-SHA384"


def test_an_rsa_signature_uses_the_digest_that_the_photo_hash_implies(rsa2048: Register) -> None:
    genuine = rsa2048.material(hashes.SHA1())
    found = checks(genuine, rsa2048.trust, hashlib.sha1(PHOTO).digest())
    assert found.identity_signature.detail == "RSA-SHA1"
    assert found.verdict is Outcome.PROVEN


def test_a_card_signed_anew_keeps_its_sha1_photo_hash(rsa2048: Register) -> None:
    found = checks(rsa2048.material(hashes.SHA256()), rsa2048.trust, hashlib.sha1(PHOTO).digest())
    assert found.identity_signature.detail == "RSA-SHA256"
    assert found.verdict is Outcome.PROVEN


def test_a_sha1_signature_does_not_pass_where_sha256_is_implied(rsa2048: Register) -> None:
    found = checks(rsa2048.material(hashes.SHA1()), rsa2048.trust)
    assert found.identity_signature.outcome is Outcome.REFUTED


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha384"])
def test_the_photo_is_compared_by_the_hash_of_that_length(material: Material, trust: Trust, digest: str) -> None:
    expected = hashlib.new(digest, PHOTO).digest()
    assert checks(material, trust, expected).photo_hash.outcome is Outcome.PROVEN
    assert checks(replace(material, photo=b"other"), trust, expected).photo_hash.outcome is Outcome.REFUTED


@pytest.mark.parametrize("padding_bytes", [0, 50, 1100])
def test_a_certificate_file_is_cut_to_its_der(pki: TestPki, padding_bytes: int) -> None:
    data = pki.register.public_bytes(Encoding.DER)
    assert parse_certificate(data + bytes(padding_bytes)) == pki.register


@pytest.mark.parametrize("data", [b"", bytes(1300), b"\x30\x82\x10", b"\x30\x03abc", b"hello"])
def test_a_file_without_a_certificate_has_none(data: bytes) -> None:
    assert parse_certificate(data) is None


def test_what_is_missing_is_not_possible_and_never_proven(material: Material, trust: Trust) -> None:
    found = checks(Material(material.identity), trust)
    assert {check.outcome for check in found.all.values()} == {Outcome.NOT_POSSIBLE}
    assert found.verdict is Outcome.NOT_POSSIBLE


def test_a_file_of_zeros_is_missing(material: Material, trust: Trust) -> None:
    found = checks(replace(material, rrn_certificate=bytes(1300), identity_signature=bytes(256)), trust)
    assert found.rrn_certificate.why is Why.MISSING
    assert found.identity_signature.why is Why.MISSING


def test_a_card_of_a_strangers_authority_is_refuted(material: Material) -> None:
    found = checks(material, Trust())
    assert found.identity_signature.outcome is Outcome.PROVEN
    assert found.rrn_certificate.why is Why.UNTRUSTED_ROOT
    assert found.verdict is Outcome.REFUTED


def test_a_namesake_of_the_root_does_not_pass(material: Material, trust: Trust) -> None:
    checks(material, trust)  # the genuine root is known now
    stranger = material_of(card_files(PEOPLE["amina"], TestPki.generate(TODAY), TODAY, photo=PHOTO))
    found = checks(stranger, trust)
    assert found.rrn_certificate.outcome is Outcome.REFUTED


def test_without_a_root_at_hand_the_chain_is_not_possible(material: Material, trust: Trust) -> None:
    found = checks(replace(material, root_certificate=b""), trust)
    assert found.rrn_certificate.why is Why.NO_ROOT
    assert found.identity_verdict is Outcome.NOT_POSSIBLE


def test_a_pinned_root_is_kept_for_the_next_card(material: Material, trust: Trust) -> None:
    checks(material, trust)
    assert checks(replace(material, root_certificate=b""), trust).verdict is Outcome.PROVEN


def test_an_expired_root_proves_and_says_so(p384: Register) -> None:
    found = checks(p384.material(hashes.SHA384()), p384.trust)
    assert found.rrn_certificate.outcome is Outcome.PROVEN
    assert found.rrn_certificate.why is Why.ROOT_EXPIRED
    assert found.rrn_certificate.detail == "CN=Root, expired on 2025-01-01"


@given(st.data())
def test_a_changed_certificate_is_never_proven_and_never_raises(data: st.DataObject) -> None:
    material, trust = _cached()
    checks(material, trust)
    certificate = der.cut(material.rrn_certificate)
    at = data.draw(st.integers(0, len(certificate) - 1))
    changed = bytearray(certificate)
    changed[at] ^= data.draw(st.integers(1, 255))
    found = checks(replace(material, rrn_certificate=bytes(changed)), trust)
    assert found.rrn_certificate.outcome is not Outcome.PROVEN
    assert found.verdict is not Outcome.PROVEN


@pytest.mark.parametrize(
    ("genuine", "broken"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x03"),  # version 4
        (b"\x0c\x0eLoket Test RRN", b"\x03\x0e\x00oket Test RRN"),  # a name that is a bit string
    ],
)
def test_a_certificate_that_the_library_stumbles_over_is_none(pki: TestPki, genuine: bytes, broken: bytes) -> None:
    data = pki.register.public_bytes(Encoding.DER)
    assert genuine in data
    assert parse_certificate(data.replace(genuine, broken, 1)) is None


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 0xFFFF))
def test_no_bytes_of_a_chip_are_taken_for_a_proof(key: bytes, answer: bytes, sw: int) -> None:
    for promised in (hashlib.sha384(key).digest(), bytes(48), b""):
        check = check_chip(promised, key, Exchange(bytes(48), answer, sw))
        assert check.outcome is not Outcome.PROVEN


def test_trust_in_a_folder_is_by_key_and_in_either_form(tmp_path_factory: pytest.TempPathFactory, pki: TestPki) -> None:
    for encoding, suffix in ((Encoding.PEM, "pem"), (Encoding.DER, "der")):
        folder = tmp_path_factory.mktemp("trust")
        (folder / f"root.{suffix}").write_bytes(pki.root.public_bytes(encoding))
        trust = Trust.from_folder(folder)
        assert trust.pins == {pki.pin}
        assert trust.roots_for(pki.register) == (pki.root,)


def test_a_folder_without_certificates_is_no_trust(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty, broken = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("broken")
    (broken / "root.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense")
    for folder in (empty, broken, empty / "none"):
        with pytest.raises(TrustError):
            Trust.from_folder(folder)


def test_the_default_trust_is_the_four_belgian_roots() -> None:
    assert Trust().pins == set(BELGIAN_ROOTS)
    assert sorted(BELGIAN_ROOTS.values()) == [f"Belgium Root CA{number}" for number in (2, 3, 4, 6)]


@given(st.binary(max_size=80))
def test_any_bytes_have_a_der_length_or_a_typed_error(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert len(der.cut(data)) <= len(data)
    assert parse_certificate(data) is None


def test_today_decides_whether_a_root_has_expired(p384: Register) -> None:
    material = p384.material(hashes.SHA384())
    found = verify(material, hashlib.sha256(PHOTO).digest(), p384.trust, date(2024, 12, 31))
    assert found.rrn_certificate.detail == "CN=Root"
