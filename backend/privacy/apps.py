"""Django's entry for this app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """How long data about people are kept, what is held on a person, and erasing it."""

    name = "backend.privacy"
    label = "privacy"
