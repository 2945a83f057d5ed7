"""How a kiosk joins: staff make a one-time code, the kiosk shows it once with its public key.

A code is three groups of four signs, such as K7PX-29QM-4TRW. The first group finds the row, the other eight
(40 bits) are the secret; after five wrong guesses the code is dead, and it dies by itself in half an hour.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from backend.fleet.models import EnrolmentCode, Kiosk, Municipality, RetiredKey
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import Refusal, decode_public_key, encode_public_key

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O and U
_SAID_INSTEAD = str.maketrans("ILO", "110")
_GROUP = 4
TRIES = 5


class EnrolmentRefused(Exception):
    """A kiosk may not join; `refusal` says why."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


def new_code(municipality: Municipality, *, now: datetime, minutes: int = 30) -> tuple[str, EnrolmentCode]:
    """A fresh code, which is shown once and not kept, and its row."""
    while True:
        groups = ["".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(3)]
        if not EnrolmentCode.objects.filter(public_part=groups[0]).exists():
            break
    row = EnrolmentCode.objects.create(
        public_part=groups[0],
        secret_digest=_digest("".join(groups)),
        municipality=municipality,
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
        tries_left=TRIES,
    )
    return "-".join(groups), row


def enrol(code: str, public_key: str, name: str, *, now: datetime) -> Kiosk:
    """Register a kiosk. The same code with the same key gives the same kiosk again, for an answer that was lost.

    Raises EnrolmentRefused; a wrong secret part costs the code one of its tries even so.
    """
    try:
        raw = decode_public_key(public_key)
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise EnrolmentRefused(Refusal.INVALID) from None
    result = _enrol(_normalise(code), encode_public_key(raw), name, now)
    if isinstance(result, Refusal):
        raise EnrolmentRefused(result)
    return result


@transaction.atomic
def _enrol(code: str, public_key: str, name: str, now: datetime) -> Kiosk | Refusal:
    # A refusal is returned, not raised: an exception would roll back the count of tries.
    row = EnrolmentCode.objects.select_for_update().filter(public_part=code[:_GROUP]).first()
    if row is None:
        return Refusal.WRONG_CODE
    if row.tries_left == 0:
        return Refusal.NO_TRIES_LEFT
    if not hmac.compare_digest(row.secret_digest, _digest(code)):
        row.tries_left -= 1
        row.save(update_fields=["tries_left"])
        return Refusal.WRONG_CODE if row.tries_left else Refusal.NO_TRIES_LEFT
    if row.used_by is not None:
        return row.used_by if row.used_by.public_key == public_key else Refusal.CODE_USED
    if now >= row.expires_at:
        return Refusal.CODE_EXPIRED
    retired = RetiredKey.objects.filter(public_key=public_key)
    if retired.exists() or Kiosk.objects.filter(public_key=public_key).exists():
        return Refusal.KEY_KNOWN
    row.used_by = Kiosk.objects.create(
        municipality=row.municipality,
        name=name,
        public_key=public_key,
        key_id=key_id_of(decode_public_key(public_key)),
        enrolled_at=now,
        last_seen=now,
    )
    row.save(update_fields=["used_by"])
    return row.used_by


def _normalise(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum()).translate(_SAID_INSTEAD)


def _digest(code: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"enrolment:" + code.replace("-", "").encode(), sha256).hexdigest()
