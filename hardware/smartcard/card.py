"""Read a Belgian card: identity first, then what proves it, then the rest.

Cost at the file sizes of public specimens, the root's certificate known: at most 32 commands for a full verified read
on applet 1.7 and 39 on 1.8 (whose chip is asked too), 26 and 34 once a card of the same register was read; 6 and 7 for
identity and address without proof. Ways it is kept there: files are selected at once, blocks are 256 bytes, no
signature file is read beyond its signature, a certificate to the end of its DER and an address to the end of its
content; roots and registers, once met and proven, are kept in the trust for the next card.

Every generation is read alike. What differs is told by the card: GET CARD DATA has the applet's version, tag 1A of the
identity whether there is a chip to be asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from cryptography.hazmat.primitives.serialization import Encoding

from hardware.smartcard import address as address_file
from hardware.smartcard import identity as identity_file
from hardware.smartcard.address import Address
from hardware.smartcard.authentication import CHALLENGE_SIZE, Exchange, has_basic_key
from hardware.smartcard.checks import Checks, Outcome, Why
from hardware.smartcard.errors import CardError, DecodeError, Reason
from hardware.smartcard.fields import DocumentType
from hardware.smartcard.files import CardFiles
from hardware.smartcard.identity import Identity
from hardware.smartcard.session import CardSession, Cost, converse
from hardware.smartcard.strangers import what_it_is
from hardware.smartcard.transport import CardChannel
from hardware.smartcard.trust import Trust
from hardware.smartcard.verification import Material, Verifier, parse_certificate

_OLD = ("1.0", "1.1")  # generations that want a pause before a command is sent again, and have short signatures

# Progress is measured by commands; these are the usual costs of what one card needs and another does not.
_BASE_APDUS = 10
_REGISTER_APDUS = 6
_ROOT_APDUS = 7
_ADDRESS_APDUS = 4
_PHOTO_APDUS = 14
_CHIP_APDUS = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """What to read beside the identity; a check of what was not wanted says so."""

    address: bool = True
    photo: bool = True
    chip: bool = True  # on 1.8, INTERNAL AUTHENTICATE: a chip can do it 5000 times, so once per presentation


EVERYTHING = Parts()
IDENTITY_AND_ADDRESS = Parts(photo=False, chip=False)


class ValidityState(StrEnum):
    """Today against the dates on the card."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    UNKNOWN = "unknown"  # no readable date on the card


@dataclass(frozen=True, slots=True)
class Validity:
    """The printed period and where today falls; both days belong to it."""

    begin: date | None
    end: date | None
    state: ValidityState

    @classmethod
    def of(cls, identity: Identity, today: date) -> Validity:
        """Judge an identity's dates."""
        return cls.between(identity.valid_from, identity.valid_until, today)

    @classmethod
    def between(cls, begin: date | None, end: date | None, today: date) -> Validity:
        """Judge two dates, each None where it is not known."""
        if end is not None and today > end:
            state = ValidityState.EXPIRED
        elif begin is not None and today < begin:
            state = ValidityState.NOT_YET
        elif end is None:
            state = ValidityState.UNKNOWN
        else:
            state = ValidityState.VALID
        return cls(begin, end, state)

    def as_json(self) -> dict[str, str | None]:
        """Dates as ISO 8601."""
        return {
            "begin": self.begin.isoformat() if self.begin else None,
            "end": self.end.isoformat() if self.end else None,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True, repr=False)
class CardReading:
    """All that was read from a card, and what of it is proven."""

    identity: Identity
    address: Address | None
    photo: bytes  # a grey JPEG; empty where the card has none
    document_type: DocumentType
    validity: Validity
    checks: Checks
    applet_version: str | None  # "1.7"; None where the card does not say
    apdus: int
    bytes_read: int

    def __repr__(self) -> str:
        return f"<CardReading {self.document_type.name}, {self.checks.verdict}, {self.apdus} APDUs>"

    def as_json(self) -> dict[str, object]:
        """What `kiosk card` prints. It holds personal data; the photo only by its size."""
        return {
            "identity": self.identity.as_json(),
            "address": self.address.as_json() if self.address else None,
            "document_type": {
                "code": self.document_type.code,
                "name": self.document_type.name,
                "holder": self.document_type.holder,
                "known": self.document_type.known,
            },
            "validity": self.validity.as_json(),
            "photo_bytes": len(self.photo),
            "checks": self.checks.as_json(),
            "applet_version": self.applet_version,
            "apdus": self.apdus,
            "bytes": self.bytes_read,
        }


