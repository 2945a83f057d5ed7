"""Django's entry for this app."""

from django.apps import AppConfig


class EditionsConfig(AppConfig):
    """What a municipality hands out to its kiosks."""

    name = "backend.editions"
    label = "editions"
