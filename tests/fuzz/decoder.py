"""Coverage-guided fuzzing of all that looks at a card's bytes: `make fuzz`, which has the fuzzer (atheris) installed.

An input is a choice of target and the bytes for it. Any exception that is not one of the decoder's own is a finding.
The seeds are the files of the simulated cards, made anew each time; nothing is kept in the tree.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hardware.smartcard"]):
    from hardware.smartcard import address, authentication, der, fields, files, identity, session, tlv, verification
    from hardware.smartcard.card import assemble
    from hardware.smartcard.errors import CardError, DecodeError, Reason
    from hardware.smartcard.piv import PivError, certificate, commands, read_piv
    from hardware.smartcard.trust import Trust

from hardware.simulators.card import Deck, TestPki
from tests.fuzz.running import fuzz

TODAY = date(2026, 11, 22)
LONGEST_INPUT = 1700

# Patience with a reader is no matter of the decoder.
session.SELECT_WAITS, session.RESEND_WAIT = (0.0, 0.0, 0.0), 0.0

_deck = Deck(TestPki.generate(TODAY), TODAY)
_genuine = {
    path.hex().upper()[-4:]: data for name in ("amina", "leila") for path, data in _deck.card(name).files.items()
}
_pki = TestPki.generate(TODAY)
_seeds = [
    data.rstrip(b"\x00") for name in ("fatou", "amina", "joao", "leila") for data in _deck.card(name).files.values()
]
_seeds += [data for name in ("badge", "badge-rsa") for data in _deck.card(name).objects.values()]


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

    t1 = False

    def __init__(self, data: bytes):
        self._data = data

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        length = min(self._data[0], 64) if self._data else 0
        answer, self._data = self._data[1 : length + 3], self._data[length + 3 :]
        return (answer[:-2], int.from_bytes(answer[-2:], "big")) if len(answer) >= 2 else (b"", 0x6F00)

    def recover(self) -> None:
        """It cannot."""
        raise CardError(Reason.PULLED)

    def close(self) -> None:
        pass


def _session(data: bytes) -> None:
    """A card's files, read from a line that answers anything."""
    card = files.CardFiles(session.CardSession(_Line(data)))
    for read in (card.identity_signature, card.address, card.photo, card.register_certificate):
        read()
    card.address_signature(verification.parse_certificate(_genuine["503C"]))
    card.address(whole=True)


def _tlv(data: bytes) -> None:
    assert sum(len(element.value) for element in tlv.parse(data)) <= len(data)


def _badge(data: bytes) -> None:
    """The two objects of a staff card, and a whole one on a line that answers anything."""
    for decode in (certificate.decode, commands.signature_in):
        with contextlib.suppress(DecodeError, PivError):
            decode(data)
    reading = read_piv(_Line(data), TODAY)
    if reading is not None:
        reading.as_json()


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
    _badge,
)


def one_input(data: bytes) -> None:
    """Run one input; the first byte chooses the target."""
    if not data:
        return
    with contextlib.suppress(DecodeError, CardError, PivError):
        TARGETS[data[0] % len(TARGETS)](data[1:])


def write_seeds(folder: Path) -> None:
    """The simulated cards' files, for each target."""
    for number in range(len(TARGETS)):
        for order, content in enumerate(_seeds):
            if len(content) < LONGEST_INPUT:
                (folder / f"{number}-{order}").write_bytes(bytes((number,)) + content)
        for text in (b"24 MAAR 1991", b"13.AUG. 1988", "05 MÄR 1990".encode(), b"        1962", b"01.02.2030", b"69"):
            (folder / f"{number}-{hashlib.sha256(text).hexdigest()[:8]}").write_bytes(bytes((number,)) + text)


def main() -> int:
    """Fuzz; see `tests.fuzz.running`."""
    return fuzz("the card decoder", 2_000_000, one_input, write_seeds, LONGEST_INPUT)


if __name__ == "__main__":
    sys.exit(main())
