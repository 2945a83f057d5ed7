"""Django's entry for this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff and their login."""

    name = "backend.accounts"
    label = "accounts"
