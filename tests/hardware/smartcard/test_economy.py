"""What is not read: each byte costs time on the line, and what a card has told already need not be fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.card import PEOPLE, Generation, TestPki, VirtualChip
from hardware.simulators.card.deck import ADDRESS_FILE_SIZE, address_file, card_files, elements, sign_files
from hardware.simulators.card.generations import MAKES
from hardware.smartcard import (
    IDENTITY_AND_ADDRESS,
    CardReading,
    CertificateFolder,
    InProcessChannel,
    Outcome,
    Parts,
    Trust,
    address,
    read_card,
)
from hardware.smartcard.files import CardFiles, address_missing, signature_missing
from hardware.smartcard.session import CardSession
from tests.hardware.smartcard.rig import TODAY, Rig

NAME = Parts(address=False, photo=False, chip=False)


def read(chip: VirtualChip, trust: Trust, parts: Parts = IDENTITY_AND_ADDRESS) -> CardReading:
    return read_card(InProcessChannel(chip), trust, TODAY, parts=parts)


def taught(pki: TestPki, chip: VirtualChip) -> Trust:
    """A trust that has met the card's register."""
    trust = Trust(pki.pins)
    read(chip, trust, NAME)
    return trust


def reads_of(chip: VirtualChip, name: str) -> list[bytes]:
    """The commands between the selection of a file, by name or by path, and the next selection."""
    at = next(i for i, command in enumerate(chip.commands) if command.endswith(bytes.fromhex(name)))
    rest = chip.commands[at + 1 :]
    end = next((i for i, command in enumerate(rest) if command[1] == 0xA4), len(rest))
    return rest[:end]


# --- Selecting ------------------------------------------------------------------------------------------------------


def test_a_file_is_selected_by_its_name_in_the_directory_of_the_one_before(near: Rig, trust: Trust) -> None:
    chip = near.deck.card("amina")
    near.insert(chip)
    near.read(trust)
    near.read(trust)  # its register is known now
    selects = [command.hex().upper() for command in chip.commands if command[1] == 0xA4]
    assert selects[1:] == [
        "00A4080C063F00DF014031",
        "00A4020C024032",
        "00A4020C024033",
        "00A4020C024034",
        "00A4020C024035",
    ]


class Nameless(VirtualChip):
    """A chip that selects by path alone."""

    def _select(self, how: int, what: bytes) -> bytes:
        return b"\x6a\x86" if how == 0x02 else super()._select(how, what)


def test_a_card_that_selects_by_path_alone_is_asked_by_name_once(pki: TestPki, trust: Trust) -> None:
    chip = Nameless(card_files(PEOPLE["amina"], pki, TODAY))
    assert read(chip, trust, Parts()).checks.verdict is Outcome.PROVEN
    assert sum(command[:3] == bytes.fromhex("00A402") for command in chip.commands) == 1


# --- Signatures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ioana", "leila"])
def test_the_zeros_behind_a_p384_signature_are_counted_and_not_read(near: Rig, pki: TestPki, name: str) -> None:
    chip = near.deck.card(name)
    trust = taught(pki, chip)
    reading = read(chip, trust)
    assert [command[4] for command in reads_of(chip, "4032")] == [104, 0]  # the last is answered by 6Cxx, with no byte
    assert [command[4] for command in reads_of(chip, "4034")] == [104]
    assert reading.checks.address_signature.outcome is Outcome.PROVEN
    chip.shows_6c = False  # a reader that hides 6Cxx gives the zeros themselves
    assert read(chip, trust).checks.address_signature.outcome is Outcome.PROVEN


def test_for_the_name_alone_the_padding_is_not_even_counted(near: Rig, pki: TestPki) -> None:
    chip = near.deck.card("ioana")
    trust = taught(pki, chip)
    assert read(chip, trust, NAME).checks.verdict is Outcome.PROVEN
    assert len(reads_of(chip, "4032")) == 1


