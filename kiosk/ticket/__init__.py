"""The ticket: its claims and signature, what is on it, and how it is laid out for a strip of paper."""
