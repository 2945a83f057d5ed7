"""What the desk keeps of its own."""
