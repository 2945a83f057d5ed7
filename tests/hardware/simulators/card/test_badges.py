"""The simulated staff badges, held against OpenSC: a host that was written by others reads them and has them sign."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from hardware.simulators.card import Deck, PivChip, TestPki, VpcdSlot
from hardware.simulators.card.piv import PIN, PIV_T1_ATR
from hardware.simulators.pcscd import PcscdUnavailable, PrivatePcscd

TODAY = date(2026, 11, 22)
SELECT = "00A4040009A00000030800001000"
GET_CERTIFICATE = "00CB3FFF055C035FC101"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def deck() -> Deck:
    return Deck(TestPki.generate(TODAY), TODAY)


@pytest.fixture(scope="module")
def pcscd() -> Iterator[PrivatePcscd]:
    if shutil.which("pkcs15-tool") is None:
        pytest.skip("opensc is not installed")
    try:
        daemon = PrivatePcscd()
    except PcscdUnavailable as problem:
        pytest.skip(str(problem))
    with daemon:
        yield daemon


@pytest.fixture
def run(pcscd: PrivatePcscd) -> Run:
    def run(*command: str) -> str:
        return subprocess.run(
            command,
            env={**os.environ, **pcscd.environment},
            capture_output=True,
            check=True,
            text=True,
            timeout=30,
        ).stdout

    return run


@pytest.mark.parametrize("name", ["badge", "badge-p384", "badge-rsa", "badge-rsa-t1"])
def test_opensc_reads_a_badge_and_has_it_sign(
    deck: Deck, pcscd: PrivatePcscd, run: Run, name: str, tmp_path: Path
) -> None:
    slot = VpcdSlot(*pcscd.vpcd)
    slot.insert(deck.card(name))
    try:
        read = run("pkcs15-tool", "--wait", "--read-certificate", "04")
        assert x509.load_pem_x509_certificate(read.encode()) == deck.badges.certificate(name)
        size = 48 if name == "badge-p384" else 32
        given, signed = tmp_path / "given", tmp_path / "signed"
        given.write_bytes(os.urandom(size))
        is_rsa = "rsa" in name
        how = ("RSA-PKCS",) if is_rsa else ("ECDSA", "--signature-format", "openssl")
        files = ("--input-file", str(given), "--output-file", str(signed))
        run("pkcs11-tool", "--sign", "--pin", PIN.decode(), "--id", "04", *files, "--mechanism", *how)
    finally:
        slot.remove()
    key = deck.badges.certificate(name).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert key.recover_data_from_signature(signed.read_bytes(), padding.PKCS1v15(), None) == given.read_bytes()
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        digest = hashes.SHA384() if size == 48 else hashes.SHA256()
        key.verify(signed.read_bytes(), given.read_bytes(), ec.ECDSA(Prehashed(digest)))


def ask(chip: PivChip, *commands: str) -> str:
    """The last answer in hexadecimal, from a reset on."""
    chip.reset()
    answer = b""
    for command in commands:
        answer = chip.answer(bytes.fromhex(command)) or b""
    return answer.hex().upper()


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ((GET_CERTIFICATE,), "6D00"),  # before its application was selected
        (("00A4040009A00000030800002000",), "6A82"),
        ((SELECT, "00CB3FFF055C035FC105"), "6A82"),
        ((SELECT, "00CB3FFF0153"), "6A80"),
        ((SELECT, "00CB0000055C035FC101"), "6A86"),
        ((SELECT, "0087119A0A7C08820081045A5A5A5A"), "6982"),  # a key that wants a PIN
        ((SELECT, "0087079E0A7C08820081045A5A5A5A"), "6A86"),  # another algorithm than the key's
        ((SELECT, "0087119E0A7C08820081045A5A5A5A"), "6A80"),  # not the length of a digest
        ((SELECT, "1087119E017C", "00CB3FFF055C035FC101"), "6883"),  # another command in a chain
        ((SELECT, "00C0000013", "00C0000013"), "6985"),  # nothing is left
        ((SELECT, "00C0000020"), "6C13"),  # more than is left
        ((SELECT, "0047009E00"), "6D00"),
        ((SELECT, "80CB3FFF055C035FC101"), "6E00"),
    ],
)
def test_a_wrong_question_is_refused(deck: Deck, commands: tuple[str, ...], status: str) -> None:
    assert ask(deck.card("badge"), *commands) == status


def test_answers_are_announced_on_t0_and_given_on_t1(deck: Deck) -> None:
    assert ask(deck.card("badge"), SELECT) == "6113"
    assert ask(deck.card("badge-p384"), SELECT + "00").endswith("9000")
    assert ask(deck.card("badge-p384"), SELECT) == "6113"  # on T=1 without Le
    chip = deck.card("badge-p384")
    assert chip.atr == PIV_T1_ATR
    chip.announces = True
    assert ask(chip, SELECT + "00") == "6113"


def test_a_badge_is_the_same_card_in_another_process(tmp_path: Path) -> None:
    first, second = (Deck(TestPki.kept_in(tmp_path, TODAY), TODAY) for _ in range(2))
    for name in ("badge", "badge-rsa", "badge-stranger"):
        assert first.badges.certificate(name) == second.badges.certificate(name)
    issuer = x509.load_pem_x509_certificate((tmp_path / "issuers" / "town.pem").read_bytes())
    assert first.badges.certificate("badge").public_bytes(Encoding.DER)
    first.badges.certificate("badge").verify_directly_issued_by(issuer)
