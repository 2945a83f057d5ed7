"""Django's entry for this app."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Kiosks: enrolment, keys, heartbeats."""

    name = "backend.fleet"
    label = "fleet"
