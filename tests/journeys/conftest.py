"""The journeys need nothing but the tree: every device is simulated behind its real protocol."""
