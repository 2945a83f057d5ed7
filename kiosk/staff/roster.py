"""Who of the town hall may open service mode: a TOML file of the kiosk, without a secret that could be read off it.

    [[member]]
    id = "el"                      # what the record calls them; no need to be a name
    name = "Els"                   # what the screen greets them with
    role = "manager"               # or "kiosk"
    card = "hmac…"                 # of their own residence or identity card, or left out
    badge = "hmac…"                # of the staff badge that the town gave them (PIV), or left out
    code = "scrypt…"               # a code of six to twelve digits, or left out
    authenticator = "BASE32…"      # goes with a code: the second factor, RFC 6238, six digits each 30 seconds

A card is kept as an HMAC of its holder's national number, a badge of its certificate's fingerprint, under the file's
own random key, so that a look at the file names nobody; both are read by the kiosk's reader, and prove there that they
are no copies. A code never opens anything alone. `kiosk
staff add` writes the file; `read` refuses one that others than its owner can read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

PERIOD = 30  # seconds of one authenticator code; what every authenticator app does (RFC 6238, 5.2)
DRIFT = 1  # codes before and after the present one that count: a clock of a telephone may be half a minute out
_DIGITS = 6

# scrypt as OWASP's password storage guidance has it for machines with little memory: 32 MiB, and three times.
_N, _R, _P, _MAXMEM = 2**15, 8, 3, 64 * 1024 * 1024

Line = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[a-z0-9-]+$")]


class Role(StrEnum):
    """What a member of staff may do at the kiosk."""

    KIOSK = "kiosk"  # refill, clean, test, take out of service and back
    MANAGER = "manager"  # besides: end of day, open cases, settings


class RosterFault(Exception):
    """A file of staff that cannot be used: which, and why, in one line."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Member(_Closed):
    """One member of staff."""

    id: Name
    name: Line
    role: Role = Role.KIOSK
    card: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    badge: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    code: str | None = None
    authenticator: str | None = None

    @field_validator("authenticator")
    @classmethod
    def _base32(cls, secret: str | None) -> str | None:
        if secret is not None and not _is_secret(secret):
            raise ValueError("should be a secret in base 32 of at least 16 bytes")
        return secret

    @model_validator(mode="after")
    def _a_way_in(self) -> Member:
        if (self.code is None) != (self.authenticator is None):
            raise ValueError("should have code and authenticator, or neither")
        if self.code is None and self.card is None and self.badge is None:
            raise ValueError("should have a card, a badge, or a code with an authenticator")
        return self


class Roster(_Closed):
    """All of them, and the key under which their cards are kept."""

    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    member: tuple[Member, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Roster:
        ids = [member.id for member in self.member]
        if len(set(ids)) < len(ids):
            raise ValueError("should have each id once")
        return self

    def of_card(self, national_number: str) -> Member | None:
        """Whose card this is, of those who have one here."""
        print_of_card = card_print(self.key, national_number)
        return next((m for m in self.member if m.card and hmac.compare_digest(m.card, print_of_card)), None)

    def of_badge(self, fingerprint: str) -> Member | None:
        """Whose staff badge has this certificate."""
        print_of_badge = badge_print(self.key, fingerprint)
        return next((m for m in self.member if m.badge and hmac.compare_digest(m.badge, print_of_badge)), None)

    def of_id(self, member_id: str) -> Member | None:
        """The member of this id."""
        return next((member for member in self.member if member.id == member_id), None)


@dataclass(frozen=True, slots=True)
class Step:
    """A code of an authenticator that has been used: it opens nothing a second time."""

    member_id: str
    counter: int


def of_code(roster: Roster, code: str, token: str, now: datetime, used: frozenset[Step]) -> tuple[Member, Step] | None:
    """Who this code and this authenticator belong to; None where no one's do, or where the token has been used.

    The authenticator is looked at first, for that costs nothing; one scrypt is done in any case, so that the time taken
    does not tell a wrong code from a wrong token.
    """
    steps = ((member, _step(member, token, now)) for member in roster.member)
    candidates = [(member, step) for member, step in steps if step is not None and step not in used]
    found = None
    for member, step in candidates:
        if member.code is not None and _matches(code, member.code):
            found = member, step
    if not candidates:
        _scrypt(code, b"nobody has this")
    return found


def card_print(key: str, national_number: str) -> str:
    """What is kept of a card."""
    return hmac.new(bytes.fromhex(key), national_number.encode(), hashlib.sha256).hexdigest()


def badge_print(key: str, fingerprint: str) -> str:
    """What is kept of a badge: of the SHA-256 of its certificate, in hexadecimal."""
    return hmac.new(bytes.fromhex(key), b"badge " + fingerprint.encode(), hashlib.sha256).hexdigest()


def code_print(code: str) -> str:
    """What is kept of a code. ValueError for what is no code of six to twelve digits, or one that anybody would try."""
    if not (6 <= len(code) <= 12 and code.isascii() and code.isdigit()):
        raise ValueError("a code has six to twelve digits")
    if len(set(code)) < 3 or code in "01234567890123" or code in "98765432109876":
        raise ValueError("this code is too easy to guess")
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(code, salt).hex()}"


