"""Read a Belgian card: identity first, then what proves it, then the rest.

Cost on applet 1.7 at the file sizes of public specimens (200, 256, 117, 256, 3064, 1207 bytes): 7 commands for
identity and address alone, 32 for a full verified read. Ways it is kept there: files are selected by path, blocks are
256 bytes, no signature file is longer than a block, and a certificate is read to the end of its DER only. The root's
certificate is read from the card once, and kept in the trust for the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hardware.smartcard import address as address_file
from hardware.smartcard import identity as identity_file
from hardware.smartcard.address import Address
from hardware.smartcard.errors import CardError, DecodeError, Reason
from hardware.smartcard.fields import DocumentType
from hardware.smartcard.identity import Identity
from hardware.smartcard.session import CardSession, FileAbsent
from hardware.smartcard.transport import CardChannel
from hardware.smartcard.trust import Trust
from hardware.smartcard.verification import Checks, Material, Outcome, parse_certificate, verify

IDENTITY = bytes.fromhex("3F00DF014031")
IDENTITY_SIGNATURE = bytes.fromhex("3F00DF014032")
ADDRESS = bytes.fromhex("3F00DF014033")
ADDRESS_SIGNATURE = bytes.fromhex("3F00DF014034")
PHOTO = bytes.fromhex("3F00DF014035")
ROOT_CERTIFICATE = bytes.fromhex("3F00DF00503B")
RRN_CERTIFICATE = bytes.fromhex("3F00DF00503C")

LONGEST_SIGNATURE = 256  # 128 or 256 on applets 1.1 and 1.7, about 104 on 1.8

_USUAL_APDUS = 32  # a full read on 1.7; progress is measured by it
_ROOT_APDUS = 7


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
        begin, end = identity.valid_from, identity.valid_until
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
) -> CardReading:
    """Read and verify everything.

    `on_identity` is called as soon as the identity stands and nothing refutes it (never for a forged card), well
    before the photo. `on_progress(done, total)` is called after every command; done is total at the end.
    Raises CardError. The channel stays open; whoever made it closes it.
    """
    progress = _Progress(on_progress)
    session = CardSession(channel, progress.step)
    session.select_applet()
    identity_bytes = _required(session, IDENTITY)
    identity = _decoded(identity_bytes)
    identity_signature = _optional(session, IDENTITY_SIGNATURE, at_most=LONGEST_SIGNATURE)
    rrn_certificate = _optional(session, RRN_CERTIFICATE, is_der=True)
    root_certificate = b""
    if (rrn := parse_certificate(rrn_certificate)) is not None and not trust.roots_for(rrn):
        root_certificate = _optional(session, ROOT_CERTIFICATE, is_der=True)
    else:
        progress.skip(_ROOT_APDUS)
    first = Material(
        identity_bytes, identity_signature, rrn_certificate=rrn_certificate, root_certificate=root_certificate
    )
    if on_identity and verify(first, identity.photo_hash, trust, today).identity_verdict is not Outcome.REFUTED:
        on_identity(identity)
    address_bytes = _optional(session, ADDRESS)
    address_signature = _optional(session, ADDRESS_SIGNATURE, at_most=LONGEST_SIGNATURE)
    photo = _optional(session, PHOTO)
    card_data = session.card_data()
    material = Material(
        identity_bytes,
        identity_signature,
        address_bytes,
        address_signature,
        photo,
        rrn_certificate,
        root_certificate,
    )
    reading = assemble(
        material,
        trust,
        today,
        applet_version=applet_version(card_data),
        session_cost=(session.apdus, session.bytes_read),
    )
    progress.finish()
    return reading


def read_identity_and_address(channel: CardChannel) -> tuple[Identity, Address | None]:
    """Both files without any proof: for a technician's question, never for a visit. Raises CardError."""
    session = CardSession(channel)
    session.select_applet()
    identity = _decoded(_required(session, IDENTITY))
    return identity, _address(_optional(session, ADDRESS))


def assemble(
    material: Material,
    trust: Trust,
    today: date,
    *,
    applet_version: str | None = None,
    session_cost: tuple[int, int] = (0, 0),
) -> CardReading:
    """Decode and verify files, read from a card or dumped before. Raises CardError(UNREADABLE)."""
    identity = _decoded(material.identity)
    return CardReading(
        identity=identity,
        address=_address(material.address),
        photo=material.photo,
        document_type=identity.document,
        validity=Validity.of(identity, today),
        checks=verify(material, identity.photo_hash, trust, today),
        applet_version=applet_version,
        apdus=session_cost[0],
        bytes_read=session_cost[1],
    )


def applet_version(card_data: bytes) -> str | None:
    """Byte 21 of GET CARD DATA: 0x11, 0x17, 0x18 are 1.1, 1.7, 1.8."""
    return f"{card_data[21] >> 4}.{card_data[21] & 0x0F}" if len(card_data) >= 28 else None


def _required(session: CardSession, path: bytes) -> bytes:
    try:
        return session.read_file(path)
    except FileAbsent as absent:
        raise CardError(Reason.UNREADABLE, f"no file {absent}") from absent


def _optional(session: CardSession, path: bytes, *, at_most: int | None = None, is_der: bool = False) -> bytes:
    try:
        return session.read_file(path, at_most=at_most, is_der=is_der)
    except FileAbsent:
        return b""


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
        self._total = _USUAL_APDUS + _ROOT_APDUS
        self._skipped = 0

    def step(self, sent: int) -> None:
        if self._tell:
            self._tell(min(sent + self._skipped, self._total - 1), self._total)

    def skip(self, count: int) -> None:
        self._skipped += count

    def finish(self) -> None:
        if self._tell:
            self._tell(self._total, self._total)
