"""The JSON Schema of a profile, for editors that complete and check TOML while one writes.

It says what each single value may be. That the parts fit each other only `kiosk municipality check` can tell.
"""

from __future__ import annotations

from typing import Any

from kiosk.domain.profiles.profile import Profile
from kiosk.domain.things import NOTICES, PRINTED, THINGS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def profile_schema() -> dict[str, Any]:
    """The schema of a whole profile, with the keys as they are written in TOML and the codes that there are."""
    schema = Profile.model_json_schema(by_alias=True)
    for block, codes in (("BringRule", THINGS), ("NoticeRule", NOTICES), ("Printed", sorted(PRINTED))):
        schema["$defs"][block]["properties"]["code"]["enum"] = list(codes)
    return {"$schema": DIALECT, **schema, "title": "A municipality's profile"}
