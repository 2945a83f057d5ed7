"""Finding and reading the municipalities' profiles. The rules themselves do no input or output."""

from __future__ import annotations

import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from kiosk.domain.profiles.profile import Profile, parse_profile

PROFILE_FOLDER = Path(__file__).resolve().parents[1] / "assets" / "municipalities"

# The town of the demo, and of every first try. The one place where code names a profile.
DEMO_PROFILE = "voorbeeldstad"

LARGEST_BYTES = 1_000_000  # the profiles there are have some 8 000


class ProfileNotFound(LookupError):
    """There is no profile of this id, or its file cannot be read; the message says what there is."""


def available() -> tuple[str, ...]:
    """The ids of the profiles that come with the product, in alphabetical order."""
    return tuple(sorted(path.stem for path in PROFILE_FOLDER.glob("*.toml")))


def read_profile(path: Path) -> Profile:
    """The profile in a file. Raises `ProfileNotFound` where it cannot be read, `ProfileFaults` where it is wrong."""
    try:
        with path.open("rb") as file:
            written = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ProfileNotFound(f"cannot read {path}: {(error.strerror or 'unknown reason').lower()}") from None
    if len(written) > LARGEST_BYTES:
        raise ProfileNotFound(f"cannot read {path}: it is too large to be a profile")
    return parse_profile(_text(path, written))


def _text(path: Path, written: bytes) -> str:
    """UTF-8, with or without the mark that some editors put in front of it, and with any kind of line ends."""
    if written.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise ProfileNotFound(f"cannot read {path}: it is UTF-16 text, not UTF-8; save it as UTF-8")
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = written[: wrong.start].count(b"\n") + 1
        raise ProfileNotFound(f"cannot read {path}: line {line} is not UTF-8 text; save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def find_profile(id_or_path: str | Path) -> Profile:
    """The profile of an id out of `available()`, or of a path to a TOML file; raises as `read_profile` does."""
    name = str(id_or_path)
    if name in available():
        return read_profile(PROFILE_FOLDER / f"{name}.toml")
    path = Path(name)
    if name and (path.suffix == ".toml" or len(path.parts) != 1 or os.path.exists(path)):
        return read_profile(path)
    raise ProfileNotFound(
        f"there is no municipality {name!r}; there are {', '.join(available())}, or give a .toml file"
    )
