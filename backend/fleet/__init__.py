"""Kiosks: enrolment, keys, heartbeats."""
