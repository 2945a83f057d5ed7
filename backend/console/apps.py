"""Django's entry for this app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The frame of the staff's pages."""

    name = "backend.console"
    label = "console"