def read_card(
    channel: CardChannel,
    trust: Trust,
    today: date,
    *,
    on_identity: Callable[[Identity], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    parts: Parts = EVERYTHING,
    challenge: bytes | None = None,
) -> CardReading:
    """Read and verify.

    `on_identity` is called as soon as the identity stands and nothing refutes it (never for a forged card), well
    before the photo. `on_progress(done, total)` is called after every command; done is total at the end. `challenge`
    is what a 1.8 chip has to sign: 48 random bytes, drawn here where none are given.
    An exchange that is lost while the card stays in (a dirty contact, a reset) begins the reading anew, twice at most.
    Raises CardError. The channel stays open; whoever made it closes it.
    """
    progress = _Progress(on_progress)

    def talk(session: CardSession) -> tuple[str | None, _Reading]:
        return _read(session, trust, today, progress, parts, on_identity, challenge)

    (version, reading), cost = converse(channel, talk, progress.step, progress.begin_anew)
    done = _assembled(reading.material, reading.verifier, today, version, cost)
    progress.finish()
    return done


def _read(
    session: CardSession,
    trust: Trust,
    today: date,
    progress: _Progress,
    parts: Parts,
    on_identity: Callable[[Identity], None] | None,
    challenge: bytes | None,
) -> tuple[str | None, _Reading]:
    """From the first command to the last."""
    version = _begin(session)
    reading = _Reading(session, trust, today, progress, parts, is_old=version in _OLD)
    reading.read_identity()
    if on_identity and reading.checks().identity_verdict is not Outcome.REFUTED:
        on_identity(reading.identity)
    challenge = challenge or secrets.token_bytes(CHALLENGE_SIZE)
    reading.read_rest(challenge)
    reading.look_again_at_what_is_refuted(challenge)
    return version, reading


def _begin(session: CardSession) -> str | None:
    """Select the applet, and learn its version and with it how patient one has to be."""
    try:
        session.select_applet()
    except CardError as problem:
        if problem.reason is Reason.NOT_EID:
            raise CardError(what_it_is(session), problem.detail) from problem
        raise
    version = applet_version(session.card_data())
    if version is not None and version not in _OLD:
        session.resend_wait = 0.0
    return version


class _Reading:
    """The files of one card as they come in."""

    def __init__(
        self, session: CardSession, trust: Trust, today: date, progress: _Progress, parts: Parts, is_old: bool
    ):
        self._session, self._files = session, CardFiles(session)
        self._trust, self._today, self._progress = trust, today, progress
        self._parts = parts
        self.verifier = Verifier(trust, today)
        self._is_old = is_old
        self.material = Material(b"", address_wanted=parts.address, photo_wanted=parts.photo, chip_wanted=parts.chip)

    def read_identity(self) -> None:
        """The identity, its signature, and the certificates that are not known yet."""
        self._read_identity_files()
        self._find_register()

    def _find_register(self) -> None:
        rrn = self._known_register()
        root = b""
        if rrn:
            self._progress.skip(_REGISTER_APDUS)
        else:
            rrn = self._files.register_certificate()
        register = parse_certificate(rrn)
        if register is not None and self._trust.wants_root_for(register, self._today):
            root = self._files.root_certificate()
        else:
            self._progress.skip(_ROOT_APDUS)
        self.material = replace(self.material, rrn_certificate=rrn, root_certificate=root)

    def read_rest(self, challenge: bytes) -> None:
        """Address, chip, photo: as far as they are wanted and there."""
        if self._parts.address:
            self._read_address()
        else:
            self._progress.skip(_ADDRESS_APDUS)
        if self._parts.chip and has_basic_key(self.identity.basic_key_hash):
            self._ask_chip(challenge)
        else:
            self._progress.skip(_CHIP_APDUS)
        if self._parts.photo:
            self.material = replace(self.material, photo=self._files.photo())
        else:
            self._progress.skip(_PHOTO_APDUS)

    def look_again_at_what_is_refuted(self, challenge: bytes) -> None:
        """Read once more what does not verify: a reader's glitch must not make a forger of a parent.

        It also reads the whole of an address of which only the content was read.
        """
        if "rrn_certificate" in self._refuted():
            self._find_register()
        refuted = self._refuted()
        if "rrn_certificate" in refuted:
            return  # a stranger's card; its signatures mean nothing either way
        if "identity_signature" in refuted:
            self._read_identity_files(whole=True)
            if self._parts.chip and has_basic_key(self.identity.basic_key_hash) and not self.material.exchange:
                self._ask_chip(challenge)
        elif "address_signature" in refuted:
            signature = self._files.identity_signature(whole=True)
            self.material = replace(self.material, identity_signature=signature)
        if refuted & {"identity_signature", "address_signature"} and self._parts.address:
            self._read_address(whole=True)
        if "photo_hash" in refuted:
            self.material = replace(self.material, photo=self._files.photo())

    def _refuted(self) -> set[str]:
        return {name for name, check in self.checks().all.items() if check.outcome is Outcome.REFUTED}

    def checks(self) -> Checks:
        """Of what is there by now."""
        identity = self.identity
        return self.verifier.checks(self.material, identity.photo_hash, identity.basic_key_hash)

    def _read_identity_files(self, *, whole: bool = False) -> None:
        content = self._files.identity()
        try:
            self.identity = _decoded(content)
        except CardError:
            content = self._files.identity()
            self.identity = _decoded(content)
        signature = self._files.identity_signature(is_old=self._is_old, padding=self._parts.address, whole=whole)
        self.material = replace(self.material, identity=content, identity_signature=signature)

    def _read_address(self, *, whole: bool = False) -> None:
        register = parse_certificate(self.material.rrn_certificate)
        self.material = replace(
            self.material,
            address=self._files.address(whole=whole),
            address_signature=self._files.address_signature(register),
        )

    def _known_register(self) -> bytes:
        """The certificate of a known register that signed this identity, if one did."""
        material, photo_hash = self.material, self.identity.photo_hash
        for register in self._trust.registers:
            check = self.verifier.signature(register, material.identity_signature, material.identity, photo_hash)
            if check.outcome is Outcome.PROVEN:
                return register.public_bytes(Encoding.DER)
        return b""

    def _ask_chip(self, challenge: bytes) -> None:
        for _ in range(2):  # a key that is not the promised one may have been misread
            self.material = replace(self.material, basic_key=self._files.basic_key())
            if self.checks().chip.outcome is not Outcome.REFUTED:
                break
        if self.checks().chip.why is not Why.NOT_ASKED:  # there is nothing to ask with
            return
        response = self._session.authenticate(challenge)
        self.material = replace(self.material, exchange=Exchange(challenge, response.data, response.sw))


def read_identity_and_address(channel: CardChannel) -> tuple[Identity, Address | None]:
    """Both files without any proof: for a technician's question, never for a visit. Raises CardError."""
    session = CardSession(channel)
    session.select_applet()
    files = CardFiles(session)
    return _decoded(files.identity()), _address(files.address())


def assemble(
    material: Material,
    trust: Trust,
    today: date,
    *,
    card_data: bytes = b"",
) -> CardReading:
    """Decode and verify files that were dumped from a card; `card_data` is what GET CARD DATA answered.

    Raises CardError(UNREADABLE).
    """
    return _assembled(material, Verifier(trust, today), today, applet_version(card_data), Cost(0, 0))


def _assembled(material: Material, verifier: Verifier, today: date, version: str | None, cost: Cost) -> CardReading:
    identity = _decoded(material.identity)
    return CardReading(
        identity=identity,
        address=_address(material.address),
        photo=material.photo,
        document_type=identity.document,
        validity=Validity.of(identity, today),
        checks=verifier.checks(material, identity.photo_hash, identity.basic_key_hash),
        applet_version=version,
        apdus=cost.apdus,
        bytes_read=cost.bytes_read,
    )


def applet_version(card_data: bytes) -> str | None:
    """Byte 21 of GET CARD DATA: 0x11, 0x17, 0x18 are 1.1, 1.7, 1.8."""
    return f"{card_data[21] >> 4}.{card_data[21] & 0x0F}" if len(card_data) >= 28 else None


def _decoded(data: bytes) -> Identity:
    try:
        return identity_file.decode(data)
    except DecodeError as problem:
        raise CardError(Reason.UNREADABLE, f"identity: {problem}") from problem


def _address(data: bytes) -> Address | None:
    if not data.strip(b"\x00"):
        return None
    try:
        return address_file.decode(data)
    except DecodeError as problem:
        raise CardError(Reason.UNREADABLE, f"address: {problem}") from problem


class _Progress:
    """Commands sent against commands expected. It never runs backwards and ends exactly at its total."""

    def __init__(self, tell: Callable[[int, int], None] | None):
        self._tell = tell
        self._total = _BASE_APDUS + _REGISTER_APDUS + _ROOT_APDUS + _ADDRESS_APDUS + _PHOTO_APDUS + _CHIP_APDUS
        self._skipped = self._done = 0

    def step(self, sent: int) -> None:
        self._done = max(self._done, min(sent + self._skipped, self._total - 1))
        if self._tell:
            self._tell(self._done, self._total)

    def skip(self, count: int) -> None:
        self._skipped += count

    def begin_anew(self) -> None:
        """It stands still until the reading is where it was."""
        self._skipped = 0

    def finish(self) -> None:
        if self._tell:
            self._tell(self._total, self._total)
