"""Who calls: a kiosk's JWT, checked in an order that tells a wrong clock from a forgery.

The signature comes first, then the kiosk's standing, then the clock, then the request it was made for, and
last the jti is spent: only a token that is good in every other way may use up its number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, transaction

from backend.fleet.models import Kiosk, SpentToken
from kiosk.domain.wire import (
    CLOCK_TOLERANCE_SECONDS,
    TOKEN_AUDIENCE,
    TOKEN_LIFE_SECONDS,
    Refusal,
    call_digest,
    decode_public_key,
)

_MAX_TOKEN = 2048
_TOLERANCE = timedelta(seconds=CLOCK_TOLERANCE_SECONDS)
# The times are judged below, with a reason of their own.
_OPTIONS: Any = {
    "require": ["iat", "exp", "jti", "aud"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class TokenRefused(Exception):
    """The call is not who it says, or not now; `refusal` says which."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


def kiosk_of_call(token: str, method: str, path: str, body: bytes, *, now: datetime) -> Kiosk:
    """The kiosk that signed this very request. Raises TokenRefused."""
    kiosk = _named_kiosk(token)
    claims = _verified_claims(token, kiosk)
    if kiosk.revoked_at is not None:
        raise TokenRefused(Refusal.REVOKED)
    expires = _judge_times(claims, now)
    if claims.get("call") != call_digest(method, path, body):
        raise TokenRefused(Refusal.WRONG_BODY)
    _spend(kiosk, claims["jti"], expires + _TOLERANCE, now)
    return kiosk


def _named_kiosk(token: str) -> Kiosk:
    if len(token) > _MAX_TOKEN:
        raise TokenRefused(Refusal.MALFORMED_TOKEN)
    try:
        kid = UUID(jwt.get_unverified_header(token)["kid"])
    except (jwt.InvalidTokenError, KeyError, ValueError, AttributeError, TypeError):
        raise TokenRefused(Refusal.MALFORMED_TOKEN) from None
    kiosk = Kiosk.objects.select_related("municipality").filter(id=kid).first()
    if kiosk is None:
        raise TokenRefused(Refusal.UNKNOWN_KIOSK)
    return kiosk


def _verified_claims(token: str, kiosk: Kiosk) -> dict[str, Any]:
    key = Ed25519PublicKey.from_public_bytes(decode_public_key(kiosk.public_key))
    try:
        return jwt.decode(token, key, algorithms=["EdDSA"], audience=TOKEN_AUDIENCE, options=_OPTIONS)
    except jwt.InvalidSignatureError:
        raise TokenRefused(Refusal.BAD_SIGNATURE) from None
    except jwt.InvalidTokenError:
        raise TokenRefused(Refusal.MALFORMED_TOKEN) from None


def _judge_times(claims: dict[str, Any], now: datetime) -> datetime:
    try:
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        jti = claims["jti"]
    except (TypeError, ValueError, OverflowError, OSError):
        raise TokenRefused(Refusal.MALFORMED_TOKEN) from None
    too_long = expires - issued > timedelta(seconds=TOKEN_LIFE_SECONDS) or expires < issued
    if too_long or not isinstance(jti, str) or not 16 <= len(jti) <= 64:
        raise TokenRefused(Refusal.MALFORMED_TOKEN)
    if issued > now + _TOLERANCE or expires < now - _TOLERANCE:
        raise TokenRefused(Refusal.CLOCK_SKEW)
    return expires


def _spend(kiosk: Kiosk, jti: str, until: datetime, now: datetime) -> None:
    try:
        with transaction.atomic():
            SpentToken.objects.create(kiosk=kiosk, jti=jti, expires_at=until)
            Kiosk.objects.filter(pk=kiosk.pk).update(last_seen=now)
    except IntegrityError:
        raise TokenRefused(Refusal.REPLAYED) from None


def forget_expired_tokens(now: datetime) -> int:
    """Drop the numbers of tokens that nobody could use any more. Returns how many."""
    return SpentToken.objects.filter(expires_at__lt=now).delete()[0]
