"""What the backend is told from outside: environment variables `LOKET_…`, and one folder of its own."""

from __future__ import annotations

import os
import secrets
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_REPOSITORY = Path(__file__).resolve().parents[1]

# No statement of ours takes this long; one that does waits for somebody who has died, and must not take a
# server's thread with it. Milliseconds.
_POSTGRESQL_LIMITS = {
    "statement_timeout": 15_000,
    "lock_timeout": 10_000,
    "idle_in_transaction_session_timeout": 30_000,
}
_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


class SingleSignOn(BaseModel):
    """A municipality's own login, an OpenID Connect provider: one `[[provider]]` of the file `LOKET_SINGLE_SIGN_ON`.

    `server` is the issuer's address, with `/.well-known/openid-configuration` behind it. `roles` maps what stands in
    the claim `groups_claim` to a role of the console; whoever has none of these groups is not let in. With
    `second_factor` the provider asks for one itself, and none is asked for here. Platform staff never come this way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    municipality: str
    server: HttpUrl
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Path
    groups_claim: str = "groups"
    roles: dict[str, Literal["desk", "kiosk-staff", "finance", "manager"]]
    second_factor: bool = False

    @property
    def origin(self) -> str:
        """Where the browser is sent, as a content security policy names it."""
        parts = urlsplit(str(self.server))
        return f"{parts.scheme}://{parts.netloc}"

    def role_of(self, groups: object) -> str | None:
        """The role of the first group in the file's order that somebody is in."""
        held = {groups} if isinstance(groups, str) else set(groups) if isinstance(groups, list) else set()
        return next((role for group, role in self.roles.items() if group in held), None)


class _SingleSignOnFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    provider: tuple[SingleSignOn, ...] = ()


