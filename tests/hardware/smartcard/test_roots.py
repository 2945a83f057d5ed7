"""Roots: made up around a pinned key, issued anew, expired."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hardware.simulators.card import VirtualChip
from hardware.smartcard import (
    CardReading,
    CertificateFolder,
    Check,
    InProcessChannel,
    Outcome,
    Parts,
    Trust,
    Why,
    read_card,
)
from hardware.smartcard.trust import key_pin
from hardware.smartcard.verification import verify
from tests.hardware.smartcard.register import Register
from tests.hardware.smartcard.rig import TODAY

LATER = datetime(2032, 10, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register(ec.generate_private_key(ec.SECP384R1()))


@pytest.fixture
def trust(register: Register) -> Trust:
    return Trust([key_pin(register.root)])


def chain(register: Register, trust: Trust, root: x509.Certificate | None = None) -> Check:
    return verify(register.material(hashes.SHA384(), root), b"", trust, TODAY).rrn_certificate


def read(register: Register, trust: Trust, root: x509.Certificate) -> tuple[CardReading, bool]:
    """A card with this copy of the root, and whether that was read."""
    files = register.material(hashes.SHA384(), root)
    chip = VirtualChip(
        {
            "3F00DF014031": files.identity,
            "3F00DF014032": files.identity_signature,
            "3F00DF00503C": files.rrn_certificate,
            "3F00DF00503B": files.root_certificate,
        }
    )
    wanted = Parts(address=False, photo=False, chip=False)
    reading = read_card(InProcessChannel(chip), trust, TODAY, parts=wanted)
    return reading, any(command.endswith(bytes.fromhex("503B")) for command in chip.commands)


def test_a_certificate_made_up_around_a_pinned_key_is_worth_nothing_and_not_kept(
    register: Register, trust: Trust, tmp_path: Path
) -> None:
    made_up = register.root_until(LATER, signer=ec.generate_private_key(ec.SECP384R1()))
    found = chain(register, trust, made_up)
    assert (found.outcome, found.why) == (Outcome.REFUTED, Why.UNTRUSTED_ROOT)
    assert trust.roots == ()
    chain(register, trust)
    assert chain(register, trust, made_up).why is Why.ROOT_EXPIRED  # the date of the true one
    assert trust.roots == (register.root,)
    (tmp_path / "made-up.der").write_bytes(made_up.public_bytes(Encoding.DER))
    assert CertificateFolder(tmp_path).load_into(Trust(trust.pins)) == 0


@pytest.mark.parametrize("newer_first", [True, False])
def test_of_two_certificates_of_one_root_the_later_one_counts(
    register: Register, trust: Trust, newer_first: bool
) -> None:
    newer = register.root_until(LATER)
    for root in (newer, None) if newer_first else (None, newer):
        found = chain(register, trust, root)
    assert (found.outcome, found.why) == (Outcome.PROVEN, Why.MATCHES)


def test_a_card_is_asked_for_a_newer_root_where_the_one_at_hand_has_expired(register: Register, trust: Trust) -> None:
    trust.learn(register.root)
    reading, was_read = read(register, trust, register.root_until(LATER))
    assert was_read
    assert reading.checks.rrn_certificate.why is Why.MATCHES
    reading, was_read = read(register, trust, register.root_until(LATER))
    assert not was_read
    assert reading.checks.rrn_certificate.why is Why.MATCHES


def test_a_register_whose_card_had_no_newer_root_is_not_asked_again(register: Register, trust: Trust) -> None:
    for expected in (True, False):
        reading, was_read = read(register, trust, register.root)
        assert was_read is expected
        assert reading.checks.rrn_certificate.why is Why.ROOT_EXPIRED
