"""Words, dates and money in the parent's language. No toolkit: screens, voice and paper share it."""

from kiosk.text.catalogue import LANGUAGES, RIGHT_TO_LEFT, Texts, texts

__all__ = ["LANGUAGES", "RIGHT_TO_LEFT", "Texts", "texts"]
