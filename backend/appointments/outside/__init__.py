"""Calendars that a municipality has already, behind one contract: Qmatic Orchestra, JCC-Afspraken."""
