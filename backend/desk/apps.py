"""Django's entry for this app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The pickup desk: a ticket's code or QR text shows the request."""

    name = "backend.desk"
    label = "desk"
