"""Read a staff card: its certificate for card authentication, and the chip's own answer to fresh random bytes.

Three questions (SELECT, GET DATA, GENERAL AUTHENTICATE), which are four to fourteen commands: more for longer answers,
and on T=0, which fetches each. No PIN is asked for or sent: the key of slot 9E has none (SP 800-73-4 part 1, §3.3.1),
so the card proves that it is there, and not who holds it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hardware.smartcard.card import Validity
from hardware.smartcard.checks import Check, Outcome, Why
from hardware.smartcard.errors import CardError, DecodeError, Reason
from hardware.smartcard.piv import certificate as certificate_object
from hardware.smartcard.piv import commands
from hardware.smartcard.piv.errors import PivError, PivReason
from hardware.smartcard.piv.issuers import Issuers
from hardware.smartcard.piv.keys import CardKey
from hardware.smartcard.session import CardSession, converse
from hardware.smartcard.transport import CardChannel

CHALLENGE_SIZE = 32  # bytes; no less than the digest that is made over them

_NOT_THERE = (0x6A82, 0x6A88, 0x6982)  # no such object; or one that wants a PIN, as the standard has none here


@dataclass(frozen=True, slots=True, repr=False)
class PivReading:
    """What a staff card says of itself, and what of it is proven."""

    certificate: x509.Certificate
    chip: Check  # that the chip has the certificate's key, and so is no copy
    issuer: Check  # that one of the given authorities issued the certificate
    validity: Validity
    algorithm: str
    apdus: int
    bytes_read: int

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in lower-case hexadecimal, as every console of an authority shows it."""
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()

    def __repr__(self) -> str:
        return f"<PivReading {self.algorithm}, chip {self.chip.outcome}, {self.apdus} APDUs>"

    def as_json(self) -> dict[str, object]:
        """What `kiosk card badge` prints. The names in a certificate may be a person's."""
        return {
            "fingerprint": self.fingerprint,
            "subject": self.certificate.subject.rfc4514_string(),
            "issued_by": self.certificate.issuer.rfc4514_string(),
            "algorithm": self.algorithm,
            "validity": self.validity.as_json(),
            "checks": {"chip": self.chip.as_json(), "issuer": self.issuer.as_json()},
            "apdus": self.apdus,
            "bytes": self.bytes_read,
        }


def read_piv(
    channel: CardChannel, today: date, issuers: Issuers | None = None, *, challenge: bytes | None = None
) -> PivReading | None:
    """Read and verify; None for a card without the PIV application, which may be read as another kind thereafter.

    `challenge` are the random bytes that the chip has to sign, drawn here where none are given. An exchange that is
    lost while the card stays in begins the reading anew, twice at most. Raises CardError where the card is gone or
    silent, and PivError for one that has nothing to prove itself with. The channel stays open.
    """
    challenge = challenge or secrets.token_bytes(CHALLENGE_SIZE)
    found, cost = converse(channel, lambda session: _read(session, challenge))
    if found is None:
        return None
    certificate, key, chip = found
    begin, end = certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date()
    return PivReading(
        certificate=certificate,
        chip=chip,
        issuer=issuers.check(certificate, today) if issuers else Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED),
        validity=Validity.between(begin, end, today),
        algorithm=key.name,
        apdus=cost.apdus,
        bytes_read=cost.bytes_read,
    )


def _read(session: CardSession, challenge: bytes) -> tuple[x509.Certificate, CardKey, Check] | None:
    if not session.send(commands.select()).ok:
        return None
    response = session.send(commands.get_data(commands.CARD_AUTHENTICATION_CERTIFICATE))
    if response.sw in _NOT_THERE:
        raise PivError(PivReason.NO_CERTIFICATE, f"GET DATA answered {response.sw:04X}")
    if not response.ok:
        raise CardError(Reason.UNREADABLE, f"GET DATA answered {response.sw:04X}")
    certificate = certificate_object.decode(response.data)
    key = CardKey.of(certificate)
    return certificate, key, _ask_chip(session, key, challenge)


def _ask_chip(session: CardSession, key: CardKey, challenge: bytes) -> Check:
    response = session.send(commands.general_authenticate(key.algorithm, key.question(challenge)))
    if not response.ok:  # a copy whose chip has no such key, or a broken one: it has proven nothing
        return Check(Outcome.NOT_POSSIBLE, Why.REFUSED, f"{response.sw:04X}")
    try:
        signature = commands.signature_in(response.data)
    except DecodeError:
        return Check(Outcome.REFUTED, Why.MALFORMED, key.name)
    return key.check(challenge, signature)
