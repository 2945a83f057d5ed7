"""Who calls: a kiosk's JWT, checked in an order that tells a wrong clock from a forgery.

The signature comes first, then the clock, then the request it was made for, and last the jti is spent together with
the kiosk's standing: only a token that is good in every other way may use up its number.

A town of kiosks calls some hundred times a second, so what a call costs is kept small: the keys of kiosks are
remembered by each process for an hour, and spending a token is one statement, which is also the only place where a
kiosk's standing is looked at. A kiosk that is revoked is therefore refused from that moment on, by every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

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
_REMEMBERED = timedelta(hours=1)  # what may change meanwhile is looked at with each call (`SPEND`), or is in it
_MOST_REMEMBERED = 50_000  # some 30 MB; a forger who names kiosks that there are not is not remembered

SPEND = f"""
    INSERT INTO {SpentToken._meta.db_table} (kiosk_id, jti, expires_at)
    SELECT id, %s, %s FROM {Kiosk._meta.db_table} WHERE id = %s AND revoked_at IS NULL
    ON CONFLICT DO NOTHING RETURNING kiosk_id
"""
# Of PostgreSQL: the commit of this one statement does not wait for the disk (it is there within a second). Whoever
# kills the database in that second brings back a token for the rest of its minute; each call may be made twice anyway.
SOON = "set_config('synchronous_commit', 'off', true)"
_SPEND_SOON = f"{SPEND.rstrip()}, {SOON}"


class TokenRefused(Exception):
    """The call is not who it says, or not now; `refusal` says which."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Caller:
    """The kiosk that signed a call."""

    id: UUID
    municipality_id: str

    @property
    def database_id(self) -> Any:
        """Its number as a parameter of a statement."""
        return Kiosk._meta.pk.get_db_prep_value(self.id, connection)

    def kiosk(self) -> Kiosk:
        """Its row, read now."""
        return Kiosk.objects.select_related("municipality").get(pk=self.id)


@dataclass(frozen=True, slots=True)
class Signed:
    """A call that is good in every way but that its token's number is not spent yet, nor its kiosk's standing known."""

    caller: Caller
    jti: str
    until: datetime

    def values(self) -> tuple[Any, ...]:
        """The parameters of `SPEND`."""
        return self.jti, connection.ops.adapt_datetimefield_value(self.until), self.caller.database_id

    def spend(self) -> Caller:
        """Use the token up. Raises TokenRefused."""
        with connection.cursor() as cursor:
            cursor.execute(_SPEND_SOON if commits_alone() else SPEND, self.values())
            if cursor.fetchone() is None:
                raise self.refused()
        return self.caller

    def refused(self) -> TokenRefused:
        """Why it could not be spent."""
        standing = Kiosk.objects.filter(pk=self.caller.id).values_list("revoked_at", flat=True)
        if any(moment is None for moment in standing):
            return TokenRefused(Refusal.REPLAYED)
        return TokenRefused(Refusal.REVOKED if standing else Refusal.UNKNOWN_KIOSK)


def commits_alone() -> bool:
    """Whether a statement is a transaction of its own on PostgreSQL, so that `SOON` holds for it and nothing else."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered of a kiosk: its keys, each with the moment until which it may call (None: for ever)."""

    caller: Caller
    keys: tuple[tuple[Ed25519PublicKey, datetime | None], ...]
    read_at: datetime


_known: dict[UUID, _Known] = {}


def caller_of(token: str, method: str, path: str, body: bytes, *, now: datetime) -> Caller:
    """The kiosk that signed this very request, which is hereby used up. Raises TokenRefused."""
    return signed(token, method, path, body, now=now).spend()


def signed(token: str, method: str, path: str, body: bytes, *, now: datetime) -> Signed:
    """The kiosk that signed this very request, still to be spent. Raises TokenRefused."""
    kid = _named(token)
    known, claims = _verified(token, kid, now)
    expires = _judge_times(claims, now)
    if claims.get("call") != call_digest(method, path, body):
        raise TokenRefused(Refusal.WRONG_BODY)
    return Signed(known.caller, claims["jti"], expires + _TOLERANCE)


def _named(token: str) -> UUID:
    if len(token) > _MAX_TOKEN:
        raise TokenRefused(Refusal.MALFORMED_TOKEN)
    try:
        # The header alone: the library looks at each character in turn, and does so to the whole when it verifies.
        return UUID(jwt.get_unverified_header(token.partition(".")[0] + "..")["kid"])
    except (jwt.InvalidTokenError, KeyError, ValueError, AttributeError, TypeError):
        raise TokenRefused(Refusal.MALFORMED_TOKEN) from None


def _verified(token: str, kid: UUID, now: datetime) -> tuple[_Known, dict[str, Any]]:
    """With what is remembered of the kiosk; where that does not fit, with what the database says now."""
    remembered = _known.get(kid)
    if remembered is not None and timedelta() <= now - remembered.read_at < _REMEMBERED:
        claims = _claims(token, remembered, now)
        if claims is not None:
            return remembered, claims
    known = _remember(kid, now)
    claims = _claims(token, known, now)
    if claims is None:
        raise TokenRefused(Refusal.BAD_SIGNATURE)
    return known, claims


def _claims(token: str, known: _Known, now: datetime) -> dict[str, Any] | None:
    """What the token says; None when none of the kiosk's keys has signed it."""
    for key, until in known.keys:
        if until is not None and now >= until:
            continue
        try:
            return jwt.decode(token, key, algorithms=["EdDSA"], audience=TOKEN_AUDIENCE, options=_OPTIONS)
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError:
            raise TokenRefused(Refusal.MALFORMED_TOKEN) from None
    return None


def _remember(kid: UUID, now: datetime) -> _Known:
    """The kiosk's key and the latest of those that it has replaced, in one question."""
    found = Kiosk.objects.filter(id=kid).order_by("-retired_keys__retired_at")
    rows = list(
        found.values_list("municipality_id", "public_key", "retired_keys__public_key", "retired_keys__calls_until")[:2]
    )
    if not rows:
        _known.pop(kid, None)
        raise TokenRefused(Refusal.UNKNOWN_KIOSK)
    if len(_known) >= _MOST_REMEMBERED:
        _known.clear()
    keys: list[tuple[Ed25519PublicKey, datetime | None]] = [(_key(rows[0][1]), None)]
    keys += [(_key(old), until) for _, _, old, until in rows if old is not None]
    known = _Known(Caller(kid, rows[0][0]), tuple(keys), now)
    _known[kid] = known
    return known


def _key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(decode_public_key(text))


def _judge_times(claims: dict[str, Any], now: datetime) -> datetime:
    try:
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        jti = claims["jti"]
    except (TypeError, ValueError, OverflowError, OSError):
        raise TokenRefused(Refusal.MALFORMED_TOKEN) from None
    too_long = expires - issued > timedelta(seconds=TOKEN_LIFE_SECONDS) or expires < issued
    if too_long or not isinstance(jti, str) or not 16 <= len(jti) <= 64 or not jti.isprintable():
        raise TokenRefused(Refusal.MALFORMED_TOKEN)
    if issued > now + _TOLERANCE or expires < now - _TOLERANCE:
        raise TokenRefused(Refusal.CLOCK_SKEW)
    return expires


def forget_expired_tokens(now: datetime) -> int:
    """Drop the numbers of tokens that nobody could use any more. Returns how many."""
    return SpentToken.objects.filter(expires_at__lt=now).delete()[0]
