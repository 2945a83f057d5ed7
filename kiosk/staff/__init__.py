"""Service mode: what staff do at the kiosk itself, while a parent's visit waits untouched behind it."""
