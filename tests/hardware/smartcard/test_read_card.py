"""A card from insertion to a proven reading; every test here holds in process and through pcscd."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from hardware.simulators.card import PEOPLE, TestPki, VirtualChip
from hardware.simulators.card.chip import BANK_ATR
from hardware.simulators.card.deck import (
    BANCONTACT,
    address_file,
    basic_key_file,
    card_files,
    identity_file,
    sign_files,
)
from hardware.simulators.card.generations import MAKES
from hardware.smartcard import (
    CardError,
    Empty,
    Holder,
    Identity,
    Outcome,
    Reason,
    Removed,
    Trust,
    ValidityState,
    read_card,
)
from hardware.smartcard.card import read_identity_and_address
from tests.hardware.smartcard.rig import TODAY, Rig

PARENTS = {"amina": ("A", "nl"), "joao": ("EU", "fr"), "oksana": ("F+", None), "yusuf": ("K", None)}


@pytest.mark.parametrize("name", PARENTS)
def test_every_parent_is_read_and_proven(near: Rig, trust: Trust, name: str) -> None:
    read_and_compare(near, trust, name)


def test_a_parent_with_a_long_name_is_read_and_proven_on_either_way(rig: Rig, trust: Trust) -> None:
    read_and_compare(rig, trust, "joao")


def read_and_compare(rig: Rig, trust: Trust, name: str) -> None:
    person = PEOPLE[name]
    rig.insert(name)
    reading = rig.read(trust)
    assert reading.identity.surname == person.surname
    assert reading.identity.first_names == person.first_names
    assert reading.identity.national_number == person.national_number(TODAY)
    assert reading.identity.warnings == frozenset()
    assert reading.identity.language == PARENTS[name][1]
    assert reading.address is not None
    assert reading.address.street_and_number == person.street
    assert reading.document_type.name == PARENTS[name][0]
    assert reading.validity.state is ValidityState.VALID
    assert reading.checks.verdict is Outcome.PROVEN
    assert reading.applet_version == "1.7"
    assert hashlib.sha256(reading.photo).digest() == reading.identity.photo_hash


def specimen_sizes(pki: TestPki) -> VirtualChip:
    """The file sizes of public specimens: 200, 256, 117, 256, 3064 and 1207 bytes."""
    photo = b"\xff\xd8" + bytes(range(1, 256)) * 12
    photo = photo[:3062] + b"\xff\xd9"
    person = replace(PEOPLE["amina"], birth_place="")
    person = replace(person, birth_place="T" * (200 - len(identity_file(person, TODAY, photo))))
    identity = identity_file(person, TODAY, photo)
    files = sign_files(identity, address_file(PEOPLE["amina"]), photo, pki)
    der = pki.register.public_bytes(Encoding.DER)
    assert 1024 < len(der) <= 1207  # five blocks, as the specimens need
    files["3F00DF00503C"] = der.ljust(1207, b"\x00")
    assert [len(files[f"3F00DF01403{number}"]) for number in range(1, 6)] == [200, 256, 117, 256, 3064]
    return VirtualChip(files)


def test_a_full_verified_read_costs_at_most_32_commands_and_the_names_alone_7(
    rig: Rig, trust: Trust, pki: TestPki
) -> None:
    trust.learn(pki.root)
    chip = specimen_sizes(pki)
    rig.insert(chip)
    channel = rig.reader.connect()
    before = len(chip.commands)
    identity, address = read_identity_and_address(channel)
    assert len(chip.commands) - before <= 7
    channel.close()
    assert identity.surname == PEOPLE["amina"].surname
    assert address is not None
    reading = rig.read(trust)
    assert reading.checks.verdict is Outcome.PROVEN
    assert reading.apdus <= 32
    assert reading.bytes_read <= 5200


def test_the_root_is_read_from_the_first_card_only(near: Rig, trust: Trust) -> None:
    near.insert("amina")
    first = near.read(trust)
    near.insert("amina")
    second = near.read(trust)
    assert second.apdus < first.apdus
    assert second.checks == first.checks


def test_a_reader_that_hides_6c_gives_the_same_reading(rig: Rig, trust: Trust) -> None:
    chip = rig.deck.card("joao")
    chip.shows_6c = False
    rig.insert(chip)
    reading = rig.read(trust)
    assert reading.checks.verdict is Outcome.PROVEN
    assert reading.identity.surname == PEOPLE["joao"].surname


def test_the_name_is_known_before_the_photo_is_read(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("amina")
    near.insert(chip)
    photo_read: list[bool] = []

    def greet(identity: Identity) -> None:
        assert identity.surname == PEOPLE["amina"].surname
        photo_read.append(any(command.endswith(bytes.fromhex("4035")) for command in chip.commands))

    near.read(trust, on_identity=greet)
    assert photo_read == [False]


def test_progress_runs_forward_and_ends_at_its_total(near: Rig, trust: Trust) -> None:
    for _ in range(2):  # with the root's certificate to read, and without
        steps: list[tuple[int, int]] = []
        near.insert("amina")
        near.read(trust, on_progress=lambda done, total, steps=steps: steps.append((done, total)))
        assert steps == sorted(steps)
        assert {total for _, total in steps} == {steps[0][1]}
        assert steps[-1][0] == steps[-1][1]
        assert all(done < total for done, total in steps[:-1])


@pytest.mark.parametrize("name", ["forged", "foreign-root"])
def test_a_forged_card_is_refuted_and_greets_nobody(near: Rig, trust: Trust, name: str) -> None:
    greeted: list[Identity] = []
    near.insert(name)
    reading = near.read(trust, on_identity=greeted.append)
    assert reading.checks.verdict is Outcome.REFUTED
    assert greeted == []


@pytest.mark.parametrize(
    ("name", "state", "holder"),
    [
        ("expired", ValidityState.EXPIRED, Holder.FOREIGNER),
        ("future", ValidityState.NOT_YET, Holder.FOREIGNER),
        ("belgian", ValidityState.VALID, Holder.BELGIAN),
        ("kids-id", ValidityState.VALID, Holder.BELGIAN_CHILD),
        ("child", ValidityState.VALID, Holder.FOREIGN_CHILD),
        ("tomorrow", ValidityState.VALID, Holder.OTHER),
    ],
)
def test_a_card_of_another_kind_is_read_and_told_apart(
    near: Rig, trust: Trust, name: str, state: ValidityState, holder: Holder
) -> None:
    near.insert(name)
    reading = near.read(trust)
    assert (reading.validity.state, reading.document_type.holder) == (state, holder)
    assert reading.checks.verdict is Outcome.PROVEN


def test_the_first_and_the_last_day_belong_to_the_validity(near: Rig, trust: Trust) -> None:
    near.insert("amina")
    channel = near.reader.connect()
    begin, end = PEOPLE["amina"].validity(TODAY)
    for day in (begin, end):
        assert read_card(channel, trust, day).validity.state is ValidityState.VALID


@pytest.mark.parametrize(
    ("name", "reason"),
    [("bank", Reason.BANK_CARD), ("foreign-id", Reason.FOREIGN_EID), ("library", Reason.NOT_EID)],
)
def test_a_card_without_the_belgian_applet_is_told_by_what_else_it_has(
    rig: Rig, trust: Trust, name: str, reason: Reason
) -> None:
    rig.insert(name)
    with pytest.raises(CardError) as problem:
        rig.read(trust)
    assert problem.value.reason is reason
    rig.insert("amina")
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


@pytest.mark.parametrize("application", [BANCONTACT, bytes.fromhex("A0000000043060"), bytes.fromhex("A0000000031010")])
def test_a_bank_card_is_known_by_its_scheme_where_it_has_no_directory(
    near: Rig, trust: Trust, application: bytes
) -> None:
    chip = VirtualChip({}, atr=BANK_ATR, applications=(application,))
    near.insert(chip)
    with pytest.raises(CardError) as problem:
        near.read(trust)
    assert problem.value.reason is Reason.BANK_CARD
    assert {command[1] for command in chip.commands} == {0xA4}  # what is there is asked; nothing is read


def test_the_atr_of_an_eid_on_another_card_proves_nothing(near: Rig, trust: Trust) -> None:
    near.insert(VirtualChip({}))
    with pytest.raises(CardError) as problem:
        near.read(trust)
    assert problem.value.reason is Reason.NOT_EID


def test_a_card_upside_down_does_not_answer(rig: Rig, trust: Trust) -> None:
    event = rig.insert("mute")
    assert event.card.mute
    with pytest.raises(CardError) as problem:
        rig.read(trust)
    assert problem.value.reason is Reason.NO_ANSWER


@pytest.mark.parametrize("name", ["fatou", "amina", "leila"])
def test_a_card_may_be_pulled_at_any_command(near: Rig, trust: Trust, pki: TestPki, name: str) -> None:
    near.insert(name)
    whole = near.read(trust).apdus  # with the root's and the register's certificates
    for number in range(1, whole + 1):
        chip = near.deck.card(name)
        chip.pull_at = number
        near.insert(chip)
        with pytest.raises(CardError) as problem:
            near.read(Trust(pki.pins))
        assert problem.value.reason is Reason.PULLED, number
        assert isinstance(near.reader.status, Empty)
    near.insert(name)
    assert near.read(trust).checks.verdict is Outcome.PROVEN


@pytest.mark.parametrize("name", ["amina", "leila"])
@pytest.mark.parametrize("glitch", [0x6B00, 0x6986, 0x6A87, 0x9000])
def test_one_glitch_at_any_command_never_makes_a_forger_of_a_parent(
    near: Rig, trust: Trust, name: str, glitch: int
) -> None:
    near.insert(name)
    whole = near.read(trust).apdus
    for number in range(1, whole + 1):
        chip = near.deck.card(name)
        chip.glitches = {number: glitch}
        near.insert(chip)
        reading = near.read(trust)
        assert reading.checks.identity_verdict is Outcome.PROVEN, number
        assert reading.checks.verdict is not Outcome.REFUTED, number


class Spoiling(VirtualChip):
    """It answers one READ with wrong bytes."""

    spoil = 0

    def answer(self, command: bytes) -> bytes | None:
        answer = super().answer(command)
        if len(self.commands) == self.spoil and command[1] == 0xB0 and answer and len(answer) > 12:
            self.spoil = 0
            return answer[:9] + bytes(byte ^ 0x15 for byte in answer[9:12]) + answer[12:]
        return answer


@pytest.mark.parametrize("name", ["amina", "leila"])
def test_bytes_that_came_out_wrong_once_never_make_a_forger_of_a_parent(
    near: Rig, trust: Trust, pki: TestPki, name: str
) -> None:
    near.insert(name)
    whole = near.read(trust).apdus
    person = PEOPLE[name]
    make = MAKES[person.generation]
    key = ec.generate_private_key(ec.SECP384R1()) if make.has_basic_key else None
    files = card_files(person, pki, TODAY, basic_key=basic_key_file(key) if key else b"")
    for number in range(1, whole + 1):
        chip = Spoiling(files, card_data=make.card_data, basic_key=key)
        chip.spoil = number
        near.insert(chip)
        reading = near.read(Trust(pki.pins))
        assert reading.checks.verdict is not Outcome.REFUTED, number
        assert reading.identity.surname == person.surname, number


@pytest.mark.parametrize("name", ["amina", "leila"])
def test_an_answer_lost_at_any_command_is_read_anew_while_the_card_stays_in(near: Rig, trust: Trust, name: str) -> None:
    near.insert(name)
    whole = near.read(trust).apdus
    for number in range(1, whole + 1):
        chip = near.deck.card(name)
        chip.losses = [number]
        near.insert(chip)
        steps: list[int] = []
        reading = near.read(trust, on_progress=lambda done, total, steps=steps: steps.append(done))
        assert reading.checks.verdict is Outcome.PROVEN
        assert reading.apdus <= whole + number
        assert steps == sorted(steps)


def test_a_dirty_contact_is_read_anew_through_pcscd_too_and_given_up_the_third_time(rig: Rig, trust: Trust) -> None:
    chip = rig.deck.card("amina")
    chip.losses = [7, 3]
    rig.insert(chip)
    assert rig.read(trust).checks.verdict is Outcome.PROVEN
    chip.losses = [7, 3, 9]
    with pytest.raises(CardError) as problem:
        rig.read(trust)
    assert problem.value.reason is Reason.UNREADABLE
    assert rig.read(trust).checks.verdict is Outcome.PROVEN  # and the reader is well


def test_after_a_pulled_card_the_reader_serves_the_next_person(rig: Rig, trust: Trust) -> None:
    chip = rig.deck.card("amina")
    chip.pull_at = 20
    rig.insert(chip)
    with pytest.raises(CardError) as problem:
        rig.read(trust)
    assert problem.value.reason is Reason.PULLED
    rig.wait_for(Removed)
    rig.insert("joao")
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_a_card_can_be_read_twice(rig: Rig, trust: Trust) -> None:
    rig.insert("oksana")
    first, second = rig.read(trust), rig.read(trust)
    assert first.identity == second.identity


def test_without_a_card_connecting_is_a_typed_error(rig: Rig) -> None:
    rig.remove()
    with pytest.raises(CardError) as problem:
        rig.reader.connect()
    assert problem.value.reason is Reason.PULLED


def test_an_identity_file_cut_short_is_an_unreadable_card(near: Rig, trust: Trust, pki: TestPki) -> None:
    files = card_files(PEOPLE["amina"], pki, TODAY)
    near.insert(VirtualChip({**files, "3F00DF014031": files["3F00DF014031"][:40]}))
    with pytest.raises(CardError) as problem:
        near.read(trust)
    assert problem.value.reason is Reason.UNREADABLE


def test_a_card_without_address_or_photo_is_still_read(near: Rig, trust: Trust, pki: TestPki) -> None:
    files = card_files(PEOPLE["amina"], pki, TODAY)
    near.insert(VirtualChip({path: data for path, data in files.items() if path[-2:] not in ("33", "34", "35")}))
    reading = near.read(trust)
    assert reading.address is None
    assert reading.checks.identity_verdict is Outcome.PROVEN
    assert reading.checks.verdict is Outcome.NOT_POSSIBLE


def test_the_reading_names_nobody_in_a_log(near: Rig, trust: Trust) -> None:
    near.insert("amina")
    assert "Benali" not in repr(near.read(trust))


def test_the_photo_is_a_grey_jpeg_of_the_size_on_cards(near: Rig, trust: Trust) -> None:
    near.insert("amina")
    with Image.open(io.BytesIO(near.read(trust).photo)) as photo:
        assert (photo.format, photo.mode, photo.size) == ("JPEG", "L", (140, 200))
