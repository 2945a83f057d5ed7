"""The kiosk's side of the municipal backend. It may be unreachable for weeks: everything waits in the journal."""
