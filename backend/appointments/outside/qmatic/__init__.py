"""Qmatic Orchestra Calendar, through its public appointment API."""
