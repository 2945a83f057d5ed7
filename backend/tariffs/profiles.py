"""The rules that a municipality's kiosks have: what was published last, or else what came with the kiosks."""

from __future__ import annotations

from functools import lru_cache

from backend.editions import publishing
from backend.fleet.models import Municipality
from kiosk.domain.profiles.profile import Profile, ProfileFaults
from kiosk.profiles import PROFILE_FOLDER, ProfileNotFound, available, find_profile


def profile_of(municipality: Municipality) -> Profile | None:
    """The municipality's profile; None where there is none here, and pages then say less."""
    return publishing.profile_of(municipality.pk) or _as_delivered(municipality.pk)


def text_as_delivered(municipality: Municipality) -> str:
    """The TOML of the profile that came with the kiosks; empty where none did."""
    known = municipality.pk in available()
    return (PROFILE_FOLDER / f"{municipality.pk}.toml").read_text(encoding="utf-8") if known else ""


@lru_cache(maxsize=1024)
def _as_delivered(municipality_id: str) -> Profile | None:
    try:
        return find_profile(municipality_id)
    except (ProfileNotFound, ProfileFaults):
        return None
