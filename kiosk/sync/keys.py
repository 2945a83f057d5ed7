"""The kiosk's Ed25519 key: one file, readable by its owner only. It signs the calls and the tickets."""

from __future__ import annotations

import contextlib
import os
import stat
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kiosk.domain.wire import encode_public_key


class KeyProblem(StrEnum):
    """Why a key file cannot be used."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_A_KEY = "not-a-key"
    OPEN_TO_OTHERS = "open-to-others"
    NOT_WRITABLE = "not-writable"


class KeyFileError(Exception):
    """The key file cannot be used, or not be made."""

    def __init__(self, problem: KeyProblem, path: Path):
        super().__init__(f"{path}: {problem.value}")
        self.problem = problem
        self.path = path


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read the key. A file that others may read is refused: whoever has it can sign tickets. Raises KeyFileError."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except FileNotFoundError:
        raise KeyFileError(KeyProblem.MISSING, path) from None
    except OSError:
        raise KeyFileError(KeyProblem.UNREADABLE, path) from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(KeyProblem.OPEN_TO_OTHERS, path)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(KeyProblem.NOT_A_KEY, path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(KeyProblem.NOT_A_KEY, path)
    return key


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """Read the key, or make one where there is none. Raises KeyFileError.

    The file appears whole or not at all, and never over a key that is there already.
    """
    if not path.exists():
        _create(path)
    return load_key(path)


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public half as it goes over the wire."""
    return encode_public_key(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError:
        raise KeyFileError(KeyProblem.NOT_WRITABLE, path) from None
