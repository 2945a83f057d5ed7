"""Finding and reading the municipalities' profiles. The rules themselves do no input or output."""

from __future__ import annotations

from pathlib import Path

from kiosk.domain.profile import Profile, parse_profile

PROFILE_FOLDER = Path(__file__).resolve().parents[1] / "assets" / "municipalities"

# The town of the demo, and of every first try. The one place where code names a profile.
DEMO_PROFILE = "voorbeeldstad"


class ProfileNotFound(LookupError):
    """There is no profile of this id, or its file cannot be read; the message says what there is."""


def available() -> tuple[str, ...]:
    """The ids of the profiles that come with the product, in alphabetical order."""
    return tuple(sorted(path.stem for path in PROFILE_FOLDER.glob("*.toml")))


def read_profile(path: Path) -> Profile:
    """The profile in a file. Raises `ProfileNotFound` where it cannot be read, `ProfileFaults` where it is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileNotFound(f"cannot read {path}: {(error.strerror or 'unknown reason').lower()}") from None
    except UnicodeDecodeError:
        raise ProfileNotFound(f"cannot read {path}: it is not UTF-8 text") from None
    return parse_profile(text)


def find_profile(id_or_path: str | Path) -> Profile:
    """The profile of an id out of `available()`, or of a path to a TOML file; raises as `read_profile` does."""
    name = str(id_or_path)
    if name in available():
        return read_profile(PROFILE_FOLDER / f"{name}.toml")
    path = Path(name)
    if path.suffix == ".toml" or len(path.parts) > 1 or path.is_file():
        return read_profile(path)
    raise ProfileNotFound(
        f"there is no municipality {name!r}; there are {', '.join(available())}, or give a .toml file"
    )
