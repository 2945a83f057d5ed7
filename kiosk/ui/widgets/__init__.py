"""The parts that screens are made of. Importing this package makes them known to layout files."""
