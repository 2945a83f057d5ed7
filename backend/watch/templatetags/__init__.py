"""Filters of the pages of the fleet."""
