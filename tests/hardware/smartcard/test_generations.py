"""Every generation of card: what it costs to read, what is proven of it, and what a copy cannot do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hardware.simulators.card import PEOPLE, Generation, TestPki, VirtualChip
from hardware.simulators.card.deck import address_file, basic_key_file, card_files, identity_file, sign_files
from hardware.simulators.card.generations import MAKES, RegisterKey
from hardware.smartcard import (
    IDENTITY_AND_ADDRESS,
    CardChannel,
    CardReading,
    Identity,
    InProcessChannel,
    Outcome,
    Parts,
    Trust,
    Why,
    read_card,
)
from hardware.smartcard.authentication import CHALLENGE_SIZE
from hardware.smartcard.card import read_identity_and_address
from hardware.smartcard.session import RESEND_WAIT, CardSession
from tests.hardware.smartcard.rig import TODAY, Rig

CARDS = {
    "fatou": ("1.1", "B", "RSA-SHA1", "SHA1"),
    "amina": ("1.7", "A", "RSA-SHA256", "SHA256"),
    "ioana": ("1.7", "F", "ECDSA-SHA384", "SHA256"),
    "leila": ("1.8", "A", "ECDSA-SHA384", "SHA384"),
    "carlos": ("1.8", "EU", "ECDSA-SHA384", "SHA384"),
    "grace": ("1.8", "F+", "ECDSA-SHA384", "SHA384"),
}
ON_1_8 = [name for name, card in CARDS.items() if card[0] == "1.8"]


def channel_to(chip: VirtualChip) -> CardChannel:
    return InProcessChannel(chip)


def authenticated(chip: VirtualChip) -> list[bytes]:
    return [command for command in chip.commands if command[1] == 0x88]


@pytest.mark.parametrize("shows_6c", [True, False])
@pytest.mark.parametrize("name", CARDS)
def test_every_generation_is_read_and_proven(near: Rig, trust: Trust, name: str, shows_6c: bool) -> None:
    chip = near.deck.card(name)
    chip.shows_6c = shows_6c
    near.insert(chip)
    reading = near.read(trust)
    applet, document, signature, photo = CARDS[name]
    assert (reading.applet_version, reading.document_type.name) == (applet, document)
    assert reading.identity.surname == PEOPLE[name].surname
    assert reading.identity.first_names == PEOPLE[name].first_names
    assert reading.address is not None
    assert reading.address.municipality == PEOPLE[name].municipality
    assert reading.checks.identity_signature.detail == reading.checks.address_signature.detail == signature
    assert reading.checks.photo_hash.detail == photo
    assert reading.checks.verdict is Outcome.PROVEN
    assert reading.checks.chip.outcome is (Outcome.PROVEN if applet == "1.8" else Outcome.NOT_POSSIBLE)


@pytest.mark.parametrize("name", ["fatou", "ioana", "leila"])
def test_every_generation_is_read_through_pcscd(rig: Rig, trust: Trust, name: str) -> None:
    rig.insert(name)
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_the_select_decides_and_not_the_atr(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("leila")
    chip.atr = bytes.fromhex("3B00")
    near.insert(chip)
    assert near.read(trust).applet_version == "1.8"


# --- What it costs, at the sizes of public specimens (1.7: 200/256/117/256/3064/1207 bytes; 1.8:
# 330/104/117/110/3600/2000/120) ------------------------------------------------------------------------------------


def specimen(pki: TestPki, generation: Generation) -> VirtualChip:
    is_1_8 = generation is Generation.V1_8
    identity_size, photo_size, sizes = (330, 3600, (104, 110)) if is_1_8 else (200, 3064, (256, 256))
    photo = (b"\xff\xd8" + bytes(range(1, 256)) * 15)[: photo_size - 2] + b"\xff\xd9"
    key = ec.generate_private_key(ec.SECP384R1()) if is_1_8 else None
    public = basic_key_file(key) if key else b""
    person = replace(PEOPLE["amina"], generation=generation, birth_place="")
    spare = identity_size - len(identity_file(person, TODAY, photo, public))
    person = replace(person, birth_place="T" * spare)
    files = sign_files(
        identity_file(person, TODAY, photo, public),
        address_file(person),
        photo,
        pki,
        generation=generation,
        basic_key=public,
        signature_sizes=sizes,
    )
    register = files["3F00DF00503C"].rstrip(b"\x00")
    files["3F00DF00503C"] = register.ljust(2000 if is_1_8 else 1207, b"\x00")
    assert [len(files[f"3F00DF01403{number}"]) for number in range(1, 6)] == [
        identity_size,
        sizes[0],
        117,
        sizes[1],
        photo_size,
    ]
    assert len(public) in (0, 120)
    make = MAKES[generation]
    return VirtualChip(files, atr=make.atr, card_data=make.card_data, basic_key=key)


@pytest.mark.parametrize(
    ("generation", "whole", "names", "bytes_read"),
    [(Generation.V1_7, 32, 7, 5200), (Generation.V1_7_P384, 32, 7, 5200), (Generation.V1_8, 39, 8, 5600)],
)
def test_a_card_costs_no_more_than_its_budget(
    pki: TestPki, generation: Generation, whole: int, names: int, bytes_read: int
) -> None:
    trust = Trust(pki.pins)
    for root in (pki.root, pki.root_p384):
        trust.learn(root)
    chip = specimen(pki, generation)
    channel = channel_to(chip)
    read_identity_and_address(channel)
    assert len(chip.commands) <= names
    first = read_card(channel, trust, TODAY)
    assert first.checks.verdict is Outcome.PROVEN
    assert first.apdus <= whole
    assert first.bytes_read <= bytes_read
    second = read_card(channel, trust, TODAY)
    assert second.checks == first.checks
    assert second.apdus <= first.apdus - 5


@pytest.mark.parametrize("name", CARDS)
def test_a_known_register_is_not_read_again(near: Rig, trust: Trust, name: str) -> None:
    near.insert(name)
    first = near.read(trust)
    chip = near.deck.card(name)
    near.insert(chip)
    second = near.read(trust)
    assert second.apdus < first.apdus
    assert not any(command.endswith(bytes.fromhex("503C")) for command in chip.commands)
    assert {check.outcome for check in second.checks.all.values()} == {
        check.outcome for check in first.checks.all.values()
    }


def test_a_register_of_a_strangers_authority_is_never_kept(near: Rig, trust: Trust) -> None:
    for _ in range(2):
        near.insert("foreign-root")
        assert near.read(trust).checks.rrn_certificate.outcome is Outcome.REFUTED
    assert trust.registers == ()


def test_only_what_is_wanted_is_read(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("leila")
    near.insert(chip)
    reading = near.read(trust, parts=IDENTITY_AND_ADDRESS)
    assert reading.photo == b""
    assert reading.checks.photo_hash.why is Why.NOT_ASKED
    assert reading.checks.chip.why is Why.NOT_ASKED
    assert reading.checks.verdict is Outcome.PROVEN
    assert not authenticated(chip)
    alone = near.read(trust, parts=Parts(address=False, photo=False, chip=False))
    assert alone.address is None
    assert alone.checks.address_signature.why is Why.NOT_ASKED
    assert alone.apdus < reading.apdus


@pytest.mark.parametrize(("name", "waits"), [("fatou", True), ("amina", False), ("leila", False)])
def test_only_old_cards_are_given_time_after_6c(
    near: Rig, trust: Trust, name: str, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("hardware.smartcard.session.time.sleep", slept.append)
    monkeypatch.setattr(CardSession.__init__, "__kwdefaults__", {"sleep": slept.append})
    near.insert(name)
    near.read(trust)
    assert set(slept) == ({RESEND_WAIT} if waits else set())


# --- The chip -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ON_1_8)
def test_the_chip_is_asked_once_per_presentation_with_the_bytes_handed_in(near: Rig, trust: Trust, name: str) -> None:
    chip = near.deck.card(name)
    near.insert(chip)
    challenge = bytes(range(CHALLENGE_SIZE))
    assert near.read(trust, challenge=challenge).checks.chip.why is Why.MATCHES
    (command,) = authenticated(chip)
    assert command == bytes.fromhex("0088028132") + b"\x94\x30" + challenge
    assert chip.commands[chip.commands.index(command) + 1] == bytes.fromhex("00C0000060")


def test_a_challenge_is_drawn_anew_each_time(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("leila")
    near.insert(chip)
    asked = []
    for _ in range(2):
        near.read(trust)
        asked += authenticated(chip)
    assert len(set(asked)) == 2


def test_a_copy_on_another_chip_is_refuted(rig: Rig, trust: Trust) -> None:
    rig.insert("clone")
    reading = rig.read(trust)
    assert reading.checks.identity_verdict is Outcome.PROVEN  # the files are the original's
    assert reading.checks.chip.outcome is Outcome.REFUTED
    assert reading.checks.verdict is Outcome.REFUTED


def test_a_copy_that_brings_its_own_public_key_is_refuted_without_being_asked(pki: TestPki, trust: Trust) -> None:
    person, own = PEOPLE["leila"], ec.generate_private_key(ec.SECP384R1())
    genuine = basic_key_file(ec.generate_private_key(ec.SECP384R1()))
    files = card_files(person, pki, TODAY, basic_key=genuine) | {"3F00DF014040": basic_key_file(own)}
    chip = VirtualChip(files, card_data=MAKES[Generation.V1_8].card_data, basic_key=own)
    reading = read_card(channel_to(chip), trust, TODAY)
    assert (reading.checks.chip.outcome, reading.checks.chip.detail) == (Outcome.REFUTED, "basic key")
    assert not authenticated(chip)


def test_a_chip_that_will_not_answer_is_neither_proven_nor_refuted(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("leila")
    chip.authentications_left = 0
    near.insert(chip)
    reading = near.read(trust)
    assert (reading.checks.chip.why, reading.checks.chip.detail) == (Why.REFUSED, "6985")
    assert reading.checks.verdict is Outcome.NOT_POSSIBLE


def test_a_1_8_card_without_its_key_file_is_not_proven(pki: TestPki, trust: Trust) -> None:
    person = PEOPLE["leila"]
    files = card_files(person, pki, TODAY, basic_key=bytes(120))
    del files["3F00DF014040"]
    chip = VirtualChip(files, card_data=MAKES[Generation.V1_8].card_data)
    reading = read_card(channel_to(chip), trust, TODAY)
    assert reading.checks.chip.why is Why.MISSING
    assert reading.checks.verdict is Outcome.NOT_POSSIBLE


def test_the_parent_is_greeted_before_the_chip_is_asked(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("leila")
    near.insert(chip)
    asked: list[int] = []

    def greet(identity: Identity) -> None:
        asked.append(len(authenticated(chip)))

    near.read(trust, on_identity=greet)
    assert asked == [0]


# --- Chains over SHA-1 ----------------------------------------------------------------------------------------------


def old_reading(pki: TestPki, files: dict[str, bytes]) -> CardReading:
    card_data = MAKES[Generation.V1_1].card_data
    return read_card(channel_to(VirtualChip(files, card_data=card_data)), Trust(pki.pins), TODAY)


def test_a_certificate_over_sha1_is_proven_by_its_bare_signature(pki: TestPki) -> None:
    authority = pki.authority(RegisterKey.RSA_1024_SHA1)
    certificate = x509.load_der_x509_certificate(authority.register)
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA1)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 1024
    assert old_reading(pki, card_files(PEOPLE["fatou"], pki, TODAY)).checks.verdict is Outcome.PROVEN


def test_a_certificate_over_sha1_that_was_changed_is_refuted(pki: TestPki) -> None:
    files = card_files(PEOPLE["fatou"], pki, TODAY)
    files["3F00DF00503C"] = files["3F00DF00503C"].replace(b"Loket Test RRN 1024", b"Loket Test RRN 1025")
    found = old_reading(pki, files).checks.rrn_certificate
    assert (found.outcome, found.why) == (Outcome.REFUTED, Why.DIFFERS)
