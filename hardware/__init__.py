"""Drivers that know nothing of residence cards for children, fees or screens."""