def test_an_rsa_signature_is_read_whole(near: Rig, pki: TestPki) -> None:
    for name, sizes in (("amina", [104, 152]), ("fatou", [128])):
        chip = near.deck.card(name)
        assert read(chip, taught(pki, chip)).checks.verdict is Outcome.PROVEN
        assert [command[4] for command in reads_of(chip, "4032")] == sizes


def test_padding_that_is_not_of_zeros_is_read_before_an_address_is_refuted(pki: TestPki, trust: Trust) -> None:
    make = MAKES[Generation.V1_8]
    files = card_files(PEOPLE["carlos"], pki, TODAY)
    authority = pki.authority(make.register)
    signature = files["3F00DF014032"][:104] + b"\x00\x01\x02\x03\x04\x05"
    content = files["3F00DF014033"].rstrip(b"\x00")
    files |= {"3F00DF014032": signature, "3F00DF014034": authority.sign(content + signature).ljust(110, b"\x00")}
    reading = read(VirtualChip(files, card_data=make.card_data), trust)
    assert reading.checks.address_signature.outcome is Outcome.PROVEN
    assert reading.checks.verdict is Outcome.PROVEN


def test_an_rsa_signature_that_starts_like_a_p384_one_is_read_whole_before_it_is_refuted(
    pki: TestPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.smartcard.files.signature_missing", lambda data: 0)  # one in a million does
    chip = VirtualChip(card_files(PEOPLE["amina"], pki, TODAY))
    assert read(chip, Trust(pki.pins)).checks.verdict is Outcome.PROVEN


@given(st.binary(max_size=120))
def test_only_two_numbers_in_der_are_a_p384_signature(data: bytes) -> None:
    number = b"\x02\x31\x00" + b"\x99" * 48
    assert signature_missing(b"\x30\x66" + number + number) == 0
    assert signature_missing(b"\x30\x66" + number + b"\x04" + number[1:]) is None
    assert signature_missing(data) in (0, None)
    assert signature_missing(b"\x30" + data) in (0, None)


@pytest.mark.parametrize("start", ["3001022222222222", "300202020202020202", "3000000000000000"])
def test_a_signature_that_starts_like_a_short_der_is_no_p384_one(start: str) -> None:
    assert signature_missing(bytes.fromhex(start).ljust(104, b"\x5a")) is None


# --- Addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("street", "sizes"),
    [
        ("Dorp 1", [48]),  # all of it, and zeros, in the first block
        ("Rue de l'Exemple aux Erables 104", [48, 4]),  # to its end, which the first block told, and a zero
        ("Avenue de l'Exemple Interminable, Batiment B, 104 boite 33", [48, 32]),  # a step further
    ],
)
def test_an_address_is_read_to_the_end_of_its_content(
    pki: TestPki, trust: Trust, street: str, sizes: list[int]
) -> None:
    person = replace(PEOPLE["amina"], street=street)
    chip = VirtualChip(card_files(person, pki, TODAY))
    reading = read(chip, trust)
    assert reading.address is not None
    assert reading.address.street_and_number == street
    assert [command[4] for command in reads_of(chip, "4033")] == sizes
    assert reading.checks.address_signature.outcome is Outcome.PROVEN


def test_an_address_with_content_behind_zeros_is_read_whole_before_it_is_refuted(pki: TestPki, trust: Trust) -> None:
    files = card_files(PEOPLE["amina"], pki, TODAY)
    content = elements({1: "Dorp 1", 2: "9999", 3: "Modeldorp"}).ljust(101, b"\x00") + b"\x07\x01!"
    files |= sign_files(files["3F00DF014031"], content, files["3F00DF014035"], pki)
    assert read(VirtualChip(files), trust).checks.address_signature.outcome is Outcome.PROVEN


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00 "), max_size=20)


