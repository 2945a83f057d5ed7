"""Coverage-guided fuzzing of all that looks at a card's bytes: `make fuzz`, which has the fuzzer (atheris) installed.

An input is a choice of target and the bytes for it. Any exception that is not one of the
decoder's own is a finding: atheris stops, prints the trace and keeps the input beside the corpus, in a temporary
folder. The seeds are the files of the simulated cards, made anew each time; nothing is kept in the tree.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hardware.smartcard"]):
    from hardware.smartcard import address, authentication, der, fields, files, identity, session, tlv, verification
    from hardware.smartcard.card import assemble, read_card
    from hardware.smartcard.checks import Outcome
    from hardware.smartcard.errors import CardError, DecodeError, Reason
    from hardware.smartcard.trust import Trust

from hardware.simulators.card import PEOPLE, Deck, TestPki, VirtualChip
from hardware.simulators.card.deck import card_files

TODAY = date(2026, 11, 22)
LONGEST_INPUT = 1700

# Patience with a reader is no matter of the decoder.
session.SELECT_WAITS, session.RESEND_WAIT = (0.0, 0.0, 0.0), 0.0

_deck = Deck(TestPki.generate(TODAY), TODAY)
_genuine = {
    path.hex().upper()[-4:]: data for name in ("amina", "leila") for path, data in _deck.card(name).files.items()
}
_pki = TestPki.generate(TODAY)
_short_files = card_files(PEOPLE["amina"], _pki, TODAY, photo=b"\xff\xd8 short \xff\xd9")
_seeds = [
    data.rstrip(b"\x00") for name in ("fatou", "amina", "joao", "leila") for data in _deck.card(name).files.values()
]


def _identity(data: bytes) -> None:
    found = identity.decode(data)
    found.as_json()
    repr(found)


def _address(data: bytes) -> None:
    assert files.address_missing(data) >= 0
    address.decode(data).as_json()


def _text(data: bytes) -> None:
    text, _ = identity.decode_text(data)
    fields.birth_date(text)
    fields.numeric_date(text)
    fields.sex(text)
    identity.card_number_holds(text)
    kind = fields.DocumentType(text)
    assert kind.name is not None
    assert kind.holder is not None


def _der(data: bytes) -> None:
    assert files.der_missing(data) >= -len(data)
    assert files.signature_missing(data) in (0, None)
    assert len(der.cut(data)) <= len(data)


def _certificate(data: bytes) -> None:
    certificate = verification.parse_certificate(data)
    files.signature_size(certificate)
    material = verification.Material(
        _genuine["4031"], _genuine["4032"], rrn_certificate=data, root_certificate=data, photo=b"x"
    )
    verification.verify(material, bytes(48), Trust(_pki.pins), TODAY)


def _material(data: bytes) -> None:
    """All files at once, cut out of the input; the certificates alternate with genuine ones."""
    choice, parts = (data[0] if data else 0), [data[1:][at::5] for at in range(5)]
    material = verification.Material(
        identity=parts[0] if choice & 1 else _genuine["4031"],
        identity_signature=parts[1],
        address=parts[2],
        address_signature=parts[3],
        photo=parts[4],
        rrn_certificate=parts[1] if choice & 2 else _genuine["503C"],
        root_certificate=parts[3] if choice & 4 else _genuine["503B"],
        basic_key=parts[4] if choice & 8 else _genuine["4040"],
        exchange=authentication.Exchange(bytes(48), parts[2], 0x9000) if choice & 16 else None,
    )
    assemble(material, Trust(_pki.pins), TODAY).as_json()


def _chip(data: bytes) -> None:
    key = data if data[:1] == b"\x30" else _genuine["4040"]
    exchange = authentication.Exchange(bytes(48), data[-96:], 0x9000)
    check = authentication.check_chip(hashlib.sha384(key).digest(), key, exchange)
    assert check.why is not None


class _Line:
    """A card that answers whatever the input says, until it is used up."""

    def __init__(self, data: bytes):
        self._data = data

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        length = min(self._data[0], 64) if self._data else 0
        answer, self._data = self._data[1 : length + 3], self._data[length + 3 :]
        return (answer[:-2], int.from_bytes(answer[-2:], "big")) if len(answer) >= 2 else (b"", 0x6F00)

    def close(self) -> None:
        pass


def _session(data: bytes) -> None:
    """A card's files, read from a line that answers anything."""
    card = files.CardFiles(session.CardSession(_Line(data)))
    for read in (card.identity_signature, card.address, card.photo, card.register_certificate):
        read()
    card.address_signature(verification.parse_certificate(_genuine["503C"]))
    card.address(whole=True)