def new_secret() -> str:
    """A secret for an authenticator: 20 random bytes (RFC 4226, 4), in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def new_roster() -> Roster:
    """Nobody yet, and a fresh key."""
    return Roster(key=secrets.token_hex(32))


def read(path: Path) -> Roster:
    """The file. Raises RosterFault; a missing file is a roster of nobody."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise RosterFault(f"{path} can be read by others than its owner: chmod 600 {path}")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return new_roster()
    except OSError as problem:
        raise RosterFault(f"{path} cannot be read: {problem.strerror}") from problem
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise RosterFault(f"{path} is not TOML: {problem}") from problem
    try:
        return Roster.model_validate(data)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        place = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
        raise RosterFault(f"{path}: {place}: {error['msg'].removeprefix('Value error, ')}") from problem


def write(path: Path, roster: Roster) -> None:
    """Put the file in place, whole or not at all, readable by the folder's owner alone. Raises OSError.

    Written by root, it belongs to whom the folder belongs to: the kiosk has to read it.
    """
    owner = path.parent.stat()
    beside = path.with_name(f".{path.name}.new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(written(roster))
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(beside, owner.st_uid, owner.st_gid)
    beside.replace(path)


def written(roster: Roster) -> str:
    """The file's text. All values are of letters that TOML takes as they are, but for names."""
    return "\n".join(_lines(roster)) + "\n"


def _lines(roster: Roster) -> Iterator[str]:
    yield "# Who may open service mode on this kiosk. `kiosk staff` reads and writes it."
    yield f'key = "{roster.key}"'
    for member in roster.member:
        yield ""
        yield "[[member]]"
        for name, value in member.model_dump(mode="json", exclude_none=True).items():
            text = str(value).replace("\\", "\\\\").replace('"', '\\"')
            yield f'{name} = "{text}"'


def _scrypt(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MAXMEM, dklen=32)


def _matches(code: str, kept: str) -> bool:
    try:
        method, salt, digest = kept.split("$")
        wanted = bytes.fromhex(digest)
        tried = _scrypt(code, bytes.fromhex(salt))
    except ValueError:
        return False
    return method == "scrypt" and hmac.compare_digest(tried, wanted)


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b32decode(text)) >= 16
    except binascii.Error:
        return False


def _step(member: Member, token: str, now: datetime) -> Step | None:
    if member.authenticator is None or not (len(token) == _DIGITS and token.isascii() and token.isdigit()):
        return None
    totp = TOTP(base64.b32decode(member.authenticator), _DIGITS, SHA1(), PERIOD)  # what authenticator apps speak
    present = int(now.timestamp()) // PERIOD
    for counter in range(present - DRIFT, present + DRIFT + 1):
        try:
            totp.verify(token.encode(), counter * PERIOD)
        except InvalidToken:
            continue
        return Step(member.id, counter)
    return None
