"""Desks, times, and the leases that give kiosks times of their own."""
