"""The configuration of one kiosk: a TOML file, closed to unknown keys.

`load` answers with a `KioskConfig`, or raises `ConfigFault` with one line for each fault. It looks at the file
alone: whether a device answers or a folder can be written to is asked by `kiosk doctor`. Relative paths
count from the folder of the file, so that a configuration and what belongs to it can move together.
`deploy/kiosk.example.toml` explains each key.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from hardware.printer.document import PAPER_58_MM
from hardware.printer.link import link_to
from hardware.printer.models import MODEL_58_MM, MODEL_80_MM, MODELS, Model
from kiosk.text import LANGUAGES
from kiosk.visit.timing import Timing

BUILT_IN_TRUST = "belgium"
ANY_READER = "any"
USUAL_PRINTER = "auto"


class ConfigFault(Exception):
    """A configuration that cannot be used. `faults` holds one sentence each, with the key it is about."""

    def __init__(self, path: Path, faults: tuple[str, ...]):
        self.path = path
        self.faults = faults
        if len(faults) == 1:
            super().__init__(f"{path}: {faults[0]}")
        else:
            super().__init__(f"{path} has {len(faults)} faults:\n" + "\n".join(f"  {fault}" for fault in faults))


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]


class Section(BaseModel):
    """Base of all tables: frozen, closed to unknown keys, and silent about values in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Kiosk(Section):
    """Which kiosk this is. Its id comes with enrolment and lies with its key, not here."""

    name: Line
    municipality: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    languages: tuple[str, ...] = tuple(LANGUAGES)

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [language for language in languages if language not in LANGUAGES]
        if unknown or not languages or len(set(languages)) < len(languages):
            raise ValueError(f"should name each language once, of {', '.join(LANGUAGES)}")
        return languages

    @field_validator("municipality")
    @classmethod
    def _profile(cls, municipality: str, info: ValidationInfo) -> str:
        is_file = municipality.endswith(".toml")
        return str(_beside_the_file(Path(municipality), info)) if is_file else municipality


class Screen(Section):
    """The window, in pixels, and the panel behind it. Portrait or landscape follows from the two lengths."""

    width: Annotated[int, Field(ge=480, le=7680)] = 1080
    height: Annotated[int, Field(ge=480, le=7680)] = 1920
    fullscreen: bool = True
    # The width of the picture on the glass: touch targets and letters have a size in millimetres.
    panel_width_mm: Annotated[float, Field(ge=80, le=2000)] = 336.0

    @property
    def landscape(self) -> bool:
        """Whether the picture is wider than it is high."""
        return self.width > self.height


class Reader(Section):
    """The card reader, and whose signatures it believes."""

    name: Line = ANY_READER  # or a part of the name that pcscd gives it
    trust: str = BUILT_IN_TRUST

    @field_validator("trust")
    @classmethod
    def _folder(cls, trust: str, info: ValidationInfo) -> str:
        return trust if trust == BUILT_IN_TRUST else str(_beside_the_file(Path(trust), info))

    @property
    def trust_folder(self) -> Path | None:
        """The folder of root certificates, or None for the Belgian roots built into the program."""
        return None if self.trust == BUILT_IN_TRUST else Path(self.trust)


class Terminal(Section):
    """The payment terminal."""

    protocol: Literal["zvt"] = "zvt"
    port: FilePath
    # ZVT 1.2: 9600 baud is what every terminal speaks out of the box.
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 9600
    # When the town's day at the counters is surely over; then the terminal's is closed too, once nobody is served.
    end_of_day: time = time(22, 0)
    password: SecretStr | None = None
    password_file: FilePath | None = None

    @field_validator("password")
    @classmethod
    def _six_digits(cls, password: SecretStr | None) -> SecretStr | None:
        if password is not None and not _is_terminal_password(password.get_secret_value()):
            raise ValueError("should be six digits")
        return password

    @model_validator(mode="after")
    def _one_password(self) -> Terminal:
        if (self.password is None) == (self.password_file is None):
            raise ValueError("should have either password or password_file")
        return self

    def read_password(self) -> str:
        """The six digits. Raises OSError where the file cannot be read and ValueError where it holds something else."""
        if self.password is not None:
            return self.password.get_secret_value()
        assert self.password_file is not None  # _one_password
        text = self.password_file.read_text(encoding="ascii").strip()
        if not _is_terminal_password(text):
            raise ValueError(f"{self.password_file} should hold six digits")
        return text


def _is_terminal_password(text: str) -> bool:  # ZVT 06 00: three bytes of BCD
    return len(text) == 6 and text.isascii() and text.isdigit()


