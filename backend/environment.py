"""What the backend is told from outside: environment variables `LOKET_…`, and one folder of its own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import HttpUrl, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_REPOSITORY = Path(__file__).resolve().parents[1]


class Environment(BaseSettings):
    """All settings, with the defaults of a first run on one's own machine.

    `LOKET_DATA`: the folder of the database, the generated secret and the compiled texts.
    `LOKET_PUBLIC_URL`: how browsers and kiosks reach the backend; an https address switches on all that
    belongs to it (secure cookies, HSTS, redirection).
    `LOKET_BEHIND_PROXY`: true when a reverse proxy sets X-Forwarded-Proto, and nobody else can.
    `LOKET_SECRET_KEY_FILE`: the file with Django's secret; by default one made in the data folder.
    """

    model_config = SettingsConfigDict(env_prefix="LOKET_")

    data: Path = _REPOSITORY / "build" / "backend"
    public_url: HttpUrl = HttpUrl("http://127.0.0.1")
    behind_proxy: bool = False
    secret_key_file: Path | None = None

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def https(self) -> bool:
        """Whether the public address is encrypted."""
        return self.public_url.scheme == "https"

    @property
    def hosts(self) -> list[str]:
        """The host names that requests may carry."""
        host = urlsplit(str(self.public_url)).hostname or "127.0.0.1"
        return [host, "localhost"] if host == "127.0.0.1" else [host]

    def secret_key(self) -> str:
        """Django's secret, made at the first start and readable by its owner only. Raises OSError."""
        path = self.secret_key_file or self.data / "secret-key"
        if self.secret_key_file is None and not path.exists():
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f"secret-key.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
            try:
                os.link(fresh, path)  # atomic, and never over a secret that another process made meanwhile
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip()
