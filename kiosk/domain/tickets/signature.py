"""Reading and checking the text of a ticket's QR code. Pure: the key set is handed in, the answer is a value.

It lives among the rules because both the pickup desk's backend and the kiosk check tickets; signing is the
kiosk's alone (`kiosk.ticket.signature`). The format is specified in docs/ticket.md:

    "LK1:" + base45( COSE_Sign1( zlib( CBOR claims ) ) )

The claims are compressed before they are signed, not after: so nothing unsigned is ever inflated, and a
ticket has exactly one text. (A deflate stream outside the signature can be written in many ways that all
inflate to the same bytes, and one changed character would go unnoticed.) For the same reason the envelope
must be the shortest CBOR, with nothing in its unprotected header.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import base45
import cbor2
from cwt import COSE, COSEKey, VerifyError

from kiosk.domain.tickets.claims import BookedTime, Claims, Payment, PaymentState, RequestedCard, normalise
from kiosk.domain.tickets.keys import KeySet, TicketKey

PREFIX = "LK1:"
FAMILY = "LK"  # other versions of ours begin with it
MAX_TEXT = 600  # characters that QR version 15 holds at error correction M in alphanumeric mode
MAX_CLAIMS = 2048  # bytes of inflated claims; more is no ticket of ours

COSE_SIGN1 = 18
ALGORITHM_HEADER, KEY_ID_HEADER = 1, 4
EDDSA = -8
SIGNATURE_BYTES = 64

# A barcode scanner may put the AIM symbology identifier of a QR code before the text (ISO/IEC 15424).
_AIM_QR = "]Q"

T = TypeVar("T")


class RefusalReason(StrEnum):
    """Why a scanned text is not accepted as a ticket."""

    NOT_A_TICKET = "not-a-ticket"  # some other barcode
    UNKNOWN_VERSION = "unknown-version"  # a ticket of a later or earlier format
    DAMAGED = "damaged"  # ours, but not readable to the end
    UNKNOWN_KEY = "unknown-key"  # no kiosk in the key set signs with this key
    BAD_SIGNATURE = "bad-signature"  # changed or forged
    REVOKED_KEY = "revoked-key"  # rightly signed, by a key that is no longer trusted
    MALFORMED_CLAIMS = "malformed-claims"  # rightly signed, but not what a ticket says
    WRONG_KIOSK = "wrong-kiosk"  # rightly signed, by another kiosk than it names


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text that is not accepted. `key_id` is the key it names, once that could be read."""

    reason: RefusalReason
    key_id: str | None = None


class ClaimKey:
    """The integer keys of the claims on the wire (docs/ticket.md)."""

    TICKET_ID = 1
    CODE = 2
    MUNICIPALITY = 3
    KIOSK = 4
    ISSUED_AT = 5
    SERVICE = 6
    APPOINTMENT = 7
    PAYMENT = 8
    REQUESTS = 9


class _Refused(Exception):
    """Carries a refusal out of the steps below; never leaves this module."""

    def __init__(self, reason: RefusalReason, key_id: str | None = None):
        self.refusal = Refusal(reason, key_id)


def verify(text: str, keys: KeySet) -> Claims | Refusal:
    """What a scanned text says, if a kiosk of the key set signed it; else why it is refused.

    Takes any text whatever and raises nothing. White space around the text and a scanner's symbology
    identifier before it do not matter.
    """
    try:
        key_id, envelope = _open_envelope(_payload(text))
        key = keys.get(key_id)
        if key is None:
            raise _Refused(RefusalReason.UNKNOWN_KEY, key_id)
        compressed = _check_signature(envelope, key)
        if key.revoked_at is not None:
            raise _Refused(RefusalReason.REVOKED_KEY, key_id)
        try:
            claims = decode_claims(compressed)
        except ValueError:
            raise _Refused(RefusalReason.MALFORMED_CLAIMS, key_id) from None
        if claims.kiosk != key.kiosk:
            raise _Refused(RefusalReason.WRONG_KIOSK, key_id)
    except _Refused as refused:
        return refused.refusal
    return claims


def protected_header(key_id: str) -> dict[int, int | bytes]:
    """The protected header of a ticket signed with this key."""
    return {ALGORITHM_HEADER: EDDSA, KEY_ID_HEADER: key_id.encode()}


def _payload(text: str) -> bytes:
    """The bytes behind the prefix."""
    text = text.strip()  # base45 of whole bytes never ends in its own space
    if text.startswith(_AIM_QR):
        text = text[len(_AIM_QR) + 1 :]
    if not text.startswith(PREFIX):
        version, colon, _ = text.partition(":")
        ours = colon and version.startswith(FAMILY) and version[len(FAMILY) :].isdecimal()
        raise _Refused(RefusalReason.UNKNOWN_VERSION if ours else RefusalReason.NOT_A_TICKET)
    if len(text) > MAX_TEXT:
        raise _Refused(RefusalReason.DAMAGED)
    try:
        return bytes(base45.b45decode(text[len(PREFIX) :]))
    except ValueError:
        raise _Refused(RefusalReason.DAMAGED) from None


