"""Certificates of roots and registers, kept on disk from one start to the next.

A register's certificate is a quarter of what there is to read on a card, and its root's another: a kiosk that was
started anew should not read them from the first parent's card again. They are public and name nobody. Nothing is
believed because it lies in the folder: a root is let in by its pinned key, a register by such a root's signature.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hardware.smartcard.trust import Trust
from hardware.smartcard.verification import admit, parse_certificate

_LONGEST = 0x8000  # no file on a card is longer


class CertificateFolder:
    """One file (DER) for each certificate, named by its digest. The folder is made when something is kept."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._kept: frozenset[x509.Certificate] = frozenset()

    def load_into(self, trust: Trust) -> int:
        """Let in what can be proven; how many that were. Raises OSError where the folder cannot be read."""
        with contextlib.suppress(FileNotFoundError):  # nothing was kept yet
            paths = sorted(self._folder.glob("*.der"), key=lambda path: path.stat().st_mtime_ns)
            found = [certificate for path in paths if (certificate := _load(path)) is not None]
            roots_first = sorted(found, key=lambda certificate: certificate.issuer != certificate.subject)
            self._kept = frozenset(certificate for certificate in roots_first if admit(certificate, trust))
        return len(self._kept)

    def keep(self, trust: Trust) -> None:
        """Write down what the trust has met since, and remove what it has let go. Raises OSError."""
        wanted = frozenset((*trust.roots, *trust.registers))
        if wanted == self._kept:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for certificate in wanted - self._kept:
            _save(self._path(certificate), certificate.public_bytes(Encoding.DER))
        for certificate in self._kept - wanted:
            self._path(certificate).unlink(missing_ok=True)
        self._kept = wanted

    def _path(self, certificate: x509.Certificate) -> Path:
        return self._folder / f"{hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()}.der"


def _load(path: Path) -> x509.Certificate | None:
    with path.open("rb") as file:
        return parse_certificate(file.read(_LONGEST))


def _save(path: Path, data: bytes) -> None:
    """Whole or not at all, whenever the power goes."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
