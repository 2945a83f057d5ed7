"""The code and the signed QR of a ticket: what they say, and how both are read and checked."""
