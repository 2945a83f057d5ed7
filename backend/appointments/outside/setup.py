"""Which municipality uses which calendar: a TOML file that `LOKET_CALENDARS_FILE` names.

[zandvoorde]
kind = "jcc"                      # or "qmatic"
url = "https://afspraken.example.be/api/warp/v1/"
place = "f3b8864b-…"              # the vendor's id of the location or branch
product = "2e656741-…"            # … of the activity or service
desk = "Vreemdelingenzaken"       # how a ticket names the desk
client_id = "loket"               # JCC
secret_file = "/etc/loket/jcc"    # JCC; Qmatic: certificate_file and key_file, where it demands them
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from backend.appointments.outside.contract import Calendar, ConfigWrong
from backend.appointments.outside.http import TIMEOUT_SECONDS
from backend.appointments.outside.jcc.client import JccClient
from backend.appointments.outside.jcc.plugin import JccCalendar
from backend.appointments.outside.qmatic.client import QmaticClient
from backend.appointments.outside.qmatic.plugin import QmaticCalendar


class _Setup(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    place: str = Field(min_length=1, max_length=200)
    product: str = Field(min_length=1, max_length=200)
    desk: str = Field(min_length=1, max_length=80)
    ca_file: Path | None = None

    def http(self, **options: object) -> httpx.Client:
        """A client of this address. Raises OSError where a file cannot be read."""
        verify = str(self.ca_file) if self.ca_file else True
        url = str(self.url).rstrip("/") + "/"
        return httpx.Client(
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
            verify=verify,
            **options,  # type: ignore[arg-type]
        )


class JccSetup(_Setup):
    """JCC-Afspraken."""

    kind: Literal["jcc"]
    client_id: str = Field(min_length=1)
    secret_file: Path

    def calendar(self) -> Calendar:
        """Raises OSError."""
        return JccCalendar(
            JccClient(self.http(), self.client_id, self.secret_file.read_text().strip()), self.place, self.product
        )


class QmaticSetup(_Setup):
    """Qmatic Orchestra Calendar."""

    kind: Literal["qmatic"]
    certificate_file: Path | None = None
    key_file: Path | None = None

    def calendar(self) -> Calendar:
        """Raises OSError."""
        certificate = (str(self.certificate_file), str(self.key_file or self.certificate_file))
        http = self.http(cert=certificate) if self.certificate_file else self.http()
        return QmaticCalendar(QmaticClient(http), self.place, self.product)


CalendarSetup = Annotated[JccSetup | QmaticSetup, Field(discriminator="kind")]
_FILE: TypeAdapter[dict[str, CalendarSetup]] = TypeAdapter(dict[str, CalendarSetup])


def read(path: Path | None) -> dict[str, JccSetup | QmaticSetup]:
    """The set-up of each municipality that uses another calendar. Raises ConfigWrong, with every fault."""
    if path is None:
        return {}
    try:
        return _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as problem:
        raise ConfigWrong(f"{path}: {problem.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigWrong(f"{path}: {problem}") from None
    except ValidationError as problem:
        faults = problem.errors(include_input=False, include_url=False)
        lines = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults]
        raise ConfigWrong(f"{path}: {'; '.join(lines)}") from None
