"""Django's entry for this app."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    """Desks, times, and the leases that give kiosks times of their own."""

    name = "backend.appointments"
    label = "appointments"
