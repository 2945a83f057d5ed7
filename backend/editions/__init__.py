"""What a municipality hands out to its kiosks: its rules, and notices for who stands before one."""