@given(_TEXTS, _TEXTS, _TEXTS, st.booleans(), st.sampled_from([0, ADDRESS_FILE_SIZE, 121]), st.booleans())
def test_any_address_is_read_as_it_stands(
    street: str, postcode: str, municipality: str, version: bool, size: int, shows_6c: bool
) -> None:
    values: dict[int, bytes | str] = {0: b"\x00\x02"} if version else {}
    content = elements({**values, 1: street, 2: postcode, 3: municipality})
    chip = VirtualChip({"3F00DF014033": content.ljust(size, b"\x00")})
    chip.shows_6c = shows_6c
    found = CardFiles(CardSession(InProcessChannel(chip))).address()
    assert found.rstrip(b"\x00") == content.rstrip(b"\x00")
    assert address.decode(found).municipality == municipality


def test_an_unknown_element_behind_the_municipality_is_read_too() -> None:
    content = elements({1: "Dorp 1", 2: "9999", 3: "Modeldorp", 7: "x" * 60})
    chip = VirtualChip({"3F00DF014033": content.ljust(ADDRESS_FILE_SIZE, b"\x00")})
    assert CardFiles(CardSession(InProcessChannel(chip))).address().rstrip(b"\x00") == content


@given(st.binary(max_size=130))
def test_however_an_address_begins_there_is_an_end_to_it(data: bytes) -> None:
    assert address_missing(data) >= 0


# --- Certificates ---------------------------------------------------------------------------------------------------


def test_a_register_that_was_met_before_the_kiosk_started_anew_is_not_read_again(
    near: Rig, pki: TestPki, tmp_path: Path
) -> None:
    folder = tmp_path / "certificates"
    before, kept = Trust(pki.pins), CertificateFolder(folder)
    assert kept.load_into(before) == 0
    for name in ("amina", "leila"):
        near.insert(name)
        near.read(before)
    kept.keep(before)
    after = Trust(pki.pins)
    assert CertificateFolder(folder).load_into(after) == 4  # two registers and their roots
    assert set(after.registers) == set(before.registers)
    for name in ("amina", "leila"):
        chip = near.deck.card(name)
        near.insert(chip)
        assert near.read(after).checks.verdict is Outcome.PROVEN
        assert not any(command[-2:].hex().upper() in ("503B", "503C") for command in chip.commands)


def test_nothing_is_believed_because_it_lies_in_the_folder(near: Rig, pki: TestPki, tmp_path: Path) -> None:
    stranger = Trust(TestPki.generate(TODAY).pins)
    near.insert("foreign-root")
    own = Trust(pki.pins)
    near.insert("amina")
    near.read(own)
    CertificateFolder(tmp_path).keep(own)
    for path in tmp_path.iterdir():
        broken = bytearray(path.read_bytes())
        broken[-1] ^= 1
        (tmp_path / "broken.der").write_bytes(broken)
        (tmp_path / f"{path.stem[:8]}.der").write_bytes(b"")
    assert CertificateFolder(tmp_path).load_into(stranger) == 0
    assert stranger.registers == stranger.roots == ()
    again = Trust(pki.pins)
    CertificateFolder(tmp_path).load_into(again)
    assert set(again.registers) == set(own.registers)


def test_a_folder_keeps_what_the_trust_keeps_and_no_more(
    pki: TestPki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.smartcard.trust._MOST_REGISTERS", 1)
    trust, kept = Trust(pki.pins), CertificateFolder(tmp_path)
    for name in ("amina", "leila"):
        read(
            VirtualChip(card_files(PEOPLE[name], pki, TODAY), card_data=MAKES[PEOPLE[name].generation].card_data), trust
        )
        kept.keep(trust)
    assert len(list(tmp_path.iterdir())) == 3  # two roots, and the register met last


def test_the_address_of_every_person_of_the_deck_costs_less_than_the_whole_file() -> None:
    for person in PEOPLE.values():
        chip = VirtualChip({"3F00DF014033": address_file(person)})
        session = CardSession(InProcessChannel(chip))
        CardFiles(session).address()
        assert session.bytes_read < ADDRESS_FILE_SIZE
