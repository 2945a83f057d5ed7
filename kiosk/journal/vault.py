"""Personal data under lock and key on the kiosk's disk: AES-256-GCM, the key in a file outside the database.

Of an entry that names a person or a bank card, the ids and numbers by which it is found stay readable; all else
becomes one sealed text in its place. Each sealing has a nonce of its own (96 random bits,
NIST SP 800-38D §8.2.2), and is bound to its entry, so that no sealed text can be carried over to another.

What this is for: a stolen disk, or a copy of the database that leaves the house. Whoever has both files can read.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# What stays readable of a request, and what is sealed of a receipt.
_CLEAR_OF_REQUEST = frozenset({"kind", "ticket_id", "ticket_code"})
_PERSONAL_IN_RECEIPT = frozenset({"masked_pan", "card_name", "text"})
SEALED = "sealed"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class VaultError(Exception):
    """The key cannot be read, is none, or does not fit."""


class Vault:
    """Seals and opens with one key."""

    def __init__(self, key: bytes):
        self._cipher = AESGCM(key)
        self.key_id = sha256(b"loket-journal-key" + key).hexdigest()[:16]

    @classmethod
    def of_file(cls, path: Path, *, create: bool) -> Vault:
        """The key in a file that only its owner may read; made where there is none, if allowed. Raises VaultError."""
        try:
            if create:
                _create(path)
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise VaultError(f"{path}: others may read it")
            key = path.read_bytes()
        except OSError as problem:
            raise VaultError(f"{path}: {problem.strerror}") from None
        if len(key) != _KEY_BYTES:
            raise VaultError(f"{path}: holds no key of {_KEY_BYTES} bytes")
        return cls(key)

    def seal(self, entry_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
        """The body with what is personal sealed; one without is returned as it is."""
        clear, personal = _apart(body)
        if not personal:
            return body
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, json.dumps(personal).encode(), entry_id.bytes)
        return clear | {SEALED: base64.b64encode(sealed).decode()}

    def open(self, entry_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
        """The body as it was; one that is not sealed is returned as it is. Raises VaultError."""
        if SEALED not in body:
            return body
        try:
            raw = base64.b64decode(body[SEALED], validate=True)
            personal: dict[str, Any] = json.loads(
                self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], entry_id.bytes)
            )
        except (InvalidTag, ValueError, TypeError):
            raise VaultError(f"entry {entry_id}: sealed with another key, or changed") from None
        opened = {name: value for name, value in body.items() if name != SEALED} | personal
        if isinstance(body.get("receipt"), dict):
            opened["receipt"] = body["receipt"] | personal["receipt"]
        return opened


def without_person(body: dict[str, Any]) -> dict[str, Any]:
    """What may stay of a body once the backend has it: of a receipt its amount and numbers, of a request nothing."""
    return {} if body.get("kind") == "request_made" else {name: body[name] for name in body if name != SEALED}


def _apart(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be read by everybody, and what is personal."""
    if body.get("kind") == "request_made":
        return _divided(body, lambda name: name not in _CLEAR_OF_REQUEST)
    if body.get("kind") == "ticket_issued" and body.get("contents"):
        return _divided(body, lambda name: name == "contents")
    receipt = body.get("receipt")
    if not isinstance(receipt, dict):
        return body, {}
    clear, personal = _divided(receipt, lambda name: name in _PERSONAL_IN_RECEIPT)
    return body | {"receipt": clear}, {"receipt": personal} if any(personal.values()) else {}


def _divided(body: dict[str, Any], personal: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    clear = {name: value for name, value in body.items() if not personal(name)}
    return clear, {name: value for name, value in body.items() if personal(name)}


def _create(path: Path) -> None:
    """The file appears whole or not at all, and never over a key that is there already."""
    if path.exists():
        return
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