class Printer(Section):
    """The ticket printer; `hardware.printer.link.link_to` explains the forms of its port.

    `model` is one of `hardware.printer.models.MODELS`, or "auto" for the most usual one for this paper.
    """

    port: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    paper_mm: Literal[80, 58] = 80
    model: str = USUAL_PRINTER

    def fitted(self) -> Model:
        """The model, with its paper, its code pages and the way in which it tells its status."""
        if self.model != USUAL_PRINTER:
            return MODELS[self.model]
        return MODEL_58_MM if self.paper_mm == 58 else MODEL_80_MM

    @model_validator(mode="after")
    def _one_width(self) -> Self:
        if self.model != USUAL_PRINTER:
            if self.model not in MODELS:
                raise ValueError(f"model should be {USUAL_PRINTER} or one of {', '.join(MODELS)}")
            if (MODELS[self.model].geometry == PAPER_58_MM) != (self.paper_mm == 58):
                raise ValueError("model prints on paper of another width than paper_mm")
        return self

    @field_validator("port")
    @classmethod
    def _understood(cls, port: str) -> str:
        link_to(port)
        return port


class Journal(Section):
    """Where the record lies, on a disk that honours fsync.

    `key_file` opens what is personal in it; unset, `journal.key` in the same folder. `kept_minutes` is how long
    personal data stays after the backend has all of a visit.
    """

    folder: FilePath
    key_file: FilePath = Field(default_factory=lambda known: known["folder"] / "journal.key")
    kept_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 60


class Backend(Section):
    """The municipal backend, and this kiosk's private key for it."""

    url: str
    key_file: FilePath

    @field_validator("url")
    @classmethod
    def _private_line(cls, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" and host:
            return url.rstrip("/")
        if parts.scheme == "http" and _is_loopback(host):  # the demo, the tests, a proxy on the kiosk itself
            return url.rstrip("/")
        raise ValueError("should be an https:// address; http:// only to this machine itself")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Logs(Section):
    """Where the log lines go: a file `kiosk.jsonl` in this folder; unset, to stderr and so to the system journal."""

    folder: FilePath | None = None
    level: Literal["debug", "info", "warning", "error"] = "info"


class Panel(Section):
    """The light behind the screen: a folder of /sys/class/backlight. Unset, its brightness is not set from here."""

    backlight: FilePath | None = None


class SoundOut(Section):
    """Loudspeakers and headset, as ALSA names them. Without a device the kiosk has no sound."""

    device: Line | None = None
    headset: Line | None = None  # where it is a device of its own; else it is plugged into `device`
    control: Line = "Master"
    volume: Annotated[int, Field(ge=0, le=100)] = 60  # until staff set another


class Staff(Section):
    """Service mode. `roster` is who may open it (`kiosk staff`); unset, `staff.toml` in the journal's folder.

    `badge_issuers` is a folder with the certificates of the authorities that issue the town's staff badges. Where it is
    set, a badge of nobody else's opens anything.
    """

    roster: FilePath | None = None
    badge_issuers: FilePath | None = None
    keypad: bool = False  # whether this kiosk has a keypad for people who cannot use the screen


# A key for each wait of the visit, with its default: kiosk.visit.timing is the one place that names them.
_WAITS: dict[str, Any] = {wait.name: (Annotated[float, Field(gt=0, le=3600)], wait.default) for wait in fields(Timing)}
_Timings: Any = create_model("_Timings", __base__=Section, **_WAITS)


class KioskConfig(Section):
    """The whole file."""

    kiosk: Kiosk
    screen: Screen = Screen()
    reader: Reader = Reader()
    terminal: Terminal
    printer: Printer
    journal: Journal
    backend: Backend
    logs: Logs = Logs()
    panel: Panel = Panel()
    sound: SoundOut = SoundOut()
    staff: Staff = Staff()
    timing: _Timings = _Timings()

    @property
    def roster_file(self) -> Path:
        """Who may open service mode."""
        return self.staff.roster or self.journal.folder / "staff.toml"

    @property
    def visit_timing(self) -> Timing:
        """The waits of a visit, the defaults where the file names none."""
        return Timing(**self.timing.model_dump())


def load(path: Path) -> KioskConfig:
    """Read a kiosk's configuration. Raises ConfigFault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigFault(path, (f"cannot be read: {problem.strerror}",)) from None
    except UnicodeDecodeError as problem:
        raise ConfigFault(path, (f"is not UTF-8 text at byte {problem.start}",)) from None
    except tomllib.TOMLDecodeError as problem:
        raise ConfigFault(path, (f"is not TOML: {problem}",)) from None
    return parse(data, path)


def parse(data: Mapping[str, Any], path: Path) -> KioskConfig:
    """Check what a TOML file at `path` said. Raises ConfigFault."""
    try:
        return KioskConfig.model_validate(data, context={"folder": path.resolve().parent})
    except ValidationError as problem:
        raise ConfigFault(path, tuple(_sentence(error) for error in problem.errors(include_url=False))) from None


def _sentence(error: ErrorDetails) -> str:
    """`printer.paper_mm: should be 80 or 58`. Never the value: it may be a password in the wrong place."""
    key = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "missing":
            return f"{key}: is missing"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(error["loc"][-1]), _keys_of(error["loc"][:-1]), n=1)
            return f"{key}: there is no such key" + (f"; did you mean {near[0]!r}?" if near else "")
        case _:
            said = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
            return f"{key}: {said[0].lower()}{said[1:]}"


def _keys_of(table: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = KioskConfig
    for name in table:
        annotation = model.model_fields[str(name)].annotation
        assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
        model = annotation
    return list(model.model_fields)
