"""Measurements. Not collected by pytest: a number is looked at, not asserted."""
