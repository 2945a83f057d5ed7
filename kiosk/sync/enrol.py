"""How this kiosk joins, and where it remembers who it is: `identity.json` beside the key file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.domain.wire import KeyChangeAnswer, decode_public_key, encode_public_key
from kiosk.sync.client import BackendClient, Identity, SyncError, SyncProblem
from kiosk.sync.keys import KeyFileError, KeyProblem, load_key, load_or_create_key, public_key_text

IDENTITY_FILE = "identity.json"


class IdentityFileError(Exception):
    """The file that says who this kiosk is cannot be read or written."""

    def __init__(self, path: Path, detail: str):
        super().__init__(f"{path}: {detail}")
        self.path = path


class _IdentityFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kiosk_id: UUID
    municipality: str
    public_key: str  # an identity belongs to one key; another key beside it is a mistake
    orders_key: str | None = None  # the backend's, which signs orders


def load_identity(key_file: Path) -> Identity | None:
    """Who this kiosk is; None when it is not enrolled. Raises KeyFileError or IdentityFileError."""
    path = key_file.with_name(IDENTITY_FILE)
    try:
        remembered = _IdentityFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise IdentityFileError(path, problem.strerror or "cannot be read") from None
    except ValidationError:
        raise IdentityFileError(path, "is not what enrolment writes") from None
    key = load_key(key_file)
    if public_key_text(key) != remembered.public_key:
        key = _changed_key(key_file, remembered.public_key)
    try:
        orders_key = _orders_key(remembered.orders_key)
    except ValueError:
        raise IdentityFileError(path, "is not what enrolment writes") from None
    return Identity(remembered.kiosk_id, remembered.municipality, key, orders_key)


def enrol(client: BackendClient, code: str, name: str, key_file: Path) -> Identity:
    """Join with a one-time code, under a name for people: where the kiosk stands.

    Makes the key where there is none. Safe to repeat with the same code when the answer was lost. The client
    signs its calls from now on. Raises SyncError, KeyFileError or IdentityFileError.
    """
    key = load_or_create_key(key_file)
    answer = client.enrol(code, public_key_text(key), name)
    try:
        orders_key = _orders_key(answer.orders_key)
    except ValueError:
        raise SyncError(SyncProblem.SERVER_ERROR, "the backend's key for orders is none") from None
    identity = Identity(answer.kiosk_id, answer.municipality, key, orders_key)
    _remember(identity, key_file.with_name(IDENTITY_FILE), key)
    client.identity = identity
    return identity


def change_key(client: BackendClient, key_file: Path) -> KeyChangeAnswer:
    """Take a new key. Safe to repeat after any interruption: the new key waits in a file of its own until the backend
    knows it, and `load_identity` finishes what was begun. Raises SyncError, KeyFileError or IdentityFileError.
    """
    identity = client.identity
    if identity is None:
        raise SyncError(SyncProblem.REFUSED, "this kiosk is not enrolled")
    new = load_or_create_key(_next(key_file))
    answer = client.change_key(new)
    changed = replace(identity, key=new)
    _remember(changed, key_file.with_name(IDENTITY_FILE), new)
    client.identity = replace(identity, key=_changed_key(key_file, public_key_text(new)))
    return answer


def _orders_key(text: str | None) -> Ed25519PublicKey | None:
    """Raises ValueError for what is no such key."""
    return Ed25519PublicKey.from_public_bytes(decode_public_key(text)) if text else None


def _next(key_file: Path) -> Path:
    return key_file.with_name(f"{key_file.name}.next")


def _changed_key(key_file: Path, public_key: str) -> Ed25519PrivateKey:
    """The new key in the old one's place, where it is the one that the backend knows. Raises KeyFileError."""
    try:
        key = load_key(_next(key_file))
    except KeyFileError:
        raise KeyFileError(KeyProblem.NOT_A_KEY, key_file) from None
    if public_key_text(key) != public_key:
        raise KeyFileError(KeyProblem.NOT_A_KEY, key_file)
    try:
        _next(key_file).replace(key_file)
    except OSError:
        raise KeyFileError(KeyProblem.NOT_WRITABLE, key_file) from None
    return key


def _remember(identity: Identity, path: Path, key: Ed25519PrivateKey) -> None:
    known = identity.orders_key
    content = _IdentityFile(
        kiosk_id=identity.kiosk_id,
        municipality=identity.municipality,
        public_key=public_key_text(key),
        orders_key=encode_public_key(known.public_bytes_raw()) if known is not None else None,
    )
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with fresh.open("w") as file:
            file.write(content.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as problem:
        raise IdentityFileError(path, problem.strerror or "cannot be written") from None
