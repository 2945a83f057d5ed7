"""Staff and their login."""
