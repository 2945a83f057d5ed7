"""Kiosks as the town hall sees them: what one says of itself, how that is judged, what it may be ordered."""
