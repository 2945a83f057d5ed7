"""The public keys that tickets are checked with: one per kiosk, in a file like a JSON Web Key set.

Pure: text in, keys out. The backend and the kiosk share it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256


class KeySetError(ValueError):
    """A key set that cannot be used; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A kiosk's public key (32 bytes of Ed25519). Once revoked, nothing it signed is accepted any more.

    That holds for earlier tickets too: whoever holds a stolen key also chooses the issue time it signs. The
    desk then finds the request by its code. A key that was only replaced stays in the set, unrevoked.
    """

    key_id: str
    kiosk: str
    public: bytes
    revoked_at: datetime | None = None


KeySet = Mapping[str, TicketKey]


def key_set(keys: Iterable[TicketKey]) -> KeySet:
    """Keys by their id. Raises KeySetError when two share one."""
    found: dict[str, TicketKey] = {}
    for key in keys:
        if key.key_id in found:
            raise KeySetError(f"two keys have the kid {key.key_id!r}")
        found[key.key_id] = key
    return found


def key_id_of(public: bytes) -> str:
    """The id of a public key: eleven characters, from the first eight bytes of its thumbprint (RFC 7638)."""
    thumbprint = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}, separators=(",", ":"))
    return _base64url(sha256(thumbprint.encode()).digest()[:8])


def to_jwk(key: TicketKey) -> dict[str, str]:
    """A key as a member of a key file: a JSON Web Key (RFC 8037) with `kiosk` and perhaps `revoked_at`."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": key.key_id, "kiosk": key.kiosk, "x": _base64url(key.public)}
    if key.revoked_at is not None:
        jwk["revoked_at"] = key.revoked_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return jwk


def parse_key_set(text: str) -> KeySet:
    """The keys of a key file: `{"keys": [...]}`, each as `to_jwk` writes it. Raises KeySetError."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise KeySetError(f"the key set is not JSON: {error}") from error
    keys = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(keys, list):
        raise KeySetError('the key set has no list "keys"')
    return key_set(_from_jwk(jwk, f"keys[{index}]") for index, jwk in enumerate(keys))


def write_key_set(keys: Iterable[TicketKey]) -> str:
    """The text of a key file that `parse_key_set` reads."""
    return json.dumps({"keys": [to_jwk(key) for key in keys]}, indent=2) + "\n"


def _from_jwk(jwk: object, place: str) -> TicketKey:
    if not isinstance(jwk, dict):
        raise KeySetError(f"{place} is not an object")
    for name in ("kty", "crv", "kid", "kiosk", "x"):
        if not isinstance(jwk.get(name), str) or not jwk[name]:
            raise KeySetError(f'{place} lacks "{name}"')
    if (jwk["kty"], jwk["crv"]) != ("OKP", "Ed25519"):
        raise KeySetError(f"{place} is not an Ed25519 key")
    try:
        public = base64.b64decode(jwk["x"] + "=" * (-len(jwk["x"]) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise KeySetError(f'{place}: "x" is not base64url') from error
    if len(public) != 32:
        raise KeySetError(f'{place}: "x" holds {len(public)} bytes, not the 32 of an Ed25519 key')
    return TicketKey(jwk["kid"], jwk["kiosk"], public, _revoked_at(jwk.get("revoked_at"), place))


def _revoked_at(value: object, place: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise KeySetError(f'{place}: "revoked_at" is not a moment with its offset, such as 2026-11-22T14:36:00Z')
    return moment


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