class Environment(BaseSettings):
    """All settings, with the defaults of a first run on one's own machine.

    `LOKET_DATA`: the folder of the database, the generated secret and the compiled texts.
    `LOKET_DATABASE`: a PostgreSQL address, `postgresql://user@host/name`; unset, SQLite in the data folder.
    `LOKET_DATABASE_PASSWORD_FILE`: the file with its password, which an address cannot keep secret.
    `LOKET_PUBLIC_URL`: how browsers and kiosks reach the backend; an https address switches on all that
    belongs to it (secure cookies, HSTS, redirection).
    `LOKET_BEHIND_PROXY`: true when a reverse proxy sets X-Forwarded-Proto and X-Forwarded-For, and nobody else can.
    `LOKET_CALENDARS_FILE`: which municipality uses which other calendar (`backend.appointments.outside.setup`).
    `LOKET_SECRET_KEY_FILE`: the file with Django's secret; by default one made in the data folder.
    `LOKET_SINGLE_SIGN_ON`: a TOML file with the municipalities' own logins, see `SingleSignOn`.
    `LOKET_ORDERS_KEY_FILE`: the Ed25519 key (PEM) that signs orders to kiosks; by default one made in the data folder.
    `LOKET_METRICS_TOKEN_FILE`: the file with the token that opens `/metrics`; unset, it is closed.
    `LOKET_MAIL_HOST`, `_PORT`, `_USER`, `_PASSWORD_FILE`, `_TLS`, `_FROM`: where mail goes out; without a host it is
    written to files in the data folder.
    """

    model_config = SettingsConfigDict(env_prefix="LOKET_")

    data: Path = _REPOSITORY / "build" / "backend"
    database: str = ""
    database_password_file: Path | None = None
    public_url: HttpUrl = HttpUrl("http://127.0.0.1")
    behind_proxy: bool = False
    secret_key_file: Path | None = None
    calendars_file: Path | None = None
    orders_key_file: Path | None = None
    metrics_token_file: Path | None = None
    mail_host: str = ""
    mail_port: Annotated[int, Field(ge=1, le=65535)] = 587
    mail_user: str = ""
    mail_password_file: Path | None = None
    mail_tls: bool = True
    mail_from: str = "loket@localhost"
    single_sign_on_file: Annotated[Path | None, Field(alias="LOKET_SINGLE_SIGN_ON")] = None

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database")
    @classmethod
    def _postgresql(cls, value: str) -> str:
        try:
            parts = conninfo_to_dict(value) if value else {"dbname": ""}
        except ProgrammingError:
            parts = {}
        if "dbname" not in parts:  # nothing of the value is repeated: it may hold a password
            raise ValueError("should be an address such as postgresql://user@host/name")
        return value

    @property
    def https(self) -> bool:
        """Whether the public address is encrypted."""
        return self.public_url.scheme == "https"

    @property
    def hosts(self) -> list[str]:
        """The host names that requests may carry."""
        host = urlsplit(str(self.public_url)).hostname or "127.0.0.1"
        return [host, "localhost"] if host == "127.0.0.1" else [host]

    @cached_property
    def single_sign_on(self) -> tuple[SingleSignOn, ...]:
        """The municipalities' own logins. Raises OSError, tomllib.TOMLDecodeError and pydantic.ValidationError."""
        if self.single_sign_on_file is None:
            return ()
        return _SingleSignOnFile.model_validate(
            tomllib.loads(self.single_sign_on_file.read_text(encoding="utf-8"))
        ).provider

    @property
    def orders_key_path(self) -> Path:
        """Where the key that signs orders lies, or will."""
        return self.orders_key_file or self.data / "orders-key.pem"

    def metrics_token(self) -> str:
        """What opens `/metrics`; empty: nothing does. Raises OSError."""
        return self.metrics_token_file.read_text().strip() if self.metrics_token_file else ""

    def django_mail(self) -> dict[str, Any]:
        """Django's settings of mail. Raises OSError where the password's file cannot be read."""
        if not self.mail_host:
            folder = self.data / "mail"
            return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
        password = self.mail_password_file.read_text().strip() if self.mail_password_file else ""
        return {
            "EMAIL_HOST": self.mail_host,
            "EMAIL_PORT": self.mail_port,
            "EMAIL_HOST_USER": self.mail_user,
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_USE_TLS": self.mail_tls,
            "EMAIL_TIMEOUT": 10,
        }

    def secret_key(self) -> str:
        """Django's secret, made at the first start and readable by its owner only. Raises OSError."""
        path = self.secret_key_file or self.data / "secret-key"
        if self.secret_key_file is None:
            make_secret_file(path, secrets.token_urlsafe(64).encode())
        return path.read_text().strip()

    def django_database(self) -> dict[str, Any]:
        """The entry of Django's DATABASES. Raises OSError where the password's file cannot be read."""
        return self._postgresql_database() if self.database else self._sqlite_database()

    def _sqlite_database(self) -> dict[str, Any]:
        # An answer to a kiosk is a promise: the kiosk may erase what was acknowledged. So every commit reaches
        # the disk (synchronous FULL), and a transaction takes the write lock at once (IMMEDIATE), so that two
        # writers wait for each other instead of failing half-way.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": self.data / "backend.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }

    def _postgresql_database(self) -> dict[str, Any]:
        parts = {name: value for name, value in conninfo_to_dict(self.database).items() if value is not None}
        if self.database_password_file is not None:
            parts["password"] = self.database_password_file.read_text().strip()
        limits = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL_LIMITS.items())
        return {
            "ENGINE": "django.db.backends.postgresql",
            **{_NAMES[name]: parts.pop(name) for name in list(parts) if name in _NAMES},
            # A connection of each thread lives on: to open one takes longer than most requests. One that the
            # server closed meanwhile is found by a check before its first use.
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            # Statements are prepared: half of what a small statement costs the database is to plan it.
            "OPTIONS": {
                "connect_timeout": 5,
                "server_side_binding": True,
                "prepare_threshold": 3,
                **parts,
                "options": limits,
            },
        }


def make_secret_file(path: Path, content: bytes) -> None:
    """Write a secret that only its owner may read, unless one is there already. Raises OSError."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    try:
        os.link(fresh, path)  # atomic, and never over a secret that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
