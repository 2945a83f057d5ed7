"""The languages that staff may work in: Belgium's three and English, whatever the kiosk offers to parents."""

from __future__ import annotations

from kiosk.staff.events import DisplayChosen
from kiosk.staff.view import StaffView

LANGUAGE_NAMES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}


def next_language(view: StaffView) -> DisplayChosen:
    """What a touch on the language does: the next of them."""
    codes = list(LANGUAGE_NAMES)
    following = codes[(codes.index(view.language) + 1) % len(codes)]
    return DisplayChosen(following, view.large, view.contrast)
