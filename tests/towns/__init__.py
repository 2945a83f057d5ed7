"""The towns in which tests are played. All of them are invented: a real one is named by its own profile and cases only.

`TOWN` is the demo's: opening hours, so that times are leased, and parents without a card may ask. `OTHER_TOWN` differs
in both: it tells no hours, so its appointments are made by phone, and it demands the parent's card.
"""

from __future__ import annotations

from pathlib import Path

from kiosk.profiles import DEMO_PROFILE

TOWN = DEMO_PROFILE
OTHER_TOWN_ID = "anderstad"
OTHER_TOWN = str(Path(__file__).parent / f"{OTHER_TOWN_ID}.toml")
