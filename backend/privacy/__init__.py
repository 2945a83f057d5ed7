"""How long data about people are kept, what is held on a person, and erasing it."""
