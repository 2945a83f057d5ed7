"""Django's entry for this app."""

from django.apps import AppConfig


class WatchConfig(AppConfig):
    """The fleet under watch: heartbeats, figures, alerts, paper, orders."""

    name = "backend.watch"
    label = "watch"
