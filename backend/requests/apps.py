"""Django's entry for this app."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """What the kiosks recorded, and what it means: visits, requests, payments, open cases."""

    name = "backend.requests"
    label = "requests"