def _open_envelope(data: bytes) -> tuple[str, bytes]:
    """The key id, and the data themselves once they are known to be the one right way to write a COSE_Sign1."""
    try:
        tagged = cbor2.loads(data)
        protected, unprotected, payload, signature = tagged.value
        header = cbor2.loads(protected)
        key_id = header[KEY_ID_HEADER].decode()
        sound = (
            tagged.tag == COSE_SIGN1
            and unprotected == {}
            and isinstance(payload, bytes)
            and isinstance(signature, bytes)
            and len(signature) == SIGNATURE_BYTES
            and cbor2.dumps(protected_header(key_id)) == protected
            and cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature])) == data
        )
    except (cbor2.CBORError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _Refused(RefusalReason.DAMAGED) from None
    if not sound:
        raise _Refused(RefusalReason.DAMAGED)
    return key_id, data


def _check_signature(envelope: bytes, key: TicketKey) -> bytes:
    """The signed payload, still compressed."""
    public = COSEKey.new({1: 1, 2: key.key_id.encode(), 3: EDDSA, -1: 6, -2: key.public})
    try:
        payload = COSE.new().decode(envelope, public)
    except VerifyError:
        raise _Refused(RefusalReason.BAD_SIGNATURE, key.key_id) from None
    return bytes(payload)


# --- Claims ------------------------------------------------------------------------------------------


def encode_claims(claims: Claims) -> bytes:
    """Claims as compressed CBOR, ready to be signed."""
    booked = claims.appointment
    wire: dict[int, Any] = {
        ClaimKey.TICKET_ID: claims.ticket_id.bytes,
        ClaimKey.CODE: claims.code.replace("-", ""),
        ClaimKey.MUNICIPALITY: claims.municipality,
        ClaimKey.KIOSK: claims.kiosk,
        ClaimKey.ISSUED_AT: int(claims.issued_at.timestamp()),
        ClaimKey.SERVICE: claims.service,
        ClaimKey.PAYMENT: [claims.payment.state.value, claims.payment.cents],
        ClaimKey.REQUESTS: [[request.card_type, request.procedure] for request in claims.requests],
    }
    if booked is not None:
        wire[ClaimKey.APPOINTMENT] = [int(booked.start.timestamp()), booked.minutes, booked.desk]
    return zlib.compress(cbor2.dumps(wire, canonical=True), 9)


def decode_claims(compressed: bytes) -> Claims:
    """The claims behind a good signature. Raises ValueError when they are not what a ticket says.

    Keys it does not know are passed over, so that a later kiosk may say more.
    """
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(compressed, MAX_CLAIMS)
        if not inflater.eof or inflater.unused_data:
            raise ValueError("the compressed claims are cut off, too long, or followed by something")
        return _claims(cbor2.loads(data))
    except (zlib.error, cbor2.CBORError, TypeError, LookupError, OverflowError, OSError) as error:
        raise ValueError(f"no claims of a ticket: {error}") from error


def _claims(wire: dict[int, Any]) -> Claims:
    state, cents = wire[ClaimKey.PAYMENT]
    booked = wire.get(ClaimKey.APPOINTMENT)
    return Claims(
        ticket_id=UUID(bytes=_exactly(bytes, wire[ClaimKey.TICKET_ID])),
        code=normalise(_word(wire[ClaimKey.CODE])),
        municipality=_word(wire[ClaimKey.MUNICIPALITY]),
        kiosk=_word(wire[ClaimKey.KIOSK]),
        issued_at=_moment(wire[ClaimKey.ISSUED_AT]),
        service=_word(wire[ClaimKey.SERVICE]),
        appointment=None if booked is None else _booked_time(booked),
        payment=Payment(PaymentState(state), _exactly(int, cents)),
        requests=tuple(RequestedCard(_perhaps(card), _perhaps(procedure)) for card, procedure in _requests(wire)),
    )


def _booked_time(value: Any) -> BookedTime:
    start, minutes, desk = value
    return BookedTime(_moment(start), _exactly(int, minutes), _perhaps(desk))


def _requests(wire: dict[int, Any]) -> list[Any]:
    return _exactly(list, wire[ClaimKey.REQUESTS])


def _exactly(kind: type[T], value: Any) -> T:
    if type(value) is not kind:  # True is an int to isinstance
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _word(value: Any) -> str:
    return _exactly(str, value)


def _perhaps(value: Any) -> str | None:
    return None if value is None else _word(value)


def _moment(value: Any) -> datetime:
    return datetime.fromtimestamp(_exactly(int, value), UTC)