class _FaultyLine:
    """A genuine card behind a line that spoils what the input says: byte n is about the n-th command.

    0 to 239 lets the answer pass, then: cut short, a status word from the input, the answer before, silence.
    """

    def __init__(self, data: bytes):
        self._data = data
        self._chip = VirtualChip(_short_files)
        self._before = b"\x90\x00"

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        fault, self._data = (self._data[0], self._data[1:]) if self._data else (0, b"")
        answer = self._chip.answer(command) or b""
        if fault >= 252:
            raise CardError(Reason.PULLED)
        if fault >= 248:
            answer = self._before
        elif fault >= 244:
            answer, self._data = answer[:-2] + self._data[:2].rjust(2, b"\x6a"), self._data[2:]
        elif fault >= 240:
            answer = answer[: len(answer) // 2] + b"\x90\x00"
        self._before = answer
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def close(self) -> None:
        pass


def _card(data: bytes) -> None:
    """Whatever a line does, nothing is proven but what the card says."""
    trust = Trust(_pki.pins)
    reading = read_card(_FaultyLine(data), trust, TODAY)
    reading.as_json()
    if reading.checks.identity_verdict is Outcome.PROVEN:
        assert reading.identity.surname == PEOPLE["amina"].surname
        if reading.checks.address_signature.outcome is Outcome.PROVEN:
            assert reading.address is not None
            assert reading.address.street_and_number == PEOPLE["amina"].street


def _tlv(data: bytes) -> None:
    assert sum(len(element.value) for element in tlv.parse(data)) <= len(data)


TARGETS: tuple[Callable[[bytes], None], ...] = (
    _identity,
    _address,
    _text,
    _der,
    _certificate,
    _material,
    _chip,
    _session,
    _tlv,
    _card,
)


def one_input(data: bytes) -> None:
    """Run one input; the first byte chooses the target."""
    if not data:
        return
    with contextlib.suppress(DecodeError, CardError):
        TARGETS[data[0] % len(TARGETS)](data[1:])


def write_seeds(folder: Path) -> None:
    """The simulated cards' files, for each target; for the faulty line one fault at any of the first commands."""
    line = TARGETS.index(_card)
    for at in range(32):
        for fault in (240, 244, 248, 252):
            (folder / f"fault-{at}-{fault}").write_bytes(bytes((line, *([0] * at), fault, 0x6B, 0x00)))
    for number in range(len(TARGETS)):
        for order, content in enumerate(_seeds):
            if len(content) < LONGEST_INPUT:
                (folder / f"{number}-{order}").write_bytes(bytes((number,)) + content)
        for text in (b"24 MAAR 1991", b"13.AUG. 1988", "05 MÄR 1990".encode(), b"        1962", b"01.02.2030", b"69"):
            (folder / f"{number}-{hashlib.sha256(text).hexdigest()[:8]}").write_bytes(bytes((number,)) + text)


def main() -> int:
    """Fuzz for so many runs; atheris ends the process, with 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="tests.fuzz.decoder", description="fuzz the card decoder")
    parser.add_argument("--runs", type=int, default=2_000_000, help="how many inputs (default 2 000 000)")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's random numbers")
    arguments = parser.parse_args()
    corpus = Path(tempfile.mkdtemp(prefix="loket-fuzz-"))
    write_seeds(corpus)
    options = [
        f"-runs={arguments.runs}",
        f"-seed={arguments.seed}",
        f"-max_len={LONGEST_INPUT}",
        "-len_control=10",
        "-print_final_stats=1",
    ]
    print(f"corpus in {corpus}, started {time.strftime('%H:%M:%S', time.gmtime())} UTC", flush=True)
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", str(corpus)], one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
