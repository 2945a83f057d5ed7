"""A staff card proves its chip over T=0 and T=1, in this process and through pcscd; whatever does not is told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hardware.simulators.card import Deck, PivChip, TestPki
from hardware.simulators.card.badges import CERTIFICATE, issue
from hardware.simulators.card.piv import PIV_T0_ATR, PIV_T1_ATR, certificate_object
from hardware.smartcard import CardError, Outcome, Reason, Trust, TrustError, ValidityState, Why
from hardware.smartcard.piv import Issuers, PivError, PivReading, PivReason, read_piv
from hardware.smartcard.piv.keys import CardKey
from hardware.smartcard.transport import InProcessChannel, first_protocol
from tests.hardware.smartcard.rig import TODAY, Rig

PROVING = ("badge", "badge-p384", "badge-rsa", "badge-rsa-t1")
GET_RESPONSE = 0xC0


@pytest.fixture(scope="session")
def issuers(pki: TestPki) -> Issuers:
    return Issuers([pki.badge_authority("town")])


def read(chip: PivChip, issuers: Issuers | None = None, today: date = TODAY) -> PivReading:
    reading = read_piv(InProcessChannel(chip), today, issuers)
    assert reading is not None
    return reading


def sent(chip: PivChip, ins: int) -> list[bytes]:
    return [command for command in chip.commands if command[1] == ins]


@pytest.mark.parametrize("name", PROVING)
def test_a_badge_proves_its_chip_and_its_issuer(rig: Rig, issuers: Issuers, name: str) -> None:
    rig.insert(name)
    channel = rig.reader.connect()
    try:
        reading = read_piv(channel, TODAY, issuers)
    finally:
        channel.close()
    assert reading is not None
    assert reading.chip.outcome is reading.issuer.outcome is Outcome.PROVEN
    assert reading.validity.state is ValidityState.VALID
    assert reading.fingerprint == rig.deck.badges.certificate(name).fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("name", PROVING)
def test_the_chip_is_asked_anew_each_time(deck: Deck, name: str) -> None:
    chip = deck.card(name)
    questions = set()
    for _ in range(3):
        read(chip)
        questions.add(b"".join(sent(chip, 0x87)))
    assert len(questions) == 3


def test_on_t0_answers_are_fetched_and_on_t1_they_come_with_the_command(deck: Deck) -> None:
    on_t0, on_t1 = deck.card("badge"), deck.card("badge-p384")
    read(on_t0)
    read(on_t1)
    assert not any(len(command) == 6 + command[4] for command in on_t0.commands if len(command) > 5)
    assert [command[1] for command in on_t1.commands] == [0xA4, 0xCB, GET_RESPONSE, 0x87]
    assert all(command[-1] == 0 for command in on_t1.commands if command[1] != GET_RESPONSE)


def test_the_question_to_an_rsa_key_is_a_whole_padded_block_in_a_chain(deck: Deck) -> None:
    chip = deck.card("badge-rsa")
    read(chip)
    link, last = sent(chip, 0x87)
    assert (link[0], link[4], last[0]) == (0x10, 255, 0x00)
    data = link[5:] + last[5:]
    assert data[:10] == bytes.fromhex("7C8201068200 8182 0100")
    assert data[10:13] == b"\x00\x01\xff" and len(data) == 266


def test_the_padding_is_what_a_library_takes_for_pkcs_1(deck: Deck) -> None:
    key = rsa.generate_private_key(65537, 2048)
    certificate = issue(key, "x", *_ca(), _day(-1), _day(1))
    numbers = key.private_numbers()
    block = CardKey.of(certificate).question(b"fresh")
    signature = pow(int.from_bytes(block, "big"), numbers.d, key.public_key().public_numbers().n).to_bytes(256, "big")
    assert signature == key.sign(b"fresh", padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("name", ["badge", "badge-rsa"])
def test_6c_is_answered_with_the_length_that_the_card_wants(deck: Deck, name: str) -> None:
    chip = deck.card(name)
    read(chip)
    answered = [number for number, command in enumerate(chip.commands, 1) if command[0] != 0x10]  # links are not
    for number in answered:
        chip.glitches = {number: 0x6C04}
        assert read(chip).chip.outcome is Outcome.PROVEN, number


def test_a_copied_certificate_on_another_chip_is_refuted(deck: Deck, issuers: Issuers) -> None:
    reading = read(deck.card("badge-clone"), issuers)
    assert reading.fingerprint == read(deck.card("badge")).fingerprint and reading.issuer.outcome is Outcome.PROVEN
    assert (reading.chip.outcome, reading.chip.why) == (Outcome.REFUTED, Why.DIFFERS)


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048), None])
def test_a_chip_with_another_kind_of_key_proves_nothing(deck: Deck, key: object) -> None:
    copied = deck.card("badge").objects[bytes.fromhex(CERTIFICATE)]
    reading = read(PivChip({CERTIFICATE: copied}, key))  # type: ignore[arg-type]
    assert (reading.chip.outcome, reading.chip.why) == (Outcome.NOT_POSSIBLE, Why.REFUSED)


def test_a_worn_chip_proves_nothing(deck: Deck) -> None:
    chip = deck.card("badge")
    chip.authentications_left = 0
    assert read(chip).chip.detail == "6985"


@pytest.mark.parametrize("answer", [b"", b"\x7c", b"\x7c\x02\x82\x00", b"\x7c\x05\x82\x03abc", bytes(200)])
def test_an_answer_that_is_no_signature_is_refuted(deck: Deck, answer: bytes) -> None:
    class Odd(PivChip):
        def _authenticate(self, algorithm: int, key: int, data: bytes) -> bytes:
            return answer or b"\x90\x00"

    genuine = deck.card("badge")
    odd = Odd({CERTIFICATE: genuine.objects[bytes.fromhex(CERTIFICATE)]}, None)
    assert read(odd).chip.outcome is Outcome.REFUTED


def test_the_days_of_the_certificate_count(deck: Deck, issuers: Issuers) -> None:
    assert read(deck.card("badge-expired"), issuers).validity.state is ValidityState.EXPIRED
    assert read(deck.card("badge"), today=TODAY - timedelta(days=800)).validity.state is ValidityState.NOT_YET


def test_another_organisations_badge_is_not_of_the_town(deck: Deck, pki: TestPki, issuers: Issuers) -> None:
    stranger = read(deck.card("badge-stranger"), issuers)
    assert stranger.chip.outcome is Outcome.PROVEN
    assert (stranger.issuer.outcome, stranger.issuer.why) == (Outcome.REFUTED, Why.UNTRUSTED_ROOT)
    assert read(deck.card("badge-stranger")).issuer.why is Why.NOT_ASKED


def test_an_issuer_of_the_same_name_with_another_key_issued_nothing(deck: Deck) -> None:
    town = TestPki.generate(TODAY).badge_authority("town")
    assert read(deck.card("badge"), Issuers([town])).issuer.outcome is Outcome.REFUTED


def test_an_issuer_that_has_expired_is_named(deck: Deck, issuers: Issuers) -> None:
    check = issuers.check(deck.badges.certificate("badge"), TODAY + timedelta(days=4000))
    assert (check.outcome, check.why) == (Outcome.REFUTED, Why.ROOT_EXPIRED) and "Town" in check.detail


def test_a_folder_of_issuers_holds_authorities_alone(deck: Deck, pki: TestPki, tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="no certificate"):
        Issuers.from_folder(tmp_path)
    (tmp_path / "town.pem").write_bytes(pki.badge_authority("town").public_bytes(Encoding.PEM))
    assert Issuers.from_folder(tmp_path).certificates == (pki.badge_authority("town"),)
    (tmp_path / "badge.der").write_bytes(deck.badges.certificate("badge").public_bytes(Encoding.DER))
    with pytest.raises(TrustError, match="no authority"):
        Issuers.from_folder(tmp_path)


def test_a_card_with_nothing_in_its_slot_says_so(rig: Rig) -> None:
    rig.insert("badge-bare")
    channel = rig.reader.connect()
    with pytest.raises(PivError) as problem:
        read_piv(channel, TODAY)
    channel.close()
    assert problem.value.reason is PivReason.NO_CERTIFICATE


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 3072), ec.generate_private_key(ec.SECP521R1())])
def test_a_key_that_the_standard_does_not_have_is_named(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    certificate = issue(key, "x", *_ca(), _day(-1), _day(1)).public_bytes(Encoding.DER)
    with pytest.raises(PivError, match=f"{key.key_size} bits") as problem:
        read(PivChip({CERTIFICATE: certificate_object(certificate)}, key))
    assert problem.value.reason is PivReason.UNSUPPORTED_KEY


@pytest.mark.parametrize("name", ["amina", "leila", "bank", "foreign-id", "library"])
def test_other_cards_are_no_badges_and_can_still_be_read(rig: Rig, trust: Trust, name: str) -> None:
    rig.insert(name)
    channel = rig.reader.connect()
    assert read_piv(channel, TODAY) is None
    channel.close()
    if name in ("amina", "leila"):
        assert rig.read(trust).checks.verdict is Outcome.PROVEN


@pytest.mark.parametrize("name", PROVING)
def test_a_badge_is_no_residence_card(rig: Rig, trust: Trust, name: str) -> None:
    rig.insert(name)
    with pytest.raises(CardError) as problem:
        rig.read(trust)
    assert problem.value.reason is Reason.NOT_EID


def test_a_badge_pulled_at_any_command_says_so(deck: Deck) -> None:
    chip = deck.card("badge-rsa")
    read(chip)
    for number in range(1, len(chip.commands) + 1):
        chip.pull_at = number
        with pytest.raises(CardError) as problem:
            read(chip)
        assert problem.value.reason is Reason.PULLED


def test_a_badge_whose_answers_are_lost_is_read_anew_and_given_up_after_the_third(rig: Rig) -> None:
    for losses, proven in (([3, 5], True), ([3, 5, 2], False)):
        chip = rig.deck.card("badge")
        chip.losses = list(losses)
        rig.insert(chip)
        channel = rig.reader.connect()
        try:
            reading = read_piv(channel, TODAY)
            assert proven and reading is not None and reading.chip.outcome is Outcome.PROVEN
        except CardError as problem:
            assert not proven and problem.reason is Reason.UNREADABLE
        finally:
            channel.close()
        rig.remove()


def test_the_first_protocol_of_a_card_is_in_its_atr() -> None:
    assert [first_protocol(atr) for atr in (PIV_T0_ATR, PIV_T1_ATR)] == [0, 1]
    yubikey = bytes.fromhex("3BFD1300008131FE158073C021C057597562694B657940")
    assert first_protocol(yubikey) == 1
    assert first_protocol(b"") == first_protocol(b"\x3b\xf0") == 0


def _ca() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    pki = TestPki.generate(TODAY)
    return pki.badge_authority("town"), pki.badge_authority_key("town")


def _day(number: int) -> datetime:
    return datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(days=number)
